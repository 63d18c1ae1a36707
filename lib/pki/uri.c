#include "pki/uri.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nectar/error.h>

#include "base/mem.h"
#include "base/view.h"
#include "pki/address.h"

enum { URI_LONGEST = 2048, LABEL_HOST = 64, DIGITS_MAX = 15 };

static int refuse(char reason[NECTAR_REASON_MAX + 1], const char *why)
{
    snprintf(reason, NECTAR_REASON_MAX + 1, "%s", why);
    return NECTAR_EURI;
}

/* --- parameters ------------------------------------------------------------------------------ */

/* Decimal digits, at most so many that they fit. */
static bool read_number(uint64_t *out, const char *text)
{
    size_t len = strspn(text, "0123456789");
    uint64_t number = 0;

    if (len == 0 || len > DIGITS_MAX || text[len] || (text[0] == '0' && len > 1))
        return false;
    for (size_t i = 0; i < len; i++)
        number = number * 10 + (uint64_t)(text[i] - '0');
    *out = number;
    return true;
}

#define ADDRESS_FORM "an address, 0x and 40 hexadecimal digits"

static bool read_contract(struct pki_uri *out, const char *value)
{
    out->has_contract = nectar_account_parse(out->contract, value) == 0;
    return out->has_contract;
}

static bool read_chain(struct pki_uri *out, const char *value)
{
    return read_number(&out->chain, value) && out->chain > 0;
}

static bool read_max_age(struct pki_uri *out, const char *value)
{
    return read_number(&out->max_age, value) && out->max_age > 0;
}

static bool read_from(struct pki_uri *out, const char *value)
{
    return read_number(&out->from, value);
}

static bool read_multicall(struct pki_uri *out, const char *value)
{
    out->has_multicall = nectar_account_parse(out->multicall, value) == 0;
    return out->has_multicall;
}

static const struct {
    const char *name;
    bool (*read)(struct pki_uri *out, const char *value);
    const char *form;
    const char *kind; /* the only one that has it; NULL: all */
} PARAMETERS[] = {
    {"contract", read_contract, ADDRESS_FORM, NULL},
    {"chain", read_chain, "a number of 1 and more", NULL},
    {"max-age", read_max_age, "a number of seconds, 1 and more", NULL},
    {"from", read_from, "the number of a block", NULL},
    {"multicall", read_multicall, ADDRESS_FORM, "hypermap+"},
};

enum { PARAMETERS_COUNT = sizeof PARAMETERS / sizeof PARAMETERS[0] };

static size_t parameter_of(const char *name, const char *scheme)
{
    size_t i = 0;

    while (i < PARAMETERS_COUNT && strcmp(PARAMETERS[i].name, name) != 0)
        i++;
    if (i < PARAMETERS_COUNT && PARAMETERS[i].kind &&
        strncmp(scheme, PARAMETERS[i].kind, strlen(PARAMETERS[i].kind)) != 0)
        i = PARAMETERS_COUNT;
    return i;
}

/* One "name=value"; given: which have been. */
static int read_parameter(struct pki_uri *out, const char *scheme, char *text,
                          bool given[PARAMETERS_COUNT], char reason[NECTAR_REASON_MAX + 1])
{
    char *value = strchr(text, '=');
    size_t which;

    if (value)
        *value++ = '\0';
    which = parameter_of(text, scheme);
    if (!value || which == PARAMETERS_COUNT)
        return refuse(reason, parameter_of("multicall", scheme) < PARAMETERS_COUNT
                                  ? "the parameters behind ? are contract=, chain=, max-age=, "
                                    "from= and multicall="
                                  : "the parameters behind ? are contract=, chain=, max-age= and "
                                    "from=");
    if (given[which])
        snprintf(reason, NECTAR_REASON_MAX + 1, "%s= is given twice", text);
    else if (!PARAMETERS[which].read(out, value))
        snprintf(reason, NECTAR_REASON_MAX + 1, "%s= takes %s", text, PARAMETERS[which].form);
    else
        *reason = '\0';
    given[which] = true;
    return *reason ? NECTAR_EURI : 0;
}

static int read_query(struct pki_uri *out, const char *scheme, char *query,
                      char reason[NECTAR_REASON_MAX + 1])
{
    bool given[PARAMETERS_COUNT] = {false};
    char *next = query;
    int error = 0;

    while (next && !error) {
        char *text = next;

        next = strchr(text, '&');
        if (next)
            *next++ = '\0';
        error = read_parameter(out, scheme, text, given, reason);
    }
    return error;
}

/* --- the endpoint ---------------------------------------------------------------------------- */

