/* nectar-net ctl: tells a running listen or router to check, reload or stop. */
#include <stdio.h>
#include <string.h>

#include <nectar/control.h>
#include <nectar/error.h>

#include "shared/cli.h"
#include "shared/clock.h"
#include "shared/common.h"
#include "shared/control.h"
#include "shared/exit.h"
#include "shared/keyarg.h"
#include "shared/output.h"
#include "shared/pki.h"
#include "shared/report.h"
#include "shared/session.h"

static const struct cli cli = {
    .verb = "ctl",
    .operands = "check|reload|stop",
    .min_operands = 1,
    .max_operands = 1,
    .groups = {session_options, keyarg_options, pki_options},
};

static const char *const WORDS[] = {
    [NECTAR_CONTROL_CHECK] = "check",
    [NECTAR_CONTROL_RELOAD] = "reload",
    [NECTAR_CONTROL_STOP] = "stop",
};

struct order {
    struct nectar_control *control;
    char name[NECTAR_NAME_MAX + 1];
    enum nectar_control_request what;
    uint64_t timeout; /* us: -W */
};

static int parse(struct order *order, const char *word)
{
    for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++) {
        if (strcmp(WORDS[i], word) == 0) {
            order->what = (enum nectar_control_request)i;
            return 0;
        }
    }
    return cli_usage_error("check, reload or stop, not %s", word);
}

static uint64_t within(uint64_t time)
{
    uint64_t left = clock_left();
    return time < left ? time : left;
}

static void add_notes(struct json *json, const char *key,
                      const struct nectar_control_answer *answer)
{
    json_array_open(json, key);
    for (size_t i = 0; i < answer->note_count; i++)
        json_item(json, answer->notes[i]);
    json_array_close(json);
}

static void print_notes(const struct order *order, const struct nectar_control_answer *answer)
{
    bool checks = order->what == NECTAR_CONTROL_CHECK;
    struct json json;
    if (common.json) {
        if (checks)
            output_open(&json, "checked");
        else
            output_open(&json, "reloaded");
        add_notes(&json, checks ? "differences" : "changes", answer);
        output_close(&json);
        return;
    }
    for (size_t i = 0; i < answer->note_count; i++)
        output_line(answer->notes[i]);
    if (answer->note_count == 0)
        report_note("%s: %s", order->name,
                    checks ? "the registry agrees with it" : "nothing has changed");
}

/* It goes on winding up for as long as its --drain lets it; that it is still there is seen. */
static int await_end(const struct order *order)
{
    struct nectar_status status;
    for (;;) {
        int error = nectar_control_await_end(order->control, within(order->timeout));
        if (!error)
            return 0;
        if (clock_left() == 0)
            return session_out_of_time(order->name);
        error = nectar_control_status(order->control, within(order->timeout), &status);
        if (error == NECTAR_ECLOSED)
            return 0;
        if (error)
            return control_report(error, order->name);
    }
}

static int carry_out(struct order *order)
{
    struct nectar_control_answer answer;
    int error = nectar_control_ask(order->control, order->what, within(order->timeout), &answer);
    if (error == NECTAR_ECLOSED && order->what == NECTAR_CONTROL_STOP)
        return 0;
    if (error)
        return control_report(error, order->name);
    if (answer.error)
        return report(&(struct report){
            /* Its key is not the published one. */
            .exit = answer.error == NECTAR_ESIGNATURE ? EXIT_KEY : exit_of_error(answer.error),
            .peer = order->name,
            .reason = answer.reason});
    if (order->what == NECTAR_CONTROL_STOP)
        return await_end(order);
    print_notes(order, &answer);
    if (order->what == NECTAR_CONTROL_CHECK && answer.note_count > 0)
        return report(&(struct report){.exit = EXIT_DRIFT,
                                       .peer = order->name,
                                       .reason = "it differs from what the registry says"});
    return 0;
}

int main(int argc, char **argv)
{
    static struct order order;
    static struct text_list operands;
    cli_start(&cli, argc, argv, &operands);
    order.timeout = session_timeout();
    int status = parse(&order, operands.items[0]);
    if (!status)
        status = control_require(&order.control, order.name, within(order.timeout));
    if (!status)
        status = carry_out(&order);
    nectar_control_free(order.control);
    return status;
}
