/* Making lines for a log sink. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>

#include <nectar/log.h>

/* Would a line of this level be written? For lines that cost something to make. */
bool log_wants(const struct nectar_log *log, enum nectar_log_level level);

/* Formats one line, at most 1,023 bytes, and hands it over. log may be NULL. */
void log_line(const struct nectar_log *log, enum nectar_log_level level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
