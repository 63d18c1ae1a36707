/*
 * The members of a JSON text's outermost array or object, one after the other, so that a file of
 * any number of records is read with the memory of one. What a member holds is not looked at: it
 * is strict JSON if json_parse says so of every key and value, and members_next of the rest.
 */
#ifndef PKI_JSON_MEMBERS_H
#define PKI_JSON_MEMBERS_H

#include <stdbool.h>
#include <stddef.h>

#include <nectar/view.h>

struct members {
    struct nectar_view text;
    size_t at;    /* where reading stands; after an error, where it is */
    bool object;  /* an object, else an array */
    bool started; /* a member has been read */
};

struct member {
    struct nectar_view key;   /* with its quotes; absent in an array */
    struct nectar_view value; /* without white space around it */
};

/* NECTAR_EFORMAT: neither an array nor an object. */
int members_open(struct members *m, struct nectar_view text);

/* The next member, or *end. NECTAR_EFORMAT. */
int members_next(struct members *m, struct member *out, bool *end);

/* The line, counted from 1, that an offset of a text is on. */
size_t members_line(struct nectar_view text, size_t offset);

#endif
