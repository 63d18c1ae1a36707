/*
 * What a connection costs at least: messages sealed, masked and written by one process, read,
 * unmasked and opened by another, over blocking sockets, without any protocol. Both know what
 * comes.
 */
#ifndef BENCH_BARE_H
#define BENCH_BARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <nectar/view.h>

/* The process at the other end, on the other processor, and our end. */
struct bare {
    pid_t process;
    int fd;
    uint64_t sealed, opened; /* frames */
};

/* Large messages, in chunks as large as may be, are sealed here and opened there, where a byte
 * without a seal answers so many of them. array: as integers, which are packed there. */
void bare_bulk_begin(struct bare *bare, struct nectar_view body, bool array, size_t count);
void bare_bulk(struct bare *bare, struct nectar_view body, bool array, size_t count);

/* Small messages of so many bytes are sealed here and opened there, where each is answered: with
 * another, of `answer` bytes, sealed there and opened here. At most window are under way, and all
 * that can be is written at once. */
void bare_small_begin(struct bare *bare, size_t bytes, size_t answer);
void bare_small(struct bare *bare, size_t bytes, size_t answer, size_t count, size_t window);

/* The same bytes as they are, one after the other, with both ends on our processor. */
void bare_echo_begin(struct bare *bare, size_t bytes, size_t answer);
void bare_echo(const struct bare *bare, size_t bytes, size_t answer);

void bare_end(struct bare *bare);

#endif
