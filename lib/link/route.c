/* Asking a router for a way to a peer, and being asked (PROTOCOL: routing). */
#include <stdio.h>
#include <string.h>

#include <nectar/error.h>
#include <nectar/version.h>

#include "base/log.h"
#include "base/view.h"
#include "link/link.h"
#include "msg/routing.h"

enum { ROUTE_MAX = 1024 }; /* bytes of a request: two names, a signature and little more */

int link_route_ask(struct nectar_link *link, uint64_t now)
{
    uint8_t signature[NECTAR_SIGNATURE_BYTES];
    char names[2 * NECTAR_NAME_MAX + 1];
    struct bytes request;
    uint8_t *frame;
    int error;

    snprintf(names, sizeof names, "%s%s", link->peer, link->opening->via);
    nectar_key_sign(signature, link->key, names, strlen(names));
    bytes_init(&request, ROUTE_MAX);
    error = msg_routing_encode(&request, &(struct msg_routing){
                                             .version = NECTAR_PROTOCOL_VERSION,
                                             .source = view_of_text(link->name),
                                             .signature = {signature, sizeof signature},
                                             .target = view_of_text(link->peer),
                                         });
    if (!error)
        error = link_send_binary_begin(link, request.len, &frame);
    if (!error) {
        memcpy(frame, request.data, request.len);
        link_send_binary_end(link, frame, request.len, now);
        log_line(link->log, NECTAR_LOG_DETAIL, "route: asked %s for %s", link->opening->via,
                 link->peer);
    }
    bytes_free(&request);
    return error;
}

static bool name_of(char *out, struct nectar_view name)
{
    return view_copy_text(out, NECTAR_NAME_MAX + 1, name) && nectar_name_check(out) == 0;
}

int link_route_read(struct nectar_link *link, struct link_input *in,
                    const struct ws_message *message)
{
    struct link_opening *opening = link->opening;
    struct msg_routing request;

    link->stage = NECTAR_STAGE_ROUTER;
    if (msg_routing_decode(&request, message->data, message->len))
        return link_fail(link, NECTAR_EMESSAGE, "undecodable routing request");
    if (request.version != NECTAR_PROTOCOL_VERSION)
        return link_fail(link, NECTAR_EVERSION, NULL);
    if (request.signature.len != NECTAR_SIGNATURE_BYTES)
        return link_fail(link, NECTAR_ESIGNATURE, "signature is not 64 bytes");
    if (!name_of(link->peer, request.source) || !name_of(opening->target, request.target))
        return link_fail(link, NECTAR_ENAME, NULL);
    memcpy(opening->signature, request.signature.data, NECTAR_SIGNATURE_BYTES);
    *in->event = (struct nectar_link_event){
        .type = NECTAR_LINK_ROUTE,
        .peer = link->peer,
        .target = opening->target,
        .signature = {opening->signature, NECTAR_SIGNATURE_BYTES},
    };
    link->phase = LINK_OVER;
    return LINK_STOP;
}
