#include "pki/nectar_abi.h"

#include <string.h>

#include <nectar/error.h>

#include "base/view.h"
#include "contract/registry.h"
#include "crypto/keccak.h"
#include "eth/abi.h"
#include "pki/name.h"
#include "pki/record.h"

enum { ROUTERS_TEXT = NECTAR_ROUTERS_MAX * (NECTAR_NAME_MAX + 1) };

int nectar_abi_username(struct nectar_view *out, const char *name, const char *tld)
{
    const char *dot = strchr(name, '.');

    if (name_check_full(name) != 0 || strchr(dot + 1, '.') || (*tld && strcmp(dot + 1, tld) != 0))
        return NECTAR_ENAME;
    *out = (struct nectar_view){(const uint8_t *)name, (size_t)(dot - name)};
    return 0;
}

/* --- calls ----------------------------------------------------------------------------------- */

int nectar_abi_tld(struct bytes *out)
{
    struct abi_writer writer;

    abi_write_call(&writer, out, REGISTRY_TLD, 0);
    return abi_write_end(&writer);
}

int nectar_abi_record(struct bytes *out, struct nectar_view username)
{
    struct abi_writer writer;

    abi_write_call(&writer, out, REGISTRY_RECORD, 1);
    abi_put_bytes(&writer, username);
    return abi_write_end(&writer);
}

int nectar_abi_set_key(struct bytes *out, struct nectar_view username,
                       const uint8_t key[NECTAR_PUBLIC_BYTES])
{
    struct abi_writer writer;

    abi_write_call(&writer, out, REGISTRY_SET_KEY, 2);
    abi_put_bytes(&writer, username);
    abi_put_word(&writer, key);
    return abi_write_end(&writer);
}

int nectar_abi_constructor(struct bytes *out, const char *tld)
{
    struct abi_writer writer;

    abi_write_bare(&writer, out, 1);
    abi_put_bytes(&writer, view_of_text(tld));
    return abi_write_end(&writer);
}

/* A router's name as it is stored: without the registry's own TLD, where a label is left. */
static struct nectar_view stored_router(const char *name, const char *tld)
{
    struct nectar_view username;

    return *tld && nectar_abi_username(&username, name, tld) == 0 ? username : view_of_text(name);
}

/* The host of both addresses. */
static int one_host(struct nectar_view *out, const struct nectar_record *record)
{
    const struct nectar_address *ws = &record->ws;
    const struct nectar_address *tcp = &record->tcp;

    if (ws->port != 0 && tcp->port != 0 && strcmp(ws->host, tcp->host) != 0)
        return NECTAR_EADDRESS;
    *out = view_of_text(ws->port != 0 ? ws->host : tcp->port != 0 ? tcp->host : "");
    return 0;
}

int nectar_abi_publish(struct bytes *out, struct nectar_view username,
                       const struct nectar_record *record, const char *tld)
{
    static const uint8_t NO_KEY[NECTAR_PUBLIC_BYTES] = {0};
    uint8_t routers[ROUTERS_TEXT];
    size_t len = 0;
    struct abi_writer writer;
    struct nectar_view host;
    int error = one_host(&host, record);

    if (error)
        return error;
    for (size_t i = 0; i < record->router_count; i++) {
        struct nectar_view router = stored_router(record->routers[i], tld);

        if (i > 0)
            routers[len++] = ',';
        memcpy(routers + len, router.data, router.len);
        len += router.len;
    }
    abi_write_call(&writer, out, REGISTRY_PUBLISH, 6);
    abi_put_bytes(&writer, username);
    abi_put_word(&writer, record->has_key ? record->key : NO_KEY);
    abi_put_bytes(&writer, host);
    abi_put_uint(&writer, record->ws.port);
    abi_put_uint(&writer, record->tcp.port);
    abi_put_bytes(&writer, (struct nectar_view){routers, len});
    return abi_write_end(&writer);
}

/* --- replies --------------------------------------------------------------------------------- */

int nectar_abi_read_tld(char out[NECTAR_LABEL_MAX + 1], struct nectar_view reply)
{
    struct abi_reader reader;
    char tld[NECTAR_LABEL_MAX + 1];
    struct nectar_view text;

    abi_read_bare(&reader, reply, 1);
    text = abi_get_bytes(&reader);
    if (abi_read_end(&reader) != 0 || !view_copy_text(tld, sizeof tld, text) ||
        nectar_name_check(tld) != 0 || strchr(tld, '.'))
        return NECTAR_EFORMAT;
    memcpy(out, tld, sizeof tld);
    return 0;
}

