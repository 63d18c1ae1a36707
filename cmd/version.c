/* nectar-net version: what runs here. */
#include <stddef.h>
#include <stdio.h>

#include <nectar/version.h>

#include "shared/cli.h"
#include "shared/common.h"
#include "shared/exit.h"
#include "shared/output.h"

int main(int argc, char **argv)
{
    static const struct cli cli = {.verb = "version", .no_settings = true};
    static struct text_list operands;
    cli_start(&cli, argc, argv, &operands);
    if (common.json) {
        struct json json;
        output_open(&json, "version");
        json_text(&json, "version", NECTAR_VERSION);
        json_text(&json, "library", nectar_version());
        json_integer(&json, "protocol", NECTAR_PROTOCOL_VERSION);
        output_close(&json);
    } else {
        printf("nectar-net %s\n", nectar_version());
        output_flush();
    }
    return EXIT_OK;
}
