#include "shared/text.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/exit.h"
#include "shared/report.h"

static void out_of_memory(void)
{
    exit(report(&(struct report){.exit = EXIT_INTERNAL, .reason = "out of memory"}));
}

char *text_format(const char *format, ...)
{
    char *out = NULL;
    va_list arguments;
    va_start(arguments, format);
    int n = vasprintf(&out, format, arguments);
    va_end(arguments);
    if (n < 0)
        out_of_memory();
    return out;
}

char *text_copy(const char *text)
{
    char *out = strdup(text);
    if (!out)
        out_of_memory();
    return out;
}

struct nectar_view text_view(const char *text)
{
    if (!text)
        return (struct nectar_view){NULL, 0};
    return (struct nectar_view){(const uint8_t *)text, strlen(text)};
}

void *text_resize(void *memory, size_t size)
{
    void *out = realloc(memory, size ? size : 1);
    if (!out)
        out_of_memory();
    return out;
}

void text_list_add(struct text_list *list, const char *item)
{
    list->items = text_resize(list->items, (list->count + 1) * sizeof *list->items);
    list->items[list->count++] = item;
}

void text_list_split(struct text_list *list, const char *text, const char *separators)
{
    char *state = NULL;
    list->owned = text_copy(text);
    for (char *part = strtok_r(list->owned, separators, &state); part;
         part = strtok_r(NULL, separators, &state))
        text_list_add(list, part);
}

void text_list_drop(struct text_list *list, const char *item)
{
    size_t i = 0;
    while (i < list->count && strcmp(list->items[i], item) != 0)
        i++;
    if (i == list->count)
        return;
    free((void *)(uintptr_t)list->items[i]);
    list->count--;
    memmove(&list->items[i], &list->items[i + 1], (list->count - i) * sizeof *list->items);
}

void text_list_wipe(struct text_list *list)
{
    free(list->items);
    free(list->owned);
    memset(list, 0, sizeof *list);
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

#define WORD_MAX 31

size_t text_distance(const char *a, const char *b)
{
    size_t m = strlen(a);
    size_t n = strlen(b);
    if (m > WORD_MAX || n > WORD_MAX)
        return WORD_MAX + 1;
    size_t d[WORD_MAX + 1][WORD_MAX + 1];
    for (size_t i = 0; i <= m; i++)
        d[i][0] = i;
    for (size_t j = 0; j <= n; j++)
        d[0][j] = j;
    for (size_t i = 1; i <= m; i++) {
        for (size_t j = 1; j <= n; j++) {
            d[i][j] = least(least(d[i - 1][j], d[i][j - 1]) + 1,
                            d[i - 1][j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                d[i][j] = least(d[i][j], d[i - 2][j - 2] + 1);
        }
    }
    return d[m][n];
}
