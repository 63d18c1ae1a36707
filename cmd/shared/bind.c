#include "shared/bind.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <nectar/error.h>

#include "shared/exit.h"
#include "shared/report.h"

static int complain(int error, const struct nectar_address *address, const char *reason)
{
    char text[NECTAR_ADDRESS_TEXT_SIZE];
    nectar_address_format(text, sizeof text, address);
    /* A port that we may not have is a matter of configuration, as is an address that is not ours.
     */
    int status = error == NECTAR_EIO ? EXIT_USAGE : exit_of_error(error);
    return report_local(status, text, NULL, "%s", *reason ? reason : nectar_error_text(error));
}

/* "ADDR:0" is no address to dial, but one to listen at. */
static int parse(struct nectar_address *out, const char *where)
{
    size_t len = strlen(where);
    char text[NECTAR_ADDRESS_TEXT_SIZE];
    bool any = len > 2 && strcmp(where + len - 2, ":0") == 0;
    if (snprintf(text, sizeof text, "%s%s", where, any ? "1" : "") >= (int)sizeof text)
        return NECTAR_EADDRESS;
    int error = nectar_address_parse(out, text);
    if (!error && any)
        out->port = 0;
    return error;
}

static bool is_ipv6(const char *host)
{
    struct in6_addr address;
    return inet_pton(AF_INET6, host, &address) == 1;
}

static bool is_name(const char *host)
{
    struct in_addr address;
    return inet_pton(AF_INET, host, &address) != 1 && !is_ipv6(host);
}

/* Behind a translator, the published address is none of ours; nor can a name be bound. */
static int bind_all(struct nectar_address *bound, struct session *session,
                    const struct nectar_address *published, char *reason)
{
    struct nectar_address all = {.port = published->port};
    snprintf(all.host, sizeof all.host, "%s",
             is_ipv6(published->host) || is_name(published->host) ? "::" : "0.0.0.0");
    int error = nectar_node_listen(session->node, &all, bound, reason);
    if ((error == NECTAR_EADDRESS || error == NECTAR_EIO) && is_name(published->host)) {
        snprintf(all.host, sizeof all.host, "0.0.0.0");
        error = nectar_node_listen(session->node, &all, bound, reason);
    }
    return error ? complain(error, &all, reason) : 0;
}

int bind_node(struct nectar_address *bound, struct session *session, const char *where)
{
    struct nectar_address address = session->record.ws;
    char reason[NECTAR_REASON_MAX + 1] = "";
    if (where && parse(&address, where))
        return cli_usage_error("--bind: not ADDR:PORT: %s", where);
    if (!where && address.port == 0)
        return report_local(
            EXIT_USAGE, session->name,
            "--bind ADDR:PORT, or publish one: nectar-net publish-tx --ws HOST:PORT",
            "no address is published to listen at");
    if (!where && is_name(address.host))
        return bind_all(bound, session, &address, reason);
    int error = nectar_node_listen(session->node, &address, bound, reason);
    if (error == NECTAR_EADDRESS && !where)
        return bind_all(bound, session, &address, reason);
    return error ? complain(error, &address, reason) : 0;
}
