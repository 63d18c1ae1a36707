/* Seeds of what comes from chains: from tests/vectors/hypermap-vectors.json. */
#include <stdio.h>

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

void seed_chains(void)
{
    seed_write("hypermap", "reply", REPLY, 1,
               hypermap_bytes(hypermap_in("aggregate_read", "response")));
    write_logs();
    write_calls("calldata", "call");
    write_calls("errors", "error");
}
