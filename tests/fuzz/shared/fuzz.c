#include "fuzz/shared/fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Only where a sanitizer is linked. */
int __sanitizer_install_malloc_and_free_hooks(void (*malloc_hook)(const volatile void *, size_t),
                                              void (*free_hook)(const volatile void *))
    __attribute__((weak));
size_t __sanitizer_get_current_allocated_bytes(void) __attribute__((weak));

static struct {
    bool hooked;
    size_t begin, peak;
} heap;

void fuzz_fail(const char *file, int line, const char *what)
{
    fflush(stdout);
    fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
    abort();
}

uint8_t fuzz_byte(struct nectar_view *in)
{
    struct nectar_view byte = fuzz_take(in, 1);

    return byte.len ? *byte.data : 0;
}

struct nectar_view fuzz_take(struct nectar_view *in, size_t n)
{
    struct nectar_view taken = {in->data, in->len < n ? in->len : n};

    if (taken.len > 0)
        in->data += taken.len;
    in->len -= taken.len;
    return taken;
}

uint8_t *fuzz_copy(struct nectar_view view)
{
    uint8_t *copy = malloc(view.len ? view.len : 1);

    fuzz_assert(copy);
    if (view.len > 0)
        memcpy(copy, view.data, view.len);
    return copy;
}

bool fuzz_within(struct nectar_view view, const uint8_t *data, size_t len)
{
    if (!view.data)
        return view.len == 0;
    return view.data >= data && view.data <= data + len &&
           view.len <= (size_t)(data + len - view.data);
}

bool fuzz_same(struct nectar_view a, struct nectar_view b)
{
    return (a.data == NULL) == (b.data == NULL) && a.len == b.len &&
           (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

bool fuzz_printable(const char *text)
{
    size_t len = strlen(text);

    for (size_t i = 0; i < len; i++)
        if (text[i] < ' ' || text[i] > '~')
            return false;
    return len > 0;
}

size_t fuzz_piece(uint8_t how, size_t nth, size_t left)
{
    size_t piece = how == 0 ? left : 1 + (how ^ nth * (how >> 4)) % how;

    return piece < left ? piece : left;
}

static void taken(const volatile void *at, size_t n)
{
    size_t now = __sanitizer_get_current_allocated_bytes();

    (void)at, (void)n;
    if (now > heap.peak)
        heap.peak = now;
}

static void given(const volatile void *at)
{
    (void)at;
}

void fuzz_heap_begin(void)
{
    if (!__sanitizer_get_current_allocated_bytes || !__sanitizer_install_malloc_and_free_hooks)
        return;
    if (!heap.hooked)
        fuzz_assert(__sanitizer_install_malloc_and_free_hooks(taken, given) > 0);
    heap.hooked = true;
    heap.begin = heap.peak = __sanitizer_get_current_allocated_bytes();
}

size_t fuzz_heap_peak(void)
{
    return heap.peak - heap.begin;
}
