#include "key/keyfile.h"

#include <stdlib.h>
#include <string.h>

#include <nectar/error.h>
#include <nectar/text.h>

#include "base/bytes.h"
#include "base/mem.h"
#include "base/view.h"
#include "codec/json.h"

enum { HEX_MAX = 2 * KEYFILE_BOX_BYTES + 1 };

static const char KDF_NAME[] = "argon2id13";

/* --- reading --------------------------------------------------------------------------------- */

static int read_hex(uint8_t *out, size_t len, const struct json *object, const char *field)
{
    const char *text = NULL;

    if (json_text(&text, json_field(object, field)) != 0)
        return NECTAR_EKEYFILE;
    return nectar_hex_decode(out, len, text) == 0 ? 0 : NECTAR_EKEYFILE;
}

/* A name that is not noted is left out, or null. */
static int read_name(char out[NECTAR_NAME_MAX + 1], const struct json *object)
{
    const struct json *field = json_field(object, "name");
    const char *name = NULL;

    if (json_type(field) == JSON_NULL)
        return 0;
    if (json_text(&name, field) != 0 || nectar_name_check(name) != 0)
        return NECTAR_EKEYFILE;
    return view_copy_text(out, NECTAR_NAME_MAX + 1, view_of_text(name)) ? 0 : NECTAR_EKEYFILE;
}

static int read_kdf(struct keyfile *out, const struct json *kdf)
{
    const char *name = NULL;
    int error = json_text(&name, json_field(kdf, "alg"));

    if (error || strcmp(name, KDF_NAME) != 0)
        return NECTAR_EKEYFILE;
    /* Argon2id takes what the file says, so a file cannot say just anything. */
    if (json_uint(&out->ops, json_field(kdf, "ops"), KEYFILE_OPS_MAX) != 0 || out->ops == 0)
        return NECTAR_EKEYFILE;
    if (json_uint(&out->mem, json_field(kdf, "mem"), KEYFILE_MEM_MAX) != 0 ||
        out->mem < KEYFILE_MEM_MIN)
        return NECTAR_EKEYFILE;
    return read_hex(out->salt, sizeof out->salt, kdf, "salt");
}

static int read_sealed(struct keyfile *out, const struct json *root)
{
    int error = read_kdf(out, json_field(root, "kdf"));

    if (!error)
        error = read_hex(out->nonce, sizeof out->nonce, root, "nonce");
    return error ? error : read_hex(out->box, sizeof out->box, root, "box");
}

static int read_fields(struct keyfile *out, const struct json *root)
{
    uint64_t version = 0;
    int error;

    if (json_uint(&version, json_field(root, "nectar_key"), 1) != 0 || version != 1)
        return NECTAR_EKEYFILE;
    if (json_bool(&out->info.sealed, json_field(root, "sealed")) != 0)
        return NECTAR_EKEYFILE;
    error = read_name(out->info.name, root);
    if (!error)
        error = read_hex(out->info.public_key, sizeof out->info.public_key, root, "public_key");
    if (error)
        return error;
    return out->info.sealed ? read_sealed(out, root)
                            : read_hex(out->seed, sizeof out->seed, root, "seed");
}

/* The JSON tree frees without wiping, so the one text in it that is secret is wiped first. */
static void free_tree(struct json *root)
{
    const char *seed = NULL;

    if (root && json_text(&seed, json_field(root, "seed")) == 0)
        mem_wipe((char *)seed, strlen(seed));
    json_free(root);
}

int keyfile_parse(struct keyfile *out, const char *text, size_t len)
{
    struct json *root = NULL;
    int error;

    memset(out, 0, sizeof *out);
    if (len > KEYFILE_MAX)
        return NECTAR_EKEYFILE;
    error = json_parse(&root, (struct nectar_view){(const uint8_t *)text, len}, NULL);
    if (error)
        return error == NECTAR_ENOMEM ? error : NECTAR_EKEYFILE;
    error = read_fields(out, root);
    free_tree(root);
    if (error)
        keyfile_wipe(out);
    return error;
}

/* --- writing --------------------------------------------------------------------------------- */

static void write_hex(struct json_writer *w, const char *field, const uint8_t *data, size_t len)
{
    char hex[HEX_MAX];

    nectar_hex_encode(hex, data, len);
    json_write_key(w, field);
    json_write_text(w, view_of_text(hex));
    mem_wipe(hex, sizeof hex);
}

static void write_sealed(struct json_writer *w, const struct keyfile *file)
{
    json_write_key(w, "kdf");
    json_open_object(w);
    json_write_key(w, "alg");
    json_write_text(w, view_of_text(KDF_NAME));
    write_hex(w, "salt", file->salt, sizeof file->salt);
    json_write_key(w, "ops");
    json_write_uint(w, file->ops);
    json_write_key(w, "mem");
    json_write_uint(w, file->mem);
    json_close_object(w);
    write_hex(w, "nonce", file->nonce, sizeof file->nonce);
    write_hex(w, "box", file->box, sizeof file->box);
}

static void write_fields(struct json_writer *w, const struct keyfile *file)
{
    json_open_object(w);
    json_write_key(w, "nectar_key");
    json_write_uint(w, 1);
    if (file->info.name[0]) {
        json_write_key(w, "name");
        json_write_text(w, view_of_text(file->info.name));
    }
    write_hex(w, "public_key", file->info.public_key, sizeof file->info.public_key);
    json_write_key(w, "sealed");
    json_write_bool(w, file->info.sealed);
    if (file->info.sealed)
        write_sealed(w, file);
    else
        write_hex(w, "seed", file->seed, sizeof file->seed);
    json_close_object(w);
}

int keyfile_format(char **out, size_t *len, const struct keyfile *file)
{
    struct bytes text;
    struct json_writer writer = {.out = &text};
    char *copy = NULL;

    bytes_init(&text, KEYFILE_MAX);
    write_fields(&writer, file);
    if (!writer.error)
        writer.error = bytes_append_byte(&text, '\n');
    if (!writer.error) {
        copy = malloc(text.len + 1);
        writer.error = copy ? 0 : NECTAR_ENOMEM;
    }
    if (copy) {
        memcpy(copy, text.data, text.len);
        copy[text.len] = '\0';
        *out = copy;
        *len = text.len;
    }
    bytes_free(&text);
    return writer.error;
}
