/* Cutting a serialised message into the plaintexts of Noise transport messages. */
#ifndef MSG_SPLIT_H
#define MSG_SPLIT_H

#include <stddef.h>
#include <stdint.h>

#include "msg/kernel.h"

enum {
    MSG_LENGTH_BYTES = 4,  /* big-endian, before the message, inside the first chunk */
    MSG_CHUNK_MAX = 65519, /* plaintext bytes */
};

struct msg_split {
    const struct msg_encoded *message;
    size_t piece;  /* the next one */
    size_t offset; /* within it */
    size_t left;   /* bytes of length and message not yet written */
};

/* Begins; message is borrowed until the last chunk. */
void msg_split_init(struct msg_split *split, const struct msg_encoded *message);

/* The size of the next chunk in bytes; 0 when all is written. */
size_t msg_split_size(const struct msg_split *split);

/* Writes the next chunk, of msg_split_size() bytes, to out. */
void msg_split_next(struct msg_split *split, uint8_t *out);

#endif
