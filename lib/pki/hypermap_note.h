/*
 * Notes: how a record stands in Hypermap. Five of them make one; the contract stores any bytes
 * under each, so what they hold is judged here. They can say more than a record does (an address
 * and routers), and then who reads the log of changes sees something else than who asks what
 * stands there now; what is written is such that both see the same.
 */
#ifndef PKI_HYPERMAP_NOTE_H
#define PKI_HYPERMAP_NOTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nectar/identity.h>
#include <nectar/view.h>

#include "pki/hypermap_name.h"

enum hypermap_note {
    HYPERMAP_NET_KEY, /* 32 bytes */
    HYPERMAP_IP,      /* 4 or 16, of the address of both ports */
    HYPERMAP_WS_PORT, /* 2, big-endian; port 0 is none */
    HYPERMAP_TCP_PORT,
    HYPERMAP_ROUTERS, /* 32 of each, their names' hashes */
    HYPERMAP_NOTES,
};

enum {
    HYPERMAP_NOTE_MAX = NECTAR_ROUTERS_MAX * HYPERMAP_HASH_BYTES, /* bytes that mean something */
};

/* What stands under a name, or shall; empty is none. Borrowed. */
struct hypermap_notes {
    struct nectar_view data[HYPERMAP_NOTES];
};

/* "~net-key" and so on. Static storage. */
const char *hypermap_note_label(enum hypermap_note note);

/* Which note has that label; HYPERMAP_NOTES for another. */
enum hypermap_note hypermap_note_of(struct nectar_view label);

/*
 * Reads the record of a name: what each note says if it is well formed. Routers are hashes, of
 * which a record has NECTAR_ROUTERS_MAX; what is behind is left out. It may say more than one
 * route: see hypermap_note_rule.
 */
void hypermap_note_read(struct nectar_record *out, const char *name,
                        const struct hypermap_notes *notes);

/* The one route that such a record stands for: its address if it has one and a port; if not, its
 * routers; if none, none. */
void hypermap_note_rule(struct nectar_record *record);

/* Bytes that the notes of one record take at most. */
enum { HYPERMAP_ROOM = NECTAR_PUBLIC_BYTES + 16 + 2 * 2 + HYPERMAP_NOTE_MAX };

/*
 * Writes a record as notes, whose data is then in room. NECTAR_EADDRESS Hypermap has no place for
 * it: an address that is no IP address, two hosts, an address and routers; *why says so, printable,
 * in static storage.
 */
int hypermap_note_write(struct hypermap_notes *out, uint8_t room[HYPERMAP_ROOM],
                        const struct nectar_record *record, const char **why);

/* A note to be written. Empty clears it. */
struct hypermap_change {
    enum hypermap_note note;
    struct nectar_view data;
};

/*
 * What to write, in order, so that a name's notes say what `after` does, to those who ask and to
 * those who follow the log. before: what stands there; NULL: not known, and all is written.
 * Returns how many; 0: it is so already.
 */
size_t hypermap_note_plan(struct hypermap_change out[HYPERMAP_NOTES],
                          const struct hypermap_notes *before, const struct hypermap_notes *after);

#endif
