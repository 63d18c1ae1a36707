#include "shared/session.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include <nectar/error.h>

#include "shared/clock.h"
#include "shared/control.h"
#include "shared/exit.h"
#include "shared/identity.h"
#include "shared/keyarg.h"
#include "shared/logsink.h"
#include "shared/pki.h"
#include "shared/report.h"
#include "shared/text.h"

static uint64_t timeout = 5 * CLOCK_SECOND;

const struct cli_option session_options[] = {
    {.name = "timeout",
     .letter = 'W',
     .kind = CLI_SECONDS,
     .target = &timeout,
     .value = "SEC",
     .help = "bound one attempt or one reply (5)",
     .min = 1,
     .setting = "NECTAR_TIMEOUT"},
    CLI_END,
};

uint64_t session_timeout(void)
{
    return timeout;
}

static struct nectar_node *volatile interrupted_node;
static struct nectar_control *volatile interrupted_control;
static volatile sig_atomic_t signal_seen;

static void interrupt_node(void)
{
    if (interrupted_node)
        nectar_node_interrupt(interrupted_node);
    if (interrupted_control)
        nectar_control_interrupt(interrupted_control);
}

static void on_signal(int number)
{
    signal_seen = number;
    interrupt_node();
}

void session_catch_deadline(struct session *session)
{
    interrupted_node = session->node;
    interrupted_control = session->control;
    clock_on_deadline(interrupt_node);
}

void session_catch_signals(struct session *session)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    session_catch_deadline(session);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

int session_out_of_time(const char *peer)
{
    return report(&(struct report){
        .exit = EXIT_TIMEOUT, .peer = peer, .reason = "the time given with -w is up"});
}

int session_begin(struct session *session)
{
    memset(session, 0, sizeof *session);
    session->timeout = timeout;
    return pki_open(&session->registry);
}

int session_signal(void)
{
    return signal_seen;
}

static int open_node(struct session *session, const struct keyarg *keyarg, bool serves,
                     bool unpublished_ok)
{
    int status = identity_check(&session->record, session->registry, session->name,
                                keyarg->info.public_key, serves, unpublished_ok);
    if (!status)
        status = keyarg_load(&session->key, keyarg->path);
    if (status)
        return status;
    const struct nectar_node_config config = {
        .name = session->name,
        .key = session->key,
        .registry = session->registry,
        .log = logsink(),
        .router = session->router,
        .connect_timeout = timeout,
        .compat = session->compat,
        .max_per_address = session->max_per_address,
        .max_partial = session->max_partial,
    };
    int error = nectar_node_new(&session->node, &config);
    if (error)
        return report_local(exit_of_error(error), NULL, NULL, "%s", nectar_error_text(error));
    return 0;
}

/* socket: the running process will do. */
static int open_either(struct session *session, bool unpublished_ok, bool compat, bool socket)
{
    struct keyarg keyarg;
    int status = keyarg_find_named(&keyarg, session->registry);
    if (status)
        return status;
    memcpy(session->name, keyarg.name, sizeof session->name);
    session->key_path = text_copy(keyarg.path);
    session->compat = compat;
    if (socket)
        session->control = control_find(session->name, keyarg.info.public_key, session->registry);
    if (!session->control)
        status = open_node(session, &keyarg, !socket, unpublished_ok);
    keyarg_wipe(&keyarg);
    return status;
}

int session_open(struct session *session, bool unpublished_ok, bool compat)
{
    return open_either(session, unpublished_ok, compat, false);
}

int session_reach(struct session *session, bool compat)
{
    return open_either(session, false, compat, true);
}

void session_close(struct session *session)
{
    interrupted_node = NULL;
    interrupted_control = NULL;
    nectar_control_free(session->control);
    nectar_node_free(session->node);
    free(session->key_path);
    nectar_key_free(session->key);
    nectar_registry_free(session->registry);
    memset(session, 0, sizeof *session);
}

int session_next(struct session *session, uint64_t wait, struct nectar_node_event *event)
{
    uint64_t left = clock_left();
    uint64_t most = wait < left ? wait : left;
    if (session->control) {
        int lost = nectar_control_next(session->control, most, event);
        return lost ? control_report(lost, session->name) : 0;
    }
    int error = nectar_node_next(session->node, most, event);
    if (error)
        return report_local(exit_of_error(error), NULL, NULL, "%s", nectar_error_text(error));
    return 0;
}

int session_send(struct session *session, const struct nectar_send *send, uint64_t *id)
{
    struct nectar_message message = *send->message;
    struct nectar_send what = *send;
    if (!session->control)
        return nectar_node_send(session->node, send, id);
    if (session->compat)
        message.form = NECTAR_FORM_ARRAY;
    what.message = &message;
    return nectar_control_send(session->control, &what, id);
}

int session_learn(struct session *session, const char *peer, enum nectar_taste taste)
{
    return session->control ? nectar_control_learn(session->control, peer, taste)
                            : nectar_node_learn(session->node, peer, taste);
}

void session_finish(struct session *session, uint64_t time)
{
    if (session->node)
        nectar_node_close(session->node, time);
}
