/* UTF-8, character by character. nectar_utf8_valid is in <nectar/text.h>. */
#ifndef CODEC_UTF8_H
#define CODEC_UTF8_H

#include <stddef.h>
#include <stdint.h>

/*
 * Reads the character that begins at text, of len bytes (at least 1). Returns its length, 1 to 4,
 * and the character; 0 where no well-formed one begins (overlong, surrogate, over U+10FFFF, cut).
 */
size_t utf8_decode(uint32_t *character, const uint8_t *text, size_t len);

#endif
