#include "pki/record_json.h"

#include <stdlib.h>
#include <string.h>

#include <nectar/error.h>
#include <nectar/text.h>

#include "base/bytes.h"
#include "base/view.h"
#include "pki/address.h"
#include "pki/name.h"

enum { RECORD_TEXT_MAX = 64 * 1024 };

/* --- writing --------------------------------------------------------------------------------- */

static void write_key(struct json_writer *w, const struct nectar_record *record)
{
    char hex[2 * NECTAR_PUBLIC_BYTES + 1];

    json_write_key(w, "networking_key");
    if (!record->has_key) {
        json_write_null(w);
        return;
    }
    nectar_hex_encode(hex, record->key, sizeof record->key);
    json_write_text(w, view_of_text(hex));
}

static void write_address(struct json_writer *w, const char *field,
                          const struct nectar_address *address)
{
    json_write_key(w, field);
    if (address->port == 0) {
        json_write_null(w);
        return;
    }
    json_open_array(w);
    json_write_text(w, view_of_text(address->host));
    json_write_uint(w, address->port);
    json_close_array(w);
}

static void write_record(struct json_writer *w, const struct nectar_record *record)
{
    struct nectar_view name = view_of_text(record->name);

    json_open_object(w);
    json_write_key(w, "name");
    json_write_text(w, name);
    json_write_key(w, "username");
    json_write_text(w, (struct nectar_view){name.data, name_without_tld(record->name)});
    write_key(w, record);
    write_address(w, "ws_routing", &record->ws);
    if (record->tcp.port != 0)
        write_address(w, "tcp_routing", &record->tcp);
    json_write_key(w, "allowed_routers");
    json_open_array(w);
    for (size_t i = 0; i < record->router_count; i++)
        json_write_text(w, view_of_text(record->routers[i]));
    json_close_array(w);
    json_close_object(w);
}

int nectar_record_format(char **out, const struct nectar_record *record)
{
    struct bytes text;
    struct json_writer writer = {.out = &text};

    bytes_init(&text, RECORD_TEXT_MAX);
    write_record(&writer, record);
    if (!writer.error)
        writer.error = bytes_append_byte(&text, '\0');
    if (!writer.error) {
        char *copy = strdup((const char *)text.data);

        writer.error = copy ? 0 : NECTAR_ENOMEM;
        if (copy)
            *out = copy;
    }
    bytes_free(&text);
    return writer.error;
}

/* --- reading --------------------------------------------------------------------------------- */

/* Does "username" say the same as the full name: all of it, or all but its TLD? */
static bool username_agrees(const char *username, const char *name)
{
    size_t len = strlen(username);

    return strcmp(username, name) == 0 ||
           (len == name_without_tld(name) && strncmp(username, name, len) == 0);
}

static int optional_text(const char **out, const struct json *object, const char *field)
{
    const struct json *value = json_field(object, field);

    *out = NULL;
    return value ? json_text(out, value) : 0;
}

/* "name", where it is given, says the same as the full name. */
static int check_name(const char *name, const char *full, const char *tld)
{
    char named[NECTAR_NAME_MAX + 1];
    int error = name_complete(named, name, tld);

    if (error)
        return error;
    return strcmp(named, full) == 0 ? 0 : NECTAR_EFORMAT;
}

static int read_name(char out[NECTAR_NAME_MAX + 1], const struct json *object, const char *key,
                     const char *tld)
{
    const char *name = NULL;
    const char *username = NULL;
    const char *first;
    int error;

    if (optional_text(&name, object, "name") != 0 ||
        optional_text(&username, object, "username") != 0)
        return NECTAR_EFORMAT;
    first = key ? key : name ? name : username;
    if (!first)
        return NECTAR_EFORMAT;
    error = name_complete(out, first, tld);
    if (!error && name)
        error = check_name(name, out, tld);
    if (!error && username && !username_agrees(username, out))
        error = NECTAR_EFORMAT;
    return error;
}

static int read_key(struct nectar_record *out, const struct json *object)
{
    const struct json *value = json_field(object, "networking_key");
    const char *hex = NULL;

    if (!value)
        return NECTAR_EFORMAT;
    if (json_type(value) == JSON_NULL)
        return 0;
    if (json_text(&hex, value) != 0 || nectar_hex_decode(out->key, sizeof out->key, hex) != 0)
        return NECTAR_EFORMAT;
    out->has_key = true;
    return 0;
}

/* [host, port], or null, or not there. */
static int read_address(struct nectar_address *out, const struct json *value)
{
    const struct json *host = json_first(value);
    const struct json *port = json_next(host);
    const char *text = NULL;
    uint64_t number = 0;

    if (json_type(value) == JSON_NULL)
        return 0;
    if (json_type(value) != JSON_ARRAY || json_next(port) || json_text(&text, host) != 0 ||
        json_uint(&number, port, JSON_UINT_MAX) != 0)
        return NECTAR_EFORMAT;
    if (number < 1 || number > UINT16_MAX || !address_host_valid(text))
        return NECTAR_EADDRESS;
    out->port = (uint16_t)number;
    return view_copy_text(out->host, sizeof out->host, view_of_text(text)) ? 0 : NECTAR_EADDRESS;
}

static int read_router(char out[NECTAR_NAME_MAX + 1], const char *name, const char *tld)
{
    uint8_t hash[NAME_HASH_BYTES];

    if (!name_read_hash(hash, name))
        return name_complete(out, name, tld);
    name_of_hash(out, hash);
    return 0;
}

static int read_routers(struct nectar_record *out, const struct json *list, const char *tld)
{
    if (json_type(list) == JSON_NULL)
        return 0;
    if (json_type(list) != JSON_ARRAY)
        return NECTAR_EFORMAT;
    for (const struct json *at = json_first(list); at; at = json_next(at)) {
        const char *name = NULL;
        int error = out->router_count < NECTAR_ROUTERS_MAX ? json_text(&name, at) : NECTAR_EFORMAT;

        if (!error)
            error = read_router(out->routers[out->router_count++], name, tld);
        if (error)
            return error;
    }
    return 0;
}

int record_from_json(struct nectar_record *out, const struct json *object, const char *key,
                     const char *tld)
{
    struct nectar_record record;
    int error;

    memset(&record, 0, sizeof record);
    if (json_type(object) != JSON_OBJECT)
        return NECTAR_EFORMAT;
    error = read_name(record.name, object, key, tld);
    if (!error)
        error = read_key(&record, object);
    if (!error)
        error = read_address(&record.ws, json_field(object, "ws_routing"));
    if (!error)
        error = read_address(&record.tcp, json_field(object, "tcp_routing"));
    if (!error)
        error = read_routers(&record, json_field(object, "allowed_routers"), tld);
    if (!error)
        *out = record;
    return error;
}

int nectar_record_parse(struct nectar_record *out, const char *json, size_t len, const char *tld)
{
    struct json *root = NULL;
    int error;

    if (len > RECORD_TEXT_MAX)
        return NECTAR_EFORMAT;
    error = json_parse(&root, (struct nectar_view){(const uint8_t *)json, len}, NULL);
    if (!error)
        error = record_from_json(out, root, NULL, tld);
    json_free(root);
    return error == NECTAR_ETOOBIG ? NECTAR_EFORMAT : error;
}
