#include "noise/symmetric.h"

#include <string.h>

#include "base/mem.h"
#include "crypto/blake2s.h"
#include "crypto/hkdf.h"

_Static_assert((int)NOISE_HASH_BYTES == (int)BLAKE2S_HASH_BYTES, "the hash is BLAKE2s");
_Static_assert((int)NOISE_HASH_BYTES == (int)HKDF_BYTES, "a chaining key is a hash");

void noise_symmetric_init(struct noise_symmetric *state, const char *protocol_name)
{
    size_t len = strlen(protocol_name);

    *state = (struct noise_symmetric){0};
    if (len <= NOISE_HASH_BYTES)
        memcpy(state->h, protocol_name, len);
    else
        blake2s_hash(state->h, protocol_name, len);
    memcpy(state->ck, state->h, NOISE_HASH_BYTES);
}

void noise_mix_key(struct noise_symmetric *state, const uint8_t material[NOISE_HASH_BYTES])
{
    uint8_t key[NOISE_CIPHER_KEY_BYTES];

    hkdf_two(state->ck, key, state->ck, material, NOISE_HASH_BYTES);
    noise_cipher_init(&state->cipher, key);
    state->keyed = true;
    mem_wipe(key, sizeof key);
}

void noise_mix_hash(struct noise_symmetric *state, struct nectar_view data)
{
    struct blake2s_stream stream;

    blake2s_stream_init(&stream);
    blake2s_stream_add(&stream, state->h, sizeof state->h);
    blake2s_stream_add(&stream, data.data, data.len);
    blake2s_stream_end(&stream, state->h);
}

size_t noise_symmetric_overhead(const struct noise_symmetric *state)
{
    return state->keyed ? NOISE_CIPHER_TAG_BYTES : 0;
}

int noise_encrypt_and_hash(struct noise_symmetric *state, uint8_t *out, const uint8_t *in,
                           size_t len)
{
    struct nectar_view h = {state->h, sizeof state->h};
    size_t out_len = len + noise_symmetric_overhead(state);

    if (state->keyed) {
        int error = noise_cipher_encrypt(&state->cipher, out, h, in, len);

        if (error)
            return error;
    } else if (len > 0) {
        memmove(out, in, len);
    }
    noise_mix_hash(state, (struct nectar_view){out, out_len});
    return 0;
}

int noise_decrypt_and_hash(struct noise_symmetric *state, uint8_t *out, const uint8_t *in,
                           size_t len)
{
    struct noise_symmetric next = *state;
    struct nectar_view h = {state->h, sizeof state->h};
    int error = 0;

    /* The hash is over the ciphertext, which decrypting in place overwrites. */
    noise_mix_hash(&next, (struct nectar_view){in, len});
    if (state->keyed)
        error = noise_cipher_decrypt(&state->cipher, out, h, in, len);
    else if (len > 0)
        memmove(out, in, len);
    if (!error)
        memcpy(state->h, next.h, sizeof state->h);
    mem_wipe(&next, sizeof next);
    return error;
}

void noise_symmetric_split(const struct noise_symmetric *state, struct noise_cipher *first,
                           struct noise_cipher *second)
{
    uint8_t keys[2][HKDF_BYTES];

    hkdf_two(keys[0], keys[1], state->ck, NULL, 0);
    noise_cipher_init(first, keys[0]);
    noise_cipher_init(second, keys[1]);
    mem_wipe(keys, sizeof keys);
}
