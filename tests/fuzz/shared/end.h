/*
 * One link of which everything that can be said without knowing what it is told is checked after
 * every call: what it takes, the order of its events, errors that stick, deadlines that lie ahead,
 * output within its bounds.
 */
#ifndef FUZZ_END_H
#define FUZZ_END_H

#include <nectar/link.h>

#include "base/bytes.h"
#include "fuzz/shared/fuzz.h"

#define END_ALICE  "alice.nec" /* who initiates */
#define END_BOB    "bob.nec"   /* who responds */
#define END_ROUTER "router.nec"

/* A byte of input says what an end is. */
enum {
    END_RESPONDS = 1,
    END_VIA = 2, /* it dials a router */
    END_RELAYS = 4,
    END_ROUTES = 8,
    END_TAKES_PROXY = 16,
    END_ASKS_PROXY = 32,
    END_ANSWER = 64 + 128, /* when it is asked for a key: one of these */
    END_TRUE_KEY = 0,
    END_STALE_KEY = 64,  /* another's, cached; then the true one */
    END_NO_ANSWER = 128, /* not yet: end_act */
    END_UNKNOWN = 192,
};

struct end {
    struct nectar_link *link;
    const char *name, *peer;
    uint8_t flags;
    uint64_t now;
    int error;
    bool asked, opened, closed, over; /* events that came */
    bool stuck;                       /* its output is not taken */
    size_t messages;                  /* events */
    size_t mine;                      /* messages that it has sent */
    size_t fed, asked_for;            /* bytes: given, and of bodies it was to send */
    struct bytes wrote;               /* its output, for whoever takes it */
    uint64_t gone;                    /* all that it ever wrote */
    void (*hear)(void *context, const struct nectar_message *message);
    void *context;
};

void end_begin(struct end *end, uint8_t flags);
void end_end(struct end *end);

/* The key that everybody has of a name; lives for ever. */
const struct nectar_key *end_key(const char *name);

/* Gives bytes, answers events, and gathers output. *used may be less after an error, or where its
 * stream is its owner's now. */
void end_feed(struct end *end, struct nectar_view bytes, size_t *used);

/* The same in pieces (fuzz_piece). Returns what it took in all. */
size_t end_feed_pieces(struct end *end, struct nectar_view bytes, uint8_t how);

/* Time goes on, by how much is told by a byte; and it ticks. */
void end_tick(struct end *end, uint8_t how);

/* Its owner does something, told by two bytes: sends, closes, refuses, answers, ends, stops taking
 * its output and goes on. */
void end_act(struct end *end, uint8_t what, uint8_t size);

/* The nth message that an end sends by end_act; is it that? */
void end_expect(const struct end *from, size_t nth, const struct nectar_message *message);

#endif
