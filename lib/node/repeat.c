/* Offences are told once: a peer that repeats one ten thousand times must not fill the log. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "node/node.h"

#define REPEAT_TIME TIME_S(60) /* after so long, the same is told again */

/* FNV-1a. Nothing of the text is a peer's to choose but names, and they are short. */
static uint64_t mix(uint64_t hash, const void *data, size_t len)
{
    const uint8_t *bytes = data;

    for (size_t i = 0; i < len; i++)
        hash = (hash ^ bytes[i]) * UINT64_C(0x100000001b3);
    return hash;
}

uint64_t node_offence(uint64_t hash, const char *text)
{
    return mix(hash ? hash : UINT64_C(0xcbf29ce484222325), text, strlen(text) + 1);
}

/* Where this offence stands, or is to stand: in the place of the one told longest ago. */
static struct node_repeat *place(struct nectar_node *node, uint64_t offence)
{
    struct node_repeat *oldest = &node->repeats[0];

    for (size_t i = 0; i < NODE_REPEATS; i++) {
        struct node_repeat *one = &node->repeats[i];

        if (one->told && one->offence == offence)
            return one;
        if (one->told < oldest->told)
            oldest = one;
    }
    return oldest;
}

bool node_is_repeat(struct nectar_node *node, uint64_t offence, uint64_t *before)
{
    struct node_repeat *one = place(node, offence);
    uint64_t now = net_loop_now(node->loop);
    bool is_new = !one->told || one->offence != offence;

    *before = 0;
    /* With so many kinds told of late, another one is not told either. */
    if (one->told && now < time_after(one->told, REPEAT_TIME)) {
        if (!is_new)
            one->count++;
        return true;
    }
    if (!is_new)
        *before = one->count;
    *one = (struct node_repeat){.offence = offence, .told = now};
    return false;
}

void node_warn(const struct node_conn *conn, const char *format, ...)
{
    struct nectar_node *node = conn->node;
    char line[NECTAR_REASON_MAX + NECTAR_NAME_MAX];
    uint64_t before;
    va_list arguments;

    if (node_is_repeat(node, node_offence(conn->origin, format), &before))
        return;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    if (before)
        log_line(node->log, NECTAR_LOG_WARNING, "%s %s (and %llu more since the last such line)",
                 conn->addr, line, (unsigned long long)before);
    else
        log_line(node->log, NECTAR_LOG_WARNING, "%s %s", conn->addr, line);
}
