/* HTTP/1.1 heads, strictly: CRLF ends a line, no folded lines, no control characters (RFC 9112). */
#ifndef WS_HEAD_H
#define WS_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nectar/view.h>

#include "base/bytes.h"

/*
 * Moves bytes of data to head until its empty line. *used: how many belonged to it; *whole: is it
 * complete? NECTAR_ETOOBIG over WS_UPGRADE_MAX, NECTAR_EUPGRADE a byte that no head holds, a bare
 * CR or LF included; NECTAR_ENOMEM.
 */
int head_collect(struct bytes *head, const uint8_t *data, size_t len, size_t *used, bool *whole);

/* Cuts the next line off, without its CRLF. False if no whole line is left. */
bool head_line(struct nectar_view *rest, struct nectar_view *line);

/* Splits "Name: value", spaces around the value gone. False if that is not what the line is. */
bool head_field(struct nectar_view line, struct nectar_view *name, struct nectar_view *value);

/* The same text but for the case of ASCII letters? */
bool head_same(struct nectar_view text, const char *other);

/* Is token (compared as above) in a comma-separated list? */
bool head_lists(struct nectar_view list, const char *token);

enum { HEAD_KEY_LENGTH = 24, HEAD_ANSWER_SIZE = 29 };

/* The Sec-WebSocket-Accept (28 characters and a NUL) that answers a Sec-WebSocket-Key. */
void head_answer(char out[HEAD_ANSWER_SIZE], const char key[HEAD_KEY_LENGTH]);

#endif
