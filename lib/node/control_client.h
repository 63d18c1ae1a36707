/* Inside the other side of a control socket: control_client (the connection, its
 * lines), control_call (sends, and waiting for them) and control_answer (what is answered). */
#ifndef NODE_CONTROL_CLIENT_H
#define NODE_CONTROL_CLIENT_H

#include <sys/queue.h>

#include <nectar/control.h>

#include "net/control.h"
#include "node/control_json.h"

enum {
    CLIENT_OUTPUT_FULL = 1 << 20,
    CLIENT_FLIGHT_MAX = 128,        /* sends under way; below what the node takes */
    CLIENT_FLIGHT_BYTES = 15 << 20, /* and the bytes of their lines, unless it is only one */
    CLIENT_OUTPUT_MAX = 2 * CONTROL_LINE_MAX,
};

#define CLIENT_QUIET_TIME   TIME_S(3)  /* then the node is asked whether it is there */
#define CLIENT_IDLE_TIME    TIME_S(60) /* without sends, so that it keeps us */
#define CLIENT_SILENCE_TIME TIME_S(10) /* and then it is not */

/* A send that has not ended. */
struct client_call {
    TAILQ_ENTRY(client_call) all;
    uint64_t id;
    size_t bytes;
    uint64_t since;
    char peer[NECTAR_NAME_MAX + 1];
};

TAILQ_HEAD(client_calls, client_call);

struct nectar_control {
    struct net_loop *loop;
    struct net_stream *stream;
    struct bytes in;
    size_t scanned; /* bytes of in that hold no newline */
    struct bytes out;
    size_t gone;
    bool closed;    /* the node has ended the connection */
    int error;      /* what it says cannot be read */
    uint64_t heard; /* when it last said something, or read on */
    uint64_t asked; /* when it was last asked whether it is there */
    uint64_t serial;
    struct nectar_control_host host;
    struct json *greeting; /* the host's labels point into it */
    struct client_calls calls;
    size_t call_count;
    size_t call_bytes;
    struct client_call *told; /* the one the last event told of */
    struct json *shown;       /* the line it came from */
    struct control_message message;
    struct nectar_failure failure;
    struct nectar_tried tried[NECTAR_ROUTERS_MAX];
    const char **notes;
};

/* client: the next line, or NULL when there was none by then. 0, NECTAR_EDEADLINE (or interrupted),
 * NECTAR_ECLOSED, NECTAR_EFORMAT, NECTAR_ENOMEM. */
int client_line(struct nectar_control *control, struct json **out, uint64_t until);
/* The line at the front, if it is whole: *out NULL if not. */
int client_take_line(struct nectar_control *control, struct json **out);
/* Waits for the socket, at most until then. */
void client_await(struct nectar_control *control, uint64_t until);
/* What the last event showed is no longer needed. */
void client_forget(struct nectar_control *control);
/* A line has been put into the output, as control_end said. */
int client_queued(struct nectar_control *control, int error);
/* The send of that ref, taken off the list. */
struct client_call *client_take(struct nectar_control *control, const char *ref);

/* answer: makes an event of a line; false if it is none. */
bool client_event(struct nectar_control *control, struct nectar_node_event *event);
int client_greeting(struct nectar_control *control, struct json *line, char *reason);

#endif
