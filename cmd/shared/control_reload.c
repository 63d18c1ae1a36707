#include "shared/control_reload.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <nectar/control.h>
#include <nectar/error.h>
#include <nectar/text.h>

#include "shared/bind.h"
#include "shared/common.h"
#include "shared/exit.h"
#include "shared/keyarg.h"
#include "shared/output.h"
#include "shared/passphrase.h"
#include "shared/report.h"
#include "shared/settings.h"
#include "shared/text.h"

/* What is found, and what comes of it. */
struct finding {
    struct nectar_record record; /* our own, just read; empty name: there is none */
    struct nectar_key_info info; /* of the key file, just read */
    struct nectar_key *key;      /* the new one, or NULL */
    struct text_list notes;      /* copies */
    char *reason;
};

static void note(struct finding *found, char *text)
{
    text_list_add(&found->notes, text);
}

static int fail(struct finding *found, int error, char *reason)
{
    free(found->reason);
    found->reason = reason;
    return error;
}

static void wipe(struct finding *found)
{
    for (size_t i = 0; i < found->notes.count; i++)
        free((char *)found->notes.items[i]);
    text_list_wipe(&found->notes);
    nectar_key_free(found->key);
    free(found->reason);
}

static char *hex_of(const uint8_t key[NECTAR_PUBLIC_BYTES])
{
    char hex[2 * NECTAR_PUBLIC_BYTES + 1];
    nectar_hex_encode(hex, key, NECTAR_PUBLIC_BYTES);
    return text_copy(hex);
}

/* "127.0.0.1:9002", or "none". */
static char *address_of(const struct nectar_address *address)
{
    char text[NECTAR_ADDRESS_TEXT_SIZE] = "none";
    if (address->port)
        nectar_address_format(text, sizeof text, address);
    return text_copy(text);
}

static bool same_address(const struct nectar_address *a, const struct nectar_address *b)
{
    return a->port == b->port && (a->port == 0 || strcmp(a->host, b->host) == 0);
}

static bool has_router(const struct nectar_record *record, const char *name)
{
    for (size_t i = 0; i < record->router_count; i++) {
        if (strcmp(record->routers[i], name) == 0)
            return true;
    }
    return false;
}

/* The routers of one record that the other has not, each with a word before it. */
static void note_routers(struct finding *found, const char *what, const struct nectar_record *of,
                         const struct nectar_record *without)
{
    for (size_t i = 0; i < of->router_count; i++) {
        if (!has_router(without, of->routers[i]))
            note(found, text_format("router %s: %s", of->routers[i], what));
    }
}

/* Reads the key file's open part, and takes our record. */
static int look(struct finding *found, const struct session *session,
                const struct nectar_found *looked_up)
{
    int error = nectar_key_inspect(&found->info, session->key_path);
    if (error)
        return fail(found, error,
                    text_format("%s: %s", session->key_path,
                                error == NECTAR_EIO ? strerror(errno) : nectar_error_text(error)));
    if (looked_up->error)
        return fail(found, looked_up->error, text_copy(looked_up->answer.reason));
    found->record = looked_up->record;
    return 0;
}

/* --- check ----------------------------------------------------------------------------------- */

static void compare_keys(struct finding *found, const struct session *session)
{
    const uint8_t *ours = nectar_key_public(session->key);
    char *running = hex_of(ours);
    char *published = found->record.has_key ? hex_of(found->record.key) : text_copy("none");
    if (strcmp(running, published) != 0)
        note(found, text_format("key: the registry has %s, this process %s", published, running));
    if (memcmp(found->info.public_key, ours, NECTAR_PUBLIC_BYTES) != 0)
        note(found, text_format("key: the key file has another than this process"));
    free(running);
    free(published);
}

/* With --bind, where we listen is not what is published: a translator may stand between. */
static void compare_routes(struct finding *found, const struct server *server)
{
    const struct nectar_record *served = &server->session.record;
    char *now = address_of(&found->record.ws);
    char *was = address_of(&served->ws);
    if (!server->bind_to && !same_address(&found->record.ws, &served->ws))
        note(found, text_format("address: the registry has %s, this process %s", now, was));
    if (server->joins || found->record.router_count > 0) {
        note_routers(found, "in the registry, not of this process", &found->record, served);
        note_routers(found, "of this process, not in the registry", served, &found->record);
    }
    free(now);
    free(was);
}

