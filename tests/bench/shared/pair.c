#include "bench/shared/pair.h"

#include <string.h>

#include "bench/shared/tool.h"

enum { PATIENCE = 30000000 };

void pair_begin(struct pair *pair, char **arguments)
{
    const char *registry = arguments[0];

    *pair = (struct pair){.peer = arguments[3], .process = (pid_t)number(arguments[4])};
    must(nectar_key_load(&pair->key, arguments[1], NULL) == 0, "no key");
    must(nectar_registry_open(&pair->registry, &registry, 1, NULL, NULL) == 0, "no registry");
    must(nectar_node_new(&pair->node, &(struct nectar_node_config){.name = arguments[2],
                                                                   .key = pair->key,
                                                                   .registry = pair->registry}) ==
             0,
         "no node");
}

void pair_end(struct pair *pair)
{
    nectar_node_free(pair->node);
    nectar_registry_free(pair->registry);
    nectar_key_free(pair->key);
}

static void await_answer(struct pair *pair)
{
    struct nectar_node_event event;

    must(nectar_node_next(pair->node, 2 * (uint64_t)PATIENCE, &event) == 0, "the node fails");
    must(event.type != NECTAR_NODE_FAILED, event.failure ? event.failure->reason : "");
    must(event.type == NECTAR_NODE_REPLY && event.message->body.len == 3 &&
             memcmp(event.message->body.data, "ack", 3) == 0,
         "no answer, or another");
}

void pair_send(struct pair *pair, struct nectar_view body, bool array, size_t count, size_t window)
{
    struct nectar_message message = {.body = body};
    struct nectar_send send = {
        .peer = pair->peer, .message = &message, .reply_timeout = PATIENCE, .no_retry = true};
    enum nectar_taste taste = array ? NECTAR_TASTE_ARRAY : NECTAR_TASTE_BIN;
    size_t sent = 0;
    uint64_t id;

    must(nectar_node_learn(pair->node, pair->peer, taste) == 0, "no memory");
    for (size_t done = 0; done < count; done++) {
        for (; sent < count && sent - done < window; sent++)
            must(nectar_node_send(pair->node, &send, &id) == 0, "not sent");
        await_answer(pair);
    }
}
