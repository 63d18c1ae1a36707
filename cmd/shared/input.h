/* Reading a file or standard input, whole and bounded. */
#ifndef SHARED_INPUT_H
#define SHARED_INPUT_H

#include <stddef.h>
#include <stdint.h>

struct input {
    uint8_t *data; /* NULL when empty */
    size_t len;
};

/* Reads path ("-" is standard input) of at most max bytes. Returns 0 or EXIT_INPUT, already
 * reported. input_wipe wipes and frees. */
int input_read(struct input *out, const char *path, size_t max);

/* The same of an open descriptor, which stays open; origin is what it is called in an error. */
int input_read_fd(struct input *out, int fd, const char *origin, size_t max);

void input_wipe(struct input *input);

#endif
