#include "eth/keystore.h"

#include <stdio.h>
#include <string.h>

#include <nectar/error.h>
#include <nectar/text.h>

#include "base/view.h"
#include "codec/json.h"

enum {
    VERSION = 3,
    DERIVED_BYTES = 32, /* that are used; more may be asked for, and they begin with the same */
    DERIVED_MAX = 1024,
    HEX_SIZE = 2 * KEYSTORE_SALT_MAX + 1,
    UUID_SIZE = 2 * KEYSTORE_UUID_BYTES + 4 + 1,
};

static const char CIPHER[] = "aes-128-ctr";
static const char PRF[] = "hmac-sha256";

/* --- reading --------------------------------------------------------------------------------- */

static bool is_text(const struct json *object, const char *field, const char *expected)
{
    const char *text = NULL;

    return json_text(&text, json_field(object, field)) == 0 && strcmp(text, expected) == 0;
}

/* Hex digits of min to max bytes. */
static int read_hex(uint8_t *out, size_t *len, size_t min, size_t max, const struct json *object,
                    const char *field)
{
    const char *text = NULL;
    size_t count;

    if (json_text(&text, json_field(object, field)) != 0)
        return NECTAR_EKEYFILE;
    count = strlen(text) / 2;
    if (count < min || count > max || nectar_hex_decode(out, count, text) != 0)
        return NECTAR_EKEYFILE;
    *len = count;
    return 0;
}

static int read_exactly(uint8_t *out, size_t len, const struct json *object, const char *field)
{
    size_t count;

    return read_hex(out, &count, len, len, object, field);
}

/* A number from 1. */
static int read_count(uint64_t *out, const struct json *object, const char *field, uint64_t max)
{
    if (json_uint(out, json_field(object, field), max) != 0 || *out == 0)
        return NECTAR_EKEYFILE;
    return 0;
}

/* An address is noted with 0x or without, or not at all. */
static int read_address(struct keystore *out, const struct json *root)
{
    const struct json *field = json_field(root, "address");
    const char *text = NULL;

    if (json_type(field) == JSON_NULL)
        return 0;
    if (json_text(&text, field) != 0)
        return NECTAR_EKEYFILE;
    if (*text == '\0')
        return 0;
    if (strncmp(text, "0x", 2) == 0)
        text += 2;
    out->has_address = true;
    return nectar_hex_decode(out->address, sizeof out->address, text) == 0 ? 0 : NECTAR_EKEYFILE;
}

static int read_scrypt(struct keystore *out, const struct json *params)
{
    uint64_t n = 0, r = 0, p = 0;
    int error = read_count(&n, params, "n", KEYSTORE_SCRYPT_ROOM);

    if (!error)
        error = read_count(&r, params, "r", KEYSTORE_SCRYPT_ROOM / n);
    if (!error)
        error = read_count(&p, params, "p", KEYSTORE_SCRYPT_WORK / (n * r));
    if (error || n < 2 || (n & (n - 1)) != 0)
        return NECTAR_EKEYFILE;
    out->cost = (struct scrypt_cost){.n = n, .r = (uint32_t)r, .p = (uint32_t)p};
    return 0;
}

static int read_pbkdf2(struct keystore *out, const struct json *params)
{
    uint64_t rounds = 0;
    int error = read_count(&rounds, params, "c", KEYSTORE_ROUNDS_MAX);

    if (error || !is_text(params, "prf", PRF))
        return NECTAR_EKEYFILE;
    out->rounds = (uint32_t)rounds;
    return 0;
}

static int read_kdf(struct keystore *out, const struct json *crypto)
{
    const struct json *params = json_field(crypto, "kdfparams");
    uint64_t len = 0;
    int error;

    if (is_text(crypto, "kdf", "scrypt"))
        error = read_scrypt(out, params);
    else if (is_text(crypto, "kdf", "pbkdf2"))
        error = read_pbkdf2(out, params);
    else
        return NECTAR_EKEYFILE;
    if (!error)
        error = read_count(&len, params, "dklen", DERIVED_MAX);
    if (error || len < DERIVED_BYTES)
        return NECTAR_EKEYFILE;
    return read_hex(out->salt, &out->salt_len, 0, sizeof out->salt, params, "salt");
}

