#include "msg/kernel.h"

#include <nectar/error.h>

#include "base/view.h"
#include "codec/msgpack.h"

enum { FIELDS = 6, REQUEST_FIELDS = 5, RESPONSE_FIELDS = 4, BLOB_FIELDS = 2 };

/* A message on its way into pieces. Scratch may move while it grows, so that its own pieces are
 * kept as offsets and become views at the end. */
struct encoder {
    struct msgpack_writer w;
    struct msg_encoded *out;
    size_t begun; /* offset in scratch of the piece being written */
    size_t borrowed;
    bool compat;
};

void msg_encoded_init(struct msg_encoded *encoded)
{
    *encoded = (struct msg_encoded){0};
    bytes_init(&encoded->scratch, NECTAR_MESSAGE_MAX);
}

void msg_encoded_free(struct msg_encoded *encoded)
{
    bytes_free(&encoded->scratch);
    msg_encoded_init(encoded);
}

/* Ends the piece in scratch; data NULL until views_set(). */
static void end_piece(struct encoder *e)
{
    size_t len = e->out->scratch.len - e->begun;

    if (len > 0)
        e->out->piece[e->out->count++] = (struct nectar_view){NULL, len};
    e->begun += len;
}

static void write_bytes(struct encoder *e, struct nectar_view data)
{
    if (e->compat) {
        msgpack_write_octets(&e->w, data);
        return;
    }
    msgpack_write_bin(&e->w, data.len);
    if (e->w.error || data.len == 0)
        return;
    end_piece(e);
    e->out->piece[e->out->count++] = data;
    e->borrowed += data.len;
}

static void write_tail(struct encoder *e, const struct nectar_message *message)
{
    write_bytes(e, message->body);
    msgpack_write_optional_str(&e->w, message->metadata);
    if (message->capabilities.data)
        msgpack_write_raw(&e->w, message->capabilities);
    else
        msgpack_write_array(&e->w, 0);
}

static void write_request(struct encoder *e, const struct nectar_message *message)
{
    msgpack_write_str(&e->w, view_of_text("Request"));
    msgpack_write_array(&e->w, REQUEST_FIELDS);
    msgpack_write_bool(&e->w, message->inherit);
    if (message->expects_response)
        msgpack_write_uint(&e->w, message->expects_s);
    else
        msgpack_write_nil(&e->w);
    write_tail(e, message);
}

static void write_response(struct encoder *e, const struct nectar_message *message)
{
    msgpack_write_str(&e->w, view_of_text("Response"));
    msgpack_write_array(&e->w, 2);
    msgpack_write_array(&e->w, RESPONSE_FIELDS);
    msgpack_write_bool(&e->w, message->inherit);
    write_tail(e, message);
    if (message->context.data)
        write_bytes(e, message->context);
    else
        msgpack_write_nil(&e->w);
}

static void write_blob(struct encoder *e, const struct nectar_message *message)
{
    if (!message->blob.data) {
        msgpack_write_nil(&e->w);
        return;
    }
    msgpack_write_array(&e->w, BLOB_FIELDS);
    msgpack_write_optional_str(&e->w, message->mime);
    write_bytes(e, message->blob);
}

/* Is any part alone larger than a message may be? Keeps the sums below from running over. */
static bool oversized(const struct nectar_message *message)
{
    const struct nectar_view *parts[] = {&message->body, &message->context, &message->blob};

    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        if (parts[i]->len > NECTAR_MESSAGE_MAX)
            return true;
    return false;
}

/* Gives the pieces in scratch their address, now that it stays where it is. */
static void views_set(struct msg_encoded *out)
{
    size_t offset = 0;

    for (size_t i = 0; i < out->count; i++) {
        if (out->piece[i].data)
            continue;
        out->piece[i].data = out->scratch.data + offset;
        offset += out->piece[i].len;
    }
}

int msg_encode(struct msg_encoded *out, const struct nectar_message *message, bool compat)
{
    struct encoder e = {.w.out = &out->scratch, .out = out, .compat = compat};

    bytes_clear(&out->scratch);
    out->count = 0;
    out->size = 0;
    if (oversized(message))
        return NECTAR_ETOOBIG;
    msgpack_write_array(&e.w, FIELDS);
    msgpack_write_uint(&e.w, message->id);
    msgpack_write_str(&e.w, message->source);
    msgpack_write_str(&e.w, message->target);
    msgpack_write_optional_str(&e.w, message->rsvp);
    msgpack_write_map(&e.w, 1);
    if (message->kind == NECTAR_REQUEST)
        write_request(&e, message);
    else
        write_response(&e, message);
    write_blob(&e, message);
    if (e.w.error)
        return e.w.error;
    if (e.borrowed + out->scratch.len > NECTAR_MESSAGE_MAX)
        return NECTAR_ETOOBIG;
    end_piece(&e);
    views_set(out);
    out->size = e.borrowed + out->scratch.len;
    return 0;
}
