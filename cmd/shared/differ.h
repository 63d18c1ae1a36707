/* What several registries say of one name, held against what the first of them says that has it. */
#ifndef SHARED_DIFFER_H
#define SHARED_DIFFER_H

#include <stddef.h>

#include <nectar/identity.h>

/* All-zero at first. */
struct differ {
    size_t found;
    struct nectar_record first; /* that was found */
    char *differences;          /* from that, of the others; NULL: none */
    char *missing;              /* who has no such name; NULL: nobody */
};

/* Takes the answer of one more of them; source is what it is called. */
void differ_record(struct differ *differ, const struct nectar_record *record, const char *source);
void differ_unknown(struct differ *differ, const char *source);

/* Where the answers differ, a new string; NULL: they do not. That there is no such name is an
 * answer, too. */
char *differ_reason(const struct differ *differ);

void differ_free(struct differ *differ);

#endif
