#include "shared/pki.h"

#include <stdlib.h>

#include <nectar/error.h>

#include "shared/clock.h"
#include "shared/exit.h"
#include "shared/logsink.h"
#include "shared/paths.h"
#include "shared/report.h"
#include "shared/settings.h"
#include "shared/text.h"

static struct text_list uris;
static uint64_t quorum = 1;
static uint64_t max_cached = 60 * CLOCK_SECOND;

const struct cli_option pki_options[] = {
    {.name = "pki",
     .letter = 'p',
     .kind = CLI_LIST,
     .target = &uris,
     .value = "URI",
     .help = "registry to ask; repeat it for more, in order"},
    {.name = "quorum",
     .kind = CLI_NUMBER,
     .target = &quorum,
     .value = "K",
     .help = "endpoints of a registry that have to agree (1)",
     .min = 1,
     .max = 64,
     .setting = "NECTAR_QUORUM"},
    {.name = "max-cached",
     .kind = CLI_SECONDS,
     .target = &max_cached,
     .value = "SEC",
     .help = "use what was read so lately without asking (60)",
     .setting = "NECTAR_MAX_CACHED"},
    CLI_END,
};

int pki_open_part(struct nectar_registry **out, size_t first, size_t count,
                  const struct nectar_log *log)
{
    char reason[NECTAR_REASON_MAX + 1] = "";
    int error = nectar_registry_open(out, uris.items + first, count, log, reason);
    char *cache = path_cache();
    if (!error && cache)
        error = nectar_registry_cache(*out, cache);
    free(cache);
    if (!error) {
        nectar_registry_quorum(*out, (unsigned)quorum);
        nectar_registry_max_cached(*out, max_cached);
    }
    if (error)
        return report_local(exit_of_error(error), NULL, NULL, "%s",
                            *reason ? reason : nectar_error_text(error));
    return 0;
}

int pki_open(struct nectar_registry **out)
{
    const char *set = settings_get("pki", NULL);
    if (uris.count == 0 && set)
        text_list_split(&uris, set, " \t\n");
    if (uris.count == 0) {
        char *path = path_data("registry.db");
        text_list_add(&uris, text_format("sqlite:%s", path));
        free(path);
    }
    return pki_open_part(out, 0, uris.count, logsink());
}

bool pki_may_recall(void)
{
    return cli_given(&max_cached);
}

const char *pki_first(void)
{
    return uris.items[0];
}

int pki_full_name(char *out, struct nectar_registry *registry, const char *name)
{
    struct nectar_answer answer = {.source = ""};
    int error = nectar_registry_full_name(out, registry, name, &answer);
    if (error == NECTAR_EUNREACHABLE)
        return pki_report(error, name, &answer, NULL);
    if (error)
        return report_local(exit_of_error(error), name, NULL, "%s", nectar_error_text(error));
    return 0;
}

int pki_full_names(struct text_list *out, struct nectar_registry *registry,
                   const struct text_list *given)
{
    char full[NECTAR_NAME_MAX + 1];
    int status = 0;
    for (size_t i = 0; i < given->count; i++) {
        struct text_list names = {.count = 0};
        text_list_split(&names, given->items[i], ",");
        if (names.count == 0)
            status = pki_full_name(full, registry, given->items[i]);
        for (size_t j = 0; j < names.count && !status; j++) {
            status = pki_full_name(full, registry, names.items[j]);
            if (!status)
                text_list_add(out, text_copy(full));
        }
        text_list_wipe(&names);
        if (status)
            return status;
    }
    return 0;
}

int pki_report(int error, const char *name, const struct nectar_answer *answer, const char *hint)
{
    return report(&(struct report){
        .exit = exit_of_error(error),
        .peer = name,
        .stage = nectar_stage_name(NECTAR_STAGE_REGISTRY),
        .reason = *answer->reason ? answer->reason : nectar_error_text(error),
        .hint = hint,
    });
}
