/* Views: runs of borrowed bytes. */
#ifndef BASE_VIEW_H
#define BASE_VIEW_H

#include <stdbool.h>

#include <nectar/view.h>

/* The bytes of a NUL-terminated text, without the NUL. */
struct nectar_view view_of_text(const char *text);

/* Same length, same bytes? Not for secrets: it stops at the first difference. */
bool view_equal(struct nectar_view a, struct nectar_view b);
bool view_equal_text(struct nectar_view a, const char *text);

/*
 * Cuts a view at the first byte equal to separator: *head is what stands before it, *tail what
 * stands behind. False, and nothing changed, if there is none.
 */
bool view_split(struct nectar_view whole, char separator, struct nectar_view *head,
                struct nectar_view *tail);

/* Copies a view into a NUL-terminated string of size bytes. False, and nothing copied, if it does
 * not fit or holds a NUL. */
bool view_copy_text(char *out, size_t size, struct nectar_view view);

#endif
