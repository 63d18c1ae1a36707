/*
 * From the Edwards form of Curve25519 to its Montgomery form (RFC 7748, section 4.1). libsodium
 * multiplies the base point in the one three times as fast as in the other, which X25519 uses.
 */
#ifndef CRYPTO_MONTGOMERY_H
#define CRYPTO_MONTGOMERY_H

#include <stddef.h>
#include <stdint.h>

/* Needs products of 128 bits. */
#ifdef __SIZEOF_INT128__
#define HAVE_MONTGOMERY 1
#endif

enum { MONTGOMERY_BYTES = 32, MONTGOMERY_MAX = 2 };

/*
 * u = (1 + y) / (1 - y) of count (1 to MONTGOMERY_MAX) points at once, which takes little longer
 * than one. edwards: encoded as in Ed25519; none is the neutral element, of which there is no u.
 */
void montgomery_from_edwards(uint8_t *const *u, uint8_t (*edwards)[MONTGOMERY_BYTES], size_t count);

#endif
