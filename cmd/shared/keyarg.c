#include "shared/keyarg.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <nectar/error.h>

#include "shared/exit.h"
#include "shared/passphrase.h"
#include "shared/paths.h"
#include "shared/pki.h"
#include "shared/report.h"
#include "shared/settings.h"
#include "shared/text.h"

static const char *file;
static const char *name;

const struct cli_option keyarg_options[] = {
    {.name = "name",
     .letter = 'n',
     .kind = CLI_TEXT,
     .target = &name,
     .value = "NAME",
     .help = "who we are"},
    {.name = "key",
     .letter = 'k',
     .kind = CLI_TEXT,
     .target = &file,
     .value = "FILE",
     .help = "our key file"},
    CLI_END,
};

const char *keyarg_file(void)
{
    return file ? file : settings_at(SETTINGS_ENVIRONMENT, "key");
}

const char *keyarg_name(void)
{
    return name ? name : settings_at(SETTINGS_ENVIRONMENT, "name");
}

bool keyarg_given(void)
{
    return file || name;
}

char *keyarg_path_of(const char *full_name)
{
    char *rest = text_format("keys/%s.key", full_name);
    char *path = path_data(rest);
    free(rest);
    return path;
}

int keyarg_report(int error, const char *path)
{
    char *hint = NULL;
    const char *reason = error == NECTAR_EIO ? strerror(errno) : nectar_error_text(error);
    if (error == NECTAR_EKEYMODE)
        hint = text_format("chmod 600 %s", path);
    else if (error == NECTAR_ENOKEY)
        hint = text_format("make one: nectar-net keygen");
    int status = report_local(exit_of_error(error), path, hint, "%s", reason);
    free(hint);
    return status;
}

int keyarg_inspect(struct nectar_key_info *out, const char *path)
{
    int error = nectar_key_inspect(out, path);
    return error ? keyarg_report(error, path) : 0;
}

static bool is_key_file(const char *entry)
{
    size_t len = strlen(entry);
    return entry[0] != '.' && len > 4 && strcmp(entry + len - 4, ".key") == 0;
}

/* The only key of the keys folder. */
static int find_only(char **out)
{
    char *folder = path_data("keys");
    char *found = NULL;
    size_t count = 0;
    DIR *entries = opendir(folder);
    const struct dirent *entry;
    while (entries && (entry = readdir(entries)) != NULL) {
        if (!is_key_file(entry->d_name))
            continue;
        count++;
        free(found);
        found = text_format("%s/%s", folder, entry->d_name);
    }
    if (entries)
        closedir(entries);
    int status = 0;
    if (count == 0)
        status = report_local(EXIT_USAGE, NULL, "make a key: nectar-net keygen -n NAME",
                              "no key given, and none in %s", folder);
    else if (count > 1)
        status = report_local(EXIT_USAGE, NULL, "say which: -n NAME or -k FILE",
                              "no key given, and %zu in %s", count, folder);
    if (status)
        free(found);
    else
        *out = found;
    free(folder);
    return status;
}

/* The key of a name that may be bare. */
static int find_by_name(char **out, struct nectar_registry *registry, const char *bare)
{
    char full[NECTAR_NAME_MAX + 1];
    int status = pki_full_name(full, registry, bare);
    if (!status)
        *out = keyarg_path_of(full);
    return status;
}

/* What is nearer to the user counts first; in one place, the key before the name. */
static int find_path(char **out, struct nectar_registry *registry)
{
    if (keyarg_file()) {
        *out = text_copy(keyarg_file());
        return 0;
    }
    if (keyarg_name())
        return find_by_name(out, registry, keyarg_name());
    for (int level = SETTINGS_USER; level < SETTINGS_LEVELS; level++) {
        const char *set_file = settings_at((enum settings_level)level, "key");
        const char *set_name = settings_at((enum settings_level)level, "name");
        if (set_file) {
            *out = text_copy(set_file);
            return 0;
        }
        if (set_name)
            return find_by_name(out, registry, set_name);
    }
    return find_only(out);
}

/* A key that was chosen on purpose has its own name before one of the configuration files. */
static const char *choose_name(const struct keyarg *keyarg)
{
    if (keyarg_name())
        return keyarg_name();
    if (*keyarg->info.name)
        return keyarg->info.name;
    return settings_get("name", NULL);
}

int keyarg_find(struct keyarg *out, struct nectar_registry *registry)
{
    memset(out, 0, sizeof *out);
    int status = find_path(&out->path, registry);
    if (!status)
        status = keyarg_inspect(&out->info, out->path);
    const char *chosen = status ? NULL : choose_name(out);
    if (chosen)
        status = pki_full_name(out->name, registry, chosen);
    if (status)
        keyarg_wipe(out);
    return status;
}

int keyarg_find_named(struct keyarg *out, struct nectar_registry *registry)
{
    int status = keyarg_find(out, registry);
    if (!status && !*out->name) {
        status = report_local(EXIT_USAGE, out->path, "-n NAME", "no name is noted in this key");
        keyarg_wipe(out);
    }
    return status;
}

void keyarg_wipe(struct keyarg *keyarg)
{
    free(keyarg->path);
    memset(keyarg, 0, sizeof *keyarg);
}

int keyarg_load(struct nectar_key **out, const char *path)
{
    char *passphrase = NULL;
    passphrase_guard();
    int error = nectar_key_load(out, path, NULL);
    if (error == NECTAR_ESEALED) {
        int status = passphrase_read(&passphrase, path);
        if (status)
            return status;
        error = nectar_key_load(out, path, passphrase);
        passphrase_free(passphrase);
    }
    return error ? keyarg_report(error, path) : 0;
}
