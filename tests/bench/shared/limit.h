/* What the machine asks for where nothing else is done: keys, sockets. */
#ifndef BENCH_LIMIT_H
#define BENCH_LIMIT_H

#include <nectar/nectar.h>

/* The operations with public keys of one side of a handshake: two key pairs, three shared secrets,
 * a signature made and one checked, each as libsodium offers it; and the us that they take. Our own
 * key pairs are made faster than that (crypto/x25519), so this is no bound that nobody can pass. */
void limit_handshake(const struct nectar_key *key);
double limit_handshake_us(const struct nectar_key *key);

/* us for those of a passthrough at a router: each side signs its request. */
double limit_passage_us(const struct nectar_key *key);

/* KiB of the kernel's for one end of a connection that is watched. The sockets stay: what others
 * would take up again after them would not be counted. */
double limit_socket_kib(void);

#endif
