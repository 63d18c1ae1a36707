/*
 * A kernel message: what two nodes say to each other once a connection stands.
 */
#ifndef NECTAR_MESSAGE_H
#define NECTAR_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

#include <nectar/view.h>

#define NECTAR_MESSAGE_MAX 10485800 /* bytes of a serialised message */

/*
 * How byte vectors are written (PROTOCOL: serialisation). bin costs nothing and decodes ten times
 * faster; an array of integers is what every decoder takes, those from before April 2024 included.
 */
enum nectar_form { NECTAR_FORM_BIN, NECTAR_FORM_ARRAY };

enum nectar_message_kind { NECTAR_REQUEST, NECTAR_RESPONSE };

/*
 * Views are borrowed. Optional views are absent when data is NULL. All-zero is an empty request.
 * Addresses are "node@process:package:publisher".
 */
struct nectar_message {
    uint64_t id;
    enum nectar_message_kind kind;
    enum nectar_form form; /* of body, context and blob: as the body came, or as they are to go */
    struct nectar_view source;
    struct nectar_view target;
    struct nectar_view rsvp; /* optional: where the answer goes instead of source */
    bool inherit;
    bool expects_response;           /* requests only */
    uint64_t expects_s;              /* whole seconds, when expects_response */
    struct nectar_view body;         /* NULL counts as empty */
    struct nectar_view metadata;     /* optional, UTF-8 */
    struct nectar_view capabilities; /* the MessagePack array as it stands on the wire; NULL: [] */
    struct nectar_view context;      /* optional, responses only */
    struct nectar_view blob;         /* optional: the lazy-load blob's bytes */
    struct nectar_view mime;         /* optional, only with a blob */
};

#endif
