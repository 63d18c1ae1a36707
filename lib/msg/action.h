/* What the body of a request to net:distro:sys asks of the node itself. */
#ifndef MSG_ACTION_H
#define MSG_ACTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nectar/view.h>

#include "base/bytes.h"

enum msg_action {
    MSG_HELLO,              /* none of the below: text for the operator, to be answered "ack" */
    MSG_CONNECTION_REQUEST, /* a router: NAME wants to reach you */
    MSG_REGISTRY_UPDATE,    /* HnsUpdate or HnsBatchUpdate: dropped without a reply */
};

/*
 * Classifies a body. name is set for MSG_CONNECTION_REQUEST and points into the body. Never fails:
 * whatever is not exactly one of the actions, trailing bytes included, is a hello.
 */
enum msg_action msg_action_decode(struct nectar_view body, struct nectar_view *name);

/* Is it the body of a response {"Rejected": name}: a node that is routed for does not want to meet
 * name? Then name points into it. */
bool msg_action_is_rejected(struct nectar_view body, struct nectar_view *name);

/* Appends the body that says so. NECTAR_ETOOBIG, NECTAR_ENOMEM. */
int msg_action_encode_rejected(struct bytes *out, struct nectar_view name);

/* Appends the body that tells a node routed for: name wants to reach you. NECTAR_ETOOBIG,
 * NECTAR_ENOMEM. */
int msg_action_encode_connection_request(struct bytes *out, struct nectar_view name);

#endif
