/* The exit status of several items. */
#ifndef SHARED_TALLY_H
#define SHARED_TALLY_H

#include <stdbool.h>
#include <stddef.h>

struct tally {
    size_t items;
    size_t failed;
    int status;  /* of the first that failed */
    bool differ; /* some failed otherwise */
};

/* Counts an item that ended in status. */
void tally_add(struct tally *tally, int status);

/* EXIT_OK if none failed, the common status if all failed alike, else EXIT_PARTIAL. */
int tally_status(const struct tally *tally);

#endif
