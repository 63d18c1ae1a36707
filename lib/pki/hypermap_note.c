#include "pki/hypermap_note.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include <nectar/error.h>
#include <nectar/text.h>

#include "base/view.h"
#include "pki/name.h"

enum { IPV4_BYTES = 4, IPV6_BYTES = 16, PORT_BYTES = 2 };

static const char *const LABELS[HYPERMAP_NOTES] = {
    [HYPERMAP_NET_KEY] = "~net-key", [HYPERMAP_IP] = "~ip",
    [HYPERMAP_WS_PORT] = "~ws-port", [HYPERMAP_TCP_PORT] = "~tcp-port",
    [HYPERMAP_ROUTERS] = "~routers",
};

static const uint8_t NO_PORT[PORT_BYTES];
static const struct nectar_view EMPTY;

const char *hypermap_note_label(enum hypermap_note note)
{
    return LABELS[note];
}

enum hypermap_note hypermap_note_of(struct nectar_view label)
{
    unsigned note = 0;

    while (note < HYPERMAP_NOTES && !view_equal_text(label, LABELS[note]))
        note++;
    return (enum hypermap_note)note;
}

/* --- reading --------------------------------------------------------------------------------- */

/* The text of an IP address; empty if it is none. inet_ntop asks no network. */
static void read_host(char out[NECTAR_HOST_MAX + 1], struct nectar_view ip)
{
    out[0] = '\0';
    if (ip.len == IPV4_BYTES || ip.len == IPV6_BYTES)
        (void)inet_ntop(ip.len == IPV4_BYTES ? AF_INET : AF_INET6, ip.data, out,
                        NECTAR_HOST_MAX + 1);
}

/* 0 also for what is no port. */
static uint16_t read_port(struct nectar_view port)
{
    return port.len == PORT_BYTES ? (uint16_t)(port.data[0] * 256U + port.data[1]) : 0;
}

static void read_address(struct nectar_address *out, const char *host, struct nectar_view port)
{
    out->port = host[0] ? read_port(port) : 0;
    if (out->port)
        snprintf(out->host, sizeof out->host, "%s", host);
}

static void read_routers(struct nectar_record *out, struct nectar_view hashes)
{
    size_t count = hashes.len % HYPERMAP_HASH_BYTES ? 0 : hashes.len / HYPERMAP_HASH_BYTES;

    out->router_count = count < NECTAR_ROUTERS_MAX ? count : NECTAR_ROUTERS_MAX;
    for (size_t i = 0; i < out->router_count; i++)
        name_of_hash(out->routers[i], hashes.data + i * HYPERMAP_HASH_BYTES);
}

void hypermap_note_read(struct nectar_record *out, const char *name,
                        const struct hypermap_notes *notes)
{
    const struct nectar_view *data = notes->data;
    char host[NECTAR_HOST_MAX + 1];

    memset(out, 0, sizeof *out);
    snprintf(out->name, sizeof out->name, "%s", name);
    out->has_key = data[HYPERMAP_NET_KEY].len == sizeof out->key;
    if (out->has_key)
        memcpy(out->key, data[HYPERMAP_NET_KEY].data, sizeof out->key);
    read_host(host, data[HYPERMAP_IP]);
    read_address(&out->ws, host, data[HYPERMAP_WS_PORT]);
    read_address(&out->tcp, host, data[HYPERMAP_TCP_PORT]);
    read_routers(out, data[HYPERMAP_ROUTERS]);
}

void hypermap_note_rule(struct nectar_record *record)
{
    if (record->ws.port == 0 && record->tcp.port == 0)
        return;
    memset(record->routers, 0, sizeof record->routers);
    record->router_count = 0;
}

/* --- writing --------------------------------------------------------------------------------- */

/* Puts what is appended to room under a note. */
static void put(struct hypermap_notes *out, uint8_t **room, enum hypermap_note note,
                const void *data, size_t len)
{
    memcpy(*room, data, len);
    out->data[note] = (struct nectar_view){*room, len};
    *room += len;
}

static void put_port(struct hypermap_notes *out, uint8_t **room, enum hypermap_note note,
                     uint16_t port)
{
    const uint8_t bytes[PORT_BYTES] = {(uint8_t)(port >> 8), (uint8_t)port};

    if (port)
        put(out, room, note, bytes, sizeof bytes);
}

static int put_address(struct hypermap_notes *out, uint8_t **room,
                       const struct nectar_record *record, const char **why)
{
    const char *host = record->ws.port ? record->ws.host : record->tcp.host;
    uint8_t ip[IPV6_BYTES];
    size_t len = strchr(host, ':') ? IPV6_BYTES : IPV4_BYTES;

    if (inet_pton(len == IPV6_BYTES ? AF_INET6 : AF_INET, host, ip) != 1) {
        *why = "Hypermap has room for IP addresses only, not for host names";
        return NECTAR_EADDRESS;
    }
    if (record->ws.port && record->tcp.port && strcmp(record->ws.host, record->tcp.host) != 0) {
        *why = "Hypermap has room for one IP address, not for two";
        return NECTAR_EADDRESS;
    }
    if (record->router_count > 0) {
        *why = "in Hypermap a name has an address or routers, not both";
        return NECTAR_EADDRESS;
    }
    put(out, room, HYPERMAP_IP, ip, len);
    put_port(out, room, HYPERMAP_WS_PORT, record->ws.port);
    put_port(out, room, HYPERMAP_TCP_PORT, record->tcp.port);
    return 0;
}

