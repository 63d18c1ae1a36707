#include "shared/common.h"

#include "shared/clock.h"

struct common common = {.verb = "", .color = "auto", .deadline = CLOCK_NEVER};

const struct cli_option common_options[] = {
    {"json", 0, CLI_FLAG, &common.json, NULL, "one JSON object per line, errors included",
     .setting = NULL},
    {"quiet", 'q', CLI_FLAG, &common.quiet, NULL, "no notes, hints or progress", .setting = NULL},
    {"verbose", 'v', CLI_REPEAT, &common.verbose, NULL,
     "stages; -vv handshake and registry detail; -vvv frames", .setting = NULL},
    {"color", 0, CLI_CHOICE, &common.color, "auto|always|never", "colour on stderr",
     .setting = "NECTAR_COLOR"},
    {"deadline", 'w', CLI_SECONDS, &common.deadline, "SEC", "bound the whole command", .min = 1,
     .setting = NULL},
    {NULL, 'h', CLI_FLAG, &common.help, NULL, "short usage", .setting = NULL},
    {"help", 0, CLI_FLAG, &common.help_all, NULL, "all options", .setting = NULL},
    {"version", 'V', CLI_FLAG, &common.version, NULL, "the version", .setting = NULL},
    CLI_END,
};
