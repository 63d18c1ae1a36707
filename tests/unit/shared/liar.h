/*
 * A peer on a real socket whose every act is the test's: it opens connections as it should, notes
 * the requests it reads, and answers, closes, cuts or falls deaf only when it is told to.
 */
#ifndef UNIT_LIAR_H
#define UNIT_LIAR_H

#include <netinet/in.h>

#include <nectar/nectar.h>

#include "unit/shared/town.h"

enum { LIAR_CONNS = 8, LIAR_REQUESTS = 64, LIAR_INPUT = 65536 };

struct liar_conn {
    int fd; /* -1: it has ended */
    struct nectar_link *link;
    bool open;
    bool deaf;       /* reads nothing more */
    bool deaf_early; /* from when it is open: what comes right behind is not looked at */
    uint16_t close;  /* the code of the node's Close; 0: none has come */
    size_t pending;  /* bytes read and not looked at */
    uint8_t input[LIAR_INPUT];
};

/* A request that it has read. */
struct liar_request {
    struct liar_conn *conn;
    uint64_t id;
    enum nectar_form form;
    char source[NECTAR_NAME_MAX + 64], target[NECTAR_NAME_MAX + 64];
};

struct liar {
    struct town *town;
    size_t who; /* in the town, whose name and key it has; published where it listens */
    int listener;
    bool deaf_early;      /* its next connections are */
    bool deaf_at_request; /* it falls deaf when it has read one */
    size_t count;
    struct liar_conn conns[LIAR_CONNS];
    size_t request_count;
    struct liar_request requests[LIAR_REQUESTS];
};

void liar_begin(struct liar *liar, struct town *town, const char *name);
void liar_end(struct liar *liar);

/* The bytes that the system keeps of what it has not read, on connections that are yet to come. */
void liar_room(struct liar *liar, int room);

/* Takes connections, reads what there is, writes what it has to say. */
void liar_turn(struct liar *liar);

/* Dials a node that listens; the connection opens in later turns. */
struct liar_conn *liar_dial(struct liar *liar, size_t who, in_port_t port);

void liar_answer(struct liar *liar, const struct liar_request *request, struct liar_conn *by);

/* A request of its own to a process of the node; expects: it wants an answer. */
void liar_ask(struct liar *liar, struct liar_conn *conn, size_t who, uint64_t id, bool expects);

void liar_close(struct liar_conn *conn, uint16_t code);
void liar_cut(struct liar_conn *conn);
void liar_reset(struct liar_conn *conn);

/* Says nothing more, and keeps what comes. */
void liar_end_stream(struct liar_conn *conn);

/* Has the node said something that was not read? */
bool liar_is_told(const struct liar_conn *conn);

#endif
