#include "fuzz/shared/end.h"

#include <stdlib.h>
#include <string.h>

#include <nectar/error.h>

#include "base/time.h"
#include "base/view.h"
#include "fuzz/shared/message.h"
#include "link/link.h"
#include "msg/address.h"

enum { WROTE_MAX = 64 << 20, BEGIN = 1000000, KEYS = 4 };

const struct nectar_key *end_key(const char *name)
{
    static struct {
        const char *name;
        struct nectar_key *key;
    } known[KEYS] = {{END_ALICE, NULL}, {END_BOB, NULL}, {END_ROUTER, NULL}, {"mallory.nec", NULL}};

    for (size_t i = 0; i < KEYS; i++) {
        uint8_t seed[NECTAR_SEED_BYTES] = {(uint8_t)(i + 1)};

        if (strcmp(known[i].name, name) != 0)
            continue;
        if (!known[i].key)
            fuzz_assert(nectar_key_from_seed(&known[i].key, seed, NULL) == 0);
        return known[i].key;
    }
    return NULL;
}

/* The output goes to wrote; there is never more of it than is allowed. */
static void drain(struct end *end)
{
    struct nectar_view out;
    uint64_t before = nectar_link_written_total(end->link);

    nectar_link_output(end->link, &out);
    fuzz_assert(out.len <= LINK_OUTPUT_MAX && end->link->output.cap <= LINK_OUTPUT_MAX);
    if (end->stuck)
        return;
    fuzz_assert(bytes_append(&end->wrote, out.data, out.len) == 0);
    nectar_link_written(end->link, out.len, end->now);
    end->gone += out.len;
    fuzz_assert(nectar_link_written_total(end->link) == before + out.len);
    fuzz_assert(end->gone == nectar_link_written_total(end->link));
}

static void check_sticks(struct end *end)
{
    struct nectar_link_event event;
    struct nectar_view before, after;
    struct nectar_message message = {0};
    size_t used = 1;
    int error = end->error;

    nectar_link_output(end->link, &before);
    fuzz_assert(error < 0 && nectar_link_error(end->link) == error);
    fuzz_assert(nectar_link_receive(end->link, (const uint8_t *)"\x82", 1, &used, &event,
                                    end->now) == error);
    fuzz_assert(used == 0 && event.type == NECTAR_LINK_NONE);
    fuzz_assert(nectar_link_send(end->link, &message, NULL, end->now) == error);
    fuzz_assert(nectar_link_tick(end->link, end->now + TIME_S(3600)) == error);
    fuzz_assert(nectar_link_close(end->link, 1000, "") == error);
    fuzz_assert(nectar_link_refuse(end->link, NECTAR_EUNREACHABLE) == error);
    fuzz_assert(nectar_link_authenticate(end->link, NULL, false, end->now) == error);
    fuzz_assert(nectar_link_end(end->link) == error);
    fuzz_assert(nectar_link_deadline(end->link) == UINT64_MAX);
    fuzz_assert(!nectar_link_is_open(end->link));
    fuzz_assert(fuzz_printable(nectar_link_reason(end->link)));
    nectar_link_output(end->link, &after);
    fuzz_assert(before.data == after.data && before.len == after.len);
}

/* After every call. */
static void settle(struct end *end, int error)
{
    fuzz_assert(error != NECTAR_EINTERNAL && error != NECTAR_ENOMEM);
    if (error && !end->error && nectar_link_error(end->link)) {
        end->error = error;
        check_sticks(end);
    }
    fuzz_assert(nectar_link_error(end->link) == end->error);
    fuzz_assert(nectar_stage_name(nectar_link_stage(end->link))[0]);
    if (nectar_link_is_open(end->link))
        fuzz_assert(end->link->phase == LINK_OPEN && !end->link->opening && !end->closed);
    if (end->over || end->closed)
        fuzz_assert(nectar_link_deadline(end->link) == UINT64_MAX);
    drain(end);
}

void end_begin(struct end *end, uint8_t flags)
{
    uint8_t seed[NECTAR_LINK_SEED_BYTES];
    bool responds = flags & END_RESPONDS;
    struct nectar_link_config config = {
        .role = responds ? NECTAR_RESPONDER : NECTAR_INITIATOR,
        .host = "127.0.0.1:9000",
        .seed = seed,
        .proxy_request = flags & END_ASKS_PROXY,
        .allow_proxy = flags & END_TAKES_PROXY,
        .allow_routing = flags & END_ROUTES,
        .relay = !responds && flags & END_RELAYS,
        .via = flags & END_VIA ? END_ROUTER : NULL,
    };

    memset(seed, responds ? 0xb0 : 0xa1, sizeof seed);
    *end = (struct end){.flags = flags, .now = BEGIN};
    end->name = responds ? END_BOB : END_ALICE;
    end->peer = responds ? END_ALICE : END_BOB;
    bytes_init(&end->wrote, WROTE_MAX);
    config.name = end->name;
    config.key = end_key(end->name);
    if (!responds || config.via)
        config.peer = end->peer;
    fuzz_assert(nectar_link_new(&end->link, &config, end->now) == 0);
    settle(end, 0);
}

