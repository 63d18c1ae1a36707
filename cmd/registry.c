/* nectar-net registry: makes a registry, lists it, and copies it into another one. */
#include <string.h>

#include "shared/registry.h"

#include "shared/ethkey.h"
#include "shared/pki.h"
#include "shared/txargs.h"

static const struct registry_action actions[] = {
    {.word = "deploy", .run = registry_deploy, .options = registry_deploy_options},
    {.word = "init", .run = registry_init},
    {.word = "names", .run = registry_names},
    {.word = "export", .run = registry_export},
    {.word = "import", .run = registry_import, .operands = 1},
    {.word = "sync", .run = registry_sync},
};

enum { ACTIONS = sizeof actions / sizeof *actions };

static const struct cli cli = {
    .verb = "registry",
    .operands = "deploy|init|names|export|import|sync [FILE]",
    .min_operands = 1,
    .max_operands = 2,
    .groups = {registry_deploy_options, pki_options, ethkey_options, txargs_options},
};

static const struct registry_action *find(const char *word)
{
    for (size_t i = 0; i < ACTIONS; i++) {
        if (strcmp(actions[i].word, word) == 0)
            return &actions[i];
    }
    return NULL;
}

/* An option that belongs to another word would do nothing. */
static int check_options(const struct registry_action *chosen)
{
    for (size_t i = 0; i < ACTIONS; i++) {
        const struct cli_option *o = actions[i].options;
        for (; o && o != chosen->options && cli_is_option(o); o++) {
            if (cli_given(o->target))
                return cli_usage_error("--%s goes with %s", o->name, actions[i].word);
        }
    }
    return 0;
}

int main(int argc, char **argv)
{
    static struct text_list operands;
    struct nectar_registry *registry = NULL;
    cli_start(&cli, argc, argv, &operands);
    const struct registry_action *action = find(operands.items[0]);
    if (!action)
        return cli_usage_error("deploy, init, names, export, import or sync, not %s",
                               operands.items[0]);
    if (operands.count - 1 > action->operands)
        return cli_usage_error("unexpected operand: %s", operands.items[1 + action->operands]);
    int status = check_options(action);
    if (!status)
        status = pki_open(&registry);
    if (!status)
        status = action->run(registry, operands.count > 1 ? operands.items[1] : NULL);
    nectar_registry_free(registry);
    return status;
}
