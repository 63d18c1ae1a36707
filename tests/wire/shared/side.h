/*
 * One link under test: what it is told to be and to do, the events it gave, and every byte it
 * wrote. It reacts to events by its script alone, so that the same bytes and the same seed make
 * it write the same again.
 */
#ifndef WIRE_SIDE_H
#define WIRE_SIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nectar/link.h>

#include "base/bytes.h"

enum { SIDE_NOTES_MAX = 64, SIDE_SENDS_MAX = 4 };

#define SIDE_ALICE "alice.nec"
#define SIDE_BOB   "bob.nec"
#define SIDE_BEGIN 1000000 /* the clock at the beginning: any time but 0 */

/* What a side says when it is asked whose key a name has. */
enum side_answer {
    SIDE_TRUE_KEY,
    SIDE_OTHER_KEY,
    SIDE_UNKNOWN,
    SIDE_REFUSES, /* it cannot tell */
    SIDE_SILENT,  /* it does not say */
};

/* All-zero is the usual: alice dials bob, and both say nothing once they are open. */
struct side_script {
    const char *name;   /* NULL: alice for an initiator, bob for a responder */
    const char *dials;  /* NULL: bob */
    const char *signer; /* whose key it signs with; NULL: its own */
    const char *via;    /* a router it dials in the place of its peer */
    bool relay, allow_routing;
    enum side_answer answer, fresh_answer;
    bool cached;
    bool proxy_request, allow_proxy, compat;
    const struct nectar_message *sends[SIDE_SENDS_MAX]; /* once it is open */
    bool acks;                                          /* it answers every request */
    size_t closes_after;                                /* messages; 0: never */
};

/* An event, with copies of what it showed. */
struct side_note {
    enum nectar_link_event_type type;
    bool fresh;
    bool proxy_request;
    uint16_t code;
    char text[NECTAR_NAME_MAX + 1]; /* the peer, or the reason of a Close */
    char target[NECTAR_NAME_MAX + 1];
    uint8_t signature[NECTAR_SIGNATURE_BYTES];
    struct nectar_message message;
    uint8_t *store;    /* what the message's views point into */
    uint64_t received; /* bytes taken when it came */
};

struct side {
    struct side_script script;
    enum nectar_role role;
    struct nectar_link *link;
    struct nectar_key *key;
    uint64_t now;
    struct side_note notes[SIDE_NOTES_MAX];
    size_t note_count;
    size_t message_count;
    struct bytes wrote;
    uint64_t received;
    int error; /* of the call that failed first */
};

/* script may be NULL. */
void side_begin(struct side *side, enum nectar_role role, const struct side_script *script);
void side_end(struct side *side);

/* Gives it bytes until it takes no more, and lets it react; then gathers what it writes. Returns
 * the link's error, having checked that the error sticks. */
int side_feed(struct side *side, const uint8_t *data, size_t len);

/* The same step bytes at a time. */
int side_feed_slowly(struct side *side, const uint8_t *data, size_t len, size_t step);

/* Answers the IDENTIFY that a silent script has left open. */
int side_answer(struct side *side, enum side_answer answer, bool cached);

/* Moves its output to wrote, as far as limit bytes of it. */
void side_drain(struct side *side, size_t limit);

/* Lets the clock go on and ticks; what it writes is gathered. */
int side_tick(struct side *side, uint64_t span);

/* The same at each of its deadlines until the span is over or an error comes. */
int side_live(struct side *side, uint64_t span);

int side_send(struct side *side, const struct nectar_message *message);

/* A Close 1000; and a refusal, which is written. */
int side_close(struct side *side);
int side_refuse(struct side *side, int error);

/* If it is set, it is told when a side goes into the library and when it is back, and the memory
 * taken between is the library's alone. A call that had no memory and left all as it was is then
 * made a second time. */
extern void (*side_watch)(const struct side *side, bool inside);

/* How many events of a type came, and the nth (from 0) of them. */
size_t side_count(const struct side *side, enum nectar_link_event_type type);
const struct side_note *side_note(const struct side *side, enum nectar_link_event_type type,
                                  size_t n);

/* The key that the name has in the small registry of these tests: one for every name. */
struct nectar_key *side_key(const char *name);

void side_assert_same(const struct nectar_message *got, const struct nectar_message *want);

/* The first count events of both. */
void side_assert_same_notes(const struct side *side, const struct side *other, size_t count);

#endif
