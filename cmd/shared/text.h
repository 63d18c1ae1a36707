/* Small strings. What cannot be allocated ends the program with EXIT_INTERNAL. */
#ifndef SHARED_TEXT_H
#define SHARED_TEXT_H

#include <stddef.h>

#include <nectar/view.h>

/* A new string, as printf makes it. */
char *text_format(const char *format, ...) __attribute__((format(printf, 1, 2), returns_nonnull));

/* A new copy of a string. */
char *text_copy(const char *text) __attribute__((returns_nonnull));

/* The bytes of a string, which is borrowed; none of NULL. */
struct nectar_view text_view(const char *text);

/* Strings in the order they came. All-zero is empty. */
struct text_list {
    const char **items;
    size_t count;
    char *owned; /* what text_list_split made its parts of */
};

/* Adds a string, which is borrowed. */
void text_list_add(struct text_list *list, const char *item);

/* Adds the parts of text between any of the separators; empty parts are left out. Once a list. */
void text_list_split(struct text_list *list, const char *text, const char *separators);

/* Takes the first that is equal to item out of a list of copies, and frees it. */
void text_list_drop(struct text_list *list, const char *item);

/* Empties the list, and frees the parts it was split into. */
void text_list_wipe(struct text_list *list);

/* Memory, or the end. */
void *text_resize(void *memory, size_t size) __attribute__((returns_nonnull));

/* How many letters two words lie apart, a swap of neighbours counting as one. */
size_t text_distance(const char *a, const char *b);

#endif
