/*
 * The records of a JSON text, by name. Three shapes are taken: a map whose keys are full names, an
 * array of records, and one record. They are kept packed: a few hundred bytes each.
 */
#ifndef PKI_JSON_INDEX_H
#define PKI_JSON_INDEX_H

#include <nectar/listing.h>

#include "base/bytes.h"

struct json_entry;

/* All-zero is an index without records. */
struct json_index {
    struct bytes packed; /* the records one after the other, each with its owner behind it */
    struct json_entry *entries;
    size_t count;
    size_t room;
};

/* Where and why a text is no registry. */
struct json_fault {
    size_t line; /* counted from 1; 0 where that is not known */
    char why[NECTAR_NAME_MAX + 100];
};

/* Reads a text into an empty index. NECTAR_EFORMAT (fault says why), NECTAR_ENOMEM; the index is
 * empty then. */
int json_index_build(struct json_index *index, struct nectar_view text, const char *tld,
                     struct json_fault *fault);

/* NECTAR_EUNKNOWN, NECTAR_ENOMEM; *out is untouched then. */
int json_index_find(const struct json_index *index, const char *name, struct nectar_record *out);

/* A record by its place in the order of names, counted from 0. The same errors, without
 * NECTAR_EUNKNOWN. */
int json_index_at(const struct json_index *index, size_t at, struct nectar_listing *out);

void json_index_free(struct json_index *index);

#endif
