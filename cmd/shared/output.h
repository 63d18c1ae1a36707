/* Standard output: data, for programs. What cannot be written ends the program. */
#ifndef SHARED_OUTPUT_H
#define SHARED_OUTPUT_H

#include <stdbool.h>

#include <nectar/view.h>

#include "shared/json.h"

/* A line of text, flushed. */
void output_line(const char *text);

/*
 * A peer's bytes: exact, but escaped on a terminal, where a newline is added unless one stands
 * there. newline: add one in any case. Flushed.
 */
void output_body(struct nectar_view body, bool newline);

/* Begins an object on stdout; output_close ends it and flushes. */
void output_open(struct json *json, const char *type);
void output_close(struct json *json);

/*
 * Flushes. On failure the program ends: of SIGPIPE, quietly, when nobody reads any more, else with
 * EXIT_INPUT and a line on stderr.
 */
void output_flush(void);

/* Waits until nobody reads standard output any more, and ends the program as above. Where that
 * cannot be known, it waits for ever. */
_Noreturn void output_wait(void);

#endif
