/* Lines of any length from a file or standard input, one at a time, in bounded memory. */
#ifndef SHARED_LINES_H
#define SHARED_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include <nectar/view.h>

struct lines {
    int from;
    const char *origin; /* the path, or "standard input" */
    size_t max;         /* bytes of a line */
    /* Called before a wait: there is nothing more to read just now. */
    void (*pause)(void *context);
    void *context;
    size_t number; /* of the last line given, counted from 1 */
    /* what has been read */
    char *data;
    size_t begin, end, room;
    bool ended;
};

/* Opens path ("-" and NULL are standard input), of all-zero lines in which max, pause and context
 * are set. Returns 0 or EXIT_INPUT, already reported. */
int lines_open(struct lines *lines, const char *path);
void lines_close(struct lines *lines);

/*
 * The next line, without its newline, valid until the next call; a last one may be without.
 * *too_long: it is longer than max, and left out. False at the end, and when reading fails: *status
 * is then EXIT_INPUT, already reported.
 */
bool lines_next(struct lines *lines, struct nectar_view *out, bool *too_long, int *status);

#endif
