#include "wire/shared/side.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <nectar/error.h>

#include "base/view.h"

enum { SIDE_WROTE_MAX = 64 << 20 };

void (*side_watch)(const struct side *side, bool inside);

static void enter(const struct side *side)
{
    if (side_watch)
        side_watch(side, true);
}

static int leave(const struct side *side, int result)
{
    if (side_watch)
        side_watch(side, false);
    return result;
}

/* A call of the library's, by a side. */
#define CALL(side, call) (enter(side), leave((side), (call)))

struct nectar_key *side_key(const char *name)
{
    uint8_t seed[NECTAR_SEED_BYTES] = {0};
    struct nectar_key *key;

    for (size_t i = 0; name[i]; i++)
        seed[i % sizeof seed] ^= (uint8_t)name[i];
    assert_int_equal(nectar_key_from_seed(&key, seed, NULL), 0);
    return key;
}

static void assert_printable(const char *text)
{
    assert_true(strlen(text) > 0);
    for (size_t i = 0; text[i]; i++)
        assert_true(text[i] >= ' ' && text[i] <= '~');
}

static void check_line(void *context, enum nectar_log_level level, const char *line)
{
    (void)context, (void)level;
    assert_printable(line);
}

static const struct nectar_log CHECKED_LOG = {NECTAR_LOG_FRAME, check_line, NULL};

static const char *name_of(enum nectar_role role, const struct side_script *script)
{
    if (script->name)
        return script->name;
    return role == NECTAR_INITIATOR ? SIDE_ALICE : SIDE_BOB;
}

void side_begin(struct side *side, enum nectar_role role, const struct side_script *script)
{
    uint8_t seed[NECTAR_LINK_SEED_BYTES];
    struct nectar_link_config config = {.role = role, .host = "127.0.0.1:9000", .seed = seed};
    int error = 0;

    memset(seed, role == NECTAR_INITIATOR ? 0xa1 : 0xb0, sizeof seed);
    *side = (struct side){.role = role, .now = SIDE_BEGIN};
    if (script)
        side->script = *script;
    script = &side->script;
    side->key = side_key(script->signer ? script->signer : name_of(role, script));
    bytes_init(&side->wrote, SIDE_WROTE_MAX);
    config.name = name_of(role, script);
    config.key = side->key;
    if (role == NECTAR_INITIATOR || script->via)
        config.peer = script->dials ? script->dials : SIDE_BOB;
    config.via = script->via;
    config.relay = script->relay;
    config.allow_routing = script->allow_routing;
    config.proxy_request = script->proxy_request;
    config.allow_proxy = script->allow_proxy;
    config.log = &CHECKED_LOG;
    for (int tries = side_watch ? 2 : 1; tries > 0 && !side->link; tries--)
        error = CALL(side, nectar_link_new(&side->link, &config, side->now));
    assert_int_equal(error, 0);
    side_drain(side, SIZE_MAX);
}

void side_end(struct side *side)
{
    enter(side);
    nectar_link_free(side->link);
    leave(side, 0);
    nectar_key_free(side->key);
    bytes_free(&side->wrote);
    for (size_t i = 0; i < side->note_count; i++)
        free(side->notes[i].store);
    *side = (struct side){0};
}

void side_drain(struct side *side, size_t limit)
{
    struct nectar_view out;
    uint64_t total = nectar_link_written_total(side->link);
    size_t n;

    nectar_link_output(side->link, &out);
    n = out.len < limit ? out.len : limit;
    assert_int_equal(bytes_append(&side->wrote, out.data, n), 0);
    enter(side);
    nectar_link_written(side->link, n, side->now);
    leave(side, 0);
    assert_int_equal(nectar_link_written_total(side->link), total + n);
}

static void keep_view(struct nectar_view *view, uint8_t **at)
{
    if (!view->data)
        return;
    if (view->len > 0)
        memcpy(*at, view->data, view->len);
    view->data = *at;
    *at += view->len;
}

