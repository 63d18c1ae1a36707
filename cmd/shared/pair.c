#include "shared/pair.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <nectar/error.h>

#include "shared/clock.h"
#include "shared/exit.h"
#include "shared/report.h"
#include "shared/text.h"

#define OUR_NAME "asks.bench"

/* For the other process to be there. */
#define START_TIME 10000 /* ms */

/* What the process that answers tells of itself. */
struct card {
    uint8_t key[NECTAR_PUBLIC_BYTES];
    uint16_t port;
};

static int failed(int error)
{
    return report_local(exit_of_error(error), "bench", NULL, "%s", nectar_error_text(error));
}

static int open_registry(struct nectar_registry **out, const struct pair *pair)
{
    char *uri = text_format("json:/proc/self/fd/%d", pair->registry);
    const char *uris[] = {uri};
    int error = nectar_registry_open(out, uris, 1, NULL, NULL);
    free(uri);
    return error;
}

static int make_node(struct session *session, const struct pair *pair, const char *name)
{
    int error = open_registry(&session->registry, pair);
    if (!error)
        error = nectar_key_generate(&session->key, name);
    if (error)
        return error;
    snprintf(session->name, sizeof session->name, "%s", name);
    session->timeout = session_timeout();
    return nectar_node_new(&session->node,
                           &(struct nectar_node_config){
                               .name = name, .key = session->key, .registry = session->registry});
}

static int answer_all(struct nectar_node *node)
{
    static const struct nectar_view ack = {(const uint8_t *)"ack", 3};
    struct nectar_node_event event;
    int error;
    while (!(error = nectar_node_next(node, NECTAR_FOREVER, &event))) {
        if (event.type == NECTAR_NODE_MESSAGE && event.message->expects_response)
            error = nectar_node_reply(node, event.connection, event.message, ack);
        if (event.type == NECTAR_NODE_MESSAGE && (error || !event.message->expects_response))
            nectar_node_ignore(node, event.connection);
    }
    return error;
}

/* The process that answers: until it is killed, by us or with us. */
static _Noreturn void answer(const struct pair *pair, int out, pid_t parent)
{
    struct session session = {.timeout = 0};
    struct nectar_address address = {.host = "127.0.0.1"};
    struct card card;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(EXIT_INTERNAL);
    int error = make_node(&session, pair, PAIR_PEER);
    if (!error)
        error = nectar_node_listen(session.node, &address, &address, NULL);
    if (error)
        _exit(EXIT_INTERNAL);
    memset(&card, 0, sizeof card);
    memcpy(card.key, nectar_key_public(session.key), sizeof card.key);
    card.port = address.port;
    if (write(out, &card, sizeof card) == (ssize_t)sizeof card)
        answer_all(session.node);
    _exit(EXIT_INTERNAL);
}

static int write_record(FILE *file, const char *name, const uint8_t *key, uint16_t port)
{
    struct nectar_record record;
    char *text = NULL;
    memset(&record, 0, sizeof record);
    snprintf(record.name, sizeof record.name, "%s", name);
    memcpy(record.key, key, sizeof record.key);
    record.has_key = true;
    if (port) {
        snprintf(record.ws.host, sizeof record.ws.host, "127.0.0.1");
        record.ws.port = port;
    }
    int error = nectar_record_format(&text, &record);
    if (!error)
        fputs(text, file);
    free(text);
    return error;
}

/* Both know each other from here on. */
static int publish(const struct pair *pair, const struct session *ours, const struct card *card)
{
    int copy = dup(pair->registry);
    FILE *file = copy < 0 ? NULL : fdopen(copy, "w");
    if (!file)
        return NECTAR_EIO;
    fputc('[', file);
    int error = write_record(file, PAIR_PEER, card->key, card->port);
    fputc(',', file);
    if (!error)
        error = write_record(file, OUR_NAME, nectar_key_public(ours->key), 0);
    fputc(']', file);
    return fclose(file) == 0 ? error : NECTAR_EIO;
}

/* What comes is from our own child; but it may have died. */
static int meet(struct card *card, int from)
{
    struct pollfd fd = {.fd = from, .events = POLLIN};
    if (poll(&fd, 1, START_TIME) != 1)
        return NECTAR_EDEADLINE;
    return read(from, card, sizeof *card) == (ssize_t)sizeof *card ? 0 : NECTAR_EINTERNAL;
}

static int start(struct pair *pair, struct card *card)
{
    int ends[2];
    pid_t parent = getpid();
    if (pipe2(ends, O_CLOEXEC) != 0)
        return NECTAR_EIO;
    pair->child = fork();
    if (pair->child == 0) {
        close(ends[0]);
        answer(pair, ends[1], parent);
    }
    close(ends[1]);
    int error = pair->child < 0 ? NECTAR_EIO : meet(card, ends[0]);
    if (pair->child < 0)
        pair->child = 0;
    close(ends[0]);
    return error;
}

int pair_open(struct pair *pair, struct session *session)
{
    struct card card;
    memset(session, 0, sizeof *session);
    *pair = (struct pair){.registry = memfd_create("registry", MFD_CLOEXEC)};
    int error = pair->registry < 0 ? NECTAR_EIO : start(pair, &card);
    if (!error)
        error = make_node(session, pair, OUR_NAME);
    if (!error)
        error = publish(pair, session, &card);
    return error ? failed(error) : 0;
}

void pair_close(struct pair *pair)
{
    if (pair->child > 0) {
        kill(pair->child, SIGKILL);
        while (waitpid(pair->child, NULL, 0) < 0 && errno == EINTR)
            continue;
    }
    if (pair->registry >= 0)
        close(pair->registry);
    *pair = (struct pair){.registry = -1};
}