static int check(struct finding *found, const struct server *server,
                 const struct nectar_found *looked_up)
{
    int error = look(found, &server->session, looked_up);
    if (error)
        return error;
    compare_keys(found, &server->session);
    compare_routes(found, server);
    return 0;
}

/* --- reload ---------------------------------------------------------------------------------- */

/* A process that runs asks nobody for a passphrase: a sealed key needs one from a file. */
static int load_key(struct finding *found, const char *path)
{
    char *passphrase = NULL;
    int error = nectar_key_load(&found->key, path, NULL);
    bool can_ask = passphrase_given() || settings_get("passphrase-file", NULL);
    if (error == NECTAR_ESEALED && can_ask) {
        if (passphrase_read(&passphrase, path))
            return fail(found, NECTAR_ESEALED,
                        text_format("%s: the passphrase cannot be read again", path));
        error = nectar_key_load(&found->key, path, passphrase);
        passphrase_free(passphrase);
    }
    return error ? fail(found, error, text_format("%s: %s", path, nectar_error_text(error))) : 0;
}

/* Would peers believe the key of the file? */
static int check_published(struct finding *found, const struct session *session)
{
    if (*found->record.name && found->record.has_key &&
        memcmp(found->record.key, found->info.public_key, NECTAR_PUBLIC_BYTES) == 0)
        return 0;
    return fail(found, NECTAR_ESIGNATURE,
                text_format("%s: its key is not the one that the registry has", session->key_path));
}

static int move_to(struct finding *found, struct server *server)
{
    struct session *session = &server->session;
    struct nectar_address bound;
    char *where = address_of(&found->record.ws);
    int error = 0;
    if (found->record.ws.port == 0)
        error = fail(found, NECTAR_EADDRESS,
                     text_copy("the registry has neither an address of ours nor routers"));
    else if (bind_node(&bound, session, NULL))
        error = fail(found, NECTAR_EBUSY,
                     text_format("cannot listen at %s: we stay where we were", where));
    else
        note(found, text_format("address: now %s", where));
    free(where);
    return error;
}

static void take_key(struct finding *found, struct session *session)
{
    if (!found->key)
        return;
    char *hex = hex_of(nectar_key_public(found->key));
    nectar_node_rekey(session->node, found->key);
    nectar_key_free(session->key);
    session->key = found->key;
    found->key = NULL;
    note(found, text_format("key: now %s", hex));
    free(hex);
}

static int join(struct finding *found, struct server *server, const struct nectar_record *was,
                bool joins)
{
    static const struct nectar_record none;
    const struct nectar_record *now = joins ? &found->record : &none;
    const struct nectar_record *before = server->joins ? was : &none;
    note_routers(found, "added", now, before);
    note_routers(found, "removed", before, now);
    server->joins = joins;
    return nectar_node_join(server->session.node, now);
}

/* What a start would look at; what would stop it is found here. */
static int look_again(struct finding *found, const struct server *server,
                      const struct nectar_found *looked_up)
{
    const struct session *session = &server->session;
    int error = look(found, session, looked_up);
    if (error == NECTAR_EUNKNOWN && server->bind_to && !*session->record.name)
        error = 0; /* not published yet: as it was */
    else if (!error)
        error = check_published(found, session);
    if (!error &&
        memcmp(found->info.public_key, nectar_key_public(session->key), NECTAR_PUBLIC_BYTES) != 0)
        error = load_key(found, session->key_path);
    return error;
}

/* Listens where the record says, if that is elsewhere; it is what we serve then. */
static int take_address(struct finding *found, struct server *server, bool binds)
{
    struct session *session = &server->session;
    const struct nectar_record was = session->record;
    bool moves = binds && (!server->binds || !same_address(&was.ws, &found->record.ws));
    session->record = found->record;
    int error = moves ? move_to(found, server) : 0;
    if (error)
        session->record = was;
    return error;
}

/* Becomes what a start would make us now, without the interruption; what would stop a start leaves
 * all as it is. */
