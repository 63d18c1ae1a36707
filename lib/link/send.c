/* What goes out: a message is cut, sealed and masked where it lies, in the output buffer. */
#include <assert.h>

#include <nectar/error.h>

#include "base/log.h"
#include "link/link.h"
#include "msg/split.h"

enum { SEND_FRAME_OVERHEAD = 14 + NOISE_TAG_BYTES }; /* the longest frame header, and the tag */

size_t link_send_pending(const struct nectar_link *link)
{
    return link->output.len - link->output_gone;
}

int link_send_binary_begin(struct nectar_link *link, size_t len, uint8_t **payload)
{
    return ws_encode_begin(link->ws, &link->output, WS_BINARY, len, payload);
}

void link_send_binary_end(struct nectar_link *link, uint8_t *payload, size_t len, uint64_t now)
{
    ws_encode_end(link->ws, payload, len);
    link->times.sent = now;
    if (log_wants(link->log, NECTAR_LOG_FRAME))
        log_line(link->log, NECTAR_LOG_FRAME, "frame: sent opcode %d, %zu bytes", (int)WS_BINARY,
                 len);
}

/* Closes the gap that written bytes have left in front. */
static void compact(struct nectar_link *link)
{
    if (link->output_gone > 0)
        bytes_consume(&link->output, link->output_gone);
    link->output_gone = 0;
}

/* Room for all of it first: once a chunk is sealed there is no way back. */
static int reserve(struct nectar_link *link, size_t size)
{
    size_t chunks = (size + MSG_LENGTH_BYTES) / MSG_CHUNK_MAX + 1;

    compact(link);
    return bytes_reserve(&link->output, size + MSG_LENGTH_BYTES + chunks * SEND_FRAME_OVERHEAD);
}

static int seal_chunks(struct nectar_link *link, uint64_t now)
{
    struct msg_split split;
    size_t size;

    msg_split_init(&split, &link->encoded);
    while ((size = msg_split_size(&split)) > 0) {
        uint8_t *payload;
        int error = link_send_binary_begin(link, size + NOISE_TAG_BYTES, &payload);

        if (error)
            return error;
        msg_split_next(&split, payload);
        error = noise_seal(&link->transport, payload, payload, size);
        if (error)
            return error;
        link_send_binary_end(link, payload, size + NOISE_TAG_BYTES, now);
    }
    return 0;
}

int nectar_link_send(struct nectar_link *link, const struct nectar_message *message, uint64_t *mark,
                     uint64_t now)
{
    int error;

    if (link->error)
        return link->error;
    if (!nectar_link_is_open(link))
        return NECTAR_ECLOSED;
    if (link_send_pending(link) > LINK_OUTPUT_FULL)
        return NECTAR_EFULL;
    link->times.release_at = time_after(now, LINK_RELEASE_TIME); /* also of what was in vain */
    error = msg_encode(&link->encoded, message, message->form == NECTAR_FORM_ARRAY);
    if (!error)
        error = reserve(link, link->encoded.size);
    if (error)
        return error;
    error = seal_chunks(link, now);
    if (error)
        return link_fail(link, error, NULL);
    link->times.used = now;
    if (mark)
        *mark = link->written + link_send_pending(link);
    return 0;
}

void nectar_link_output(const struct nectar_link *link, struct nectar_view *out)
{
    size_t pending = link_send_pending(link);

    *out = (struct nectar_view){pending ? link->output.data + link->output_gone : NULL, pending};
}

void nectar_link_written(struct nectar_link *link, size_t n, uint64_t now)
{
    assert(n <= link_send_pending(link));
    if (n == 0)
        return;
    link->output_gone += n;
    link->written += n;
    link_time_written(link, now);
    /* What waits may never be none, so that the gap is also closed once it is the larger part. */
    if (link_send_pending(link) == 0 ||
        (link->output_gone > LINK_KEEP && link->output_gone > link->output.len / 2))
        compact(link);
}

uint64_t nectar_link_written_total(const struct nectar_link *link)
{
    return link->written;
}
