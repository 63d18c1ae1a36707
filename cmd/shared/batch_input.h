/*
 * Standard input of a batch, read by a thread of its own, so that a pipe that pauses holds nothing
 * up. What has been read ahead is bounded; then the thread waits until it is taken.
 */
#ifndef SHARED_BATCH_INPUT_H
#define SHARED_BATCH_INPUT_H

#include <stdbool.h>

#include "shared/batch_line.h"

struct batch_input;

/* Begins to read. notify(context) is called from the thread when there is something new. Returns 0
 * or an errno. batch_input_end, at any time, ends the thread and frees; NULL is allowed. */
int batch_input_start(struct batch_input **out, void (*notify)(void *context), void *context);
void batch_input_end(struct batch_input *input);

/* Moves the lines there are to the end of a list. True once there will be no more; *error is then
 * 0, or an errno where reading has failed. */
bool batch_input_take(struct batch_input *input, struct batch_lines *out, int *error);

#endif
