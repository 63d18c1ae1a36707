/*
 * Where an object says what it does. The library never prints; it hands finished lines to the
 * sink it was given. A NULL sink is silent. No secret ever reaches a line, and bytes of a peer
 * reach one only escaped.
 */
#ifndef NECTAR_LOG_H
#define NECTAR_LOG_H

enum nectar_log_level {
    NECTAR_LOG_WARNING, /* something the operator should mend */
    NECTAR_LOG_STAGE,   /* stages of a connection */
    NECTAR_LOG_DETAIL,  /* handshake and registry detail */
    NECTAR_LOG_FRAME,   /* each frame */
};

struct nectar_log {
    enum nectar_log_level level; /* lines above it are not made */
    /* line: one line without its newline, valid during the call. */
    void (*write)(void *context, enum nectar_log_level level, const char *line);
    void *context;
};

#endif