void end_end(struct end *end)
{
    nectar_link_free(end->link);
    bytes_free(&end->wrote);
}

/* --- events ---------------------------------------------------------------------------------- */

static int authenticate(struct end *end, bool stale)
{
    const char *said = end->link->peer;
    const struct nectar_key *key = stale ? end_key("mallory.nec") : end_key(said);

    if ((end->flags & END_ANSWER) == END_UNKNOWN)
        key = NULL;
    return nectar_link_authenticate(end->link, key ? nectar_key_public(key) : NULL, stale,
                                    end->now);
}

static int identify(struct end *end, const struct nectar_link_event *event)
{
    uint8_t answer = end->flags & END_ANSWER;

    fuzz_assert(!end->opened && !end->closed && !end->over);
    fuzz_assert(nectar_name_check(event->peer) == 0);
    fuzz_assert(event->fresh == end->asked && (!event->fresh || answer == END_STALE_KEY));
    fuzz_assert(!end->link->dialled || strcmp(event->peer, end->peer) == 0);
    end->asked = true;
    if (answer == END_NO_ANSWER)
        return 0;
    return authenticate(end, answer == END_STALE_KEY && !event->fresh);
}

static void hear(struct end *end, const struct nectar_message *message)
{
    struct msg_address source, target;

    fuzz_assert(end->opened && !end->closed && !end->over);
    fuzz_assert(message);
    message_check(message);
    fuzz_assert(msg_address_parse(&source, message->source));
    fuzz_assert(msg_address_parse(&target, message->target));
    fuzz_assert(view_equal_text(source.node, end->link->peer));
    fuzz_assert(view_equal_text(target.node, end->name));
    fuzz_assert(msg_process_valid(source.process));
    end->messages++;
    if (end->hear)
        end->hear(end->context, message);
}

static void be_over(struct end *end)
{
    fuzz_assert(!end->asked && !end->opened && !end->closed && !end->over);
    end->over = true;
}

static int react(struct end *end, const struct nectar_link_event *event)
{
    bool responds = end->flags & END_RESPONDS;

    switch (event->type) {
    case NECTAR_LINK_IDENTIFY:
        return identify(end, event);
    case NECTAR_LINK_OPEN:
        fuzz_assert(end->asked && !end->opened && !end->closed && !end->over);
        fuzz_assert(end_key(event->peer) && (end->flags & END_ANSWER) != END_UNKNOWN);
        fuzz_assert(!event->proxy_request || (responds && end->flags & END_TAKES_PROXY));
        fuzz_assert(nectar_link_is_open(end->link));
        end->opened = true;
        return 0;
    case NECTAR_LINK_MESSAGE:
        hear(end, event->message);
        return 0;
    case NECTAR_LINK_CLOSE:
        fuzz_assert(!end->closed && !end->over);
        fuzz_assert(event->code >= 1000 && event->code <= 4999 && event->reason.len <= 123);
        end->closed = true;
        return 0;
    case NECTAR_LINK_ROUTE:
        fuzz_assert(responds && end->flags & END_ROUTES && !(end->flags & END_VIA));
        fuzz_assert(nectar_name_check(event->peer) == 0 && nectar_name_check(event->target) == 0);
        fuzz_assert(event->signature.len == NECTAR_SIGNATURE_BYTES);
        be_over(end);
        return 0;
    case NECTAR_LINK_RELAY:
        fuzz_assert(end->flags & END_RELAYS);
        be_over(end);
        return 0;
    case NECTAR_LINK_NONE:
    default:
        return 0;
    }
}

