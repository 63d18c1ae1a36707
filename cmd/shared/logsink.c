#include "shared/logsink.h"

#include <inttypes.h>
#include <stdio.h>

#include "shared/clock.h"
#include "shared/common.h"
#include "shared/progress.h"

static void write_line(void *context, enum nectar_log_level level, const char *line)
{
    uint64_t us = clock_elapsed();
    (void)context;
    progress_clear();
    if (level == NECTAR_LOG_WARNING)
        fprintf(stderr, "nectar-net %s: warning: %s\n", common.verb, line);
    else
        fprintf(stderr, "%4" PRIu64 ".%06" PRIu64 " %s\n", us / CLOCK_SECOND, us % CLOCK_SECOND,
                line);
}

const struct nectar_log *logsink(void)
{
    static struct nectar_log log = {.write = write_line};
    static const enum nectar_log_level levels[] = {NECTAR_LOG_WARNING, NECTAR_LOG_STAGE,
                                                   NECTAR_LOG_DETAIL, NECTAR_LOG_FRAME};
    log.level = levels[common.verbose < 3 ? common.verbose : 3];
    return common.quiet && !common.verbose ? NULL : &log;
}