static void keep_message(struct side_note *note, const struct nectar_message *message)
{
    struct nectar_message *copy = &note->message;
    struct nectar_view *views[] = {&copy->source, &copy->target,       &copy->rsvp,
                                   &copy->body,   &copy->metadata,     &copy->context,
                                   &copy->blob,   &copy->capabilities, &copy->mime};
    size_t len = 1;
    uint8_t *at;

    *copy = *message;
    for (size_t i = 0; i < sizeof views / sizeof views[0]; i++)
        len += views[i]->len;
    at = note->store = malloc(len);
    assert_non_null(at);
    for (size_t i = 0; i < sizeof views / sizeof views[0]; i++)
        keep_view(views[i], &at);
}

static void take_note(struct side *side, const struct nectar_link_event *event)
{
    struct side_note *note = &side->notes[side->note_count++];

    assert_true(side->note_count < SIDE_NOTES_MAX);
    *note = (struct side_note){.type = event->type,
                               .fresh = event->fresh,
                               .proxy_request = event->proxy_request,
                               .code = event->code,
                               .received = side->received};
    if (event->peer)
        assert_true(view_copy_text(note->text, sizeof note->text, view_of_text(event->peer)));
    if (event->type == NECTAR_LINK_ROUTE) {
        assert_true(view_copy_text(note->target, sizeof note->target, view_of_text(event->target)));
        assert_int_equal(event->signature.len, NECTAR_SIGNATURE_BYTES);
        memcpy(note->signature, event->signature.data, NECTAR_SIGNATURE_BYTES);
    }
    if (event->type == NECTAR_LINK_CLOSE)
        assert_true(view_copy_text(note->text, sizeof note->text, event->reason));
    if (event->type == NECTAR_LINK_MESSAGE)
        keep_message(note, event->message);
}

int side_refuse(struct side *side, int error)
{
    int result = CALL(side, nectar_link_refuse(side->link, error));

    side_drain(side, SIZE_MAX);
    return result;
}

int side_answer(struct side *side, enum side_answer answer, bool cached)
{
    const struct side_note *asked = &side->notes[side->note_count - 1];
    struct nectar_key *key = NULL;
    int error;

    assert_int_equal(asked->type, NECTAR_LINK_IDENTIFY);
    if (answer == SIDE_SILENT)
        return 0;
    if (answer == SIDE_REFUSES)
        return side_refuse(side, NECTAR_EUNREACHABLE);
    if (answer != SIDE_UNKNOWN)
        key = side_key(answer == SIDE_TRUE_KEY ? asked->text : "mallory.nec");
    error = CALL(side, nectar_link_authenticate(side->link, key ? nectar_key_public(key) : NULL,
                                                cached, side->now));
    nectar_key_free(key);
    return error;
}

int side_send(struct side *side, const struct nectar_message *message)
{
    struct nectar_message written = *message;
    int error;

    if (side->script.compat)
        written.form = NECTAR_FORM_ARRAY;
    error = CALL(side, nectar_link_send(side->link, &written, NULL, side->now));
    if (side_watch && error == NECTAR_ENOMEM && !side->error && !nectar_link_error(side->link))
        error = CALL(side, nectar_link_send(side->link, &written, NULL, side->now));
    return error;
}

int side_close(struct side *side)
{
    int error = CALL(side, nectar_link_close(side->link, 1000, "done"));

    if (side_watch && error == NECTAR_ENOMEM && !nectar_link_error(side->link))
        error = CALL(side, nectar_link_close(side->link, 1000, "done"));
    return error;
}

static int send_all(struct side *side)
{
    int error = 0;

    for (size_t i = 0; !error && i < SIDE_SENDS_MAX && side->script.sends[i]; i++)
        error = side_send(side, side->script.sends[i]);
    return error;
}

static int react_to_message(struct side *side, const struct nectar_message *message)
{
    int error = 0;

    side->message_count++;
    if (side->script.acks && message->kind == NECTAR_REQUEST)
        error = side_send(side, &(struct nectar_message){.id = message->id,
                                                         .kind = NECTAR_RESPONSE,
                                                         .source = message->target,
                                                         .target = message->source,
                                                         .body = view_of_text("ack")});
    if (!error && side->message_count == side->script.closes_after)
        error = side_close(side);
    return error;
}

