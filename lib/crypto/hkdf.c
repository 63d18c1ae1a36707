#include "crypto/hkdf.h"

#include <string.h>

#include "base/mem.h"
#include "crypto/blake2s.h"

_Static_assert((int)HKDF_BYTES == (int)BLAKE2S_HASH_BYTES, "the outputs are whole hashes");

void hkdf_two(uint8_t first[HKDF_BYTES], uint8_t second[HKDF_BYTES],
              const uint8_t chaining_key[HKDF_BYTES], const uint8_t *material, size_t len)
{
    struct blake2s_mac_key mac;
    uint8_t key[HKDF_BYTES];
    uint8_t chain[HKDF_BYTES + 1]; /* the first output and the number of the second */

    blake2s_hmac(key, chaining_key, HKDF_BYTES, material, len);
    blake2s_mac_key_init(&mac, key, sizeof key);
    blake2s_mac(chain, &mac, "\x01", 1);
    chain[HKDF_BYTES] = 2;
    blake2s_mac(second, &mac, chain, sizeof chain);
    memcpy(first, chain, HKDF_BYTES);
    mem_wipe(&mac, sizeof mac);
    mem_wipe(chain, sizeof chain);
    mem_wipe(key, sizeof key);
}
