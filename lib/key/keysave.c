#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <nectar/error.h>
#include <nectar/key.h>

#include "base/bytes.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/view.h"
#include "key/keyfile.h"

/* --- reading --------------------------------------------------------------------------------- */

static int load_file(struct keyfile *out, const char *path)
{
    struct bytes text;
    int error;

    bytes_init(&text, KEYFILE_MAX);
    error = file_read_secret(&text, path);
    if (!error)
        error = keyfile_parse(out, (const char *)text.data, text.len);
    bytes_free(&text);
    return error;
}

int nectar_key_inspect_text(struct nectar_key_info *out, const char *text, size_t len)
{
    struct keyfile file;
    int error = keyfile_parse(&file, text, len);

    if (!error)
        *out = file.info;
    keyfile_wipe(&file);
    return error;
}

int nectar_key_inspect(struct nectar_key_info *out, const char *path)
{
    struct keyfile file;
    int error = load_file(&file, path);

    if (!error)
        *out = file.info;
    keyfile_wipe(&file);
    return error;
}

int nectar_key_load(struct nectar_key **out, const char *path, const char *passphrase)
{
    struct keyfile file;
    int error = load_file(&file, path);

    if (!error)
        error = keyfile_to_key(out, &file, passphrase);
    keyfile_wipe(&file);
    return error;
}

/* --- writing --------------------------------------------------------------------------------- */

int nectar_key_write_text(char **out, size_t *len, const struct nectar_key *key,
                          const char *passphrase)
{
    struct keyfile file;
    int error = keyfile_from_key(&file, key, passphrase);

    if (!error)
        error = keyfile_format(out, len, &file);
    keyfile_wipe(&file);
    return error;
}

void nectar_key_text_free(char *text, size_t len)
{
    if (!text)
        return;
    mem_wipe(text, len);
    free(text);
}

int nectar_key_save(const struct nectar_key *key, const char *path, const char *passphrase,
                    bool replace)
{
    struct nectar_view view;
    struct stat info;
    char *text = NULL;
    size_t len = 0;
    int error;

    /* Asked before Argon2id is put to work; file_create has the last word. */
    if (!replace && lstat(path, &info) == 0)
        return NECTAR_EEXISTS;
    error = nectar_key_write_text(&text, &len, key, passphrase);
    if (error)
        return error;
    view = (struct nectar_view){(const uint8_t *)text, len};
    error = replace ? file_replace(path, view) : file_create(path, view);
    nectar_key_text_free(text, len);
    return error;
}
