/* Seeds of what comes from chains: from tests/vectors/hypermap-vectors.json, and replies as anvil
 * gives them. */
#include <stdio.h>

#include "base/view.h"
#include "fuzz/seeds/seed.h"
#include "pki/hypermap_log.h"
#include "unit/shared/hypermap.h"

/* As hypermap_fuzz takes them. */
#define REPLY "\0"
#define LOG   "\1"
#define CALL  "\2"

static void write_logs(void)
{
    const cJSON *each;

    cJSON_ArrayForEach(each, hypermap_member(hypermap_vectors(), "log_examples"))
    {
        const cJSON *log = hypermap_member(each, "log");
        const cJSON *topics = hypermap_member(log, "topics");
        uint8_t prefix[1 + HYPERMAP_TOPICS * HYPERMAP_HASH_BYTES] = LOG;

        for (int i = 0; i < HYPERMAP_TOPICS; i++) {
            struct nectar_view topic = hypermap_bytes(cJSON_GetArrayItem(topics, i));

            for (size_t at = 0; at < HYPERMAP_HASH_BYTES; at++)
                prefix[1 + (size_t)i * HYPERMAP_HASH_BYTES + at] = topic.data[at];
        }
        seed_write("hypermap", each->string, prefix, sizeof prefix,
                   hypermap_bytes(hypermap_member(log, "data")));
    }
}

static void write_calls(const char *group, const char *label)
{
    const cJSON *each;
    unsigned count = 0;

    cJSON_ArrayForEach(each, hypermap_member(hypermap_vectors(), group))
    {
        char name[64];

        snprintf(name, sizeof name, "%s-%u", label, count++);
        seed_write("hypermap", name, CALL, 1, hypermap_bytes(each));
    }
}

/* As jsonrpc_fuzz takes them: how many calls less one, then the reply. */
static void write_replies(void)
{
    static const struct {
        const char *label;
        uint8_t calls;
        const char *text;
    } ROWS[] = {
        {"lookup", 3,
         "[{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":\"0x7a69\"},"
         "{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":{\"hash\":\"0x4338\",\"number\":\"0x2\","
         "\"timestamp\":\"0x6b07c612\",\"extraData\":\"0x\",\"transactions\":[\"0x1d\"]}},"
         "{\"jsonrpc\":\"2.0\",\"id\":3,\"result\":\"0x6080604052\"},"
         "{\"jsonrpc\":\"2.0\",\"id\":4,\"result\":\"0x0000002A\"}]"},
        {"order", 1,
         "[{\"id\":2,\"jsonrpc\":\"2.0\",\"result\":null},"
         "{\"id\":1,\"jsonrpc\":\"2.0\",\"result\":false}]"},
        {"errors", 1,
         "[{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":3,\"message\":"
         "\"execution reverted: ZqK\\u001c\\u0000\",\"data\":\"0x5a714b1c\"}},"
         "{\"jsonrpc\":\"2.0\",\"id\":2,\"error\":{\"code\":-32601,\"message\":"
         "\"Method \\\\u0000 not found\"}}]"},
        {"refusal", 2,
         "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32600,\"message\":"
         "\"Invalid request\"}}"},
    };

    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++)
        seed_write("jsonrpc", ROWS[i].label, &ROWS[i].calls, 1, view_of_text(ROWS[i].text));
}

void seed_chains(void)
{
    write_replies();
    seed_write("hypermap", "reply", REPLY, 1,
               hypermap_bytes(hypermap_in("aggregate_read", "response")));
    write_logs();
    write_calls("calldata", "call");
    write_calls("errors", "error");
}
