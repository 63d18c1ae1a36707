#include "fault/way.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NS_PER_S 1000000000u

struct packet {
    uint64_t due;
    uint64_t serial; /* of two that are due at once, the first to come is the first to go */
    struct way *way;
    int to;
    size_t len;
    uint8_t data[];
};

void way_reset(struct way *way, uint64_t seed)
{
    way->delay = way->jitter = 0;
    way->loss = way->duplicate = 0;
    way->rate = 0;
    way->queue = WAY_QUEUE;
    way->largest = 0;
    way->until = 0;
    way->cut = false;
    way->random = seed;
    way->free_at = 0;
}

/* splitmix64: good enough for dice, and the same everywhere. */
static uint64_t next_random(struct way *way)
{
    uint64_t z = way->random += 0x9e3779b97f4a7c15u;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static bool happens(struct way *way, uint32_t of_a_million)
{
    return of_a_million && next_random(way) % WAY_CERTAIN < of_a_million;
}

static bool is_closed(const struct way *way)
{
    return way->cut || (way->until && way->bytes >= way->until);
}

static bool is_before(const struct packet *a, const struct packet *b)
{
    return a->due != b->due ? a->due < b->due : a->serial < b->serial;
}

static void push(struct wire *wire, struct packet *packet)
{
    size_t i = wire->count++;

    for (; i > 0 && is_before(packet, wire->heap[(i - 1) / 2]); i = (i - 1) / 2)
        wire->heap[i] = wire->heap[(i - 1) / 2];
    wire->heap[i] = packet;
}

static struct packet *pop(struct wire *wire)
{
    struct packet *first = wire->heap[0], *last = wire->heap[--wire->count];
    size_t i = 0, child;

    for (; (child = 2 * i + 1) < wire->count; i = child) {
        if (child + 1 < wire->count && is_before(wire->heap[child + 1], wire->heap[child]))
            child++;
        if (!is_before(wire->heap[child], last))
            break;
        wire->heap[i] = wire->heap[child];
    }
    wire->heap[i] = last;
    return first;
}

/* One copy of a packet. */
static void take_one(struct wire *wire, struct way *way, int to, const uint8_t *data, size_t len,
                     uint64_t now)
{
    struct packet *packet;
    uint64_t out = now;

    if (way->queued + len > way->queue || wire->count == WAY_HEAP_MAX ||
        !(packet = malloc(sizeof *packet + len))) {
        way->lost++;
        return;
    }
    if (way->rate) {
        out = (way->free_at > now ? way->free_at : now) + len * NS_PER_S / way->rate;
        way->free_at = out;
    }
    packet->due = out + way->delay + (way->jitter ? next_random(way) % way->jitter : 0);
    packet->serial = wire->serial++;
    packet->way = way;
    packet->to = to;
    packet->len = len;
    memcpy(packet->data, data, len);
    way->queued += len;
    push(wire, packet);
}

void wire_take(struct wire *wire, struct way *way, int to, const uint8_t *data, size_t len,
               uint64_t now)
{
    if (!wire->heap && !(wire->heap = malloc(WAY_HEAP_MAX * sizeof(struct packet *))))
        abort();
    if (is_closed(way) || (way->largest && len > way->largest) || happens(way, way->loss)) {
        way->lost++;
        return;
    }
    take_one(wire, way, to, data, len, now);
    if (happens(way, way->duplicate))
        take_one(wire, way, to, data, len, now);
}

void wire_deliver(struct wire *wire, uint64_t now, uint64_t *next)
{
    while (wire->count && wire->heap[0]->due <= now) {
        struct packet *packet = pop(wire);
        struct way *way = packet->way;

        way->queued -= packet->len;
        if (!is_closed(way) &&
            write(packet->to, packet->data, packet->len) == (ssize_t)packet->len) {
            way->packets++;
            way->bytes += packet->len;
        } else {
            way->lost++;
        }
        free(packet);
    }
    *next = wire->count ? wire->heap[0]->due : UINT64_MAX;
}
