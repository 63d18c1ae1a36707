/*
 * Errors. Functions of this library return 0 or one of these negative numbers; sizes and objects
 * leave through parameters. "Need more bytes" is no error anywhere.
 */
#ifndef NECTAR_ERROR_H
#define NECTAR_ERROR_H

#include <nectar/export.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One row per error: name, number, text. The numbers are part of the interface. */
#define NECTAR_ERRORS(X)                                                                           \
    X(ENOMEM, -1, "out of memory")                                                                 \
    X(EINTERNAL, -2, "internal error")                                                             \
    X(ENAME, -3, "not a node name")                                                                \
    X(EADDRESS, -4, "not an address")                                                              \
    X(EFORMAT, -5, "malformed input")                                                              \
    X(ETOOBIG, -6, "larger than allowed")                                                          \
    X(EIO, -7, "input/output error")                                                               \
    X(EBUSY, -8, "in use by another process")                                                      \
    X(EFULL, -9, "output is full")                                                                 \
    X(EEXISTS, -10, "already exists")                                                              \
    X(ENOKEY, -20, "no such key file")                                                             \
    X(EKEYMODE, -21, "key file is open to others")                                                 \
    X(EKEYFILE, -22, "not a key file")                                                             \
    X(ESEALED, -23, "key is sealed: a passphrase is needed")                                       \
    X(EPASSPHRASE, -24, "wrong passphrase")                                                        \
    X(EURI, -30, "not a registry URI")                                                             \
    X(EUNREACHABLE, -31, "no registry gave a usable answer")                                       \
    X(EUNKNOWN, -32, "no such name")                                                               \
    X(EREJECTED, -33, "refused by the registry")                                                   \
    X(EREADONLY, -34, "registry is read-only")                                                     \
    X(ETXFAILED, -35, "transaction failed")                                                        \
    X(ETXPENDING, -36, "transaction is sent and not yet confirmed")                                \
    X(ECOST, -37, "costs more than allowed")                                                       \
    X(EUPGRADE, -40, "not a WebSocket upgrade")                                                    \
    X(EFRAME, -41, "WebSocket protocol violation")                                                 \
    X(ETEXT, -42, "text message where only binary is allowed")                                     \
    X(EHANDSHAKE, -43, "malformed handshake message")                                              \
    X(EVERSION, -44, "unsupported protocol version")                                               \
    X(EIDENTITY, -45, "peer claims another name")                                                  \
    X(ESTRANGER, -46, "peer's name is not in the registry")                                        \
    X(ESIGNATURE, -47, "signature does not match the published key")                               \
    X(EDECRYPT, -48, "decryption failed")                                                          \
    X(ELENGTH, -49, "declared length is over the maximum")                                         \
    X(ESHORT, -50, "first chunk is shorter than a length")                                         \
    X(EEXCESS, -51, "more bytes than declared")                                                    \
    X(EMESSAGE, -52, "undecodable message")                                                        \
    X(ESOURCE, -53, "source is not the peer")                                                      \
    X(ETARGET, -54, "target is not this node")                                                     \
    X(EPROCESS, -55, "malformed source process")                                                   \
    X(EPROXY, -56, "peer asks to be routed for; this node does not route")                         \
    X(ENONCE, -57, "too many messages on one connection")                                          \
    X(ECLOSED, -60, "closed by the peer")                                                          \
    X(ECUT, -61, "connection lost")                                                                \
    X(EDEADLINE, -62, "timed out")                                                                 \
    X(EOFFLINE, -70, "offline")                                                                    \
    X(ETIMEOUT, -71, "timeout")

enum nectar_error {
    NECTAR_OK = 0,
#define NECTAR_ERROR_ROW(name, number, text) NECTAR_##name = (number),
    NECTAR_ERRORS(NECTAR_ERROR_ROW)
#undef NECTAR_ERROR_ROW
};

/* The English text of an error, without a final stop; "ok" for 0, "unknown error" for a number
 * that is none of ours. Static storage. */
NECTAR_API const char *nectar_error_text(int error);

/* The name of an error as the source writes it ("NECTAR_EOFFLINE"). Static storage. */
NECTAR_API const char *nectar_error_name(int error);

#ifdef __cplusplus
}
#endif
#endif