int hypermap_note_write(struct hypermap_notes *out, uint8_t room[HYPERMAP_ROOM],
                        const struct nectar_record *record, const char **why)
{
    uint8_t hashes[HYPERMAP_NOTE_MAX];
    int error = 0;

    memset(out, 0, sizeof *out);
    if (record->has_key)
        put(out, &room, HYPERMAP_NET_KEY, record->key, sizeof record->key);
    if (record->ws.port || record->tcp.port)
        error = put_address(out, &room, record, why);
    for (size_t i = 0; i < record->router_count; i++)
        if (!name_read_hash(hashes + i * HYPERMAP_HASH_BYTES, record->routers[i]))
            hypermap_hash_name(hashes + i * HYPERMAP_HASH_BYTES, record->routers[i]);
    if (!error)
        put(out, &room, HYPERMAP_ROUTERS, hashes, record->router_count * HYPERMAP_HASH_BYTES);
    return error;
}

/* --- what to write --------------------------------------------------------------------------- */

struct plan {
    struct hypermap_change *out;
    size_t count;
};

static void add(struct plan *plan, enum hypermap_note note, struct nectar_view data)
{
    plan->out[plan->count++] = (struct hypermap_change){note, data};
}

static bool differs(const struct hypermap_notes *before, const struct hypermap_notes *after,
                    enum hypermap_note note)
{
    return !before || !view_equal(before->data[note], after->data[note]);
}

/* Does something stand there, or may it? */
static bool stands(const struct hypermap_notes *before, enum hypermap_note note)
{
    return !before || before->data[note].len > 0;
}

static bool has_port(const struct hypermap_notes *before, enum hypermap_note note)
{
    return !before || read_port(before->data[note]) != 0;
}

/* Who follows the log takes no empty port for none, so that one is taken away with port 0. */
static void add_port(struct plan *plan, enum hypermap_note note,
                     const struct hypermap_notes *before, const struct hypermap_notes *after)
{
    if (after->data[note].len > 0)
        add(plan, note, after->data[note]);
    else if (has_port(before, note))
        add(plan, note, (struct nectar_view){NO_PORT, sizeof NO_PORT});
}

static bool port_differs(const struct hypermap_notes *before, const struct hypermap_notes *after,
                         enum hypermap_note note)
{
    return !before || read_port(before->data[note]) != read_port(after->data[note]);
}

static void add_key(struct plan *plan, const struct hypermap_notes *before,
                    const struct hypermap_notes *after)
{
    if (differs(before, after, HYPERMAP_NET_KEY))
        add(plan, HYPERMAP_NET_KEY, after->data[HYPERMAP_NET_KEY]);
}

/*
 * To who follows the log any list of routers, an empty one too, takes the address away: it comes
 * first, and the address is said anew. So it is when a part of the address changes, since who asks
 * cannot tell whether it was taken away.
 */
static void plan_direct(struct plan *plan, const struct hypermap_notes *before,
                        const struct hypermap_notes *after)
{
    bool routed = stands(before, HYPERMAP_ROUTERS);
    bool anew = routed || differs(before, after, HYPERMAP_IP) ||
                port_differs(before, after, HYPERMAP_WS_PORT) ||
                port_differs(before, after, HYPERMAP_TCP_PORT);

    if (routed)
        add(plan, HYPERMAP_ROUTERS, EMPTY);
    add_key(plan, before, after);
    if (!anew)
        return;
    add(plan, HYPERMAP_IP, after->data[HYPERMAP_IP]);
    add_port(plan, HYPERMAP_WS_PORT, before, after);
    add_port(plan, HYPERMAP_TCP_PORT, before, after);
}

/* To who follows the log an address that is emptied stands as it did: routers, written last, or an
 * empty list of them, take it away there too. */
static void plan_indirect(struct plan *plan, const struct hypermap_notes *before,
                          const struct hypermap_notes *after)
{
    size_t cleared;

    add_key(plan, before, after);
    cleared = plan->count;
    if (stands(before, HYPERMAP_IP))
        add(plan, HYPERMAP_IP, EMPTY);
    if (has_port(before, HYPERMAP_WS_PORT))
        add(plan, HYPERMAP_WS_PORT, EMPTY);
    if (has_port(before, HYPERMAP_TCP_PORT))
        add(plan, HYPERMAP_TCP_PORT, EMPTY);
    if (plan->count > cleared || differs(before, after, HYPERMAP_ROUTERS))
        add(plan, HYPERMAP_ROUTERS, after->data[HYPERMAP_ROUTERS]);
}

size_t hypermap_note_plan(struct hypermap_change out[HYPERMAP_NOTES],
                          const struct hypermap_notes *before, const struct hypermap_notes *after)
{
    struct plan plan = {.out = out};

    if (after->data[HYPERMAP_IP].len > 0)
        plan_direct(&plan, before, after);
    else
        plan_indirect(&plan, before, after);
    return plan.count;
}
