/*
 * Questions to a node of a chain and its answers (JSON-RPC 2.0, and the "execution API" of Ethereum
 * for how bytes and numbers are written). Questions go in batches: an array of calls, answered in
 * any order, each by its id.
 */
#ifndef ETH_JSONRPC_H
#define ETH_JSONRPC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "codec/json.h"
#include "eth/word.h"

/* --- writing --- */

struct jsonrpc_writer {
    struct json_writer json; /* where the parameters of a call are written */
    size_t count;            /* of calls */
};

/* Begins a batch, which is appended to out. */
void jsonrpc_open(struct jsonrpc_writer *w, struct bytes *out);

/* Begins a call: its parameters are written next, into w->json, one after the other. Returns its
 * place in the batch, counted from 0. */
size_t jsonrpc_call(struct jsonrpc_writer *w, const char *method);

/* The end of the batch; the first error of it all: NECTAR_ETOOBIG, NECTAR_ENOMEM. */
int jsonrpc_close(struct jsonrpc_writer *w);

/* Bytes as "0x" and two digits each, and a number as "0x" and as few digits as will do. */
void jsonrpc_write_bytes(struct json_writer *json, struct nectar_view bytes);
void jsonrpc_write_quantity(struct json_writer *json, uint64_t value);

/* --- reading --- */

enum { JSONRPC_WHY_SIZE = 96, JSONRPC_MESSAGE_SIZE = 192 };

/* The answers to a batch. All-zero is none. */
struct jsonrpc_reply {
    struct json *root;
    const struct json **answers; /* by place */
    size_t count;
    const struct json *refusal; /* one error for the whole batch; answers is NULL */
};

/*
 * Reads the reply to a batch of count calls. Each call has one answer, in any order, and nothing
 * else is there; or the reply is one error, that answers them all. text is written to: NUL in what
 * the node says becomes U+FFFD.
 * NECTAR_EFORMAT (why says so), NECTAR_ETOOBIG over a limit of codec/json, NECTAR_ENOMEM; *out is
 * empty then.
 */
int jsonrpc_read(struct jsonrpc_reply *out, struct bytes *text, size_t count,
                 char why[JSONRPC_WHY_SIZE]);

/* Makes it empty again. */
void jsonrpc_free(struct jsonrpc_reply *reply);

/* The result of a call, which may be null; NULL: it is answered with an error. */
const struct json *jsonrpc_result(const struct jsonrpc_reply *reply, size_t call);

struct jsonrpc_error {
    int64_t code;
    char message[JSONRPC_MESSAGE_SIZE]; /* printable: U+FFFD for what is not; cut to fit */
    const struct json *data;            /* NULL: none; lives as long as the reply */
};

/* The error that a call is answered with; false: it has a result. */
bool jsonrpc_error(struct jsonrpc_error *out, const struct jsonrpc_reply *reply, size_t call);

/*
 * Results. A value that is not there (NULL) is of no form.
 */

/* Appends bytes of any number. NECTAR_EFORMAT, NECTAR_ETOOBIG, NECTAR_ENOMEM. */
int jsonrpc_bytes(struct bytes *out, const struct json *value);

/* Exactly len bytes: an address, a hash. NECTAR_EFORMAT. */
int jsonrpc_fixed(uint8_t *out, size_t len, const struct json *value);

/* Are there any? False also for what is not of that form. */
bool jsonrpc_has_bytes(const struct json *value);

/* A number, without leading zeros; of 64 bits, or of 256. NECTAR_EFORMAT. */
int jsonrpc_quantity(uint64_t *out, const struct json *value);
int jsonrpc_word(struct word *out, const struct json *value);

#endif