/* Visible ASCII but what would end the part, or is never written so. */
static bool is_plain(const char *text, const char *but)
{
    for (; *text; text++)
        if (*text <= ' ' || *text >= 0x7f || strchr(but, *text))
            return false;
    return true;
}

/* Takes "HOST[:PORT]" apart, which is written to. No port: 0. */
static bool split_host(char *text, struct nectar_address *out)
{
    bool v6 = text[0] == '[';
    char *end = strchr(text, v6 ? ']' : ':');
    uint64_t port = 0;

    if (v6) {
        if (!end)
            return false;
        *end++ = '\0';
        text++;
        if (*end && *end != ':')
            return false;
    }
    if (end && *end == ':') {
        *end++ = '\0';
        if (!read_number(&port, end) || port < 1 || port > UINT16_MAX)
            return false;
    }
    out->port = (uint16_t)port;
    return view_copy_text(out->host, sizeof out->host, view_of_text(text)) &&
           address_host_valid(out->host) && (strchr(out->host, ':') != NULL) == v6;
}

/* Of a long host its end, which tells more than its beginning. */
static void write_label(char label[NECTAR_HOST_MAX + 1], const char *scheme,
                        const struct nectar_address *address, bool has_path,
                        const struct pki_uri *uri)
{
    size_t len = strlen(address->host);
    bool v6 = strchr(address->host, ':') != NULL;
    bool cut = len > LABEL_HOST;
    char contract[NECTAR_ACCOUNT_TEXT_SIZE] = "";
    char port[sizeof ":65535"] = "";

    if (uri->has_contract)
        nectar_account_format(contract, uri->contract);
    if (address->port)
        snprintf(port, sizeof port, ":%u", (unsigned)address->port);
    snprintf(label, NECTAR_HOST_MAX + 1, "%.32s://%s%s%.*s%s%s%s%s%s", scheme, v6 ? "[" : "",
             cut ? "..." : "", LABEL_HOST, cut ? address->host + len - LABEL_HOST : address->host,
             v6 ? "]" : "", port, has_path ? "/..." : "", *contract ? "?contract=" : "", contract);
}

/* "[USER[:PASSWORD]@]HOST[:PORT][/PATH]", which is written to. */
static int read_endpoint(char *text, struct nectar_address *address, bool *has_path,
                         char reason[NECTAR_REASON_MAX + 1])
{
    char *path = strchr(text, '/');
    char *host = text;
    char *at;

    *has_path = path && path[1];
    if (path && !is_plain(path, "#\\\"<>"))
        return refuse(reason, "a path with other characters than those of a URL");
    if (path)
        *path = '\0';
    at = strrchr(text, '@');
    if (at) {
        *at = '\0';
        host = at + 1;
    }
    if (at && !is_plain(text, "#\\\"<>@[]"))
        return refuse(reason, "a user or password with other characters than those of a URL");
    return split_host(host, address) ? 0 : refuse(reason, "not HOST:PORT behind the //");
}

static void wipe_text(char *text)
{
    if (text)
        mem_wipe(text, strlen(text));
    free(text);
}

static int parse(struct pki_uri *out, char label[NECTAR_HOST_MAX + 1], const char *scheme,
                 char *copy, char reason[NECTAR_REASON_MAX + 1])
{
    char *query = strchr(copy, '?');
    struct nectar_address address;
    bool has_path = false;
    char *url;
    int error = 0;

    if (query)
        *query++ = '\0';
    if (strncmp(copy, "//", 2) != 0)
        return refuse(reason, "// is missing behind the colon");
    if (asprintf(&url, "%s:%s", strchr(scheme, '+') + 1, copy) < 0)
        return NECTAR_ENOMEM;
    out->url = url;
    error = read_endpoint(copy + 2, &address, &has_path, reason);
    if (!error && query)
        error = read_query(out, scheme, query, reason);
    if (!error)
        write_label(label, scheme, &address, has_path, out);
    return error;
}

int pki_uri_parse(struct pki_uri *out, char label[NECTAR_HOST_MAX + 1], const char *scheme,
                  const char *rest, char reason[NECTAR_REASON_MAX + 1])
{
    char *copy;
    int error;

    *out = (struct pki_uri){.max_age = UINT64_MAX};
    if (strlen(rest) > URI_LONGEST)
        return refuse(reason, "the URI is too long");
    copy = strdup(rest);
    if (!copy)
        return NECTAR_ENOMEM;
    error = parse(out, label, scheme, copy, reason);
    mem_wipe(copy, strlen(rest)); /* it is in pieces now */
    free(copy);
    if (error)
        pki_uri_free(out);
    return error;
}

void pki_uri_free(struct pki_uri *uri)
{
    wipe_text(uri->url);
    uri->url = NULL;
}
