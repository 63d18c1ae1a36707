/*
 * A line of a batch: {"to", "body" or "body_b64", "blob_b64"?, "mime"?, "ref"?}. What is read of it
 * stands in the memory of the line itself.
 */
#ifndef SHARED_BATCH_LINE_H
#define SHARED_BATCH_LINE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include <nectar/identity.h>
#include <nectar/json.h>
#include <nectar/view.h>

/* Bytes of a line. As base64 the largest message fits, with much room to spare. */
#define BATCH_LINE_MAX NECTAR_JSON_MAX

/* Bytes of a ref, as it stands. */
#define BATCH_REF_MAX 256

struct batch_line {
    TAILQ_ENTRY(batch_line) all;
    size_t number; /* counted from 1 */
    size_t len;
    const char *fault; /* why it cannot be sent; NULL: it can. Static */
    const char *to;    /* NULL: it does not say */
    const char *ref;   /* JSON, as it came; NULL if there is none */
    struct nectar_view body, blob, mime;
    /* whoever sends it */
    uint64_t id;
    char peer[NECTAR_NAME_MAX + 1];
    char *address; /* "NAME@PROCESS..."; NULL if there is no process */
    uint8_t text[];
};

TAILQ_HEAD(batch_lines, batch_line);

/* A line with room for len bytes, which are still to be filled in. */
struct batch_line *batch_line_new(size_t number, size_t len);
void batch_line_free(struct batch_line *line);

/* Reads its text. */
void batch_line_read(struct batch_line *line);

#endif
