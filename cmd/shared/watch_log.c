#include "shared/watch_log.h"

#include <stdbool.h>
#include <string.h>

#include "shared/clock.h"
#include "shared/logsink.h"

/* FNV-1a, of all but digits: how many milliseconds it took makes no other warning of it. */
static uint64_t hash_of(const char *line)
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (; *line; line++) {
        if (*line < '0' || *line > '9')
            hash = (hash ^ (unsigned char)*line) * 0x100000001b3u;
    }
    return hash;
}

/* Among more than there is room for, that which was said longest ago makes way. */
static bool is_new(struct watch_log *log, const char *line)
{
    uint64_t hash = hash_of(line);
    uint64_t now = clock_now();
    size_t at = 0;
    for (size_t i = 0; i < WATCH_LOG_LINES && log->lines[at].hash != hash; i++) {
        if (log->lines[i].hash == hash || log->lines[i].said < log->lines[at].said)
            at = i;
    }
    bool known = log->lines[at].hash == hash && now - log->lines[at].said < log->window;
    log->lines[at].hash = hash;
    log->lines[at].said = now;
    return !known;
}

static void write_line(void *context, enum nectar_log_level level, const char *line)
{
    const struct nectar_log *sink = logsink();
    if (level > NECTAR_LOG_WARNING || is_new(context, line))
        sink->write(sink->context, level, line);
}

const struct nectar_log *watch_log_open(struct watch_log *log, uint64_t window)
{
    const struct nectar_log *sink = logsink();
    if (!sink)
        return NULL;
    memset(log, 0, sizeof *log);
    log->window = window;
    log->log = (struct nectar_log){.level = sink->level, .write = write_line, .context = log};
    return &log->log;
}
