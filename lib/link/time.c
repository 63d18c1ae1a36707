/* What happens when nothing does: deadlines, pings, and giving memory back. */
#include <nectar/error.h>

#include "base/log.h"
#include "link/link.h"

/*
 * A frame has come, whole or in part. What has begun must go on and end, however slowly its bytes
 * trickle in; anything whole shows that the peer lives.
 */
void link_time_frame(struct nectar_link *link, bool whole, uint64_t now)
{
    struct link_times *times = &link->times;

    if (whole) {
        times->pong_by = TIME_NEVER;
        times->chunk_by = TIME_NEVER;
        times->release_at = time_after(now, LINK_RELEASE_TIME);
    }
    if (!ws_under_way(link->ws) && !msg_join_under_way(&link->join)) {
        times->chunk_by = times->message_by = TIME_NEVER;
        return;
    }
    if (times->chunk_by == TIME_NEVER)
        times->chunk_by = time_after(now, LINK_CHUNK_TIME);
    if (times->message_by == TIME_NEVER)
        times->message_by = time_after(now, LINK_MESSAGE_TIME);
}

/*
 * Output goes: the peer's system lives, and a pong, for a ping behind all that, is not yet due. The
 * buffer, once it is empty, is to be given back.
 */
void link_time_written(struct nectar_link *link, uint64_t now)
{
    struct link_times *times = &link->times;

    if (times->pong_by != TIME_NEVER)
        times->pong_by = time_earlier(time_after(now, LINK_PONG_TIME), times->pong_last);
    if (times->release_at == TIME_NEVER && link->output.cap > LINK_KEEP)
        times->release_at = time_after(now, LINK_RELEASE_TIME);
}

static uint64_t ping_at(const struct nectar_link *link)
{
    if (link->phase != LINK_OPEN || link->close_sent || link->times.pong_by != TIME_NEVER)
        return TIME_NEVER;
    return time_after(link->times.sent, LINK_PING_TIME);
}

uint64_t nectar_link_deadline(const struct nectar_link *link)
{
    const struct link_times *times = &link->times;
    uint64_t first = time_earlier(times->open_by, times->release_at);

    if (link->error || link->phase >= LINK_OVER)
        return TIME_NEVER;
    first = time_earlier(first, time_earlier(times->chunk_by, times->message_by));
    return time_earlier(first, time_earlier(times->pong_by, ping_at(link)));
}

static void release(struct nectar_link *link)
{
    link->times.release_at = TIME_NEVER;
    ws_release(link->ws);
    msg_join_release(&link->join);
    msg_encoded_free(&link->encoded);
    if (link->output.len == 0 && link->output.cap > LINK_KEEP)
        bytes_free(&link->output);
}

int nectar_link_tick(struct nectar_link *link, uint64_t now)
{
    const struct link_times *times = &link->times;
    int error;

    if (link->error || link->phase >= LINK_OVER)
        return link->error;
    if (now >= times->open_by)
        return link_fail(link, NECTAR_EDEADLINE, NULL);
    if (now >= times->chunk_by || now >= times->message_by)
        return link_fail(link, NECTAR_EDEADLINE, "message begun and not finished in time");
    if (now >= times->pong_by)
        return link_fail(link, NECTAR_EDEADLINE, "ping not answered in time");
    if (now >= times->release_at)
        release(link);
    if (now >= ping_at(link)) {
        error = ws_encode_control(link->ws, &link->output, WS_PING, NULL, 0);
        if (error)
            return link_fail(link, error, NULL);
        link->times.sent = now;
        link->times.pong_by = time_after(now, LINK_PONG_TIME);
        link->times.pong_last = time_after(now, LINK_MESSAGE_TIME);
        log_line(link->log, NECTAR_LOG_FRAME, "frame: sent ping");
    }
    return 0;
}
