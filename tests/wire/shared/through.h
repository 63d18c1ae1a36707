/*
 * Two ends that reach each other through a router, in memory: its side of each connection is a link
 * up to the request or the upgrade, and from then on bytes are passed from one to the other.
 */
#ifndef WIRE_THROUGH_H
#define WIRE_THROUGH_H

#include "wire/shared/side.h"
#include "ws/forward.h"

struct through {
    struct side ends[2];
    struct side legs[2]; /* the router's side of each */
    bool joined;
    bool mute;  /* the router answers no ping */
    bool ended; /* a Close has come */
    size_t pings[2];
    struct random_stream masks;
    struct ws_forward forward[2]; /* from each end */
    struct bytes passed[2];       /* to each end */
    size_t taken[2];              /* of what each end wrote */
    uint64_t before[2];           /* bytes that each end had before the first that was passed */
};

/* Scripts as for a side; second is the role of the other end. An end without via is dialled by the
 * router. */
void through_begin(struct through *through, const struct side_script *alice,
                   const struct side_script *bob, enum nectar_role second);
void through_end(struct through *through);

/* Has any of the four ended with an error? */
bool through_is_broken(const struct through *through);

/* Until the router's legs are over, or one has ended with an error, step bytes at a time. */
void through_meet(struct through *through, size_t step);

/* Passes, step bytes at a time, until nobody has anything to say; the first time joins them. */
void through_run(struct through *through, size_t step);

/* All of it, and both are open. */
void through_open(struct through *through, const struct side_script *alice,
                  const struct side_script *bob, size_t step);

/* Lets the clock go on and passes. */
void through_live(struct through *through, uint64_t span);

#endif
