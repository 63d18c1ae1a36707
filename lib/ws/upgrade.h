/*
 * The opening handshake of RFC 6455, section 4: strict, at most 8 KiB, path "/", no extensions and
 * no subprotocols (offers of them are declined by silence, as the RFC has it).
 */
#ifndef WS_UPGRADE_H
#define WS_UPGRADE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

enum {
    WS_UPGRADE_MAX = 8192, /* bytes of a request or response head */
    WS_NONCE_BYTES = 16,
    WS_REASON_SIZE = 96,
};

/* Appends a client's request. host is "HOST:PORT". NECTAR_EADDRESS it holds a byte that is not
 * visible ASCII, NECTAR_ETOOBIG, NECTAR_ENOMEM: out is unchanged. */
int ws_upgrade_request(struct bytes *out, const char *host, const uint8_t nonce[WS_NONCE_BYTES]);

/*
 * Reads a client's request from head, which collects it between calls (max WS_UPGRADE_MAX).
 * *used: how many of len bytes belong to the head; *done once it is whole: then the answer
 * (101) is appended to answer. On NECTAR_EUPGRADE (not an upgrade, malformed, or with a body) and
 * NECTAR_ETOOBIG (over 8 KiB) an HTTP error (400, 404, 405, 426, 431) is appended to answer, to be
 * sent before closing, and reason says why, printable. NECTAR_ENOMEM. head is freed with *done and
 * with every error.
 */
int ws_upgrade_accept(struct bytes *head, const uint8_t *data, size_t len, size_t *used, bool *done,
                      struct bytes *answer, char reason[WS_REASON_SIZE]);

/*
 * Reads a server's response likewise. NECTAR_EUPGRADE unless it is a 101 with the right
 * Sec-WebSocket-Accept, no extension and no subprotocol; reason holds the status line when it is
 * another status. NECTAR_ETOOBIG, NECTAR_ENOMEM.
 */
int ws_upgrade_confirm(struct bytes *head, const uint8_t *data, size_t len, size_t *used,
                       bool *done, const uint8_t nonce[WS_NONCE_BYTES],
                       char reason[WS_REASON_SIZE]);

#endif
