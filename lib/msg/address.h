/* "node@process:package:publisher": who a message is from and for. */
#ifndef MSG_ADDRESS_H
#define MSG_ADDRESS_H

#include <stdbool.h>

#include <nectar/view.h>

/* The process that hellos go to. */
#define MSG_NET_PROCESS "net:distro:sys"

struct msg_address {
    struct nectar_view node;
    struct nectar_view process; /* "process:package:publisher" */
};

/*
 * Cuts an address at its '@'. False if it has not exactly one, if what stands behind has not
 * exactly two colons, or if one of the four parts is empty: what a running node's decoder refuses,
 * and so does msg_decode. What else the parts hold is not judged.
 */
bool msg_address_parse(struct msg_address *out, struct nectar_view text);

/* Of an address that msg_decode has taken: is it on this node? Then *process is what stands behind
 * the '@'. node is a full name. */
bool msg_address_on(struct nectar_view *process, struct nectar_view text, const char *node);

/* Is it [a-z0-9-]+:[a-z0-9-]+:[a-z0-9.-]+ ? */
bool msg_process_valid(struct nectar_view process);

#endif
