#include "msg/handshake.h"

#include <nectar/error.h>

#include "codec/msgpack.h"

enum { FIELDS = 4 };

int msg_handshake_encode(struct bytes *out, const struct msg_handshake *payload)
{
    struct msgpack_writer w = {.out = out};

    msgpack_write_array(&w, FIELDS);
    msgpack_write_uint(&w, payload->version);
    msgpack_write_str(&w, payload->name);
    msgpack_write_octets(&w, payload->signature);
    msgpack_write_bool(&w, payload->proxy_request);
    return w.error;
}

int msg_handshake_decode(struct msg_handshake *out, uint8_t *data, size_t len)
{
    struct msg_handshake payload;
    struct msgpack_reader r;

    msgpack_reader_init(&r, data, len);
    msgpack_expect_array(&r, FIELDS);
    payload.version = msgpack_read_uint(&r, UINT8_MAX);
    payload.name = msgpack_read_str(&r);
    payload.signature = msgpack_read_bytes(&r);
    payload.proxy_request = msgpack_read_bool(&r);
    if (msgpack_read_end(&r))
        return NECTAR_EMESSAGE;
    *out = payload;
    return 0;
}