void end_feed(struct end *end, struct nectar_view bytes, size_t *used)
{
    uint8_t *copy = fuzz_copy(bytes);
    struct nectar_link_event event;
    size_t n = 0;
    int error;

    *used = 0;
    do {
        bool over = end->over, closed = end->closed;

        error =
            nectar_link_receive(end->link, copy + *used, bytes.len - *used, &n, &event, end->now);
        fuzz_assert(n <= bytes.len - *used);
        *used += n;
        fuzz_assert(!(error || closed || over) || event.type == NECTAR_LINK_NONE);
        fuzz_assert(!over || n == 0);
        fuzz_assert(!closed || error || *used == bytes.len);
        fuzz_assert(!end->error || n == 0);
        if (!error)
            error = react(end, &event);
        settle(end, error);
    } while (!error && event.type != NECTAR_LINK_NONE);
    fuzz_assert(error || end->over || end->link->phase == LINK_WAITING || *used == bytes.len);
    end->fed += *used;
    free(copy);
}

size_t end_feed_pieces(struct end *end, struct nectar_view bytes, uint8_t how)
{
    size_t taken = 0, used;

    for (size_t nth = 0; bytes.len > 0; nth++) {
        struct nectar_view piece = fuzz_take(&bytes, fuzz_piece(how, nth, bytes.len));

        end_feed(end, piece, &used);
        taken += used;
        if (used < piece.len)
            break;
    }
    return taken;
}

void end_tick(struct end *end, uint8_t how)
{
    static const uint64_t spans[] = {0,         1,          TIME_MS(1), TIME_MS(999),
                                     TIME_S(5), TIME_S(29), TIME_S(31), TIME_S(300)};
    uint64_t at = nectar_link_deadline(end->link);
    int error;

    if (how & 8 && at != UINT64_MAX)
        end->now = at > end->now ? at : end->now;
    else
        end->now += spans[how & 7];
    error = nectar_link_tick(end->link, end->now);
    if (error && !end->error)
        fuzz_assert(error == NECTAR_EDEADLINE);
    settle(end, error);
    /* What was due is done: its owner does not spin. */
    fuzz_assert(nectar_link_deadline(end->link) > end->now);
}

/* --- what its owner does --------------------------------------------------------------------- */

enum { BODY_MAX = 300000, LARGE_FROM = 250, LARGE_SIZE = 50000, LARGE_MANY = 5 * BODY_MAX };

/* What stands at a place of the nth message's body. */
static uint8_t letter(size_t nth, size_t at)
{
    return (uint8_t)(nth * 31 + at + (at >> 8));
}

/* Large ones are slow, and soon teach nothing new. */
static size_t body_size(const struct end *end, uint8_t size)
{
    if (size < LARGE_FROM || end->asked_for > LARGE_MANY)
        return size;
    return (size_t)(size - LARGE_FROM + 1) * LARGE_SIZE;
}

static int say(struct end *end, uint8_t size)
{
    static uint8_t body[BODY_MAX];
    bool alice = strcmp(end->name, END_ALICE) == 0;
    struct nectar_message message = {
        .id = end->mine,
        .kind = size & 1 ? NECTAR_RESPONSE : NECTAR_REQUEST,
        .form = size & 2 ? NECTAR_FORM_ARRAY : NECTAR_FORM_BIN,
        .source = view_of_text(alice ? END_ALICE "@a:b:c" : END_BOB "@d-1:e:f.g"),
        .target = view_of_text(alice ? END_BOB "@a:b:c" : END_ALICE "@d-1:e:f.g"),
        .body = {body, body_size(end, size)},
    };
    int error;

    for (size_t i = 0; i < message.body.len; i++)
        body[i] = letter(end->mine, i);
    end->asked_for += message.body.len;
    error = nectar_link_send(end->link, &message, NULL, end->now);
    fuzz_assert(error || nectar_link_is_open(end->link));
    fuzz_assert(!error || error == end->error || error == NECTAR_ECLOSED || error == NECTAR_EFULL);
    end->mine += error == 0;
    return error;
}

void end_expect(const struct end *from, size_t nth, const struct nectar_message *message)
{
    fuzz_assert(nth < from->mine && message->id == nth);
    fuzz_assert(!message->rsvp.data && !message->blob.data && !message->metadata.data);
    for (size_t i = 0; i < message->body.len; i++)
        fuzz_assert(message->body.data[i] == letter(nth, i));
}

void end_act(struct end *end, uint8_t what, uint8_t size)
{
    int error = 0;

    switch (what & 7) {
    case 0:
    case 1:
    case 2:
        error = say(end, size);
        break;
    case 3:
        error = nectar_link_close(end->link, 1001, "enough");
        break;
    case 4:
        error = nectar_link_refuse(end->link, NECTAR_EUNREACHABLE);
        break;
    case 5:
        error = nectar_link_end(end->link);
        break;
    case 6:
        end->stuck = !end->stuck;
        break;
    default:
        if (end->link->phase == LINK_WAITING)
            error = authenticate(end, false);
        break;
    }
    settle(end, error);
}
