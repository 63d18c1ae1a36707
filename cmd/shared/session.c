#include "shared/session.h"

#include <signal.h>
#include <string.h>

#include <nectar/error.h>

#include "shared/clock.h"
#include "shared/exit.h"
#include "shared/identity.h"
#include "shared/keyarg.h"
#include "shared/logsink.h"
#include "shared/pki.h"
#include "shared/report.h"

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

static struct nectar_node *volatile interrupted_node;
static volatile sig_atomic_t signal_seen;

static void interrupt_node(void)
{
    if (interrupted_node)
        nectar_node_interrupt(interrupted_node);
}

static void on_signal(int number)
{
    signal_seen = number;
    interrupt_node();
}

void session_catch_deadline(struct session *session)
{
    interrupted_node = session->node;
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

int session_open(struct session *session, bool unpublished_ok, bool compat)
{
    struct keyarg keyarg;
    int status = keyarg_find_named(&keyarg, session->registry);
    if (status)
        return status;
    memcpy(session->name, keyarg.name, sizeof session->name);
    status = identity_check(&session->record, session->registry, session->name,
                            keyarg.info.public_key, unpublished_ok);
    if (!status)
        status = keyarg_load(&session->key, keyarg.path);
    keyarg_wipe(&keyarg);
    if (status)
        return status;
    const struct nectar_node_config config = {
        .name = session->name,
        .key = session->key,
        .registry = session->registry,
        .log = logsink(),
        .router = session->router,
        .connect_timeout = timeout,
        .compat = compat,
        .max_per_address = session->max_per_address,
        .max_partial = session->max_partial,
    };
    int error = nectar_node_new(&session->node, &config);
    if (error)
        return report_local(exit_of_error(error), NULL, NULL, "%s", nectar_error_text(error));
    return 0;
}

void session_close(struct session *session)
{
    interrupted_node = NULL;
    nectar_node_free(session->node);
    nectar_key_free(session->key);
    nectar_registry_free(session->registry);
    memset(session, 0, sizeof *session);
}

int session_next(struct session *session, uint64_t wait, struct nectar_node_event *event)
{
    uint64_t left = clock_left();
    int error = nectar_node_next(session->node, wait < left ? wait : left, event);
    if (error)
        return report_local(exit_of_error(error), NULL, NULL, "%s", nectar_error_text(error));
    return 0;
}
