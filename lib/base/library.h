/*
 * Libraries that are opened when they are first needed, since linking them costs every process its
 * start-up time. What has been found stays for the life of the process.
 */
#ifndef BASE_LIBRARY_H
#define BASE_LIBRARY_H

#include <stdbool.h>
#include <stddef.h>

/* NULL if there is none of that name. */
void *library_open(const char *name);

/* Only where something in it is missing. */
void library_close(void *library);

/* Sets a pointer to a function, of size bytes, to the one of that name. False, and nothing set, if
 * there is none. */
bool library_find(void *pointer, size_t size, void *library, const char *name);

#endif
