/* What comes in: frames, then, once the link is open, messages. */
#include <nectar/error.h>

#include "base/log.h"
#include "link/link.h"
#include "msg/address.h"

static int receive_shut(struct nectar_link *link, struct link_input *in)
{
    (void)link;
    in->used = in->len;
    return LINK_STOP;
}

static int receive_nothing(struct nectar_link *link, struct link_input *in)
{
    (void)link, (void)in;
    return LINK_STOP;
}

int nectar_link_receive(struct nectar_link *link, const uint8_t *data, size_t len, size_t *used,
                        struct nectar_link_event *event, uint64_t now)
{
    static link_step *const STEPS[LINK_PHASES] = {
        [LINK_UPGRADE] = link_open_upgrade, [LINK_NOISE] = link_open_noise,
        [LINK_ASKING] = link_open_ask,      [LINK_WAITING] = receive_nothing,
        [LINK_PROVEN] = link_open_tell,     [LINK_CLOSING] = link_close_await,
        [LINK_OPEN] = link_receive_message, [LINK_OVER] = receive_nothing,
        [LINK_SHUT] = receive_shut,
    };
    struct link_input in = {.data = data, .len = len, .event = event, .now = now};
    int answer = link->error;

    *event = (struct nectar_link_event){.type = NECTAR_LINK_NONE};
    if (!answer) {
        do
            answer = STEPS[link->phase](link, &in);
        while (answer == LINK_AGAIN);
    }
    *used = in.used;
    return answer;
}

static int answer_ping(struct nectar_link *link, const struct ws_message *ping)
{
    int error;

    /* A peer that pings and does not read gets no more pongs. */
    if (link_send_pending(link) >= LINK_OUTPUT_FULL || link->close_sent)
        return LINK_AGAIN;
    error = ws_encode_control(link->ws, &link->output, WS_PONG, ping->data, ping->len);
    return error ? link_fail(link, error, NULL) : LINK_AGAIN;
}

int link_receive_frame(struct nectar_link *link, struct link_input *in, struct ws_message *out)
{
    size_t used = 0;
    int answer = ws_decode(link->ws, in->data + in->used, in->len - in->used, &used, out);

    in->used += used;
    if (answer) {
        out->opcode = WS_NONE;
        return link_fail(link, answer, NULL);
    }
    link_time_frame(link, out->opcode != WS_NONE, in->now);
    if (out->opcode == WS_NONE)
        return in->used < in->len ? LINK_AGAIN : LINK_STOP;
    if (log_wants(link->log, NECTAR_LOG_FRAME))
        log_line(link->log, NECTAR_LOG_FRAME, "frame: received opcode %d, %zu bytes",
                 (int)out->opcode, out->len);
    if (out->opcode == WS_BINARY)
        return LINK_AGAIN;
    answer = LINK_AGAIN;
    if (out->opcode == WS_PING)
        answer = answer_ping(link, out);
    else if (out->opcode == WS_CLOSE)
        answer = link_close_received(link, in, out);
    out->opcode = WS_NONE;
    return answer;
}

/* Is it from whom it must be, for us, and from a well-formed process? */
static int check_addresses(const struct nectar_link *link)
{
    struct nectar_view process;

    if (!msg_address_on(&process, link->message.source, link->peer))
        return NECTAR_ESOURCE;
    if (!msg_process_valid(process))
        return NECTAR_EPROCESS;
    if (!msg_address_on(&process, link->message.target, link->name))
        return NECTAR_ETARGET;
    return 0;
}

int link_receive_message(struct nectar_link *link, struct link_input *in)
{
    struct ws_message frame;
    uint8_t *whole;
    size_t len;
    int answer = link_receive_frame(link, in, &frame);

    if (frame.opcode != WS_BINARY)
        return answer;
    answer = noise_open(&link->transport, frame.data, frame.len, &len);
    if (!answer)
        answer = msg_join_add(&link->join, frame.data, len, &whole, &len);
    if (!answer) {
        link_time_frame(link, true, in->now);
        if (!whole)
            return LINK_AGAIN;
        answer = msg_decode(&link->message, whole, len);
    }
    if (!answer)
        answer = check_addresses(link);
    if (answer)
        return link_fail(link, answer, NULL);
    link->times.used = in->now;
    *in->event = (struct nectar_link_event){.type = NECTAR_LINK_MESSAGE, .message = &link->message};
    return LINK_STOP;
}
