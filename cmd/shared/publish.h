/* Parts of publish-tx: a change shown, and a change of a registry on a chain. */
#ifndef SHARED_PUBLISH_H
#define SHARED_PUBLISH_H

#include <stdbool.h>

#include <nectar/transaction.h>

#include "shared/json.h"

/* A change, the old record behind "-" and the new one behind "+"; with --json an object "change",
 * which fields may be added to: open begins it, close ends it. before: its name is empty if there
 * is none. Return 0 or an exit status, already reported. */
int publish_show(const struct nectar_record *before, const struct nectar_record *after, bool same);
int publish_show_open(struct json *json, const struct nectar_record *before,
                      const struct nectar_record *after, bool same);

/* What is to be done with the change. */
struct publish_way {
    bool dry_run;
    bool bare; /* --unsigned */
    bool sign_only;
    const char *from; /* --from, or NULL */
};

/* Makes the registry on a chain hold the record, or goes a part of that way. */
int publish_on_chain(struct nectar_registry *registry, const struct nectar_record *after,
                     const struct publish_way *way);

/* Signs what --unsigned has printed (path "-" is standard input), and asks nobody. */
int publish_sign(const char *path);

/* Sends what was signed elsewhere (path as above), and waits. */
int publish_raw(struct nectar_registry *registry, const char *path);

#endif
