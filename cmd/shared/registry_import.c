/* registry import: the records of each line go into the first registry, many at a time. */
#include <stdlib.h>
#include <string.h>

#include <nectar/error.h>
#include <nectar/json.h>

#include "shared/clock.h"
#include "shared/common.h"
#include "shared/exit.h"
#include "shared/lines.h"
#include "shared/output.h"
#include "shared/pki.h"
#include "shared/registry.h"
#include "shared/registry_put.h"
#include "shared/report.h"
#include "shared/tally.h"
#include "shared/text.h"

struct item {
    struct nectar_listing listing;
    size_t line;
    int error;    /* it is no record: told in its turn */
    char *reason; /* of that */
};

struct import {
    struct put put;
    char tld[NECTAR_LABEL_MAX + 1];
    struct lines lines;
    struct item items[PUT_MAX]; /* read, and still to be put in and told of */
    size_t count;
    struct put_result results[PUT_MAX];
    struct tally tally;
    size_t changed, unchanged;
    bool stopped; /* the registry takes no more */
};

/* Whatever is wrong with a line or a record, the file is. */
static void fail(struct import *import, const struct item *item, int error, const char *reason)
{
    int status = exit_of_error(error);
    if (status == EXIT_USAGE)
        status = EXIT_INPUT;
    report(&(struct report){
        .exit = status,
        .peer = item->listing.record.name,
        .stage = status == EXIT_INPUT ? NULL : nectar_stage_name(NECTAR_STAGE_REGISTRY),
        .reason = reason && *reason ? reason : nectar_error_text(error),
        .line = item->line,
    });
    tally_add(&import->tally, status);
}

static void print_result(const struct import *import, const struct item *item,
                         const struct put_result *result)
{
    struct json json;
    output_open(&json, "tx");
    json_text(&json, "name", item->listing.record.name);
    json_integer(&json, "line", (int64_t)item->line);
    put_fields(&import->put, result, &json);
    output_close(&json);
}

/* A registry that fails as a whole would do so for the rest, too. */
static void stop(struct import *import, const struct item *first, int error, const char *why)
{
    struct item item = {.line = first->line};
    bool some = import->changed + import->unchanged > 0;
    char *reason = text_format("%s%s", why, some ? " (what came before is in it)" : "");
    if (!import->stopped)
        fail(import, &item, error, reason);
    free(reason);
    import->stopped = true;
}

/* What became of one of them. */
static void settle(struct import *import, const struct item *item, const struct put_result *result)
{
    bool changed = put_changed(&import->put, result);
    if (result->error == NECTAR_EUNREACHABLE || result->error == NECTAR_EBUSY ||
        result->error == NECTAR_EIO) {
        stop(import, item, result->error, result->reason);
    } else if (result->error) {
        /* Of a transaction that is under way, or has failed, its hash is told as well. */
        if (common.json && result->tx.state != NECTAR_TX_UNKNOWN)
            print_result(import, item, result);
        fail(import, item, result->error, result->reason);
    } else {
        import->changed += changed;
        import->unchanged += !changed;
        tally_add(&import->tally, EXIT_OK);
        if (common.json)
            print_result(import, item, result);
    }
    /* What would come after it would have to wait, too. */
    if (result->error == NECTAR_ETXPENDING)
        import->stopped = true;
}

/* Puts in what has been read, and tells of it in its order. */
static void put_in(void *context)
{
    struct import *import = context;
    const struct nectar_listing *good[PUT_MAX];
    struct nectar_answer answer;
    size_t count = 0;
    for (size_t i = 0; i < import->count; i++) {
        if (!import->items[i].error)
            good[count++] = &import->items[i].listing;
    }
    int error = count ? put_records(&import->put, good, count, import->results, &answer) : 0;
    count = 0;
    for (size_t i = 0; i < import->count; i++) {
        struct item *item = &import->items[i];
        if (item->error)
            fail(import, item, item->error, item->reason);
        else if (!error)
            settle(import, item, &import->results[count++]);
        else
            stop(import, item, error, answer.reason);
        free(item->reason);
        item->reason = NULL;
    }
    import->count = 0;
    if (count > 0 && clock_left() == 0 && !import->stopped) {
        tally_add(&import->tally,
                  report_local(EXIT_TIMEOUT, NULL, NULL, "the time given with -w is up"));
        import->stopped = true;
    }
}

/* The next item to be filled in. */
static struct item *begin_item(struct import *import)
{
    if (import->count == PUT_MAX)
        put_in(import);
    struct item *item = &import->items[import->count];
    memset(item, 0, sizeof *item);
    item->line = import->lines.number;
    return item;
}

static void add_fault(struct import *import, int error, const char *reason)
{
    struct item *item = begin_item(import);
    item->error = error;
    item->reason = text_copy(reason);
    import->count++;
}

static bool is_blank(struct nectar_view line)
{
    for (size_t i = 0; i < line.len; i++) {
        if (!strchr(" \t\r", line.data[i]) || !line.data[i])
            return false;
    }
    return true;
}

/* The records of a line join the batch. A line that is not well formed is left out as a whole. */
static void take_line(struct import *import, struct nectar_view line)
{
    struct nectar_walk *walk = NULL;
    struct nectar_answer answer;
    bool end = false;
    int error = nectar_walk_text(&walk, (const char *)line.data, line.len, import->tld, &answer);
    while (!error && !import->stopped) {
        struct item *item = begin_item(import);
        error = nectar_walk_next(walk, &item->listing, &end, &answer);
        if (error || end)
            break;
        import->count++;
    }
    nectar_walk_free(walk);
    if (error)
        add_fault(import, error, answer.reason);
}

static void take_all(struct import *import)
{
    struct nectar_view line;
    bool too_long = false;
    int status = 0;
    while (!import->stopped && lines_next(&import->lines, &line, &too_long, &status)) {
        if (too_long)
            add_fault(import, NECTAR_ETOOBIG, "the line is too long");
        else if (!is_blank(line))
            take_line(import, line);
    }
    put_in(import);
    if (status)
        tally_add(&import->tally, status);
}

static void print_summary(const struct import *import)
{
    struct json json;
    if (!common.json) {
        report_note("%zu imported, %zu unchanged, %zu failed", import->changed, import->unchanged,
                    import->tally.failed);
        return;
    }
    output_open(&json, "imported");
    json_integer(&json, "changed", (int64_t)import->changed);
    json_integer(&json, "unchanged", (int64_t)import->unchanged);
    json_integer(&json, "failed", (int64_t)import->tally.failed);
    output_close(&json);
}

int registry_import(struct nectar_registry *registry, const char *operand)
{
    struct nectar_answer answer;
    struct import *import = text_resize(NULL, sizeof *import);
    memset(import, 0, sizeof *import);
    import->lines = (struct lines){.max = NECTAR_JSON_MAX, .pause = put_in, .context = import};
    int error = nectar_registry_tld(import->tld, registry, &answer);
    int status = error ? pki_report(error, NULL, &answer, NULL) : put_open(&import->put, registry);
    if (!status)
        status = lines_open(&import->lines, operand);
    if (!status) {
        take_all(import);
        print_summary(import);
        status = tally_status(&import->tally);
        lines_close(&import->lines);
    }
    put_close(&import->put);
    free(import);
    return status;
}
