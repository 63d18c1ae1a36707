/*
 * What a hostile peer does, for the tests: see main.c for how it is called. crowd (many connections
 * at once, each a foe), script (what a foe says), pair (the two legs of a passthrough), router (one
 * that its clients should not have trusted).
 */
#ifndef HOSTILE_H
#define HOSTILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nectar/nectar.h>

#include "base/bytes.h"

enum { KEYS_MAX = 256, OUTPUT_MAX = 1 << 20 };

/* The command line. */
struct plan {
    const char *attack;
    uint16_t port;
    struct nectar_key *other; /* of the node under attack; only its public part is used */
    const char *name;         /* claimed, whatever the key says; NULL: the key's own */
    const char *target;       /* in a request for a way; who is said to call */
    const char *kind;         /* of garbage */
    size_t count;             /* connections */
    size_t window;            /* of them at once */
    size_t messages;          /* on each */
    size_t bytes;             /* of a message that is written before it stops */
    size_t seconds;           /* then it ends, whatever stands */
    const char *address;      /* the first one that it comes from */
    size_t addresses;         /* how many, taken in turn */
    bool bad;                 /* in its own way: see main.c */
    bool stubborn;            /* does not hang up when the other side does */
    struct nectar_key *keys[KEYS_MAX];
    size_t key_count;
};

/* One connection of ours. */
struct foe {
    int fd;
    const char *name;
    struct bytes out; /* what the script says, where no link speaks */
    struct nectar_link *link;
    size_t allowance;  /* bytes of the link's that are written yet, and not one more */
    bool opened;       /* the link */
    bool dripping;     /* a byte a second */
    uint64_t drip_at;  /* us */
    size_t to_send;    /* messages */
    bool hang_up;      /* once it is open */
    bool settled;      /* all it ever says is written */
    uint8_t status[3]; /* of the answer to the upgrade */
    size_t received;
};

/* script: what the i-th foe is to say. 0, or 1 if there is no such attack. */
int script_begin(struct foe *foe, const struct plan *plan, size_t i);
/* Its link is open: 0, or an error. */
int script_opened(struct foe *foe, const struct plan *plan);
/* Queues the messages that there is room for. */
int script_send(struct foe *foe, const struct plan *plan);
bool script_exists(const char *attack);
void script_head(struct bytes *out);
/* A request for a way from source to target through router. */
void script_route(struct bytes *out, const struct plan *plan, const struct nectar_key *key,
                  const char *target);
void script_garbage(struct bytes *out, const char *kind);

/* crowd: does it all, prints what became of it; the exit status. */
int crowd_run(const struct plan *plan);

/* pair, router: likewise */
int pair_run(const struct plan *plan);
int router_run(const struct plan *plan);

/* wire: sockets on 127/8, and links on them. What cannot fail ends the program when it does. */
void die(const char *what);
uint64_t now_us(void);
/* Connects to plan->port from the i-th of the addresses; it does not block afterwards. */
int wire_dial(const struct plan *plan, size_t i);
struct nectar_link *wire_link(const struct plan *plan, const struct nectar_key *key, bool dialled,
                              bool proxy_request);
/* Writes what the socket takes, at most *allowance (NULL: no limit); false if the other side is
 * gone. */
bool wire_write_link(struct nectar_link *link, int fd, size_t *allowance);
bool wire_write(struct bytes *out, int fd);
/* Feeds a link; IDENTIFY is answered with the key given, or, without one, by believing nothing. */
int wire_feed(struct nectar_link *link, const struct nectar_key *peer, const uint8_t *data,
              size_t len, bool (*on_event)(void *, const struct nectar_link_event *),
              void *context);

extern volatile bool stopped; /* SIGTERM has come */

#endif
