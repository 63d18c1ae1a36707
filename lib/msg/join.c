#include "msg/join.h"

#include <nectar/error.h>
#include <nectar/message.h>

#include "msg/split.h"

void msg_join_init(struct msg_join *join)
{
    *join = (struct msg_join){0};
    bytes_init(&join->partial, NECTAR_MESSAGE_MAX);
}

void msg_join_free(struct msg_join *join)
{
    bytes_free(&join->partial);
    msg_join_init(join);
}

/* The first chunk of a message: its length, and what is here of it. */
static int begin(struct msg_join *join, uint8_t *data, size_t len, uint8_t **whole,
                 size_t *whole_len)
{
    size_t declared;
    int error;

    if (len < MSG_LENGTH_BYTES)
        return NECTAR_ESHORT;
    declared = (size_t)data[0] << 24 | (size_t)data[1] << 16 | (size_t)data[2] << 8 | data[3];
    data += MSG_LENGTH_BYTES;
    len -= MSG_LENGTH_BYTES;
    if (declared > NECTAR_MESSAGE_MAX)
        return NECTAR_ELENGTH;
    if (len > declared)
        return NECTAR_EEXCESS;
    if (len == declared) {
        *whole = data;
        *whole_len = len;
        return 0;
    }
    bytes_clear(&join->partial);
    error = bytes_append(&join->partial, data, len);
    if (error)
        return error;
    join->expected = declared;
    join->under_way = true;
    return 0;
}

int msg_join_add(struct msg_join *join, uint8_t *data, size_t len, uint8_t **whole,
                 size_t *whole_len)
{
    int error;

    *whole = NULL;
    *whole_len = 0;
    if (!join->under_way)
        return begin(join, data, len, whole, whole_len);
    if (len > join->expected - join->partial.len)
        return NECTAR_EEXCESS;
    error = bytes_append(&join->partial, data, len);
    if (error)
        return error;
    if (join->partial.len == join->expected) {
        join->under_way = false;
        *whole = join->partial.data;
        *whole_len = join->partial.len;
    }
    return 0;
}

bool msg_join_under_way(const struct msg_join *join)
{
    return join->under_way;
}

void msg_join_release(struct msg_join *join)
{
    if (!join->under_way)
        bytes_free(&join->partial);
}
