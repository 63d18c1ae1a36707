#include "msg/routing.h"

#include <nectar/error.h>

#include "codec/msgpack.h"

enum { FIELDS = 4 };

int msg_routing_encode(struct bytes *out, const struct msg_routing *request)
{
    struct msgpack_writer w = {.out = out};

    msgpack_write_array(&w, FIELDS);
    msgpack_write_uint(&w, request->version);
    msgpack_write_str(&w, request->source);
    msgpack_write_octets(&w, request->signature);
    msgpack_write_str(&w, request->target);
    return w.error;
}

int msg_routing_decode(struct msg_routing *out, uint8_t *data, size_t len)
{
    struct msg_routing request;
    struct msgpack_reader r;

    msgpack_reader_init(&r, data, len);
    msgpack_expect_array(&r, FIELDS);
    request.version = msgpack_read_uint(&r, UINT8_MAX);
    request.source = msgpack_read_str(&r);
    request.signature = msgpack_read_bytes(&r);
    request.target = msgpack_read_str(&r);
    if (msgpack_read_end(&r))
        return NECTAR_EMESSAGE;
    *out = request;
    return 0;
}
