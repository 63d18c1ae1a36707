#include "pki/address.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include <nectar/error.h>

enum { PORT_DIGITS = 5, PORT_MAX = 65535 };

static bool is_host_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_';
}

static bool is_host_name(const char *host)
{
    size_t len = 0;

    for (; host[len]; len++)
        if (len >= NECTAR_HOST_MAX || !is_host_byte(host[len]))
            return false;
    return len > 0;
}

/* Only reads text: inet_pton asks no network. */
static bool is_ipv6(const char *host)
{
    char address[INET6_ADDRSTRLEN];
    struct in6_addr binary;
    size_t len = strcspn(host, "%");

    if (len >= sizeof address)
        return false;
    memcpy(address, host, len);
    address[len] = '\0';
    if (inet_pton(AF_INET6, address, &binary) != 1)
        return false;
    return host[len] == '\0' || (strlen(host) <= NECTAR_HOST_MAX && is_host_name(host + len + 1));
}

bool address_host_valid(const char *host)
{
    return strchr(host, ':') ? is_ipv6(host) : is_host_name(host);
}

bool address_valid_or_absent(const struct nectar_address *address)
{
    return address->port == 0 || address_host_valid(address->host);
}

static int parse_port(uint16_t *out, const char *text)
{
    size_t digits = strspn(text, "0123456789");
    uint32_t port = 0;

    if (digits == 0 || digits > PORT_DIGITS || text[digits])
        return NECTAR_EADDRESS;
    for (size_t i = 0; i < digits; i++)
        port = port * 10 + (uint32_t)(text[i] - '0');
    if (port == 0 || port > PORT_MAX)
        return NECTAR_EADDRESS;
    *out = (uint16_t)port;
    return 0;
}

/* Cuts text into its host (without brackets) and what stands behind the colon. */
static int split_host(const char *text, const char **host, size_t *host_len, const char **port)
{
    const char *end;

    if (text[0] == '[') {
        end = strchr(text, ']');
        if (!end || end[1] != ':')
            return NECTAR_EADDRESS;
        *host = text + 1;
        *port = end + 2;
    } else {
        end = strchr(text, ':');
        if (!end)
            return NECTAR_EADDRESS;
        *host = text;
        *port = end + 1;
    }
    *host_len = (size_t)(end - *host);
    return *host_len > 0 && *host_len <= NECTAR_HOST_MAX ? 0 : NECTAR_EADDRESS;
}

int nectar_address_parse(struct nectar_address *out, const char *text)
{
    struct nectar_address address = {.port = 0};
    const char *host = NULL;
    const char *port = NULL;
    size_t host_len = 0;
    int error = split_host(text, &host, &host_len, &port);

    if (error)
        return error;
    memcpy(address.host, host, host_len);
    address.host[host_len] = '\0';
    if ((text[0] == '[') != (strchr(address.host, ':') != NULL))
        return NECTAR_EADDRESS;
    if (!address_host_valid(address.host))
        return NECTAR_EADDRESS;
    error = parse_port(&address.port, port);
    if (error)
        return error;
    *out = address;
    return 0;
}

void nectar_address_format(char *text, size_t size, const struct nectar_address *address)
{
    bool bare = strchr(address->host, ':') == NULL;

    snprintf(text, size, bare ? "%s:%u" : "[%s]:%u", address->host, (unsigned)address->port);
}
