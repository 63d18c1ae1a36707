#include "msg/split.h"

#include <string.h>

void msg_split_init(struct msg_split *split, const struct msg_encoded *message)
{
    *split = (struct msg_split){.message = message, .left = MSG_LENGTH_BYTES + message->size};
}

size_t msg_split_size(const struct msg_split *split)
{
    return split->left < MSG_CHUNK_MAX ? split->left : MSG_CHUNK_MAX;
}

/* Copies len bytes, which are there, from the pieces. */
static void copy_pieces(struct msg_split *split, uint8_t *out, size_t len)
{
    while (len > 0) {
        const struct nectar_view *piece = &split->message->piece[split->piece];
        size_t n = piece->len - split->offset;

        if (n > len)
            n = len;
        if (n > 0)
            memcpy(out, piece->data + split->offset, n);
        out += n;
        len -= n;
        split->offset += n;
        if (split->offset == piece->len) {
            split->piece++;
            split->offset = 0;
        }
    }
}

void msg_split_next(struct msg_split *split, uint8_t *out)
{
    size_t size = split->message->size;
    size_t len = msg_split_size(split);

    if (split->left == MSG_LENGTH_BYTES + size) {
        for (int i = 0; i < MSG_LENGTH_BYTES; i++)
            out[i] = (uint8_t)(size >> (24 - 8 * i));
        out += MSG_LENGTH_BYTES;
        len -= MSG_LENGTH_BYTES;
        split->left -= MSG_LENGTH_BYTES;
    }
    copy_pieces(split, out, len);
    split->left -= len;
}
