#include "msg/action.h"

#include "base/view.h"
#include "codec/msgpack.h"

/* Strings of which nothing is kept. */
static void skip_strings(struct msgpack_reader *r)
{
    size_t count = msgpack_read_array(r);

    for (size_t i = 0; i < count && !r->error; i++)
        msgpack_read_str(r);
}

/* HnsUpdate: [name, public_key, ips, {kind: port}, routers]. */
static void skip_update(struct msgpack_reader *r)
{
    size_t ports;

    msgpack_expect_array(r, 5);
    msgpack_read_str(r);
    msgpack_read_str(r);
    skip_strings(r);
    ports = msgpack_read_map(r);
    for (size_t i = 0; i < ports && !r->error; i++) {
        msgpack_read_str(r);
        msgpack_read_uint(r, UINT16_MAX);
    }
    skip_strings(r);
}

static void skip_updates(struct msgpack_reader *r)
{
    size_t count = msgpack_read_array(r);

    for (size_t i = 0; i < count && !r->error; i++)
        skip_update(r);
}

enum msg_action msg_action_decode(struct nectar_view body, struct nectar_view *name)
{
    enum msg_action action = MSG_REGISTRY_UPDATE;
    struct nectar_view text = {0};
    struct nectar_view variant;
    struct msgpack_reader r;

    msgpack_reader_init_const(&r, body);
    if (msgpack_read_map(&r) != 1)
        return MSG_HELLO;
    variant = msgpack_read_str(&r);
    if (view_equal_text(variant, "ConnectionRequest")) {
        action = MSG_CONNECTION_REQUEST;
        text = msgpack_read_str(&r);
    } else if (view_equal_text(variant, "HnsUpdate")) {
        skip_update(&r);
    } else if (view_equal_text(variant, "HnsBatchUpdate")) {
        skip_updates(&r);
    } else {
        return MSG_HELLO;
    }
    if (msgpack_read_end(&r))
        return MSG_HELLO;
    if (action == MSG_CONNECTION_REQUEST)
        *name = text;
    return action;
}

bool msg_action_is_rejected(struct nectar_view body, struct nectar_view *name)
{
    struct msgpack_reader r;
    bool rejected;

    msgpack_reader_init_const(&r, body);
    if (msgpack_read_map(&r) != 1)
        return false;
    rejected = view_equal_text(msgpack_read_str(&r), "Rejected");
    *name = msgpack_read_str(&r);
    return msgpack_read_end(&r) == 0 && rejected;
}

/* {variant: name} */
static int encode_named(struct bytes *out, const char *variant, struct nectar_view name)
{
    struct msgpack_writer w = {.out = out};

    msgpack_write_map(&w, 1);
    msgpack_write_str(&w, view_of_text(variant));
    msgpack_write_str(&w, name);
    return w.error;
}

int msg_action_encode_connection_request(struct bytes *out, struct nectar_view name)
{
    return encode_named(out, "ConnectionRequest", name);
}

int msg_action_encode_rejected(struct bytes *out, struct nectar_view name)
{
    return encode_named(out, "Rejected", name);
}
