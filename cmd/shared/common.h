/* What every verb has: its name, and the options that all of them take. */
#ifndef SHARED_COMMON_H
#define SHARED_COMMON_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/cli.h"

struct common {
    const char *verb; /* "send" */
    bool json;
    bool quiet;
    unsigned verbose;
    const char *color; /* "auto", "always" or "never" */
    uint64_t deadline; /* us; CLOCK_NEVER for none */
    bool help;         /* -h */
    bool help_all;     /* --help */
    bool version;
};

extern struct common common;
extern const struct cli_option common_options[];

#endif
