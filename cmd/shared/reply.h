/* The answer to a message. */
#ifndef SHARED_REPLY_H
#define SHARED_REPLY_H

#include <nectar/node.h>

/* Prints it: the body, byte for byte, or type "reply". */
void reply_print(const struct nectar_node_event *event);

#endif
