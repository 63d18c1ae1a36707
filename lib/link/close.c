/* The end of a link: in good order, by the peer, or by an error. */
#include <stdio.h>

#include <nectar/error.h>

#include "base/log.h"
#include "base/text.h"
#include "link/link.h"

/* The Close code that tells a peer what it did (RFC 6455, section 7.4.1). */
static uint16_t close_code(int error)
{
    static const struct {
        int error;
        uint16_t code;
    } CODES[] = {
        {NECTAR_ETEXT, WS_CLOSE_UNSUPPORTED}, {NECTAR_ETOOBIG, WS_CLOSE_TOO_BIG},
        {NECTAR_ELENGTH, WS_CLOSE_TOO_BIG},   {NECTAR_EVERSION, WS_CLOSE_POLICY},
        {NECTAR_EIDENTITY, WS_CLOSE_POLICY},  {NECTAR_ESTRANGER, WS_CLOSE_POLICY},
        {NECTAR_ESIGNATURE, WS_CLOSE_POLICY}, {NECTAR_EPROXY, WS_CLOSE_POLICY},
        {NECTAR_EDEADLINE, WS_CLOSE_AWAY},    {NECTAR_EUNREACHABLE, WS_CLOSE_TRY_LATER},
    };

    for (size_t i = 0; i < sizeof CODES / sizeof CODES[0]; i++)
        if (CODES[i].error == error)
            return CODES[i].code;
    return WS_CLOSE_PROTOCOL;
}

int nectar_link_close(struct nectar_link *link, uint16_t code, const char *reason)
{
    int error;

    if (link->error)
        return link->error;
    if (link->phase == LINK_UPGRADE)
        return NECTAR_ECLOSED;
    if (link->close_sent)
        return 0;
    error = ws_encode_close(link->ws, &link->output, code, reason);
    if (error)
        return error;
    link->close_sent = true;
    if (link->phase < LINK_OPEN)
        link->phase = LINK_CLOSING;
    return 0;
}

int link_close_await(struct nectar_link *link, struct link_input *in)
{
    struct ws_message ignored;

    return link_receive_frame(link, in, &ignored);
}

int link_fail(struct nectar_link *link, int error, const char *reason)
{
    uint16_t code = close_code(error);

    /* Once it was open, there may be a request that was handled and not answered. */
    if (code == WS_CLOSE_AWAY && link->phase >= LINK_OPEN)
        code = WS_CLOSE_PROTOCOL;
    text_copy(link->reason, sizeof link->reason,
              reason && *reason ? reason : nectar_error_text(error));
    log_line(link->log, NECTAR_LOG_DETAIL, "%s: %s", nectar_stage_name(link->stage), link->reason);
    /* The last word is a courtesy: without memory for it the stream just ends. */
    if (link->phase != LINK_SHUT)
        nectar_link_close(link, code, nectar_error_text(error));
    link->error = error;
    return error;
}

int nectar_link_refuse(struct nectar_link *link, int error)
{
    return link->error ? link->error : link_fail(link, error, NULL);
}

int link_close_received(struct nectar_link *link, struct link_input *in,
                        const struct ws_message *close)
{
    bool known = close->code != WS_CLOSE_NO_CODE;

    *in->event = (struct nectar_link_event){
        .type = NECTAR_LINK_CLOSE,
        .code = close->code,
        .reason = {close->data, close->len},
    };
    if (link->phase < LINK_OPEN)
        link->times.open_by = TIME_NEVER;
    nectar_link_close(link, known ? close->code : WS_CLOSE_NORMAL, "");
    link->phase = LINK_SHUT;
    return LINK_STOP;
}

int nectar_link_end(struct nectar_link *link)
{
    if (link->error)
        return link->error;
    if (link->phase == LINK_SHUT)
        return 0;
    if (nectar_link_is_receiving(link))
        return link_fail(link, NECTAR_ECUT, "connection lost in the middle of a message");
    return link->close_sent ? 0 : link_fail(link, NECTAR_ECLOSED, NULL);
}
