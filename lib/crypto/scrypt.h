/* scrypt (RFC 7914), a key from a passphrase, by libsodium. */
#ifndef CRYPTO_SCRYPT_H
#define CRYPTO_SCRYPT_H

#include <stddef.h>
#include <stdint.h>

#include <nectar/view.h>

/* What it costs: 128 * n * r bytes of memory, gone over p times. */
struct scrypt_cost {
    uint64_t n; /* a power of 2 over 1 */
    uint32_t r;
    uint32_t p;
};

/*
 * len bytes. NECTAR_EFORMAT the cost is one that scrypt does not allow: the caller that reads it
 * from a file sets its own ceiling first. NECTAR_ENOMEM. On error out is zero.
 */
int scrypt_derive(uint8_t *out, size_t len, struct nectar_view passphrase, struct nectar_view salt,
                  const struct scrypt_cost *cost);

#endif
