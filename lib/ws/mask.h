/* Masking (RFC 6455, section 5.3): it is its own inverse. */
#ifndef WS_MASK_H
#define WS_MASK_H

#include <stddef.h>
#include <stdint.h>

enum { WS_MASK_BYTES = 4 };

/* Masks len bytes in place. phase: which byte of the payload data[0] is (only modulo 4 counts). */
void ws_mask(uint8_t *data, size_t len, const uint8_t key[WS_MASK_BYTES], size_t phase);

/* The same from one place to another; they are the same place or do not overlap. */
void ws_mask_copy(uint8_t *to, const uint8_t *from, size_t len, const uint8_t key[WS_MASK_BYTES],
                  size_t phase);

#endif
