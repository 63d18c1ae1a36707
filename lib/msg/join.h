/* Putting the plaintexts of transport messages together again. */
#ifndef MSG_JOIN_H
#define MSG_JOIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

/* All-zero is not valid: init it. */
struct msg_join {
    struct bytes partial;
    size_t expected; /* bytes of the message under way */
    bool under_way;
};

void msg_join_init(struct msg_join *join);
void msg_join_free(struct msg_join *join);

/*
 * Takes the next chunk. When it completes a message, *whole and *whole_len are that message
 * (writable; within data when it came in one chunk, else owned by join; valid until the next
 * call); else *whole is NULL. Memory is taken as bytes arrive, never on the word of a length.
 * NECTAR_ESHORT first chunk under 4 bytes, NECTAR_ELENGTH declared length over
 * NECTAR_MESSAGE_MAX, NECTAR_EEXCESS more bytes than declared, NECTAR_ENOMEM. (An empty chunk
 * within a message is allowed; a message of declared length 0 is complete, and undecodable.)
 */
int msg_join_add(struct msg_join *join, uint8_t *data, size_t len, uint8_t **whole,
                 size_t *whole_len);

/* Is part of a message here? */
bool msg_join_under_way(const struct msg_join *join);

/* Gives large memory back if no message is under way. */
void msg_join_release(struct msg_join *join);

#endif
