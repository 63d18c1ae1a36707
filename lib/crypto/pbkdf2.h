/* PBKDF2 with HMAC-SHA-256 (RFC 8018), a key from a passphrase, by nettle. */
#ifndef CRYPTO_PBKDF2_H
#define CRYPTO_PBKDF2_H

#include <stddef.h>
#include <stdint.h>

#include <nectar/view.h>

/* len bytes, with at least 1 round. */
void pbkdf2_derive(uint8_t *out, size_t len, struct nectar_view passphrase, struct nectar_view salt,
                   uint32_t rounds);

#endif
