/* Conversations of every kind, each played from its beginning to its end. */
#ifndef WIRE_SCENARIO_H
#define WIRE_SCENARIO_H

#include "wire/shared/take.h"
#include "wire/shared/through.h"

enum { SCENARIO_PLAYERS_MAX = 4 };

/* Everyone of a conversation, in memory that stays where it is; all-zero before it is played. */
struct stage {
    struct pair pair;
    struct through through;
    struct side alone;
};

struct scenario {
    const char *name;
    struct side_script alice, bob;
    void (*play)(struct stage *stage, const struct scenario *scenario);
    size_t step;                      /* bytes at a time; 0: all that there are */
    uint64_t span;                    /* for so long after it */
    enum nectar_role second;          /* of the other end of a way, or of who plays alone */
    int errors[SCENARIO_PLAYERS_MAX]; /* what each player ends with if nothing is amiss */
    size_t messages;                  /* that all of them have then been given */
};

extern const struct scenario SCENARIOS[];
extern const size_t SCENARIO_COUNT;

/* Before the first. */
void scenarios_begin(void);

/* The nth who plays, NULL behind the last. */
struct side *scenario_player(struct stage *stage, const struct scenario *scenario, size_t n);

void scenario_end(struct stage *stage, const struct scenario *scenario);

#endif
