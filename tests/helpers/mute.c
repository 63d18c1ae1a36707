/*
 * mute STAGE PORT [KEY-FILE]: a peer on 127.0.0.1 that falls silent at a stage, for ever, without
 * closing anything:
 *
 *   tcp       its queue of connections is full: a connect is not answered
 *   accept    connections are made, the upgrade is not answered
 *   upgrade   the upgrade is answered, the handshake is not
 *   reply     the whole handshake is done as the node of KEY-FILE, requests are not answered
 *
 * Port 0 chooses one. Prints the port when it stands, then serves until it is killed. Whatever a
 * peer sends is read, so that it can write all it wants.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include <nectar/nectar.h>

enum stage { TCP, ACCEPT, UPGRADE, REPLY, STAGES };

static const char *const STAGE_NAMES[STAGES] = {"tcp", "accept", "upgrade", "reply"};

enum { PEERS_MAX = 64, QUEUE_FILLERS = 8 };

struct peer {
    struct nectar_link *link; /* NULL once silent */
};

struct mute {
    enum stage stage;
    const struct nectar_key *key;
    struct pollfd fds[1 + PEERS_MAX]; /* the listening one first */
    struct peer peers[1 + PEERS_MAX];
    nfds_t count;
};

static void die(const char *what)
{
    fprintf(stderr, "mute: %s: %s\n", what, strerror(errno));
    exit(1);
}

/* Listens; *port is the one asked for on entry, the one there is on return. */
static int stand(uint16_t *port, int backlog)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(*port)};
    socklen_t len = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        die("socket");
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
    if (bind(fd, (struct sockaddr *)&address, len) < 0 || listen(fd, backlog) < 0 ||
        getsockname(fd, (struct sockaddr *)&address, &len) < 0)
        die("listen");
    *port = ntohs(address.sin_port);
    return fd;
}

/* Connects to ourselves until the queue takes no more: later connects wait for a place. */
static void fill_queue(uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    for (int i = 0; i < QUEUE_FILLERS; i++) {
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd < 0)
            die("socket");
        if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0 && errno != EINPROGRESS)
            die("connect");
        struct pollfd writable = {.fd = fd, .events = POLLOUT};
        if (poll(&writable, 1, 100) == 0)
            return; /* the fillers stay open until the program ends */
    }
    fprintf(stderr, "mute: the queue does not fill\n");
    exit(1);
}

static void fall_silent(struct peer *peer)
{
    nectar_link_free(peer->link);
    peer->link = NULL;
}

static void write_output(struct peer *peer, int fd)
{
    struct nectar_view out;
    for (;;) {
        nectar_link_output(peer->link, &out);
        if (out.len == 0)
            return;
        ssize_t n = write(fd, out.data, out.len);
        if (n <= 0)
            return;
        nectar_link_written(peer->link, (size_t)n, 0);
    }
}

/* Feeds a link what came. When the stage is reached the link goes, and with it our voice. */
static void feed(const struct mute *mute, struct peer *peer, int fd, const uint8_t *data,
                 size_t len)
{
    struct nectar_link_event event;
    size_t used = 0;
    int error = nectar_link_receive(peer->link, data, len, &used, &event, 0);
    write_output(peer, fd);
    /* Any output of a responder is the answer to the upgrade; who the peer says it is comes with
     * its last message of the handshake, when all of ours are out. */
    bool done = mute->stage == UPGRADE ? nectar_link_written_total(peer->link) > 0
                                       : event.type == NECTAR_LINK_IDENTIFY;
    if (error || done) {
        if (error)
            fprintf(stderr, "mute: %s\n", nectar_link_reason(peer->link));
        fall_silent(peer);
        return;
    }
    if (used > 0 && used < len)
        feed(mute, peer, fd, data + used, len - used);
}

static void take_peer(struct mute *mute)
{
    int fd = accept(mute->fds[0].fd, NULL, NULL);
    if (fd < 0)
        return;
    if (mute->count > PEERS_MAX) {
        fprintf(stderr, "mute: too many peers\n");
        exit(1);
    }
    struct peer *peer = &mute->peers[mute->count];
    mute->fds[mute->count++] = (struct pollfd){.fd = fd, .events = POLLIN};
    *peer = (struct peer){NULL};
    if (mute->stage == ACCEPT)
        return;
    uint8_t seed[NECTAR_LINK_SEED_BYTES];
    if (getrandom(seed, sizeof seed, 0) != (ssize_t)sizeof seed)
        die("getrandom");
    struct nectar_link_config config = {
        .role = NECTAR_RESPONDER,
        .name = mute->key && nectar_key_name(mute->key) ? nectar_key_name(mute->key) : "mute.nec",
        .key = mute->key,
        .seed = seed};
    if (nectar_link_new(&peer->link, &config, 0)) {
        fprintf(stderr, "mute: out of memory\n");
        exit(1);
    }
}

static void serve(struct mute *mute)
{
    uint8_t data[65536];
    if (poll(mute->fds, mute->count, -1) < 0)
        return;
    for (nfds_t i = 1; i < mute->count; i++) {
        if (!mute->fds[i].revents)
            continue;
        ssize_t n = read(mute->fds[i].fd, data, sizeof data);
        if (n <= 0)
            mute->fds[i].fd = -1; /* it has left; we do not close, we are silent */
        else if (mute->peers[i].link)
            feed(mute, &mute->peers[i], mute->fds[i].fd, data, (size_t)n);
    }
    if (mute->fds[0].revents)
        take_peer(mute);
}

int main(int argc, char **argv)
{
    static struct mute mute = {.stage = STAGES, .count = 1};
    struct nectar_key *key = NULL;
    for (int i = 0; argc >= 3 && i < STAGES; i++)
        if (strcmp(argv[1], STAGE_NAMES[i]) == 0)
            mute.stage = (enum stage)i;
    if (mute.stage == STAGES || (mute.stage == REPLY && argc != 4)) {
        fprintf(stderr, "usage: mute tcp|accept|upgrade|reply PORT [KEY-FILE]\n");
        return 2;
    }
    int error = argc == 4
                    ? nectar_key_load(&key, argv[3], NULL)
                    : nectar_key_from_seed(&key, (const uint8_t[NECTAR_SEED_BYTES]){1}, "mute.nec");
    if (error) {
        fprintf(stderr, "mute: %s\n", nectar_error_text(error));
        return 1;
    }
    mute.key = key;
    uint16_t port = (uint16_t)strtoul(argv[2], NULL, 10);
    mute.fds[0] = (struct pollfd){.fd = stand(&port, mute.stage == TCP ? 0 : 64), .events = POLLIN};
    if (mute.stage == TCP) {
        fill_queue(port);
        mute.fds[0].fd = -1; /* nobody is ever taken out of the queue */
    }
    printf("%u\n", port);
    fflush(stdout);
    for (;;)
        serve(&mute);
}
