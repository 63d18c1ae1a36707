/*
 * Errors, said in one voice: a line on stderr and at most one hint below it, or with --json an
 * object of type "error" on stdout.
 *
 *     nectar-net send: bob.nec: offline at tcp 203.0.113.5:9005: Connection refused
 *       r1.nec at tcp: Connection refused          each router that was tried
 *     hint: ...
 */
#ifndef SHARED_REPORT_H
#define SHARED_REPORT_H

#include <stddef.h>
#include <stdint.h>

#include <nectar/node.h>

/* All-zero fields are left out. */
struct report {
    int exit;            /* an exit status */
    const char *peer;    /* the name it is about */
    const char *subject; /* or the file, option or address */
    const char *stage;   /* how far a connection came */
    const char *addr;    /* what was dialled */
    const char *source;  /* the registry that it is about; JSON, where the reason says it, too */
    const char *reason;
    const char *hint;
    uint64_t elapsed;                 /* us; 0: since the command began */
    size_t line;                      /* of standard input */
    const char *ref;                  /* of that line; JSON */
    const struct nectar_tried *tried; /* each router on the way to the peer */
    size_t tried_count;
};

/* Says it; returns its exit status. */
int report(const struct report *report);

/* The same, for an error of this machine: nectar-net VERB: SUBJECT: reason. */
int report_local(int exit, const char *subject, const char *hint, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Says why a send failed. */
int report_failure(const char *peer, const struct nectar_failure *failure);

/* The same, for the caller to add to. Points to what failure points to. */
struct report report_of_failure(const char *peer, const struct nectar_failure *failure);

/* A note for people, on stderr, unless -q or --json. */
void report_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* An error line made beforehand, for a signal handler to write. */
struct report_prepared {
    int fd;
    size_t len;
    char text[512];
};
void report_prepare(struct report_prepared *out, const struct report *report);

/* May stderr be coloured? Known after the options are read. */
void report_color(const char *choice);

#endif
