/* What the verb registry does, a word each. */
#ifndef SHARED_REGISTRY_H
#define SHARED_REGISTRY_H

#include <nectar/listing.h>

#include "shared/cli.h"

struct registry_action {
    const char *word;
    size_t operands; /* that may stand behind the word */
    int (*run)(struct nectar_registry *registry, const char *operand);
    const struct cli_option *options; /* that go with this word alone; NULL: none */
};

/* Each acts on the first registry, operand NULL if there is none. Returns an exit status, already
 * reported. */
int registry_init(struct nectar_registry *registry, const char *operand);
int registry_names(struct nectar_registry *registry, const char *operand);
int registry_export(struct nectar_registry *registry, const char *operand);
int registry_import(struct nectar_registry *registry, const char *operand);
int registry_sync(struct nectar_registry *registry, const char *operand);
int registry_deploy(struct nectar_registry *registry, const char *operand);

extern const struct cli_option registry_deploy_options[];

#endif
