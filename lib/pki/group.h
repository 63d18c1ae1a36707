/*
 * One registry on a chain and the endpoints that it can be read by, in the order of their URIs:
 *
 *     what is kept of a name (pki/cache.h), as long as it is not too old
 *     -> an endpoint, and the next where it fails (pki/failover.c), or several that have to agree
 *        (pki/quorum.c)
 *     -> what is kept, however old, where none answers
 *
 * An endpoint that fails is left alone for a while: 1 s, and twice as long with each further
 * failure in a row, up to 60 s. Then it may show itself. Where nobody else answers, and nothing is
 * kept, it is asked all the same.
 */
#ifndef PKI_GROUP_H
#define PKI_GROUP_H

#include "pki/cache.h"
#include "pki/chain.h"
#include "pki/list.h"

enum {
    GROUP_TEXT_SIZE = 96,
    GROUP_BEHIND = 8, /* blocks behind another endpoint's newest that are no matter */
};

/* What an endpoint has to answer in, us: in its turn, one of several; where something is kept to go
 * by, those that are asked first; and then who was late, or comes after. */
#define GROUP_TURN_TIME  1500000
#define GROUP_HASTY_TIME 1000000
#define GROUP_LAST_TIME  2000000

struct member {
    struct chain *chain;
    uint8_t id[CACHE_ID_BYTES];
    struct cache_endpoint state;
    bool changed; /* which is not in the cache yet */
};

struct group {
    const struct nectar_log *log;
    const struct pki_web *web;
    struct cache *cache; /* NULL: none */
    const struct pki_manner *manner;
    uint64_t chain; /* its id; 0: not known yet */
    bool told;      /* that what is kept is used, however old */
    size_t count;
    struct member members[]; /* as many as the list has URIs: the others are of other registries */
};

/* A group of one; room: how many it may come to have. NULL: no memory. */
struct group *group_new(struct chain *chain, size_t room);
void group_free(struct group *group); /* NULL is allowed */

/* Is this an endpoint of the same registry? Then it is one of the group (unless another of it has
 * the same URL already, who would only say the same again). */
bool group_take(struct group *group, struct chain *chain);

/* Which of its endpoints has the URL of this one; NULL: it is none of this registry's. */
struct member *group_find(struct group *group, const struct chain *chain);

/* name is a full name. The errors of nectar_registry_lookup; source of answer is set. */
int group_lookup(struct group *group, const char *name, bool fresh, struct nectar_record *out,
                 struct nectar_answer *answer);

/* What is kept of a name, however old it is; false: nothing. */
bool group_recall(struct group *group, const char *name, struct nectar_record *out,
                  struct nectar_answer *answer);

/* What is kept of a name will not do without asking any longer. */
void group_age(struct group *group, const char *name);

/* The errors of nectar_registry_tld. */
int group_tld(struct group *group, char out[NECTAR_LABEL_MAX + 1], struct nectar_answer *answer);

/* --- asking (pki/group_ask.c) --- */

/* An endpoint that is asked, and what it said. */
struct asked {
    struct member *member;
    struct chain_question question;
    bool sent;    /* false: nothing had to be asked */
    bool late;    /* no answer in the time it was given */
    bool stopped; /* nobody wants one any more */
    bool behind;  /* others have told of newer blocks */
    int error;    /* 0, NECTAR_EUNKNOWN, NECTAR_EUNREACHABLE with a reason */
    struct chain_head head;
    struct nectar_record record;
    struct nectar_answer answer;
};

/* Asks them all at once about a name (NULL: about the TLD), each for at most so many us; member is
 * set. NECTAR_ENOMEM. */
int group_ask(struct group *group, struct asked *const *asked, size_t count, const char *name,
              uint64_t timeout);

/* How the endpoints do, as other processes know it too: read, and written where that has changed.
 */
void group_load(struct group *group);
void group_save(struct group *group);

/* us since 1970 */
uint64_t group_now(const struct group *group);

/* Is it left alone for now? */
bool group_shuns(const struct member *member, uint64_t now);

/* It has failed, and is left alone for a while; or it has answered, and head is its newest block.
 */
void group_trip(struct member *member, uint64_t now);
void group_mend(struct group *group, struct member *member, uint64_t head, uint64_t now);

/* Appends a reason to those that answer has; among several, the contract is left out, which is the
 * same for all. */
void group_add_reason(const struct group *group, struct nectar_answer *answer, const char *reason);

/* An answer that is believed. */
struct verdict {
    struct nectar_record record;
    struct nectar_answer answer;
    char tld[NECTAR_LABEL_MAX + 1]; /* of the registry */
    uint64_t time;                  /* of the newest block, s since 1970 */
    uint64_t agreed;                /* how many say so */
    bool sent;                      /* they were asked; false: it was clear without */
};

/*
 * The two ways to one. hurries: there is something to go by anyway, so that nobody is waited for
 * with much patience, and whoever is left alone stays so. answer is set in any case;
 * NECTAR_EUNKNOWN, NECTAR_EUNREACHABLE with a reason, NECTAR_ENOMEM.
 */
int group_failover(struct group *group, const char *name, bool hurries, struct verdict *out);
int group_quorum(struct group *group, const char *name, bool hurries, struct verdict *out);

/* Says of all of them that they are left alone. */
void group_tell_shunned(const struct group *group, struct nectar_answer *answer);

/* An endpoint's answer is the one; returns its error. */
int group_believe(struct verdict *out, const struct asked *asked, uint64_t agreed);

#endif
