/*
 * Who a node is: its name, its addresses, and the record a registry holds of it.
 * The record is the founding document's: username, networking_key, ws_routing, allowed_routers.
 */
#ifndef NECTAR_IDENTITY_H
#define NECTAR_IDENTITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nectar/export.h>

#ifdef __cplusplus
extern "C" {
#endif

#define NECTAR_NAME_MAX          253                   /* bytes of a full name */
#define NECTAR_LABEL_MAX         63                    /* bytes between two dots */
#define NECTAR_HOST_MAX          255                   /* bytes of a host name or address */
#define NECTAR_ROUTERS_MAX       32                    /* routers in a record */
#define NECTAR_PUBLIC_BYTES      32                    /* an Ed25519 public key */
#define NECTAR_ADDRESS_TEXT_SIZE (NECTAR_HOST_MAX + 9) /* "[host]:65535" and NUL */

/* Where a node listens. Absent when port is 0. */
struct nectar_address {
    char host[NECTAR_HOST_MAX + 1]; /* IPv4, IPv6 without brackets, or a host name */
    uint16_t port;
};

/* What a registry says of one name. Plain: copy it, no clean-up. All-zero is empty. */
struct nectar_record {
    char name[NECTAR_NAME_MAX + 1];   /* full name */
    bool has_key;                     /* a name may be registered without a key */
    uint8_t key[NECTAR_PUBLIC_BYTES]; /* Ed25519 */
    struct nectar_address ws;         /* port 0: not direct */
    struct nectar_address tcp;        /* port 0: does not speak TCP */
    size_t router_count;
    /* Full names; "0x" and 64 digits where only the hash of a name is known: it cannot be reached.
     */
    char routers[NECTAR_ROUTERS_MAX][NECTAR_NAME_MAX + 1];
};

/*
 * Is this a full or bare node name: labels of [a-z0-9-], 1 to 63 bytes each, joined by dots, at
 * most 253 bytes together? Returns 0, or NECTAR_ENAME. (PROTOCOL: identity)
 */
NECTAR_API int nectar_name_check(const char *name);

/*
 * Reads "HOST:PORT" or "[IPV6]:PORT" into *out. NECTAR_EADDRESS if the host is empty, longer than
 * NECTAR_HOST_MAX, holds a byte that no host name has, or the port is not 1 to 65535. *out is
 * untouched on error.
 */
NECTAR_API int nectar_address_parse(struct nectar_address *out, const char *text);

/* Writes "HOST:PORT", IPv6 in brackets, into text (NECTAR_ADDRESS_TEXT_SIZE bytes at least). */
NECTAR_API void nectar_address_format(char *text, size_t size,
                                      const struct nectar_address *address);

/* Does the record hold an address to dial? Such a node is direct even if routers are listed. */
NECTAR_API bool nectar_record_is_direct(const struct nectar_record *record);

/* Are two records the same in everything they say? */
NECTAR_API bool nectar_record_equal(const struct nectar_record *a, const struct nectar_record *b);

/*
 * The record as one JSON object without a newline, in the founding document's field names, the
 * full name first. *out is a new string: free() it. NECTAR_ENOMEM.
 */
NECTAR_API int nectar_record_format(char **out, const struct nectar_record *record);

/*
 * Reads such an object. tld is added to a bare username and to bare routers; NULL refuses them.
 * NECTAR_EFORMAT not that shape, NECTAR_ENAME, NECTAR_EADDRESS, NECTAR_ENOMEM. *out is untouched
 * on error.
 */
NECTAR_API int nectar_record_parse(struct nectar_record *out, const char *json, size_t len,
                                   const char *tld);

#ifdef __cplusplus
}
#endif
#endif