/* Names with commas between. */
static bool read_routers(struct nectar_record *out, struct nectar_view list, const char *tld)
{
    while (list.len > 0) {
        struct nectar_view one = list;
        struct nectar_view rest = {NULL, 0};
        char name[NECTAR_NAME_MAX + 1];

        if (view_split(list, ',', &one, &rest) && rest.len == 0)
            return false;
        if (out->router_count == NECTAR_ROUTERS_MAX || !view_copy_text(name, sizeof name, one) ||
            name_complete(out->routers[out->router_count++], name, tld) != 0)
            return false;
        list = rest;
    }
    return true;
}

static bool read_address(struct nectar_address *out, struct nectar_view host, uint64_t port)
{
    out->port = (uint16_t)port;
    return port == 0 || view_copy_text(out->host, sizeof out->host, host);
}

/* What stands of a name, as the contract keeps it. */
struct stored {
    uint8_t key[NECTAR_PUBLIC_BYTES];
    struct nectar_view host;
    uint64_t ws;
    uint64_t tcp;
    struct nectar_view routers;
};

/* The five slots of it. */
static void read_stored(struct stored *out, struct abi_reader *reader)
{
    abi_get_word(reader, out->key);
    out->host = abi_get_bytes(reader);
    out->ws = abi_get_uint(reader, UINT16_MAX);
    out->tcp = abi_get_uint(reader, UINT16_MAX);
    out->routers = abi_get_bytes(reader);
}

static int make_record(struct nectar_record *out, const char *name, const char *tld,
                       const struct stored *stored)
{
    struct nectar_record record = {.has_key = false};

    memcpy(record.key, stored->key, sizeof record.key);
    for (size_t i = 0; i < sizeof record.key; i++)
        record.has_key = record.has_key || record.key[i] != 0;
    if (!view_copy_text(record.name, sizeof record.name, view_of_text(name)) ||
        !read_address(&record.ws, stored->host, stored->ws) ||
        !read_address(&record.tcp, stored->host, stored->tcp) ||
        !read_routers(&record, stored->routers, tld) || record_check(&record) != 0)
        return NECTAR_EFORMAT;
    *out = record;
    return 0;
}

static bool is_zero(const uint8_t *bytes, size_t len)
{
    size_t i = 0;

    while (i < len && bytes[i] == 0)
        i++;
    return i == len;
}

int nectar_abi_read_record(struct nectar_record *out, uint8_t owner[NECTAR_ACCOUNT_BYTES],
                           const char *name, const char *tld, struct nectar_view reply)
{
    uint8_t who[NECTAR_ACCOUNT_BYTES];
    struct abi_reader reader;
    struct stored stored;

    memset(owner, 0, NECTAR_ACCOUNT_BYTES);
    abi_read_bare(&reader, reply, 1);
    abi_enter_tuple(&reader, 6);
    abi_get_address(&reader, who);
    read_stored(&stored, &reader);
    abi_leave(&reader);
    if (abi_read_end(&reader) != 0)
        return NECTAR_EFORMAT;
    memcpy(owner, who, NECTAR_ACCOUNT_BYTES);
    return is_zero(owner, NECTAR_ACCOUNT_BYTES) ? 0 : make_record(out, name, tld, &stored);
}

int nectar_abi_read_published(struct nectar_record *out, uint8_t owner[NECTAR_ACCOUNT_BYTES],
                              const char *tld, const uint8_t id[NECTAR_ABI_WORD],
                              const uint8_t owner_word[NECTAR_ABI_WORD], struct nectar_view data)
{
    enum { PADDING = NECTAR_ABI_WORD - NECTAR_ACCOUNT_BYTES };
    uint8_t hash[KECCAK_HASH_BYTES];
    char username[NECTAR_LABEL_MAX + 1];
    char name[NECTAR_NAME_MAX + 1];
    struct abi_reader reader;
    struct nectar_view text;
    struct stored stored;

    abi_read_bare(&reader, data, 6);
    text = abi_get_bytes(&reader);
    read_stored(&stored, &reader);
    if (abi_read_end(&reader) != 0 || !view_copy_text(username, sizeof username, text) ||
        strchr(username, '.') || name_complete(name, username, tld) != 0)
        return NECTAR_EFORMAT;
    keccak_hash(hash, text.data, text.len);
    if (memcmp(hash, id, sizeof hash) != 0 || !is_zero(owner_word, PADDING) ||
        is_zero(owner_word + PADDING, NECTAR_ACCOUNT_BYTES) ||
        make_record(out, name, tld, &stored) != 0)
        return NECTAR_EFORMAT;
    memcpy(owner, owner_word + PADDING, NECTAR_ACCOUNT_BYTES);
    return 0;
}
