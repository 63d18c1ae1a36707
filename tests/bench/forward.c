/*
 * forward REGISTRY KEY-FILE ROUTER ADDRESS PROCESS [MB]
 *
 * How fast a router passes frames on, beside a bare loop that reads from one socket and writes to
 * another, as much at a time as the router does. Both are on one processor, and what writes to them
 * and reads from them on the other. It takes turns between them; medians. The registry must know
 * n0.nec and n1.nec, which the passthrough joins; what they send is noise, to the router no
 * different from what they would say.
 *
 * Prints for each size of a frame on the wire: bytes; MB a second of processor time through the
 * router and through the loop; MB a second of the clock likewise. Three processes on two
 * processors: the last two say little of the router.
 */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/shared/crowd.h"
#include "bench/shared/tool.h"
#include "ws/frame.h"
#include "ws/header.h"

enum {
    READ_BYTES = 256 << 10, /* of the router (NODE_INPUT), the loop and the sink */
    BATCH_BYTES = 1 << 20,  /* that the source writes at once */
    ROUNDS = 7,
    WARM_BATCHES = 16,
    BATCHES = 192,
    SMALL_WIRE = 160,
    MASK = 4, /* bytes that a frame loses on its way from a client through the router */
};

/* A way through which frames go. */
struct way {
    pid_t process;
    int source, sink;
    size_t lost; /* bytes of each frame */
};

/* Frames, masked, as many as a batch holds. */
struct load {
    uint8_t *data;
    size_t len, frames, frame;
};

struct rate {
    double cpu, wall; /* MB/s, as they go in */
};

/* Between us and the source. */
struct shared {
    atomic_bool stop, done;
    atomic_size_t batches;
};

static struct load load_make(size_t frame)
{
    static const uint8_t seed[RANDOM_SEED_BYTES] = {1};
    size_t payload = frame - WS_HEADER_WRITTEN_MAX;
    struct random_stream random;
    struct ws_frames *writer;
    struct bytes out;
    struct load load = {.frame = frame};

    random_stream_init(&random, seed);
    bytes_init(&out, BATCH_BYTES);
    must(ws_frames_new(&writer, true, &random) == 0, "no memory");
    while (out.len + frame <= BATCH_BYTES) {
        uint8_t *at;

        must(ws_encode_begin(writer, &out, WS_BINARY, payload, &at) == 0, "no frame");
        random_stream_take(&random, at, payload);
        ws_encode_end(writer, at, payload);
        load.frames++;
        must(out.len == load.frames * frame, "a frame of another size");
    }
    ws_frames_free(writer);
    load.data = out.data;
    load.len = out.len;
    return load;
}

static int connect_to(const struct sockaddr_in *address)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    must(fd >= 0 && connect(fd, (const struct sockaddr *)address, sizeof *address) == 0,
         "not connected");
    return fd;
}

static void pass_on(int from, int to)
{
    static uint8_t data[READ_BYTES];
    static size_t at, have;

    for (;;) {
        ssize_t n;

        if (at == have) {
            n = recv(from, data, sizeof data, 0);
            must(n != 0, "the source has gone");
            if (n < 0)
                return;
            at = 0;
            have = (size_t)n;
        }
        n = send(to, data + at, have - at, MSG_NOSIGNAL);
        if (n < 0)
            return;
        at += (size_t)n;
    }
}

