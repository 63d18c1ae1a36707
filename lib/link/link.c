#include "link/link.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include <nectar/error.h>

#include "base/mem.h"
#include "base/text.h"

int nectar_link_new(struct nectar_link **out, const struct nectar_link_config *config, uint64_t now)
{
    struct nectar_link *link = calloc(1, sizeof *link);
    int error;

    assert(config->name && config->key && config->seed);
    assert(config->role == NECTAR_RESPONDER || config->host);
    assert(!config->via || (config->peer && config->host));
    if (!link)
        return NECTAR_ENOMEM;
    link->role = config->role;
    link->open_time = config->open_time ? config->open_time : LINK_OPEN_TIME;
    link->stage = NECTAR_STAGE_UPGRADE;
    link->dialled = config->role == NECTAR_INITIATOR || config->via;
    link->allow_proxy = config->allow_proxy;
    link->allow_routing = config->allow_routing;
    link->relay = config->relay;
    link->name = config->name;
    link->key = config->key;
    link->log = config->log;
    if (config->peer)
        text_copy(link->peer, sizeof link->peer, config->peer);
    random_stream_init(&link->random, config->seed);
    bytes_init(&link->output, LINK_OUTPUT_MAX);
    msg_join_init(&link->join);
    msg_encoded_init(&link->encoded);
    link->times = (struct link_times){
        .open_by = time_after(now, link->open_time),
        .chunk_by = TIME_NEVER,
        .message_by = TIME_NEVER,
        .pong_by = TIME_NEVER,
        .pong_last = TIME_NEVER,
        .release_at = TIME_NEVER,
        .sent = now,
        .used = now,
    };
    error = ws_frames_new(&link->ws, link->dialled, &link->random);
    if (!error)
        error = link_open_begin(link, config, now);
    if (error) {
        nectar_link_free(link);
        return error;
    }
    *out = link;
    return 0;
}

void nectar_link_free(struct nectar_link *link)
{
    if (!link)
        return;
    link_open_end(link);
    ws_frames_free(link->ws);
    msg_join_free(&link->join);
    msg_encoded_free(&link->encoded);
    bytes_free(&link->output);
    mem_wipe(link, sizeof *link);
    free(link);
}

void nectar_link_rekey(struct nectar_link *link, const struct nectar_key *key)
{
    link->key = key;
}

enum nectar_stage nectar_link_stage(const struct nectar_link *link)
{
    return link->stage;
}

int nectar_link_error(const struct nectar_link *link)
{
    return link->error;
}

const char *nectar_link_reason(const struct nectar_link *link)
{
    return link->reason;
}

bool nectar_link_is_open(const struct nectar_link *link)
{
    return !link->error && link->phase == LINK_OPEN && !link->close_sent;
}

bool nectar_link_is_receiving(const struct nectar_link *link)
{
    return ws_under_way(link->ws) || msg_join_under_way(&link->join);
}

size_t nectar_link_expects(const struct nectar_link *link)
{
    return link->join.under_way ? link->join.expected : 0;
}

size_t nectar_link_keeps(const struct nectar_link *link)
{
    return link->join.partial.cap;
}

uint64_t nectar_link_last_used(const struct nectar_link *link)
{
    return link->times.used;
}

const char *nectar_stage_name(enum nectar_stage stage)
{
    static const char *const NAMES[] = {
        [NECTAR_STAGE_REGISTRY] = "registry", [NECTAR_STAGE_DNS] = "dns",
        [NECTAR_STAGE_TCP] = "tcp",           [NECTAR_STAGE_UPGRADE] = "upgrade",
        [NECTAR_STAGE_NOISE] = "noise",       [NECTAR_STAGE_AUTH] = "auth",
        [NECTAR_STAGE_ROUTER] = "router",     [NECTAR_STAGE_FRAME] = "frame",
        [NECTAR_STAGE_REPLY] = "reply",
    };

    return NAMES[stage];
}
