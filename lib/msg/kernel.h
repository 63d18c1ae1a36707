/*
 * A kernel message in MessagePack, as rmp_serde writes it.
 *
 * Encoding makes pieces: the bodies, which may be 10 MiB, stay where they are and are copied once,
 * on their way into the encrypted chunk.
 */
#ifndef MSG_KERNEL_H
#define MSG_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nectar/message.h>
#include <nectar/view.h>

#include "base/bytes.h"

enum { MSG_PIECES = 8 };

/* A serialised message: the pieces one after the other. */
struct msg_encoded {
    struct bytes scratch; /* everything but what was borrowed; kept from message to message */
    struct nectar_view piece[MSG_PIECES];
    size_t count; /* pieces */
    size_t size;  /* bytes in all */
};

void msg_encoded_init(struct msg_encoded *encoded);
void msg_encoded_free(struct msg_encoded *encoded);

/*
 * Encodes message. compat writes byte vectors as arrays of integers (every decoder takes them, at
 * up to twice the size), else as bin. Pieces point into scratch and into the message's own body,
 * context and blob, and hold until either changes. Strings and capabilities are taken as they are.
 * NECTAR_ETOOBIG over NECTAR_MESSAGE_MAX, NECTAR_ENOMEM.
 */
int msg_encode(struct msg_encoded *out, const struct nectar_message *message, bool compat);

/*
 * Decodes the whole of data, in place: byte vectors that came as arrays are packed where they
 * stand, and every view points into data. NECTAR_EMESSAGE for whatever a running node's decoder
 * refuses, and for trailing bytes. What it takes has addresses that msg_address_parse takes, and
 * UTF-8 in every string; whose the addresses are is the caller's to judge.
 */
int msg_decode(struct nectar_message *out, uint8_t *data, size_t len);

#endif
