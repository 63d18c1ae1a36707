/* nectar-net completion: the completion script of a shell, made from the verbs' option tables. */
#include <string.h>

#include "shared/cli.h"
#include "shared/exit.h"
#include "shared/output.h"
#include "shared/table.h"

static const struct cli cli = {
    .verb = "completion",
    .operands = "bash|zsh|fish",
    .min_operands = 1,
    .max_operands = 1,
    .no_settings = true,
};

static const struct {
    const char *shell;
    void (*print)(const struct table *table);
} scripts[] = {
    {"bash", table_print_bash},
    {"zsh", table_print_zsh},
    {"fish", table_print_fish},
};

int main(int argc, char **argv)
{
    static struct text_list operands;
    struct table table = {0};
    cli_start(&cli, argc, argv, &operands);
    for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++) {
        if (strcmp(operands.items[0], scripts[i].shell) != 0)
            continue;
        int status = table_load(&table);
        if (!status) {
            scripts[i].print(&table);
            output_flush();
        }
        table_free(&table);
        return status;
    }
    return cli_usage_error("no completion for that shell: %s", operands.items[0]);
}
