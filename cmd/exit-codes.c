/* nectar-net exit-codes: the exit statuses and their meaning. */
#include <stdio.h>

#include "shared/cli.h"
#include "shared/common.h"
#include "shared/exit.h"
#include "shared/output.h"

int main(int argc, char **argv)
{
    static const struct cli cli = {.verb = "exit-codes", .no_settings = true};
    static struct text_list operands;
    cli_start(&cli, argc, argv, &operands);
    for (const struct exit_row *row = exit_rows; row->name; row++) {
        struct json json;
        if (!common.json) {
            printf("%-3d %-16s %s\n", row->code, row->name, row->meaning);
            continue;
        }
        output_open(&json, "exit_code");
        json_integer(&json, "code", row->code);
        json_text(&json, "name", row->name);
        json_text(&json, "meaning", row->meaning);
        output_close(&json);
    }
    output_flush();
    return EXIT_OK;
}
