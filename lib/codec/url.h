/*
 * URLs as registries are named by: "sqlite:PATH", "json:PATH?tld=T",
 * "nectar+http://HOST:PORT/PATH?contract=0x..".
 */
#ifndef CODEC_URL_H
#define CODEC_URL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nectar/view.h>

/* The parts as they are written, percent signs and all: views into the text. Absent parts have
 * data NULL. */
struct url {
    struct nectar_view scheme;
    struct nectar_view user;  /* what stands before an '@': may be secret, not for logs */
    struct nectar_view host;  /* behind "//"; an IPv6 address without its brackets */
    uint16_t port;            /* 0: none given */
    struct nectar_view path;  /* never absent, may be empty; begins with '/' behind a host */
    struct nectar_view query; /* behind the first '?' */
};

/*
 * Cuts a URL into its parts. A '#' has no meaning, but belongs to the part it stands in.
 * NECTAR_EFORMAT: no scheme ([a-z][a-z0-9+.-]* and a colon), an empty or malformed host, a port
 * that is not 1 to 65535, a control character, or bytes that are not UTF-8.
 */
int url_parse(struct url *out, const char *text);

/* Takes the next "name=value" off the front of a query ("name" alone has an absent value).
 * False at its end. */
bool url_next_parameter(struct nectar_view *query, struct nectar_view *name,
                        struct nectar_view *value);

/*
 * Writes a part with its percent-escapes decoded, and a NUL. NECTAR_EFORMAT a '%' without two hex
 * digits, an escaped NUL, or what comes out is not UTF-8; NECTAR_ETOOBIG it does not fit in size.
 */
int url_decode(char *out, size_t size, struct nectar_view part);

#endif
