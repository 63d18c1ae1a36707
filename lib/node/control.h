/*
 * Inside the control socket: control (clients and their lines), control_serve (what they ask for
 * and are told), control_status (how the node stands), control_json (the lines); and for the other
 * side control_client, control_call and control_answer.
 */
#ifndef NODE_CONTROL_H
#define NODE_CONTROL_H

#include <sys/queue.h>

#include <nectar/control.h>

#include "net/control.h"
#include "node/control_json.h"
#include "node/node.h"

enum {
    CONTROL_CLIENTS_MAX = 64,
    CONTROL_CALLS_MAX = 256,        /* sends and requests of one client under way */
    CONTROL_CALLS_BYTES = 32 << 20, /* and what they hold: then it is not read on */
    CONTROL_OUTPUT_FULL = 1 << 20,  /* bytes that wait for it: then it is not read on */
    CONTROL_OUTPUT_MAX = 48 << 20,  /* and then it is given up */
    CONTROL_TOTAL_MAX = 256 << 20,  /* bytes that all clients together may have us hold */
};

#define CONTROL_LINE_TIME  TIME_S(10)     /* for a line that has begun to be whole */
#define CONTROL_STUCK_TIME TIME_S(30)     /* for a client to read on when output waits */
#define CONTROL_IDLE_TIME  TIME_S(5 * 60) /* without a line, and with nothing under way */

/* A program at the other end. */
struct control_client {
    TAILQ_ENTRY(control_client) all;
    struct nectar_node *node;
    struct net_stream *stream;
    struct net_timer *timer;
    struct bytes in;
    size_t scanned; /* bytes of in that hold no newline */
    struct bytes out;
    size_t gone; /* bytes at the front of out already written */
    size_t calls;
    size_t call_bytes;
    uint64_t began; /* the line at the front of in; or the last one ended */
    uint64_t wrote; /* the last progress in writing */
    bool ended;     /* it says nothing more */
    bool over;      /* to be freed with the next turn of the loop */
};

TAILQ_HEAD(control_clients, control_client);

/* What a client waits for: the end of a send, or what the program answers. */
struct control_call {
    TAILQ_ENTRY(control_call) all;
    struct control_client *client; /* NULL: gone */
    char ref[CONTROL_REF_MAX + 1];
    struct json *json; /* what it was read from; its message points into it */
    struct control_message message;
    size_t bytes;
    bool is_ask;
    bool told; /* an ask that the program knows of */
    uint64_t id;
    enum nectar_control_request ask;
};

TAILQ_HEAD(control_calls, control_call);

struct node_control {
    struct net_control *socket;
    struct control_clients clients;
    size_t count;
    struct control_calls calls;
    uint64_t serial; /* of asks */
    size_t call_bytes;
};

/* For the node: what a client asks of the program, as an event; and does any wait to be told? */
bool node_control_tell(struct nectar_node *node, struct nectar_node_event *event);
bool node_control_waits(const struct nectar_node *node);
/* Is it what became of a client's send? Then the client has been told, and nothing is shown. */
bool node_control_takes(struct nectar_node *node, struct nectar_node_event *event);
void node_control_free(struct nectar_node *node);

/* control: a line for a client has been put into its output, as control_end said. */
void control_client_written(struct control_client *client, int error);
/* One of its calls is over: it may be read on. */
void control_call_free(struct nectar_node *node, struct control_call *call);
void control_client_fail(struct control_client *client);

/* serve: deals with one line; *json is taken over where it is set to NULL. */
void control_greet(struct control_client *client);
void control_serve(struct control_client *client, struct json **json, size_t bytes);
void control_refuse(struct control_client *client, const char *ref, int error, const char *reason);

/* status */
void control_status_write(struct control_client *client, const char *ref);
void control_peers_write(struct control_client *client, const char *ref);
int control_status_read(struct nectar_status *out, const struct json *line);
int control_peer_read(struct nectar_peer *out, const struct json *line);
int control_hex(uint8_t key[NECTAR_PUBLIC_BYTES], const struct json *line);

#endif
