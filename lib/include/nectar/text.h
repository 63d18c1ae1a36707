/*
 * What a program needs to print what a peer said: hex, base64, UTF-8, and escaping for a terminal.
 */
#ifndef NECTAR_TEXT_H
#define NECTAR_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nectar/export.h>
#include <nectar/view.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Writes 2 * len lower-case digits and a NUL. */
NECTAR_API void nectar_hex_encode(char *out, const void *data, size_t len);

/* Reads exactly 2 * len digits of either case, then the end of text. NECTAR_EFORMAT. */
NECTAR_API int nectar_hex_decode(uint8_t *out, size_t len, const char *text);

/* Bytes nectar_base64_encode writes for len bytes, its NUL included. */
#define NECTAR_BASE64_SIZE(len) (((len) + 2) / 3 * 4 + 1)

/* RFC 4648 base64 with padding, and a NUL. */
NECTAR_API void nectar_base64_encode(char *out, const void *data, size_t len);

/*
 * Reads it back: padded, without white space, and with no bits behind the last byte. out has room
 * for text.len / 4 * 3 bytes, or is where the text itself stands. NECTAR_EFORMAT; what is in out is
 * then of no use.
 */
NECTAR_API int nectar_base64_decode(uint8_t *out, size_t *len, struct nectar_view text);

/* Is it well-formed UTF-8 (no surrogates, no overlong forms)? */
NECTAR_API bool nectar_utf8_valid(struct nectar_view text);

/* Bytes nectar_escape writes for len bytes at most, its NUL included. */
#define NECTAR_ESCAPE_SIZE(len) ((len)*4 + 1)

/*
 * A peer's bytes made safe for a terminal or a log: well-formed UTF-8 without control characters
 * (C0, DEL, C1, bidirectional overrides) stays, every other byte becomes \xHH, a backslash \\.
 * Writes a NUL; returns the length without it. Where keep_newlines, \n and \t stay.
 */
NECTAR_API size_t nectar_escape(char *out, struct nectar_view text, bool keep_newlines);

#ifdef __cplusplus
}
#endif
#endif
