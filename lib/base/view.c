#include "base/view.h"

#include <string.h>

struct nectar_view view_of_text(const char *text)
{
    return (struct nectar_view){(const uint8_t *)text, strlen(text)};
}

bool view_equal(struct nectar_view a, struct nectar_view b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

bool view_equal_text(struct nectar_view a, const char *text)
{
    return view_equal(a, view_of_text(text));
}

bool view_split(struct nectar_view whole, char separator, struct nectar_view *head,
                struct nectar_view *tail)
{
    const uint8_t *at = whole.len ? memchr(whole.data, separator, whole.len) : NULL;
    size_t before;

    if (!at)
        return false;
    before = (size_t)(at - whole.data);
    *head = (struct nectar_view){whole.data, before};
    *tail = (struct nectar_view){at + 1, whole.len - before - 1};
    return true;
}

bool view_copy_text(char *out, size_t size, struct nectar_view view)
{
    if (view.len >= size || (view.len && memchr(view.data, 0, view.len)))
        return false;
    if (view.len)
        memcpy(out, view.data, view.len);
    out[view.len] = '\0';
    return true;
}
