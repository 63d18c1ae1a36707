/* A server that does not always do what a node would. See main.c. */
#ifndef ENDPOINT_ENDPOINT_H
#define ENDPOINT_ENDPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cjson/cJSON.h>

/* A request under way. */
struct visit {
    int fd;
    char *body;
    char *argument; /* of the mode */
    cJSON *calls;   /* the body; NULL: no JSON */
    cJSON *answers; /* the node's */
};

/* A mode by its name; NULL. The second has those that ask the node. */
typedef void mode_serve(struct visit *visit);
mode_serve *mode_alone(const char *name);
mode_serve *mode_of_node(const char *name);

/* The node's reply to a body, a new text. */
char *ask_node(const char *body);

/* --- wire --- */

/* Not NULL, or the end. */
void *must(void *memory);

/* False: the other side has gone. */
bool put(int fd, const void *data, size_t len);
bool put_text(int fd, const char *text);
bool put_head(int fd, int status, long long len, const char *more); /* len below 0: not told */
bool put_body(int fd, const char *body);

/* Reads a head and the body behind it, a new text; NULL at the end of the connection. */
char *take_body(int fd);

/* Connects to a port of this machine; -1. */
int call_port(uint16_t port);

/* Until the other side has gone. */
void wait_for_end(int fd);

#endif
