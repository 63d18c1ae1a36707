/* registry sync: the names of a registry that tells of others by their hashes. */
#include <inttypes.h>
#include <stdlib.h>

#include <nectar/error.h>

#include "shared/clock.h"
#include "shared/common.h"
#include "shared/exit.h"
#include "shared/output.h"
#include "shared/pki.h"
#include "shared/progress.h"
#include "shared/registry.h"
#include "shared/report.h"
#include "shared/text.h"

/* Shows how far it is, a few times a second. */
static void show(void *context, const struct nectar_sync *now)
{
    uint64_t *shown = context;
    uint64_t time = clock_now();
    if (time - *shown < CLOCK_SECOND / 4)
        return;
    *shown = time;
    char *line = text_format("block %" PRIu64 " of %" PRIu64 ", %" PRIu64 " names", now->block,
                             now->head, now->names);
    progress_tell(line);
    free(line);
}

static void print_json(const struct nectar_sync *done, const struct nectar_answer *answer)
{
    struct json json;
    output_open(&json, "sync");
    json_text(&json, "uri", answer->source);
    json_bool(&json, "needed", done->needed);
    if (done->needed) {
        json_id(&json, "from", done->from);
        json_id(&json, "block", done->block);
        json_id(&json, "names", done->names);
        json_id(&json, "added", done->added);
        json_id(&json, "unknown", done->unknown);
    }
    output_close(&json);
}

static void print_text(const struct nectar_sync *done, const struct nectar_answer *answer)
{
    if (!done->needed) {
        report_note("%s tells its names by itself", answer->source);
        return;
    }
    char *line = text_format("%" PRIu64 " names up to block %" PRIu64 ", %" PRIu64 " new",
                             done->names, done->block, done->added);
    output_line(line);
    free(line);
    if (done->unknown > 0)
        report_note("%" PRIu64 " left out: what they are under is not known, as it was made before "
                    "block %" PRIu64 " (from= in the URI)",
                    done->unknown, done->from);
}

int registry_sync(struct nectar_registry *registry, const char *operand)
{
    struct nectar_answer answer;
    struct nectar_sync done;
    uint64_t shown = clock_now();
    struct nectar_sync_told told = {.call = show, .context = &shown};
    int error = nectar_registry_sync(registry, told, &done, &answer);
    (void)operand;
    progress_clear();
    if (error)
        return pki_report(error, NULL, &answer, NULL);
    if (common.json)
        print_json(&done, &answer);
    else
        print_text(&done, &answer);
    return 0;
}
