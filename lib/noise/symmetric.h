/* Noise's SymmetricState (revision 34, section 5.2) with ChaChaPoly and BLAKE2s. */
#ifndef NOISE_SYMMETRIC_H
#define NOISE_SYMMETRIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nectar/view.h>

#include "noise/cipher.h"

enum { NOISE_HASH_BYTES = 32 };

/* Secrets inside: wipe it. */
struct noise_symmetric {
    struct noise_cipher cipher;
    bool keyed; /* has mix_key set the cipher's key yet? */
    uint8_t ck[NOISE_HASH_BYTES], h[NOISE_HASH_BYTES];
};

/* protocol_name: its ASCII bytes. */
void noise_symmetric_init(struct noise_symmetric *state, const char *protocol_name);

void noise_mix_key(struct noise_symmetric *state, const uint8_t material[NOISE_HASH_BYTES]);
void noise_mix_hash(struct noise_symmetric *state, struct nectar_view data);

/* How much longer encrypting makes a text: a tag once there is a key, nothing before. */
size_t noise_symmetric_overhead(const struct noise_symmetric *state);

/* Writes len + noise_symmetric_overhead() to out, which may be in. NECTAR_ENONCE. */
int noise_encrypt_and_hash(struct noise_symmetric *state, uint8_t *out, const uint8_t *in,
                           size_t len);

/* Takes len bytes, overhead included, and writes the text to out, which may be in. The errors of
 * noise_cipher_decrypt. */
int noise_decrypt_and_hash(struct noise_symmetric *state, uint8_t *out, const uint8_t *in,
                           size_t len);

/* first: what the initiator sends with; second: what the responder sends with. */
void noise_symmetric_split(const struct noise_symmetric *state, struct noise_cipher *first,
                           struct noise_cipher *second);

#endif
