#include "bench/shared/limit.h"

#include <netinet/in.h>
#include <sodium.h>
#include <stdbool.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/shared/tool.h"

enum {
    SOCKET_PAIRS = 400, /* made in each round */
    ROUNDS = 5,
    REPEATS = 100,
};

/* Both ends of so many connections, watched; they stay, or the next would take what they leave. */
static void open_sockets(int listener, int epoll, const struct sockaddr_in *at)
{
    for (int i = 0; i < SOCKET_PAIRS; i++) {
        int fds[2] = {socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};

        must(fds[0] >= 0 && connect(fds[0], (const struct sockaddr *)at, sizeof *at) == 0,
             "not connected");
        fds[1] = accept(listener, NULL, NULL);
        must(fds[1] >= 0, "not accepted");
        for (int end = 0; end < 2; end++) {
            struct epoll_event readable = {.events = EPOLLIN, .data.fd = fds[end]};

            must(epoll_ctl(epoll, EPOLL_CTL_ADD, fds[end], &readable) == 0, "epoll_ctl");
        }
    }
}

/* The others of this machine make and free such memory too: a median. */
double limit_socket_kib(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), epoll = epoll_create1(0);
    double values[ROUNDS];

    must(listener >= 0 && epoll >= 0 && bind(listener, (struct sockaddr *)&at, len) == 0 &&
             listen(listener, 16) == 0 && getsockname(listener, (struct sockaddr *)&at, &len) == 0,
         "no listener");
    for (int round = 0; round < ROUNDS; round++) {
        double before = slab_kib();

        open_sockets(listener, epoll, &at);
        values[round] = (slab_kib() - before) / (2.0 * SOCKET_PAIRS);
    }
    close(epoll);
    close(listener);
    return median(values, ROUNDS);
}

void limit_handshake(const struct nectar_key *key)
{
    uint8_t signature[NECTAR_SIGNATURE_BYTES], point[crypto_scalarmult_BYTES];

    for (int i = 0; i < 2; i++)
        must(crypto_scalarmult_base(point, nectar_key_public(key)) == 0, "X25519");
    for (int i = 0; i < 3; i++)
        must(crypto_scalarmult(point, nectar_key_public(key), point) == 0, "X25519");
    nectar_key_sign(signature, key, point, sizeof point);
    must(nectar_key_verify(signature, nectar_key_public(key), point, sizeof point), "Ed25519");
}

static void passage_keys(const struct nectar_key *key)
{
    static uint8_t signature[NECTAR_SIGNATURE_BYTES];
    static bool is_signed;

    if (!is_signed)
        nectar_key_sign(signature, key, "n0.nec", 6);
    is_signed = true;
    for (int i = 0; i < 2; i++)
        must(nectar_key_verify(signature, nectar_key_public(key), "n0.nec", 6), "Ed25519");
}

static double keys_us(void (*work)(const struct nectar_key *), const struct nectar_key *key)
{
    double values[ROUNDS];

    for (int round = 0; round < ROUNDS; round++) {
        double start = cpu_s(0);

        for (int i = 0; i < REPEATS; i++)
            work(key);
        values[round] = (cpu_s(0) - start) * 1e6 / REPEATS;
    }
    return median(values, ROUNDS);
}

double limit_handshake_us(const struct nectar_key *key)
{
    return keys_us(limit_handshake, key);
}

double limit_passage_us(const struct nectar_key *key)
{
    return keys_us(passage_keys, key);
}
