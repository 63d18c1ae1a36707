#include "shared/differ.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/text.h"

/* Adds "SOURCE WHAT" to a list, which is NULL at first. */
static void add(char **list, const char *source, const char *what)
{
    char *before = *list;
    *list = text_format("%s%s%s %s", before ? before : "", before ? "; " : "", source, what);
    free(before);
}

static bool same_address(const struct nectar_address *a, const struct nectar_address *b)
{
    return a->port == b->port && (a->port == 0 || strcmp(a->host, b->host) == 0);
}

static bool same_routers(const struct nectar_record *a, const struct nectar_record *b)
{
    size_t i = 0;
    if (a->router_count != b->router_count)
        return false;
    while (i < a->router_count && strcmp(a->routers[i], b->routers[i]) == 0)
        i++;
    return i == a->router_count;
}

/* The fields in which a record is not as the first one. */
static void add_fields(struct differ *differ, const struct nectar_record *record,
                       const char *source)
{
    const struct nectar_record *first = &differ->first;
    bool key = record->has_key != first->has_key ||
               (record->has_key && memcmp(record->key, first->key, sizeof record->key) != 0);
    const bool differs[] = {key, !same_address(&record->ws, &first->ws),
                            !same_address(&record->tcp, &first->tcp), !same_routers(record, first)};
    static const char *const fields[] = {"networking_key", "ws_routing", "tcp_routing",
                                         "allowed_routers"};
    char what[128] = "has";
    size_t commas = 0;
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        size_t len = strlen(what);
        if (differs[i])
            snprintf(what + len, sizeof what - len, "%s %s", commas++ ? "," : " another",
                     fields[i]);
    }
    add(&differ->differences, source, what);
}

void differ_record(struct differ *differ, const struct nectar_record *record, const char *source)
{
    if (differ->found++ == 0)
        differ->first = *record;
    else if (!nectar_record_equal(&differ->first, record))
        add_fields(differ, record, source);
}

void differ_unknown(struct differ *differ, const char *source)
{
    add(&differ->missing, source, "has no such name");
}

char *differ_reason(const struct differ *differ)
{
    const char *missing = differ->missing ? differ->missing : "";
    const char *differences = differ->differences ? differ->differences : "";
    if (differ->found == 0 || (!*differences && !*missing))
        return NULL;
    return text_format("the registries do not say the same: %s%s%s", differences,
                       *differences && *missing ? "; " : "", missing);
}

void differ_free(struct differ *differ)
{
    free(differ->differences);
    free(differ->missing);
}
