/* The way of packets from one place to another, and what goes wrong on it. */
#ifndef FAULT_WAY_H
#define FAULT_WAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    WAY_PACKET_MAX = 65536,
    WAY_QUEUE = 4 << 20,    /* bytes under way, unless told otherwise */
    WAY_HEAP_MAX = 1 << 17, /* packets under way, over all ways */
    WAY_CERTAIN = 1000000,  /* of a million */
};

/* From one place to another. All-zero but queue and random passes everything on at once. */
struct way {
    uint64_t delay, jitter;   /* ns: delay, and up to jitter more; that may change the order */
    uint32_t loss, duplicate; /* so many of a million packets */
    uint64_t rate;            /* bytes a second; 0: no limit */
    size_t queue;             /* bytes that may be under way; what is more is lost */
    size_t largest;           /* larger packets are lost without a word; 0: none are */
    uint64_t until;           /* nothing passes once so many bytes have arrived; 0: no such bound */
    bool cut;                 /* nothing passes, nor what is under way */
    uint64_t random;
    uint64_t free_at; /* when the last packet has gone out, at that rate */
    size_t queued;
    uint64_t packets, bytes; /* that have arrived */
    uint64_t lost;           /* packets */
};

struct packet;

/* Packets under way: a heap, the next one due at the top. */
struct wire {
    struct packet **heap;
    size_t count;
    uint64_t serial;
};

/* No fault; random from seed. What is under way and the counts stay. */
void way_reset(struct way *way, uint64_t seed);

/* Takes a packet, now (ns); it arrives at the TUN device to, or does not. */
void wire_take(struct wire *wire, struct way *way, int to, const uint8_t *data, size_t len,
               uint64_t now);

/* Lets arrive what is due; *next is when the next one is, UINT64_MAX if none waits. */
void wire_deliver(struct wire *wire, uint64_t now, uint64_t *next);

#endif
