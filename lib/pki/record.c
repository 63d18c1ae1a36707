#include "pki/record.h"

#include <string.h>

#include <nectar/error.h>

#include "base/view.h"
#include "pki/address.h"
#include "pki/name.h"

bool nectar_record_is_direct(const struct nectar_record *record)
{
    return record->ws.port != 0;
}

static bool address_equal(const struct nectar_address *a, const struct nectar_address *b)
{
    return a->port == b->port && (a->port == 0 || strcmp(a->host, b->host) == 0);
}

bool nectar_record_equal(const struct nectar_record *a, const struct nectar_record *b)
{
    if (strcmp(a->name, b->name) != 0 || a->has_key != b->has_key)
        return false;
    if (a->has_key && memcmp(a->key, b->key, sizeof a->key) != 0)
        return false;
    if (!address_equal(&a->ws, &b->ws) || !address_equal(&a->tcp, &b->tcp))
        return false;
    if (a->router_count != b->router_count)
        return false;
    for (size_t i = 0; i < a->router_count; i++)
        if (strcmp(a->routers[i], b->routers[i]) != 0)
            return false;
    return true;
}

int record_check(const struct nectar_record *record)
{
    int error = name_check_full(record->name);

    if (error)
        return error;
    if (!address_valid_or_absent(&record->ws) || !address_valid_or_absent(&record->tcp))
        return NECTAR_EADDRESS;
    if (record->router_count > NECTAR_ROUTERS_MAX)
        return NECTAR_ENAME;
    for (size_t i = 0; i < record->router_count; i++)
        if (name_check_router(record->routers[i]) != 0)
            return NECTAR_ENAME;
    return 0;
}

/* --- canonical bytes: texts with a length byte before them, ports in two bytes ---------------- */

static int pack_text(struct bytes *out, const char *text)
{
    struct nectar_view view = view_of_text(text);
    int error = view.len <= UINT8_MAX ? bytes_append_byte(out, (uint8_t)view.len) : NECTAR_ETOOBIG;

    return error ? error : bytes_append(out, view.data, view.len);
}

static int pack_address(struct bytes *out, const struct nectar_address *address)
{
    const uint8_t port[2] = {(uint8_t)(address->port >> 8), (uint8_t)address->port};
    int error = bytes_append(out, port, sizeof port);

    return error ? error : pack_text(out, address->port ? address->host : "");
}

int record_pack(struct bytes *out, const struct nectar_record *record)
{
    int error = pack_text(out, record->name);

    if (!error)
        error = bytes_append_byte(out, record->has_key ? 1 : 0);
    if (!error && record->has_key)
        error = bytes_append(out, record->key, sizeof record->key);
    if (!error)
        error = pack_address(out, &record->ws);
    if (!error)
        error = pack_address(out, &record->tcp);
    if (!error)
        error = bytes_append_byte(out, (uint8_t)record->router_count);
    for (size_t i = 0; !error && i < record->router_count; i++)
        error = pack_text(out, record->routers[i]);
    return error;
}

static bool take(struct nectar_view *from, void *out, size_t n)
{
    if (from->len < n)
        return false;
    memcpy(out, from->data, n);
    from->data += n;
    from->len -= n;
    return true;
}

static bool take_text(struct nectar_view *from, char *out, size_t size)
{
    uint8_t len;

    if (!take(from, &len, 1) || from->len < len ||
        !view_copy_text(out, size, (struct nectar_view){from->data, len}))
        return false;
    from->data += len;
    from->len -= len;
    return true;
}

static bool take_address(struct nectar_view *from, struct nectar_address *out)
{
    uint8_t port[2];

    if (!take(from, port, sizeof port))
        return false;
    out->port = (uint16_t)(port[0] << 8 | port[1]);
    return take_text(from, out->host, sizeof out->host) && (out->port != 0 || !out->host[0]);
}

static bool take_key(struct nectar_view *from, struct nectar_record *out)
{
    uint8_t has_key;

    if (!take(from, &has_key, 1) || has_key > 1)
        return false;
    out->has_key = has_key == 1;
    return !out->has_key || take(from, out->key, sizeof out->key);
}

int record_unpack(struct nectar_record *out, struct nectar_view packed)
{
    uint8_t count;

    memset(out, 0, sizeof *out);
    if (!take_text(&packed, out->name, sizeof out->name) || !take_key(&packed, out) ||
        !take_address(&packed, &out->ws) || !take_address(&packed, &out->tcp) ||
        !take(&packed, &count, 1) || count > NECTAR_ROUTERS_MAX)
        return NECTAR_EFORMAT;
    out->router_count = count;
    for (size_t i = 0; i < out->router_count; i++)
        if (!take_text(&packed, out->routers[i], sizeof out->routers[i]))
            return NECTAR_EFORMAT;
    return packed.len == 0 ? record_check(out) : NECTAR_EFORMAT;
}
