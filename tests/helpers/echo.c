/*
 * echo NAME KEYFILE REGISTRY [ROUTER...]: a node that answers every request with the request's own
 * body, on a free port of 127.0.0.1, which it publishes and prints; or through the routers, which
 * it publishes instead, and prints each when it stands. It ends with SIGTERM, or after two minutes.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <nectar/nectar.h>

enum { ECHO_SECONDS = 120 };

/* Takes connections at a free port, or is reached through routers, and publishes that. */
static int stand(struct nectar_node *node, struct nectar_registry *registry,
                 const struct nectar_key *key, char **args)
{
    struct nectar_record record = {.has_key = true};
    uint64_t sequence;
    int error = 0;

    snprintf(record.name, sizeof record.name, "%s", args[0]);
    memcpy(record.key, nectar_key_public(key), sizeof record.key);
    for (char **router = args + 3; *router && record.router_count < NECTAR_ROUTERS_MAX; router++)
        snprintf(record.routers[record.router_count++], sizeof record.routers[0], "%s", *router);
    if (record.router_count == 0) {
        struct nectar_address address = {.host = "127.0.0.1"};

        error = nectar_node_listen(node, &address, &record.ws, NULL);
    }
    if (!error)
        error = nectar_registry_publish(registry, &record, key, &sequence, NULL);
    if (!error && record.router_count > 0)
        error = nectar_node_join(node, &record);
    else if (!error)
        printf("%s:%u\n", record.ws.host, (unsigned)record.ws.port);
    fflush(stdout);
    return error;
}

static int serve(struct nectar_node *node)
{
    struct nectar_node_event event;
    int error;

    while (!(error = nectar_node_next(node, NECTAR_FOREVER, &event))) {
        if (event.type == NECTAR_NODE_ROUTER_UP) {
            puts(event.peer);
            fflush(stdout);
        }
        if (event.type != NECTAR_NODE_MESSAGE)
            continue;
        error = nectar_node_reply(node, event.connection, event.message, event.message->body);
        if (error)
            fprintf(stderr, "echo: %s\n", nectar_error_text(error));
    }
    return error;
}

int main(int argc, char **argv)
{
    struct nectar_registry *registry = NULL;
    struct nectar_key *key = NULL;
    struct nectar_node *node = NULL;
    const char *uri = argc > 3 ? argv[3] : "";
    int error;

    alarm(ECHO_SECONDS);
    if (argc < 4)
        return 2;
    error = nectar_registry_open(&registry, &uri, 1, NULL, NULL);
    if (!error)
        error = nectar_key_load(&key, argv[2], NULL);
    if (!error)
        error = nectar_node_new(
            &node, &(struct nectar_node_config){.name = argv[1], .key = key, .registry = registry});
    if (!error)
        error = stand(node, registry, key, argv + 1);
    if (!error)
        error = serve(node);
    fprintf(stderr, "echo: %s\n", nectar_error_text(error));
    nectar_node_free(node);
    nectar_key_free(key);
    nectar_registry_free(registry);
    return 1;
}
