/* nectar-net peers: the connections of a running listen or router, a line each. */
#include <inttypes.h>
#include <stdio.h>

#include <nectar/control.h>

#include "shared/cli.h"
#include "shared/common.h"
#include "shared/control.h"
#include "shared/keyarg.h"
#include "shared/output.h"
#include "shared/pki.h"
#include "shared/session.h"

static const struct cli cli = {
    .verb = "peers",
    .groups = {session_options, keyarg_options, pki_options},
};

static void print_json(const struct nectar_peer *peer)
{
    struct json json;
    output_open(&json, "peer");
    if (*peer->peer)
        json_text(&json, "peer", peer->peer);
    json_text(&json, "addr", peer->addr);
    json_text(&json, "direction", peer->inbound ? "in" : "out");
    if (*peer->via)
        json_text(&json, "via", peer->via);
    json_text(&json, "state", nectar_peer_state_name(peer->state));
    if (peer->state == NECTAR_PEER_PASSAGE) {
        json_text(&json, "from", peer->from);
        json_text(&json, "to", peer->to);
        json_bool(&json, "joined", peer->joined);
    }
    json_ms(&json, "age_ms", peer->age);
    if (peer->state != NECTAR_PEER_PASSAGE)
        json_ms(&json, "idle_ms", peer->idle);
    json_id(&json, "bytes", peer->bytes);
    output_close(&json);
}

/* bob.nec in 127.0.0.1:40123 open, 12.345 s, idle 0.120 s, 4321 bytes */
static void print_text(const struct nectar_peer *peer)
{
    printf("%s %s %s", *peer->peer ? peer->peer : "-", peer->inbound ? "in" : "out",
           *peer->addr ? peer->addr : "-");
    if (*peer->via)
        printf(" via %s", peer->via);
    printf(" %s", nectar_peer_state_name(peer->state));
    if (peer->state == NECTAR_PEER_PASSAGE)
        printf(" %s > %s%s", peer->from, peer->to, peer->joined ? "" : " (waits)");
    printf(", %" PRIu64 ".%03" PRIu64 " s", peer->age / 1000000, peer->age / 1000 % 1000);
    if (peer->state != NECTAR_PEER_PASSAGE)
        printf(", idle %" PRIu64 ".%03" PRIu64 " s", peer->idle / 1000000,
               peer->idle / 1000 % 1000);
    printf(", %" PRIu64 " bytes\n", peer->bytes);
}

static void show(void *context, const struct nectar_peer *peer)
{
    (void)context;
    if (common.json)
        print_json(peer);
    else
        print_text(peer);
}

int main(int argc, char **argv)
{
    static struct text_list operands;
    struct nectar_control *control = NULL;
    char name[NECTAR_NAME_MAX + 1];
    cli_start(&cli, argc, argv, &operands);
    int status = control_require(&control, name, session_timeout());
    int error = status ? 0 : nectar_control_peers(control, session_timeout(), show, NULL);
    output_flush();
    if (error)
        status = control_report(error, name);
    nectar_control_free(control);
    return status;
}
