#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>

enum { LOG_LINE = 1024 };

bool log_wants(const struct nectar_log *log, enum nectar_log_level level)
{
    return log && log->write && level <= log->level;
}

void log_line(const struct nectar_log *log, enum nectar_log_level level, const char *format, ...)
{
    char line[LOG_LINE];
    va_list values;

    if (!log_wants(log, level))
        return;
    va_start(values, format);
    vsnprintf(line, sizeof line, format, values);
    va_end(values);
    log->write(log->context, level, line);
}
