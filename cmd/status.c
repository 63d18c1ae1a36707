/* nectar-net status: how a running listen or router stands. */
#include <inttypes.h>
#include <stdio.h>

#include <nectar/control.h>
#include <nectar/text.h>

#include "shared/cli.h"
#include "shared/common.h"
#include "shared/control.h"
#include "shared/keyarg.h"
#include "shared/output.h"
#include "shared/pki.h"
#include "shared/session.h"

static const struct cli cli = {
    .verb = "status",
    .groups = {session_options, keyarg_options, pki_options},
};

/* The counts, each with its name. */
#define COUNTS(X)                                                                                  \
    X(connections) X(opening) X(registered) X(passthroughs) X(pending) X(calls) X(clients)

static void print_json(const struct nectar_status *status, const char *key, const char *addr)
{
    struct json json;
    output_open(&json, "status");
    json_text(&json, "name", status->name);
    json_text(&json, "networking_key", key);
    json_integer(&json, "pid", (int64_t)status->pid);
    json_text(&json, "version", status->version);
    json_ms(&json, "uptime_ms", status->uptime);
    if (*addr)
        json_text(&json, "addr", addr);
    json_array_open(&json, "routers");
    for (size_t i = 0; i < status->router_count; i++) {
        json_item_open(&json);
        json_text(&json, "router", status->routers[i].router);
        json_bool(&json, "up", status->routers[i].up);
        json_item_close(&json);
    }
    json_array_close(&json);
    if (status->draining)
        json_bool(&json, "draining", true);
#define COUNT(name) json_integer(&json, #name, (int64_t)status->name);
    COUNTS(COUNT)
#undef COUNT
    output_close(&json);
}

static void print_text(const struct nectar_status *status, const char *key, const char *addr)
{
    uint64_t s = status->uptime / 1000000;
    printf("name          %s%s\n", status->name, status->draining ? ", winding up" : "");
    printf("key           %s\n", key);
    printf("process       %" PRIu64 ", version %s\n", status->pid, status->version);
    printf("up            %" PRIu64 " d %02" PRIu64 ":%02" PRIu64 ":%02" PRIu64 "\n", s / 86400,
           s / 3600 % 24, s / 60 % 60, s % 60);
    if (*addr)
        printf("address       %s\n", addr);
    for (size_t i = 0; i < status->router_count; i++)
        printf("router        %s, %s\n", status->routers[i].router,
               status->routers[i].up ? "up" : "down");
#define COUNT(name) printf("%-13s %" PRIu64 "\n", #name, status->name);
    COUNTS(COUNT)
#undef COUNT
    output_flush();
}

static void print(const struct nectar_status *status)
{
    char key[2 * NECTAR_PUBLIC_BYTES + 1];
    char addr[NECTAR_ADDRESS_TEXT_SIZE] = "";
    nectar_hex_encode(key, status->key, NECTAR_PUBLIC_BYTES);
    if (status->bound.port)
        nectar_address_format(addr, sizeof addr, &status->bound);
    if (common.json)
        print_json(status, key, addr);
    else
        print_text(status, key, addr);
}

int main(int argc, char **argv)
{
    static struct text_list operands;
    struct nectar_control *control = NULL;
    struct nectar_status now;
    char name[NECTAR_NAME_MAX + 1];
    cli_start(&cli, argc, argv, &operands);
    int status = control_require(&control, name, session_timeout());
    int error = status ? 0 : nectar_control_status(control, session_timeout(), &now);
    if (error)
        status = control_report(error, name);
    else if (!status)
        print(&now);
    nectar_control_free(control);
    return status;
}