static int read_crypto(struct keystore *out, const struct json *crypto)
{
    int error;

    if (!is_text(crypto, "cipher", CIPHER))
        return NECTAR_EKEYFILE;
    error = read_exactly(out->iv, sizeof out->iv, json_field(crypto, "cipherparams"), "iv");
    if (!error)
        error =
            read_hex(out->sealed, &out->sealed_len, 1, sizeof out->sealed, crypto, "ciphertext");
    if (!error)
        error = read_exactly(out->mac, sizeof out->mac, crypto, "mac");
    return error ? error : read_kdf(out, crypto);
}

static int read_fields(struct keystore *out, const struct json *root)
{
    const struct json *crypto = json_field(root, "crypto");
    uint64_t version = 0;
    int error;

    if (json_uint(&version, json_field(root, "version"), VERSION) != 0 || version != VERSION)
        return NECTAR_EKEYFILE;
    /* Some have written it large. */
    if (!crypto)
        crypto = json_field(root, "Crypto");
    error = read_address(out, root);
    return error ? error : read_crypto(out, crypto);
}

int keystore_parse(struct keystore *out, struct nectar_view text)
{
    struct json *root = NULL;
    int error;

    memset(out, 0, sizeof *out);
    if (text.len > KEYSTORE_MAX)
        return NECTAR_EKEYFILE;
    error = json_parse(&root, text, NULL);
    if (error)
        return error == NECTAR_ENOMEM ? error : NECTAR_EKEYFILE;
    error = read_fields(out, root);
    json_free(root);
    if (error)
        memset(out, 0, sizeof *out);
    return error;
}

/* --- writing --------------------------------------------------------------------------------- */

static void write_text(struct json_writer *w, const char *field, const char *text)
{
    json_write_key(w, field);
    json_write_text(w, view_of_text(text));
}

static void write_hex(struct json_writer *w, const char *field, const uint8_t *data, size_t len)
{
    char hex[HEX_SIZE];

    nectar_hex_encode(hex, data, len);
    write_text(w, field, hex);
}

static void write_uint(struct json_writer *w, const char *field, uint64_t value)
{
    json_write_key(w, field);
    json_write_uint(w, value);
}

/* RFC 4122: 8, 4, 4, 4 and 12 digits. */
static void write_id(struct json_writer *w, const uint8_t id[KEYSTORE_UUID_BYTES])
{
    char hex[2 * KEYSTORE_UUID_BYTES + 1];
    char uuid[UUID_SIZE];

    nectar_hex_encode(hex, id, KEYSTORE_UUID_BYTES);
    snprintf(uuid, sizeof uuid, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16,
             hex + 20);
    write_text(w, "id", uuid);
}

static void write_params(struct json_writer *w, const struct keystore *keystore)
{
    json_write_key(w, "kdfparams");
    json_open_object(w);
    write_uint(w, "dklen", DERIVED_BYTES);
    if (keystore->rounds) {
        write_uint(w, "c", keystore->rounds);
        write_text(w, "prf", PRF);
    } else {
        write_uint(w, "n", keystore->cost.n);
        write_uint(w, "r", keystore->cost.r);
        write_uint(w, "p", keystore->cost.p);
    }
    write_hex(w, "salt", keystore->salt, keystore->salt_len);
    json_close_object(w);
}

static void write_crypto(struct json_writer *w, const struct keystore *keystore)
{
    json_write_key(w, "crypto");
    json_open_object(w);
    write_text(w, "cipher", CIPHER);
    json_write_key(w, "cipherparams");
    json_open_object(w);
    write_hex(w, "iv", keystore->iv, sizeof keystore->iv);
    json_close_object(w);
    write_hex(w, "ciphertext", keystore->sealed, keystore->sealed_len);
    write_text(w, "kdf", keystore->rounds ? "pbkdf2" : "scrypt");
    write_params(w, keystore);
    write_hex(w, "mac", keystore->mac, sizeof keystore->mac);
    json_close_object(w);
}

int keystore_format(struct bytes *out, const struct keystore *keystore)
{
    struct json_writer writer = {.out = out};

    json_open_object(&writer);
    write_uint(&writer, "version", VERSION);
    write_id(&writer, keystore->id);
    if (keystore->has_address)
        write_hex(&writer, "address", keystore->address, sizeof keystore->address);
    write_crypto(&writer, keystore);
    json_close_object(&writer);
    return writer.error ? writer.error : bytes_append_byte(out, '\n');
}
