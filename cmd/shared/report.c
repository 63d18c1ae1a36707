#include "shared/report.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <nectar/error.h>
#include <nectar/text.h>

#include "shared/clock.h"
#include "shared/common.h"
#include "shared/exit.h"
#include "shared/json.h"
#include "shared/output.h"
#include "shared/progress.h"

static bool colored;

void report_color(const char *choice)
{
    const char *no_color = getenv("NO_COLOR");
    if (strcmp(choice, "auto") != 0)
        colored = strcmp(choice, "always") == 0;
    else
        colored = isatty(STDERR_FILENO) && !(no_color && *no_color);
}

/* Whatever a name, a path or a peer may hold, a terminal sees no control character of it. */
static void put_safe(FILE *out, const char *text)
{
    size_t len = strlen(text);
    char *safe = malloc(NECTAR_ESCAPE_SIZE(len));
    if (!safe)
        return;
    nectar_escape(safe, (struct nectar_view){(const uint8_t *)text, len}, false);
    fputs(safe, out);
    free(safe);
}

static void put_part(FILE *out, const char *before, const char *text)
{
    if (text && *text) {
        fputs(before, out);
        put_safe(out, text);
    }
}

/* Text in a colour, where stderr may have one. */
static void put_colored(FILE *out, const char *color, const char *before, const char *text)
{
    fprintf(out, "%s%s%s%s", colored ? color : "", before, text, colored ? "\033[0m" : "");
}

/* Whom or what it is about, with a colon behind. */
static void put_subject(FILE *out, const char *subject)
{
    if (subject && *subject) {
        put_part(out, " ", subject);
        fputc(':', out);
    }
}

static void write_tried(FILE *out, const struct nectar_tried *tried)
{
    put_part(out, "  ", tried->router);
    fprintf(out, " at %s", nectar_stage_name(tried->stage));
    put_part(out, ": ", tried->reason);
    fputc('\n', out);
}

static void write_text(FILE *out, const struct report *r)
{
    const char *phrase = exit_row(r->exit)->phrase;
    put_colored(out, "\033[1;31m", "nectar-net ", common.verb);
    fputc(':', out);
    if (r->line)
        fprintf(out, " line %zu:", r->line);
    put_subject(out, r->peer);
    put_subject(out, r->subject);
    put_part(out, " ", phrase);
    if (r->stage && (r->exit == EXIT_OFFLINE || r->exit == EXIT_TIMEOUT)) {
        fprintf(out, " at %s", r->stage);
        put_part(out, " ", r->addr);
    }
    put_part(out, *phrase ? ": " : " ", r->reason);
    fputc('\n', out);
    for (size_t i = 0; i < r->tried_count; i++)
        write_tried(out, &r->tried[i]);
    if (r->hint && !common.quiet) {
        put_colored(out, "\033[36m", "hint:", "");
        put_part(out, " ", r->hint);
        fputc('\n', out);
    }
}

static void add_tried(struct json *json, const struct report *r)
{
    json_array_open(json, "tried");
    for (size_t i = 0; i < r->tried_count; i++) {
        json_item_open(json);
        json_text(json, "router", r->tried[i].router);
        json_text(json, "stage", nectar_stage_name(r->tried[i].stage));
        json_text(json, "reason", r->tried[i].reason);
        json_item_close(json);
    }
    json_array_close(json);
}

static void write_json(FILE *out, const struct report *r)
{
    struct json json;
    char *reason = NULL;
    json_open(&json, out, "error");
    json_text(&json, "error", exit_row(r->exit)->name);
    json_integer(&json, "exit", r->exit);
    json_text(&json, "stage", r->stage);
    if (r->peer && *r->peer)
        json_text(&json, "peer", r->peer);
    if (r->addr && *r->addr)
        json_text(&json, "addr", r->addr);
    if (r->source)
        json_text(&json, "source", r->source);
    const char *why = r->reason && *r->reason ? r->reason : exit_row(r->exit)->meaning;
    if (r->subject && asprintf(&reason, "%s: %s", r->subject, why) < 0)
        reason = NULL;
    json_text(&json, "reason", reason ? reason : why);
    json_ms(&json, "elapsed_ms", r->elapsed ? r->elapsed : clock_elapsed());
    if (r->tried_count)
        add_tried(&json, r);
    if (r->line)
        json_integer(&json, "line", (int64_t)r->line);
    if (r->ref)
        json_raw(&json, "ref", r->ref);
    json_close(&json);
    free(reason);
}

int report(const struct report *r)
{
    progress_clear();
    if (common.json) {
        write_json(stdout, r);
        output_flush();
    } else {
        fflush(stdout);
        flockfile(stderr);
        write_text(stderr, r);
        funlockfile(stderr);
    }
    return r->exit;
}

void report_prepare(struct report_prepared *out, const struct report *r)
{
    memset(out, 0, sizeof *out);
    out->fd = common.json ? STDOUT_FILENO : STDERR_FILENO;
    FILE *text = fmemopen(out->text, sizeof out->text, "w");
    if (!text)
        return;
    if (common.json)
        write_json(text, r);
    else
        write_text(text, r);
    fclose(text);
    out->len = strnlen(out->text, sizeof out->text);
}

int report_local(int status, const char *subject, const char *hint, const char *format, ...)
{
    char *reason = NULL;
    va_list arguments;
    va_start(arguments, format);
    if (vasprintf(&reason, format, arguments) < 0)
        reason = NULL;
    va_end(arguments);
    report(&(struct report){.exit = status, .subject = subject, .reason = reason, .hint = hint});
    free(reason);
    return status;
}

struct report report_of_failure(const char *peer, const struct nectar_failure *failure)
{
    return (struct report){
        .exit = exit_of_error(failure->error),
        .peer = peer,
        .stage = nectar_stage_name(failure->stage),
        .addr = failure->addr,
        .reason = *failure->reason ? failure->reason : nectar_error_text(failure->error),
        .elapsed = failure->elapsed,
        .tried = failure->tried,
        .tried_count = failure->tried_count,
    };
}

int report_failure(const char *peer, const struct nectar_failure *failure)
{
    const struct report r = report_of_failure(peer, failure);
    return report(&r);
}

void report_note(const char *format, ...)
{
    if (common.quiet || common.json)
        return;
    progress_clear();
    fflush(stdout);
    fprintf(stderr, "nectar-net %s: ", common.verb);
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
}
