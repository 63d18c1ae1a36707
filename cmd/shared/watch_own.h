/* What is watched, for the files watch*.c. */
#ifndef SHARED_WATCH_OWN_H
#define SHARED_WATCH_OWN_H

#include <pthread.h>

#include <nectar/listing.h>

#include "shared/watch.h"
#include "shared/watch_log.h"

struct watch_name {
    char *full;
    char *key;         /* the file of the local key that it is held against; NULL: none is */
    int key_status;    /* why that could not be read, as told; 0: it could */
    uint64_t changed;  /* when the last change was seen; 0: none was */
    char *differences; /* of the registries, as told; NULL: none */
};

enum watch_told { WATCH_NOTHING, WATCH_UNKNOWN, WATCH_RECORD };

/* What a source has said of a name, as far as that was told. */
struct watch_state {
    enum watch_told told;
    struct nectar_record record;
    bool fails;
    int failure;    /* it was told, with this status; 0: it was not */
    uint64_t asked; /* when the asking began that has told or confirmed it */
    char *drift;    /* from the local key; NULL: none */
};

struct watch_source {
    struct watch *watch;
    const char *label;                /* NULL: the list as a whole */
    struct nectar_registry *registry; /* of its thread alone */
    struct watch_log log;
    struct watch_state *states; /* of each name; for whoever holds the mutex */

    /* Of its thread alone. */
    uint64_t interval;
    size_t first;      /* the name that the next round begins with */
    bool is_down;      /* nothing was answered in the last round */
    unsigned failures; /* such rounds in a row */
    /* All names have been asked for at this block, of this registry. */
    bool is_level;
    uint64_t block;
    char at[NECTAR_HOST_MAX + 1];
};

struct watch {
    struct watch_config config;
    struct nectar_registry *registry;
    size_t count;
    struct watch_name names[WATCH_NAMES_MAX];
    size_t source_count;
    struct watch_source *sources;
    uint64_t started;      /* rounds are counted from here, so that all ask at the same time */
    pthread_mutex_t mutex; /* over what is told */
};

/* What came of asking a source for a name. */
struct watch_outcome {
    uint64_t begun; /* clock_now */
    int error;
    struct nectar_listing listing;
    struct nectar_answer answer;
};

/* A source's thread. */
void *watch_ask(void *source);

/* Tells what is new of a name. quiet: of a failure nothing is told. */
void watch_tell(struct watch_source *source, size_t index, const struct watch_outcome *outcome,
                bool quiet);

/* Nothing is new of any name. begun: when that was asked. */
void watch_tell_still(struct watch_source *source, uint64_t begun);

/* Nor is any name answered, those neither that were not asked for. */
void watch_tell_down(struct watch_source *source);

/* Something that was reported is over: a note, or with --json an object. status: what it was
 * reported as; source: NULL for none. */
void watch_tell_over(const char *name, const char *source, int status, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#endif
