/*
 * The endpoints of one registry, one after the other: for what takes more than one exchange, so
 * that the next endpoint goes on where one has failed. Those that have failed lately come last.
 */
#ifndef PKI_TURNS_H
#define PKI_TURNS_H

#include "pki/group.h"
#include "pki/list.h"

struct turns {
    struct group *group; /* NULL: a registry that has no endpoints, but itself */
    const struct nectar_log *log;
    size_t count;
    size_t at; /* whose turn it is */
    struct pki_driver *drivers[PKI_REGISTRIES_MAX];
    struct nectar_answer failures; /* why those before gave no answer */
};

/* Begins with the registry at a place of the list, by the endpoint that is named there. */
void turns_begin(struct turns *out, struct nectar_registry *registry, size_t index);

/* Whose turn it is. */
struct pki_driver *turns_driver(const struct turns *turns);

/* Tells the log why that one gave no answer, and has the next one's turn; false: there is no other,
 * and answer has the reasons of all. */
bool turns_next(struct turns *turns, struct nectar_answer *answer);

/* What stands for one of them in what is remembered of how they do; NULL: nothing does. */
struct member *turns_member(const struct turns *turns, size_t at);

#endif
