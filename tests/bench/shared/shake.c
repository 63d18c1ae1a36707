#include "bench/shared/shake.h"

#include <signal.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/shared/limit.h"
#include "bench/shared/tool.h"

/* What is written in turns: the upgrade and its answer, then the three messages. */
static const size_t BYTES[] = {190, 129, 40, 260, 230};

enum { WRITES = sizeof BYTES / sizeof BYTES[0], BYTES_MAX = 512 };

static void take(int fd, size_t len)
{
    uint8_t data[BYTES_MAX];

    while (len > 0) {
        ssize_t n = recv(fd, data, len, 0);

        must(n > 0, "nothing to read");
        len -= (size_t)n;
    }
}

/* One side of all of them; first: ours is the first write. */
static void exchange(const int *fds, bool first, const struct nectar_key *key)
{
    static const uint8_t data[BYTES_MAX];

    for (size_t turn = 0; turn < WRITES; turn++)
        for (int i = 0; i < SHAKE_WINDOW; i++)
            if ((turn % 2 == 0) == first)
                must(send(fds[i], data, BYTES[turn], MSG_NOSIGNAL) == (ssize_t)BYTES[turn],
                     "not written");
            else
                take(fds[i], BYTES[turn]);
    for (int i = 0; i < SHAKE_WINDOW; i++)
        limit_handshake(key);
}

static void serve(int listener, const struct nectar_key *key)
{
    int fds[SHAKE_WINDOW];
    uint8_t byte;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    pin(false);
    for (;;) {
        for (int i = 0; i < SHAKE_WINDOW; i++) {
            fds[i] = accept(listener, NULL, NULL);
            must(fds[i] >= 0, "not accepted");
        }
        exchange(fds, false, key);
        for (int i = 0; i < SHAKE_WINDOW; i++) {
            must(recv(fds[i], &byte, 1, 0) == 0, "more than was said");
            close(fds[i]);
        }
    }
}

void shake_begin(struct shake *shake, const struct nectar_key *key)
{
    socklen_t len = sizeof shake->at;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    *shake = (struct shake){
        .key = key, .at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)}};
    must(listener >= 0 && bind(listener, (struct sockaddr *)&shake->at, len) == 0 &&
             listen(listener, SHAKE_WINDOW) == 0 &&
             getsockname(listener, (struct sockaddr *)&shake->at, &len) == 0,
         "no listener");
    shake->process = fork();
    must(shake->process >= 0, "no process");
    if (shake->process == 0)
        serve(listener, key);
    close(listener);
}

void shake_all(const struct shake *shake, size_t count)
{
    int fds[SHAKE_WINDOW];

    for (size_t done = 0; done < count; done += SHAKE_WINDOW) {
        for (int i = 0; i < SHAKE_WINDOW; i++) {
            fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
            must(fds[i] >= 0 &&
                     connect(fds[i], (const struct sockaddr *)&shake->at, sizeof shake->at) == 0,
                 "not connected");
        }
        exchange(fds, true, shake->key);
        for (int i = 0; i < SHAKE_WINDOW; i++)
            close(fds[i]);
    }
}

void shake_end(struct shake *shake)
{
    kill(shake->process, SIGKILL);
    waitpid(shake->process, NULL, 0);
}
