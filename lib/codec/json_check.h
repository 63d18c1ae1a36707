/* Is a text JSON as codec/json.h takes it? Keys that occur twice are not looked for. */
#ifndef CODEC_JSON_CHECK_H
#define CODEC_JSON_CHECK_H

#include <stddef.h>

#include <nectar/view.h>

/* NECTAR_EFORMAT, with *line where, counted from 1; NECTAR_ETOOBIG over a limit of json.h. */
int json_check(struct nectar_view text, size_t *line);

/* The same, but texts may hold NUL, as \u0000: for readers that count their bytes. */
int json_check_any_text(struct nectar_view text, size_t *line);

#endif
