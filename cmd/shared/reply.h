/* The answer to a message. */
#ifndef SHARED_REPLY_H
#define SHARED_REPLY_H

#include <nectar/node.h>

#include "shared/json.h"

/* Prints it: the body, byte for byte, or type "reply". */
void reply_print(const struct nectar_node_event *event);

/* The fields of type "reply", into an object that is open. */
void reply_fields(struct json *json, const struct nectar_node_event *event);

#endif
