#include "shared/progress.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "shared/clock.h"
#include "shared/common.h"
#include "shared/text.h"

static bool shown;

static bool wanted(void)
{
    return isatty(STDERR_FILENO) && !common.quiet && !common.json && !common.verbose;
}

uint64_t progress_interval(void)
{
    return wanted() ? CLOCK_SECOND : CLOCK_NEVER;
}

void progress_show(const char *what, uint64_t since)
{
    uint64_t seconds = (clock_now() - since) / CLOCK_SECOND;
    if (seconds < 1)
        return;
    char *line = text_format("%s: %" PRIu64 " s", what, seconds);
    progress_tell(line);
    free(line);
}

void progress_tell(const char *what)
{
    if (!wanted())
        return;
    fprintf(stderr, "\r\033[K%s", what);
    fflush(stderr);
    shown = true;
}

void progress_clear(void)
{
    if (!shown)
        return;
    fputs("\r\033[K", stderr);
    fflush(stderr);
    shown = false;
}