static int react(struct side *side)
{
    const struct side_script *script = &side->script;
    const struct side_note *note = &side->notes[side->note_count - 1];

    switch (note->type) {
    case NECTAR_LINK_IDENTIFY:
        return side_answer(side, note->fresh ? script->fresh_answer : script->answer,
                           script->cached && !note->fresh);
    case NECTAR_LINK_OPEN:
        assert_true(nectar_link_is_open(side->link));
        return send_all(side);
    case NECTAR_LINK_MESSAGE:
        return react_to_message(side, &note->message);
    case NECTAR_LINK_CLOSE:
    case NECTAR_LINK_ROUTE:
    case NECTAR_LINK_RELAY:
    case NECTAR_LINK_NONE:
    default:
        return 0;
    }
}

/* An error is told again by every call, comes with a reason, and changes nothing any more. */
static void check_sticks(struct side *side)
{
    struct nectar_message hello = {.source = view_of_text(SIDE_ALICE "@a:b:c"),
                                   .target = view_of_text(SIDE_BOB "@a:b:c")};
    struct nectar_link_event event;
    uint64_t before = nectar_link_written_total(side->link);
    struct nectar_view out, then;
    size_t used = 1;
    uint8_t byte = 0;

    nectar_link_output(side->link, &out);
    assert_int_equal(nectar_link_error(side->link), side->error);
    assert_int_equal(nectar_link_receive(side->link, &byte, 1, &used, &event, side->now),
                     side->error);
    assert_int_equal(used, 0);
    assert_int_equal(event.type, NECTAR_LINK_NONE);
    assert_int_equal(side_send(side, &hello), side->error);
    assert_int_equal(nectar_link_tick(side->link, side->now + 3600000000), side->error);
    assert_int_equal(nectar_link_end(side->link), side->error);
    assert_int_equal(nectar_link_close(side->link, 1000, ""), side->error);
    assert_int_equal(nectar_link_refuse(side->link, NECTAR_EUNREACHABLE), side->error);
    assert_int_equal(nectar_link_authenticate(side->link, NULL, false, side->now), side->error);
    assert_true(nectar_link_deadline(side->link) == UINT64_MAX);
    assert_false(nectar_link_is_open(side->link));
    assert_printable(nectar_link_reason(side->link));
    nectar_link_output(side->link, &then);
    assert_int_equal(out.len, then.len);
    assert_int_equal(before, nectar_link_written_total(side->link));
}

static int settle(struct side *side, int error)
{
    if (error && !side->error) {
        side->error = error;
        check_sticks(side);
    }
    side_drain(side, SIZE_MAX);
    return side->error;
}

int side_feed(struct side *side, const uint8_t *data, size_t len)
{
    struct nectar_link_event event;
    size_t at = 0, used;
    int error;

    if (side->error)
        return side->error;
    do {
        error = CALL(
            side, nectar_link_receive(side->link, data + at, len - at, &used, &event, side->now));
        assert_true(used <= len - at);
        at += used;
        side->received += used;
        if (error)
            assert_int_equal(event.type, NECTAR_LINK_NONE);
        if (error || event.type == NECTAR_LINK_NONE)
            break;
        take_note(side, &event);
        error = react(side);
    } while (!error);
    return settle(side, error);
}

int side_feed_slowly(struct side *side, const uint8_t *data, size_t len, size_t step)
{
    int error = 0;

    for (size_t at = 0; !error && at < len; at += step)
        error = side_feed(side, data + at, len - at < step ? len - at : step);
    return error;
}

int side_tick(struct side *side, uint64_t span)
{
    side->now += span;
    return settle(side, CALL(side, nectar_link_tick(side->link, side->now)));
}

int side_live(struct side *side, uint64_t span)
{
    uint64_t until = side->now + span;
    int error = 0;

    while (!error) {
        uint64_t at = nectar_link_deadline(side->link);

        if (at > until)
            break;
        error = side_tick(side, at > side->now ? at - side->now : 0);
    }
    side->now = until;
    return error;
}

const struct side_note *side_note(const struct side *side, enum nectar_link_event_type type,
                                  size_t n)
{
    for (size_t i = 0; i < side->note_count; i++)
        if (side->notes[i].type == type && n-- == 0)
            return &side->notes[i];
    fail_msg("event %d did not come as often", (int)type);
    return NULL;
}

size_t side_count(const struct side *side, enum nectar_link_event_type type)
{
    size_t count = 0;

    for (size_t i = 0; i < side->note_count; i++)
        count += side->notes[i].type == type;
    return count;
}
