/* The exit statuses: one table for all verbs, part of the interface. */
#ifndef SHARED_EXIT_H
#define SHARED_EXIT_H

/* code, constant, name, meaning, and what an error line says before the reason ("" for nothing) */
#define EXIT_STATUSES(X)                                                                           \
    X(0, OK, "ok", "done", "")                                                                     \
    X(1, INTERNAL, "internal", "a bug or out of memory", "")                                       \
    X(2, USAGE, "usage", "bad option, bad configuration", "")                                      \
    X(3, INPUT, "input", "local file or stdin unreadable or malformed; stdout cannot be written",  \
      "")                                                                                          \
    X(4, KEY, "key",                                                                               \
      "local key: missing, mode too open, wrong passphrase, not a key, not the published one", "") \
    X(5, PKI_UNREACHABLE, "pki_unreachable", "no registry gave a usable answer",                   \
      "no registry gave a usable answer")                                                          \
    X(6, UNKNOWN_NAME, "unknown_name",                                                             \
      "the registries answered: no such name; or, as a target, it has no key or no route",         \
      "unknown name")                                                                              \
    X(7, OFFLINE, "offline", "the peer could not be reached", "offline")                           \
    X(8, REJECTED, "rejected",                                                                     \
      "a registry or a local service refused: name taken, not the owner, read-only", "rejected")   \
    X(12, TX_FAILED, "tx_failed", "reverted, underpriced, no funds: the endpoint's own words",     \
      "transaction failed")                                                                        \
    X(13, TX_PENDING, "tx_pending", "sent, not confirmed in time: do not resend",                  \
      "transaction pending")                                                                       \
    X(14, PARTIAL, "partial", "several items, some failed (all failed alike: that status)", "")    \
    X(15, DRIFT, "drift", "check verbs: local and published state differ", "")                     \
    X(28, TIMEOUT, "timeout",                                                                      \
      "sent on an authenticated connection, no reply in time; or -w ran out on a wait", "timeout") \
    X(75, BUSY, "busy", "another process holds the port, lock or nonce", "busy")

enum exit_status {
#define EXIT_ROW(code, constant, name, meaning, phrase) EXIT_##constant = (code),
    EXIT_STATUSES(EXIT_ROW)
#undef EXIT_ROW
};

/* One row of the table. */
struct exit_row {
    int code;
    const char *name;
    const char *meaning;
    const char *phrase;
};

/* The rows in order; the last has no name. */
extern const struct exit_row exit_rows[];

/* The row of a status; that of EXIT_INTERNAL for a number that is none of ours. */
const struct exit_row *exit_row(int status);

/* The status that a NECTAR_E... ends in; 0 for 0. */
int exit_of_error(int error);

#endif
