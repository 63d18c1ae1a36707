#include "noise/transport.h"

#include <assert.h>

#include <nectar/error.h>

static const struct nectar_view NO_AD = {NULL, 0};

int noise_seal(struct noise_transport *transport, uint8_t *out, const uint8_t *in, size_t len)
{
    assert(len <= NOISE_PLAINTEXT_MAX);
    return noise_cipher_encrypt(&transport->send, out, NO_AD, in, len);
}

int noise_open(struct noise_transport *transport, uint8_t *data, size_t len, size_t *out_len)
{
    int error = noise_cipher_decrypt(&transport->receive, data, NO_AD, data, len);

    *out_len = error ? 0 : len - NOISE_TAG_BYTES;
    return error;
}
