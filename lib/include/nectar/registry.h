/*
 * The registry: name -> record. An ordered list of URIs; the first registry that holds a name
 * answers. sqlite:PATH is read and written, json:PATH is read, nectar+http://... and
 * hypermap+http://... (and https) are contracts on a chain, asked of an endpoint.
 */
#ifndef NECTAR_REGISTRY_H
#define NECTAR_REGISTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nectar/export.h>
#include <nectar/identity.h>
#include <nectar/key.h>
#include <nectar/log.h>

#ifdef __cplusplus
extern "C" {
#endif

#define NECTAR_REASON_MAX 255

struct nectar_registry;

/* Where an answer comes from, or why there is none. */
struct nectar_answer {
    char source[NECTAR_HOST_MAX + 1];   /* the URI, without anything secret in it */
    bool cached;                        /* from a cache: a bad signature may ask afresh */
    uint64_t block;                     /* of the answer; 0 where there are no blocks */
    double age_s;                       /* how old the answer may be; 0 when just read */
    char reason[NECTAR_REASON_MAX + 1]; /* on error: which registry, and why, printable */
};

/*
 * Opens a list of registries. Nothing is read yet; a file that is missing shows at the first
 * lookup (a missing sqlite registry is made by the first publish). count is at least 1. log is
 * borrowed for the life of the object and may be NULL.
 * NECTAR_EURI (reason, NECTAR_REASON_MAX + 1 bytes or NULL, says which), NECTAR_ENOMEM.
 */
NECTAR_API int nectar_registry_open(struct nectar_registry **out, const char *const *uris,
                                    size_t count, const struct nectar_log *log, char *reason);
NECTAR_API void nectar_registry_free(struct nectar_registry *registry);

/*
 * Where registries on a chain may keep what they have been told, for the next time and for other
 * processes: a folder, made when it is first needed, which may be removed at any time. Without it
 * nothing is kept. To be said before anything is asked. NECTAR_ENOMEM.
 */
NECTAR_API int nectar_registry_cache(struct nectar_registry *registry, const char *folder);

/* How old what is kept may be, so that nobody has to be asked (us; at first 60 s, 0 nothing is used
 * without asking). Once no endpoint answers, it is used however old. */
NECTAR_API void nectar_registry_max_cached(struct nectar_registry *registry, uint64_t time);

/* How many endpoints of a registry on a chain have to say the same, before it is believed (at first
 * 1). A registry in a file has none, and is believed. */
NECTAR_API void nectar_registry_quorum(struct nectar_registry *registry, unsigned count);

/*
 * The TLD that a bare name takes: that of the first registry. One on a chain is asked for it, once;
 * then it is known. answer may be NULL.
 * NECTAR_EUNREACHABLE it gave no usable answer, NECTAR_ENOMEM; *out is untouched then.
 */
NECTAR_API int nectar_registry_tld(char out[NECTAR_LABEL_MAX + 1], struct nectar_registry *registry,
                                   struct nectar_answer *answer);

/* The URI of one of the registries, without anything secret in it; NULL behind the last. Valid as
 * long as the registry. */
NECTAR_API const char *nectar_registry_label(const struct nectar_registry *registry, size_t index);

/* May asking them take as long as a network does? False: they are all in files. */
NECTAR_API bool nectar_registry_is_remote(const struct nectar_registry *registry);

/*
 * The full name of a name: itself if it has a dot, else with the first registry's TLD.
 * NECTAR_ENAME, and of a bare name also the errors of nectar_registry_tld. answer may be NULL.
 */
NECTAR_API int nectar_registry_full_name(char out[NECTAR_NAME_MAX + 1],
                                         struct nectar_registry *registry, const char *name,
                                         struct nectar_answer *answer);

/*
 * Looks a full name up. fresh: ask the registry itself, not a cache. URIs with one contract, on one
 * chain, are endpoints of one registry: the first that gives an answer of use will do, but that
 * there is no such name has to be said by a second one, where there is one. answer may be NULL.
 * NECTAR_EUNKNOWN every registry answered and none has the name; NECTAR_EUNREACHABLE none has it
 * and at least one gave no usable answer; NECTAR_ENAME, NECTAR_ENOMEM. *out is untouched on error.
 */
NECTAR_API int nectar_registry_lookup(struct nectar_registry *registry, const char *name,
                                      bool fresh, struct nectar_record *out,
                                      struct nectar_answer *answer);

/* What is kept of a name, however old it is. False: nothing; *out is untouched. answer may be
 * NULL. */
NECTAR_API bool nectar_registry_recall(struct nectar_registry *registry, const char *name,
                                       struct nectar_record *out, struct nectar_answer *answer);

/*
 * The same as nectar_registry_lookup, asking one of the URIs alone, counted from 0; index is less
 * than there are.
 */
NECTAR_API int nectar_registry_lookup_at(struct nectar_registry *registry, size_t index,
                                         const char *name, bool fresh, struct nectar_record *out,
                                         struct nectar_answer *answer);

/*
 * Makes the first registry hold record, atomically and durably. The record carries the new key;
 * signer is the key that the name has in the registry now (of a new name: the record's own), and
 * must match it. *sequence: the number of the change, unique and rising in that registry; 0 when
 * nothing had to change.
 * NECTAR_EREJECTED the name has another key than signer's; NECTAR_EREADONLY this registry cannot
 * be written; NECTAR_EUNREACHABLE it cannot be opened or stays locked; NECTAR_ENAME,
 * NECTAR_EADDRESS the record is not well formed; NECTAR_ENOMEM. answer may be NULL.
 */
NECTAR_API int nectar_registry_publish(struct nectar_registry *registry,
                                       const struct nectar_record *record,
                                       const struct nectar_key *signer, uint64_t *sequence,
                                       struct nectar_answer *answer);

#ifdef __cplusplus
}
#endif
#endif
