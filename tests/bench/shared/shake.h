/*
 * What a handshake costs at least, sockets included: connections over which each side writes as
 * often, and as much, as for a handshake, and does its operations with public keys. Nothing is
 * sealed, hashed or looked at.
 */
#ifndef BENCH_SHAKE_H
#define BENCH_SHAKE_H

#include <netinet/in.h>
#include <stddef.h>
#include <sys/types.h>

#include <nectar/nectar.h>

enum { SHAKE_WINDOW = 16 }; /* under way at once */

struct shake {
    const struct nectar_key *key;
    pid_t process; /* which takes the connections, on the other processor */
    struct sockaddr_in at;
};

void shake_begin(struct shake *shake, const struct nectar_key *key);

/* count: a multiple of SHAKE_WINDOW. */
void shake_all(const struct shake *shake, size_t count);

void shake_end(struct shake *shake);

#endif
