/*
 * messages REGISTRY KEY-FILE NAME PEER PROCESS
 *
 * How fast messages go over one connection that stands, from NAME to PEER, which answers each with
 * "ack" (helpers/burst listen, which is PROCESS); beside a bare loop over the same primitives
 * (shared/bare). We and the loop's writer are on one processor, the peer and its reader on the
 * other. It takes turns between them; medians.
 *
 * Prints what, figure and limit, a line each: of the clock, and of the processor time of whichever
 * end takes more of it, which is what the clock would say where both had their processors to
 * themselves.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "bench/shared/bare.h"
#include "bench/shared/pair.h"
#include "bench/shared/tool.h"
#include "msg/kernel.h"
#include "msg/split.h"

enum {
    ROUNDS = 7,
    LARGE = 1 << 20,
    LARGE_COUNT = 128,
    LARGE_WINDOW = 8,
    SMALL = 64,
    SMALL_COUNT = 40000,
    SMALL_WINDOW = 256,
    ACK_BYTES = 3,
};

struct run {
    bool array;
    size_t count, window;
    size_t plain, answer; /* bytes that are sealed for each, where it is small */
    struct nectar_view body;
};

struct rate {
    double wall, cpu; /* messages a second */
};

static struct nectar_view random_body(size_t bytes)
{
    uint8_t *data = malloc(bytes);

    must(data != NULL, "no memory");
    for (size_t have = 0; have < bytes;) {
        ssize_t n = getrandom(data + have, bytes - have, 0);

        must(n > 0, "getrandom");
        have += (size_t)n;
    }
    return (struct nectar_view){data, bytes};
}

static void body_free(struct nectar_view body)
{
    free((void *)(uintptr_t)body.data);
}

/* Bytes that are sealed for a message from one node to the other. */
static size_t sealed_bytes(const char *from, const char *to, size_t body)
{
    char source[2 * NECTAR_NAME_MAX], target[2 * NECTAR_NAME_MAX];
    struct nectar_view content = random_body(body);
    struct nectar_message message = {
        .id = UINT64_MAX, .expects_response = true, .expects_s = 30, .body = content};
    struct msg_encoded encoded;
    size_t size;

    snprintf(source, sizeof source, "%s@cli:nectar-net:sys", from);
    snprintf(target, sizeof target, "%s@net:distro:sys", to);
    message.source = (struct nectar_view){(const uint8_t *)source, strlen(source)};
    message.target = (struct nectar_view){(const uint8_t *)target, strlen(target)};
    msg_encoded_init(&encoded);
    must(msg_encode(&encoded, &message, false) == 0, "not encoded");
    size = MSG_LENGTH_BYTES + encoded.size;
    msg_encoded_free(&encoded);
    body_free(content);
    return size;
}

static void go(const struct run *run, struct pair *pair, struct bare *bare)
{
    if (!bare)
        pair_send(pair, run->body, run->array, run->count, run->window);
    else if (run->plain > 0)
        bare_small(bare, run->plain, run->answer, run->count, run->window);
    else
        bare_bulk(bare, run->body, run->array, run->count);
}

/* Of the pair, or of the loop if one is given. */
static struct rate measure(const struct run *run, struct pair *pair, struct bare *bare)
{
    pid_t process = bare ? bare->process : pair->process;
    double ours = cpu_s(0), theirs = cpu_s(process), count = (double)run->count;
    uint64_t start = now_us();

    go(run, pair, bare);
    ours = cpu_s(0) - ours;
    theirs = cpu_s(process) - theirs;
    return (struct rate){count * 1e6 / (double)(now_us() - start),
                         count / (ours > theirs ? ours : theirs)};
}

/* unit: what one message counts. */
static void compare(const struct run *run, struct pair *pair, const char *what, double unit)
{
    double wall[2][ROUNDS], cpu[2][ROUNDS];
    struct bare bare = {0};

    if (run->plain > 0)
        bare_small_begin(&bare, run->plain, run->answer);
    else
        bare_bulk_begin(&bare, run->body, run->array, run->count);
    /* The first of each takes memory, and is not counted. */
    for (int round = -1; round < ROUNDS; round++)
        for (int i = 0; i < 2; i++) {
            struct rate rate = measure(run, pair, i ? &bare : NULL);

            if (round < 0)
                continue;
            wall[i][round] = rate.wall * unit;
            cpu[i][round] = rate.cpu * unit;
        }
    bare_end(&bare);
    printf("%s per s\t%.0f\t%.0f\n", what, median(wall[0], ROUNDS), median(wall[1], ROUNDS));
    printf("%s per processor s\t%.0f\t%.0f\n", what, median(cpu[0], ROUNDS),
           median(cpu[1], ROUNDS));
}

int main(int argc, char **argv)
{
    struct run large = {.count = LARGE_COUNT, .window = LARGE_WINDOW};
    struct run small = {.count = SMALL_COUNT, .window = SMALL_WINDOW};
    struct pair pair;

    if (argc != 6) {
        fprintf(stderr, "usage: messages REGISTRY KEY-FILE NAME PEER PROCESS\n");
        return 2;
    }
    pin(true);
    pair_begin(&pair, argv + 1);
    large.body = random_body(LARGE);
    compare(&large, &pair, "1 MiB bodies as bin, MB", LARGE / 1e6);
    large.array = true;
    compare(&large, &pair, "1 MiB bodies as arrays, MB", LARGE / 1e6);
    small.body = random_body(SMALL);
    small.plain = sealed_bytes(argv[3], argv[4], SMALL);
    small.answer = sealed_bytes(argv[4], argv[3], ACK_BYTES);
    compare(&small, &pair, "64-byte bodies, messages", 1);
    body_free(large.body);
    body_free(small.body);
    pair_end(&pair);
    return 0;
}
