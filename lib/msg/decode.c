#include "msg/kernel.h"

#include <nectar/error.h>

#include "base/view.h"
#include "codec/msgpack.h"
#include "msg/address.h"

enum { FIELDS = 6, REQUEST_FIELDS = 5, RESPONSE_FIELDS = 4, BLOB_FIELDS = 2 };

/* An address that a running node's decoder takes; text may be absent where it is optional. */
static void check_address(struct msgpack_reader *r, struct nectar_view text)
{
    struct msg_address address;

    if (text.data && !msg_address_parse(&address, text))
        r->error = NECTAR_EFORMAT;
}

static struct nectar_view read_address(struct msgpack_reader *r)
{
    struct nectar_view text = msgpack_read_str(r);

    check_address(r, text);
    return text;
}

/* Capabilities are checked and left as they stand: whoever passes them on needs them so. */
static struct nectar_view read_capabilities(struct msgpack_reader *r)
{
    size_t begin = r->at;
    size_t count = msgpack_read_array(r);

    for (size_t i = 0; i < count && !r->error; i++) {
        msgpack_expect_array(r, 2);
        msgpack_expect_array(r, 2);
        read_address(r);
        msgpack_read_str(r);
        msgpack_skip_bytes(r);
    }
    if (r->error)
        return (struct nectar_view){0};
    return (struct nectar_view){r->data + begin, r->at - begin};
}

static void read_tail(struct msgpack_reader *r, struct nectar_message *message)
{
    message->form = msgpack_at_bin(r) ? NECTAR_FORM_BIN : NECTAR_FORM_ARRAY;
    message->body = msgpack_read_bytes(r);
    message->metadata = msgpack_read_optional_str(r);
    message->capabilities = read_capabilities(r);
}

static void read_request(struct msgpack_reader *r, struct nectar_message *message)
{
    msgpack_expect_array(r, REQUEST_FIELDS);
    message->inherit = msgpack_read_bool(r);
    message->expects_response = !msgpack_read_nil(r);
    if (message->expects_response)
        message->expects_s = msgpack_read_uint(r, UINT64_MAX);
    read_tail(r, message);
}

static void read_response(struct msgpack_reader *r, struct nectar_message *message)
{
    msgpack_expect_array(r, 2);
    msgpack_expect_array(r, RESPONSE_FIELDS);
    message->inherit = msgpack_read_bool(r);
    read_tail(r, message);
    if (!msgpack_read_nil(r))
        message->context = msgpack_read_bytes(r);
}

static void read_variant(struct msgpack_reader *r, struct nectar_message *message)
{
    struct nectar_view variant;

    if (msgpack_read_map(r) != 1)
        r->error = NECTAR_EFORMAT;
    variant = msgpack_read_str(r);
    if (view_equal_text(variant, "Request")) {
        message->kind = NECTAR_REQUEST;
        read_request(r, message);
    } else if (view_equal_text(variant, "Response")) {
        message->kind = NECTAR_RESPONSE;
        read_response(r, message);
    } else {
        r->error = NECTAR_EFORMAT;
    }
}

static void read_blob(struct msgpack_reader *r, struct nectar_message *message)
{
    if (msgpack_read_nil(r))
        return;
    msgpack_expect_array(r, BLOB_FIELDS);
    message->mime = msgpack_read_optional_str(r);
    message->blob = msgpack_read_bytes(r);
}

int msg_decode(struct nectar_message *out, uint8_t *data, size_t len)
{
    struct nectar_message message = {0};
    struct msgpack_reader r;

    msgpack_reader_init(&r, data, len);
    msgpack_expect_array(&r, FIELDS);
    message.id = msgpack_read_uint(&r, UINT64_MAX);
    message.source = read_address(&r);
    message.target = read_address(&r);
    message.rsvp = msgpack_read_optional_str(&r);
    check_address(&r, message.rsvp);
    read_variant(&r, &message);
    read_blob(&r, &message);
    if (msgpack_read_end(&r))
        return NECTAR_EMESSAGE;
    *out = message;
    return 0;
}
