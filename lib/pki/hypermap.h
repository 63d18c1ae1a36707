/* A registry of names by Hypermap's contract, asked of an endpoint: what its files share. */
#ifndef PKI_HYPERMAP_H
#define PKI_HYPERMAP_H

#include "pki/chain.h"
#include "pki/hypermap_call.h"
#include "pki/namebook.h"

/* The chain that the network's contracts stand on. */
enum { HYPERMAP_BASE_CHAIN = 8453 };

struct hypermap {
    struct chain chain;
    struct hypermap_contracts at;
    struct namebook *book; /* NULL: there is none, or not asked for yet */
    bool sought;           /* the book has been asked for */
};

/* What is asked about a name: itself, its notes, and what it is under. */
enum {
    HYPERMAP_SELF,
    HYPERMAP_FIRST_NOTE,
    HYPERMAP_ABOVE = HYPERMAP_FIRST_NOTE + HYPERMAP_NOTES,
    HYPERMAP_ASKED
};

/* The hashes to ask for. */
void hypermap_hashes(uint8_t out[HYPERMAP_ASKED][HYPERMAP_HASH_BYTES], const char *name);

/* Does such a name stand there? */
bool hypermap_exists(const struct hypermap_entry *entry);

/* The notes among what was answered. */
void hypermap_notes_of(struct hypermap_notes *out, const struct hypermap_entry entries[]);

/* Notes why what was answered is no reply of Hypermap's. Returns NECTAR_EUNREACHABLE. */
int hypermap_is_none(const struct hypermap *self, struct nectar_view reply,
                     struct nectar_answer *answer);

/* The book of names of that chain, if there is one. */
struct namebook *hypermap_book(struct hypermap *self, uint64_t chain);

/* The names of a record's routers, as far as they are known. Returns how many are not. */
size_t hypermap_name_routers(struct hypermap *self, uint64_t chain, struct nectar_record *record);

int hypermap_sync(struct pki_driver *driver, struct nectar_sync_told told, struct nectar_sync *out,
                  struct nectar_answer *answer);
int hypermap_walk(struct nectar_walk **out, struct pki_driver *driver,
                  struct nectar_answer *answer);

#endif
