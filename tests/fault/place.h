/* A place: a network namespace with one TUN device, whose packets are ours to carry. */
#ifndef FAULT_PLACE_H
#define FAULT_PLACE_H

#include <netinet/in.h>
#include <stdbool.h>

enum { PLACE_NAME_SIZE = 16 };

struct place {
    char name[PLACE_NAME_SIZE];
    struct in_addr address;
    int space; /* the namespace: it stays for as long as we have this open */
    int tun;
};

/*
 * To be called once, before any place is made. Without the right to make network namespaces we
 * move to a user namespace of our own; *alien tells. false, errno set: there is no way here.
 */
bool place_prepare(bool *alien);

/* Makes one, with this address of a /24. false, errno set. */
bool place_make(struct place *place, const char *name, struct in_addr address);

#endif
