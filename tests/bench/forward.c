/*
 * forward: what a router's passthrough does in memory, beside bare loops over the same bytes that
 * run in between. Medians; one read of 64 KiB after another, the output emptied after each.
 */
#include "ws/forward.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    READ_BYTES = 65536,
    ROUNDS = 41,
    ROUND_NS = 5000000,
    FRAME_SMALL = 160,
    OUTPUT_MAX = 4 * READ_BYTES,
};

struct load {
    struct bytes in;
    size_t frames;
};

static double now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static void must(bool held, const char *what)
{
    if (held)
        return;
    fprintf(stderr, "forward: %s\n", what);
    exit(1);
}

/* As many frames of size bytes as one read holds, at least one. */
static struct load load_make(bool masked, size_t size, struct random_stream *random)
{
    struct load load = {.frames = 0};
    struct ws_frames *writer;

    bytes_init(&load.in, OUTPUT_MAX);
    must(ws_frames_new(&writer, masked, random) == 0, "no memory");
    do {
        uint8_t *payload;

        must(ws_encode_begin(writer, &load.in, WS_BINARY, size, &payload) == 0, "no frame");
        random_stream_take(random, payload, size);
        ws_encode_end(writer, payload, size);
        load.frames++;
    } while (load.in.len + size + WS_HEADER_MAX <= READ_BYTES);
    ws_frames_free(writer);
    return load;
}

typedef void work(struct ws_forward *forward, const struct load *load, struct bytes *out);

static void work_forward(struct ws_forward *forward, const struct load *load, struct bytes *out)
{
    for (size_t at = 0; at < load->in.len;) {
        size_t n = load->in.len - at < READ_BYTES ? load->in.len - at : READ_BYTES, used;
        struct ws_message event;

        must(ws_forward(forward, load->in.data + at, n, &used, out, OUTPUT_MAX, &event) == 0 &&
                 used == n,
             "not passed on");
        at += n;
        bytes_clear(out);
    }
}

static void work_copy(struct ws_forward *forward, const struct load *load, struct bytes *out)
{
    (void)forward;
    memcpy(out->data, load->in.data, load->in.len);
    __asm__ volatile("" ::: "memory");
}

/* No header is looked at: words alone. */
static void work_xor(struct ws_forward *forward, const struct load *load, struct bytes *out)
{
    uint64_t key = 0x37fa213d37fa213d ^ forward->headers.message;

    for (size_t at = 0; at + sizeof key <= load->in.len; at += sizeof key) {
        uint64_t word;

        memcpy(&word, load->in.data + at, sizeof word);
        word ^= key;
        memcpy(out->data + at, &word, sizeof word);
    }
    __asm__ volatile("" ::: "memory");
}

/* Nanoseconds for one load. */
static double measure(work *what, struct ws_forward *forward, const struct load *load,
                      struct bytes *out)
{
    double start = now_ns(), taken;
    size_t times = 0;

    do {
        for (int i = 0; i < 16; i++)
            what(forward, load, out);
        times += 16;
        taken = now_ns() - start;
    } while (taken < ROUND_NS);
    return taken / (double)times;
}

static void row(const char *name, bool from_client, bool to_server, size_t size,
                struct random_stream *random)
{
    static work *const works[] = {work_forward, work_xor, work_copy};
    struct load load = load_make(from_client, size, random);
    double times[3][ROUNDS];
    struct ws_forward forward;
    struct bytes out;

    ws_forward_init(&forward, from_client, to_server, random);
    bytes_init(&out, OUTPUT_MAX);
    must(bytes_reserve(&out, OUTPUT_MAX) == 0, "no memory");
    for (int round = 0; round < ROUNDS; round++)
        for (int i = 0; i < 3; i++)
            times[i][round] = measure(works[i], &forward, &load, &out);
    printf("%-22s %6zu", name, size);
    for (int i = 0; i < 3; i++) {
        double ns;

        qsort(times[i], ROUNDS, sizeof times[i][0], compare);
        ns = times[i][ROUNDS / 2];
        printf(" %9.0f", (double)load.in.len * 1e3 / ns);
        if (i == 0)
            printf(" %9.2f %9.1f", (double)load.frames * 1e3 / ns, ns / (double)load.frames);
    }
    putchar('\n');
    bytes_free(&out);
    bytes_free(&load.in);
}

int main(void)
{
    static const uint8_t seed[RANDOM_SEED_BYTES] = {1};
    static const size_t sizes[] = {WS_MESSAGE_MAX, FRAME_SMALL};
    struct random_stream random;

    random_stream_init(&random, seed);
    printf("%-22s %6s %9s %9s %9s %9s %9s\n", "passthrough", "frame", "MB/s", "M/s", "ns/frame",
           "XOR MB/s", "copy MB/s");
    for (size_t i = 0; i < 2; i++) {
        row("masked -> unmasked", true, false, sizes[i], &random);
        row("masked -> masked", true, true, sizes[i], &random);
        row("unmasked -> masked", false, true, sizes[i], &random);
        row("unmasked -> unmasked", false, false, sizes[i], &random);
    }
    return 0;
}