static int reload(struct finding *found, struct server *server,
                  const struct nectar_found *looked_up)
{
    struct session *session = &server->session;
    const struct nectar_record was = session->record;
    int error = look_again(found, server, looked_up);
    if (error)
        return error;
    bool direct = nectar_record_is_direct(&found->record);
    bool joins = server->may_join && found->record.router_count > 0 && !direct;
    bool binds = !server->bind_to && !joins;
    error = take_address(found, server, binds);
    if (error)
        return error;
    take_key(found, session);
    error = join(found, server, &was, joins);
    if (!binds && !server->bind_to && server->binds) {
        note(found, text_copy("address: none any more"));
        nectar_node_listen(session->node, NULL, NULL, NULL);
    }
    server->binds = binds || server->bind_to;
    return error ? fail(found, error, text_copy(nectar_error_text(error))) : 0;
}

static void tell_reload(const struct finding *found)
{
    struct json json;
    for (size_t i = 0; i < found->notes.count; i++)
        report_note("reloaded: %s", found->notes.items[i]);
    if (!common.json)
        return;
    output_open(&json, "reloaded");
    json_array_open(&json, "changes");
    for (size_t i = 0; i < found->notes.count; i++)
        json_item(&json, found->notes.items[i]);
    json_array_close(&json);
    output_close(&json);
}

/* --- answers --------------------------------------------------------------------------------- */

static const char winding_up[] = "it is winding up";

static void answer(struct server *server, uint64_t id, int error, const char *reason)
{
    const struct nectar_control_answer what = {.error = error, .reason = reason};
    nectar_node_control_answer(server->session.node, id, &what);
}

static void carry_out(struct server *server, const struct serve_ask *ask,
                      const struct nectar_found *looked_up)
{
    struct finding found = {.key = NULL};
    int error;
    if (ask->what == NECTAR_CONTROL_CHECK)
        error = check(&found, server, looked_up);
    else if (server->is_stopping)
        error = fail(&found, NECTAR_EREJECTED, text_copy(winding_up));
    else
        error = reload(&found, server, looked_up);
    if (ask->what == NECTAR_CONTROL_RELOAD && !error)
        tell_reload(&found);
    nectar_node_control_answer(server->session.node, ask->id,
                               &(struct nectar_control_answer){.error = error,
                                                               .reason = found.reason,
                                                               .notes = found.notes.items,
                                                               .note_count = found.notes.count});
    wipe(&found);
}

/* Looks our record up, for all who wait: whoever asks later may know of a newer one. */
static void look_up(struct server *server)
{
    struct session *session = &server->session;
    if (server->asks_taken > 0 || server->ask_count == 0)
        return;
    int error = nectar_node_lookup(session->node, session->name, true, &server->lookup_id);
    if (!error) {
        server->asks_taken = server->ask_count;
        return;
    }
    for (size_t i = 0; i < server->ask_count; i++)
        answer(server, server->asks[i].id, error, NULL);
    server->ask_count = 0;
}

void control_answer(struct server *server, const struct nectar_node_event *event)
{
    if (event->control == NECTAR_CONTROL_STOP) {
        answer(server, event->id, 0, NULL);
    } else if (event->control == NECTAR_CONTROL_RELOAD && server->is_stopping) {
        answer(server, event->id, NECTAR_EREJECTED, winding_up);
    } else if (server->ask_count == SERVE_ASKS_MAX) {
        answer(server, event->id, NECTAR_EFULL, "it is asked for too much at once");
    } else {
        server->asks[server->ask_count++] =
            (struct serve_ask){.id = event->id, .what = event->control};
        look_up(server);
    }
}

void control_found(struct server *server, const struct nectar_node_event *event)
{
    size_t taken = server->asks_taken;
    if (taken == 0 || event->id != server->lookup_id)
        return;
    for (size_t i = 0; i < taken; i++)
        carry_out(server, &server->asks[i], event->found);
    server->asks_taken = 0;
    server->ask_count -= taken;
    memmove(server->asks, server->asks + taken, server->ask_count * sizeof *server->asks);
    look_up(server);
}

void control_give_up(struct server *server)
{
    for (size_t i = 0; i < server->ask_count; i++)
        answer(server, server->asks[i].id, NECTAR_EREJECTED, winding_up);
    server->ask_count = server->asks_taken = 0;
}