/* The bare loop: what comes from the first that connects goes to the second. */
static void loop(int listener)
{
    int epoll = epoll_create1(EPOLL_CLOEXEC), from = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
    int to = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
    struct epoll_event in = {.events = EPOLLIN | EPOLLET}, out = {.events = EPOLLOUT | EPOLLET};

    int on = 1;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    pin(true);
    must(from >= 0 && to >= 0 && epoll >= 0, "no loop");
    must(epoll_ctl(epoll, EPOLL_CTL_ADD, from, &in) == 0 &&
             epoll_ctl(epoll, EPOLL_CTL_ADD, to, &out) == 0,
         "epoll_ctl");
    setsockopt(to, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    for (;;) {
        struct epoll_event ready[2];

        if (epoll_wait(epoll, ready, 2, -1) > 0)
            pass_on(from, to);
    }
}

static struct way way_through_loop(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
    struct way way = {.lost = 0};

    must(listener >= 0 && bind(listener, (struct sockaddr *)&at, len) == 0 &&
             listen(listener, 2) == 0 && getsockname(listener, (struct sockaddr *)&at, &len) == 0,
         "no listener");
    way.source = connect_to(&at);
    way.sink = connect_to(&at);
    setsockopt(way.source, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    way.process = fork();
    must(way.process >= 0, "no process");
    if (way.process == 0)
        loop(listener);
    close(listener);
    return way;
}

static struct way way_through_router(char **argv)
{
    struct crowd crowd;

    crowd_begin(&crowd, argv[1], argv[2], argv[3], argv[4]);
    crowd_register(&crowd, 0);
    crowd_await(&crowd, CROWD_REGISTERED, 1);
    crowd_call(&crowd, 1, 0);
    crowd_await(&crowd, CROWD_CALLER, 1);
    crowd_await(&crowd, CROWD_CALLED, 1);
    return (struct way){
        .process = (pid_t)number(argv[5]),
        .source = crowd_take(&crowd, CROWD_CALLER, 1),
        .sink = crowd_take(&crowd, CROWD_CALLED, 0),
        .lost = MASK,
    };
}

/* Whole batches, until it is told to stop. */
static void source(int fd, const struct load *load, struct shared *shared)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    while (!shared->stop) {
        for (size_t at = 0; at < load->len;) {
            ssize_t n = send(fd, load->data + at, load->len - at, MSG_NOSIGNAL);

            must(n > 0, "not written");
            at += (size_t)n;
        }
        shared->batches++;
    }
    shared->done = true;
    _exit(0);
}

/* Reads until so many bytes have come. */
static void take(int fd, size_t bytes)
{
    static uint8_t data[READ_BYTES];

    while (bytes > 0) {
        ssize_t n = recv(fd, data, bytes < sizeof data ? bytes : sizeof data, 0);

        must(n > 0, "the way has ended");
        bytes -= (size_t)n;
    }
}

/* Takes the rest of what the source has written, which it is told to end. */
static void take_rest(const struct way *way, struct shared *shared, size_t batch, size_t taken)
{
    struct pollfd readable = {.fd = way->sink, .events = POLLIN};

    shared->stop = true;
    while (!shared->done || taken < shared->batches * batch) {
        if (poll(&readable, 1, 1) <= 0)
            continue;
        /* It writes whole batches, and stops only at their end. */
        take(way->sink, batch - taken % batch);
        taken += batch - taken % batch;
    }
    must(taken == shared->batches * batch && poll(&readable, 1, 0) == 0,
         "more has come than went in");
}

static struct rate measure(const struct way *way, const struct load *load, size_t batches)
{
    struct shared *shared =
        mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    size_t batch = load->len - load->frames * way->lost;
    double cpu, wall;
    uint64_t start;
    pid_t child;

    must(shared != MAP_FAILED, "no memory");
    child = fork();
    must(child >= 0, "no process");
    if (child == 0)
        source(way->source, load, shared);
    take(way->sink, WARM_BATCHES * batch);
    cpu = cpu_s(way->process);
    start = now_us();
    take(way->sink, batches * batch);
    cpu = cpu_s(way->process) - cpu;
    wall = (double)(now_us() - start) / 1e6;
    take_rest(way, shared, batch, (WARM_BATCHES + batches) * batch);
    must(waitpid(child, NULL, 0) == child, "wait");
    munmap(shared, sizeof *shared);
    batches *= load->len;
    return (struct rate){(double)batches / 1e6 / cpu, (double)batches / 1e6 / wall};
}

static void compare_ways(const struct way ways[2], size_t frame, size_t batches)
{
    struct load load = load_make(frame);
    double cpu[2][ROUNDS], wall[2][ROUNDS];

    for (int round = 0; round < ROUNDS; round++)
        for (int i = 0; i < 2; i++) {
            struct rate rate = measure(&ways[i], &load, batches);

            cpu[i][round] = rate.cpu;
            wall[i][round] = rate.wall;
        }
    printf("%zu\t%.0f\t%.0f\t%.0f\t%.0f\n", frame, median(cpu[0], ROUNDS), median(cpu[1], ROUNDS),
           median(wall[0], ROUNDS), median(wall[1], ROUNDS));
    free(load.data);
}

int main(int argc, char **argv)
{
    struct way ways[2];
    size_t batches;

    if (argc != 6 && argc != 7) {
        fprintf(stderr, "usage: forward REGISTRY KEY-FILE ROUTER ADDRESS PROCESS [MB]\n");
        return 2;
    }
    batches = argc == 7 ? number(argv[6]) : BATCHES;
    ways[1] = way_through_loop();
    pin(false);
    ways[0] = way_through_router(argv);
    compare_ways(ways, WS_MESSAGE_MAX + WS_HEADER_WRITTEN_MAX, batches);
    compare_ways(ways, SMALL_WIRE, batches);
    kill(ways[1].process, SIGKILL);
    return 0;
}
