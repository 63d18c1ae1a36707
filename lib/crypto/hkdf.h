/* HKDF as Noise defines it (revision 34, section 4.3), over HMAC-BLAKE2s, with two outputs. */
#ifndef CRYPTO_HKDF_H
#define CRYPTO_HKDF_H

#include <stddef.h>
#include <stdint.h>

enum { HKDF_BYTES = 32 };

/* Either output may be the chaining key. material: 0 or 32 bytes in Noise; any length will do. */
void hkdf_two(uint8_t first[HKDF_BYTES], uint8_t second[HKDF_BYTES],
              const uint8_t chaining_key[HKDF_BYTES], const uint8_t *material, size_t len);

#endif
