/* A scratch folder for tests that need files. */
#ifndef SHARED_SCRATCH_H
#define SHARED_SCRATCH_H

#include <stddef.h>

struct scratch {
    char folder[64];
};

/* Makes a new, empty folder; the test fails if that cannot be. */
void scratch_begin(struct scratch *scratch);

/* Removes it with all that is in it. */
void scratch_end(struct scratch *scratch);

/* The path of a name in the folder, in memory that the next 7 calls leave alone. */
const char *scratch_path(const struct scratch *scratch, const char *name);

/* Writes a file (mode 0600) over whatever is there; its path, as above. */
const char *scratch_write(const struct scratch *scratch, const char *name, const char *text,
                          size_t len);

/* How many entries a folder has. */
size_t scratch_count(const char *folder);

#endif
