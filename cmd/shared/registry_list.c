/* registry init, names and export. */
#include <nectar/error.h>

#include "shared/common.h"
#include "shared/exit.h"
#include "shared/output.h"
#include "shared/pki.h"
#include "shared/record.h"
#include "shared/registry.h"
#include "shared/report.h"

int registry_init(struct nectar_registry *registry, const char *operand)
{
    struct nectar_answer answer;
    bool made = false;
    int error = nectar_registry_init(registry, &made, &answer);
    (void)operand;
    if (error)
        return pki_report(error, NULL, &answer, NULL);
    if (common.json) {
        struct json json;
        output_open(&json, "registry");
        json_text(&json, "uri", answer.source);
        json_bool(&json, "made", made);
        output_close(&json);
    } else {
        report_note("%s: %s", answer.source, made ? "made" : "it is there already");
    }
    return 0;
}

static int print_name(const struct nectar_listing *listing, const struct nectar_answer *answer)
{
    (void)answer;
    if (common.json) {
        struct json json;
        output_open(&json, "name");
        json_text(&json, "name", listing->record.name);
        output_close(&json);
    } else {
        output_line(listing->record.name);
    }
    return 0;
}

/* Prints each record of the first registry. */
static int print_all(struct nectar_registry *registry,
                     int (*print)(const struct nectar_listing *listing,
                                  const struct nectar_answer *answer))
{
    struct nectar_walk *walk = NULL;
    struct nectar_listing listing;
    struct nectar_answer answer;
    bool end = false;
    int status = 0;
    int error = nectar_walk_open(&walk, registry, 0, &answer);
    while (!error && !status) {
        error = nectar_walk_next(walk, &listing, &end, &answer);
        if (error || end)
            break;
        status = print(&listing, &answer);
    }
    if (error)
        status = pki_report(error, NULL, &answer, NULL);
    nectar_walk_free(walk);
    return status;
}

int registry_names(struct nectar_registry *registry, const char *operand)
{
    (void)operand;
    return print_all(registry, print_name);
}

int registry_export(struct nectar_registry *registry, const char *operand)
{
    (void)operand;
    return print_all(registry, record_print);
}
