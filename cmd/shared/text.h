/* Small strings. What cannot be allocated ends the program with EXIT_INTERNAL. */
#ifndef SHARED_TEXT_H
#define SHARED_TEXT_H

#include <stddef.h>

/* A new string, as printf makes it. */
char *text_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A new copy of a string. */
char *text_copy(const char *text);

/* Strings in the order they came. All-zero is empty. */
struct text_list {
    const char **items;
    size_t count;
};

/* Adds a string, which is borrowed. */
void text_list_add(struct text_list *list, const char *item);

/* Adds the parts of text between any of the separators; empty parts are left out. The parts are
 * new strings, and are the list's for the life of the program. */
void text_list_split(struct text_list *list, const char *text, const char *separators);

/* Memory, or the end. */
void *text_resize(void *memory, size_t size);

/* How many letters two words lie apart, a swap of neighbours counting as one. */
size_t text_distance(const char *a, const char *b);

#endif
