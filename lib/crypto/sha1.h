/*
 * SHA-1 (RFC 3174), by nettle. It is broken as a hash and protects nothing here: the WebSocket
 * upgrade (RFC 6455, section 4.2.2) asks for it.
 */
#ifndef CRYPTO_SHA1_H
#define CRYPTO_SHA1_H

#include <stddef.h>
#include <stdint.h>

enum { SHA1_BYTES = 20 };

void sha1_hash(uint8_t out[SHA1_BYTES], const void *data, size_t len);

#endif
