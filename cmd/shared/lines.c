#include "shared/lines.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shared/exit.h"
#include "shared/report.h"
#include "shared/text.h"

#define FIRST_ROOM 65536

int lines_open(struct lines *lines, const char *path)
{
    lines->from = STDIN_FILENO;
    lines->origin = "standard input";
    if (!path || strcmp(path, "-") == 0)
        return 0;
    lines->origin = path;
    lines->from = open(path, O_RDONLY | O_CLOEXEC);
    if (lines->from < 0)
        return report_local(EXIT_INPUT, path, NULL, "%s", strerror(errno));
    return 0;
}

void lines_close(struct lines *lines)
{
    if (lines->from > STDERR_FILENO)
        close(lines->from);
    free(lines->data);
    lines->data = NULL;
}

/* Room for more behind what is there: what has been given is let go, then it grows. */
static void make_room(struct lines *lines)
{
    if (lines->begin > 0) {
        memmove(lines->data, lines->data + lines->begin, lines->end - lines->begin);
        lines->end -= lines->begin;
        lines->begin = 0;
    }
    if (lines->end == lines->room) {
        lines->room = lines->room ? lines->room * 2 : FIRST_ROOM;
        lines->data = text_resize(lines->data, lines->room);
    }
}

/* Reads on, waiting if need be. At the end lines->ended is set. Returns 0 or a status. */
static int read_on(struct lines *lines)
{
    struct pollfd ready = {.fd = lines->from, .events = POLLIN};
    ssize_t n;
    make_room(lines);
    if (lines->pause && poll(&ready, 1, 0) == 0)
        lines->pause(lines->context);
    do
        n = read(lines->from, lines->data + lines->end, lines->room - lines->end);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return report_local(EXIT_INPUT, lines->origin, NULL, "%s", strerror(errno));
    lines->end += (size_t)n;
    lines->ended = n == 0;
    return 0;
}

/* Gives what stands before `at`, and goes on behind `next`. */
static void give(struct lines *lines, struct nectar_view *out, size_t at, size_t next)
{
    *out = (struct nectar_view){(const uint8_t *)lines->data + lines->begin, at - lines->begin};
    lines->begin = next;
    lines->number++;
}

bool lines_next(struct lines *lines, struct nectar_view *out, bool *too_long, int *status)
{
    size_t seen = 0; /* of this line, without a newline in it */
    *status = 0;
    *too_long = false;
    for (;;) {
        size_t left = lines->end - lines->begin - seen;
        const char *newline =
            lines->data ? memchr(lines->data + lines->begin + seen, '\n', left) : NULL;
        if (newline) {
            size_t at = (size_t)(newline - lines->data);
            *too_long = *too_long || at - lines->begin > lines->max;
            give(lines, out, at, at + 1);
            return true;
        }
        seen += left;
        if (seen > lines->max) {
            *too_long = true;
            lines->begin = lines->end;
            seen = 0;
        }
        if (lines->ended) {
            bool some = seen > 0 || *too_long;
            if (some)
                give(lines, out, lines->end, lines->end);
            return some;
        }
        *status = read_on(lines);
        if (*status)
            return false;
    }
}
