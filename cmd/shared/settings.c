#include "shared/settings.h"

#include <errno.h>
#include <ini.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/exit.h"
#include "shared/paths.h"
#include "shared/report.h"
#include "shared/text.h"

#define MACHINE_FILE "/etc/nectar-net/config"

/* The keys there are, each with its variable. */
static struct setting {
    const char *key;
    const char *variable;
    bool is_list; /* may stand again; its items are parted by blanks */
    char *values[SETTINGS_LEVELS];
    char *origins[SETTINGS_LEVELS];
} settings[] = {
    {.key = "name", .variable = "NECTAR_NAME"},
    {.key = "key", .variable = "NECTAR_KEY"},
    {.key = "passphrase-file", .variable = "NECTAR_PASSPHRASE_FILE"},
    {.key = "eth-key", .variable = "NECTAR_ETH_KEY_FILE"},
    {.key = "eth-passphrase-file", .variable = "NECTAR_ETH_PASSPHRASE_FILE"},
    {.key = "pki", .variable = "NECTAR_PKI", .is_list = true},
    {.key = "quorum", .variable = "NECTAR_QUORUM"},
    {.key = "max-cached", .variable = "NECTAR_MAX_CACHED"},
    {.key = "compat", .variable = "NECTAR_COMPAT", .is_list = true},
    {.key = "timeout", .variable = "NECTAR_TIMEOUT"},
    {.key = "color", .variable = "NECTAR_COLOR"},
};

static struct setting *find(const char *key)
{
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        if (strcmp(settings[i].key, key) == 0)
            return &settings[i];
    }
    return NULL;
}

/* A file as it is read: inih does not tell its handler the line. */
struct source {
    FILE *file;
    const char *path;
    enum settings_level level;
    int line;
};

static _Noreturn void reject(const struct source *source, const char *what, const char *text)
{
    char *where = text_format("%s:%d", source->path, source->line);
    int status = report_local(EXIT_USAGE, where, NULL, "%s%s%s", what, *text ? ": " : "", text);
    free(where);
    exit(status);
}

/* Gives inih one line without the blanks before it: it would take an indented line for the
 * continuation of the one above. */
static char *read_line(char *out, int size, void *stream)
{
    struct source *source = stream;
    if (!fgets(out, size, source->file))
        return NULL;
    source->line++;
    size_t len = strlen(out);
    if (len + 1 >= (size_t)size && out[len - 1] != '\n')
        reject(source, "line too long", "");
    size_t blanks = strspn(out, " \t");
    memmove(out, out + blanks, len - blanks + 1);
    if (*out == '[')
        reject(source, "sections are not used here", "");
    return out;
}

static int take(void *context, const char *section, const char *key, const char *value)
{
    const struct source *source = context;
    (void)section;
    struct setting *setting = find(key);
    if (!setting)
        reject(source, "unknown key", key);
    if (!value || !*value)
        reject(source, "key without a value", key);
    char **here = &setting->values[source->level];
    if (*here && !setting->is_list)
        reject(source, "key given twice", key);
    char *joined = *here ? text_format("%s %s", *here, value) : text_copy(value);
    free(*here);
    *here = joined;
    if (!setting->origins[source->level])
        setting->origins[source->level] = text_format("%s:%d", source->path, source->line);
    return 1;
}

static void load_file(const char *path, enum settings_level level)
{
    struct source source = {.path = path, .level = level};
    source.file = fopen(path, "re");
    if (!source.file) {
        if (errno == ENOENT || errno == ENOTDIR)
            return;
        exit(report_local(EXIT_USAGE, path, NULL, "%s", strerror(errno)));
    }
    ini_handler handler = take;
    int error = ini_parse_stream(read_line, &source, handler, &source);
    bool failed = ferror(source.file) != 0;
    fclose(source.file);
    if (failed)
        exit(report_local(EXIT_USAGE, path, NULL, "cannot be read"));
    if (error > 0) {
        source.line = error;
        reject(&source, "not a setting (key = value)", "");
    }
}

void settings_load(void)
{
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        const char *value = getenv(settings[i].variable);
        if (!value || !*value)
            continue;
        settings[i].values[SETTINGS_ENVIRONMENT] = text_copy(value);
        settings[i].origins[SETTINGS_ENVIRONMENT] = text_copy(settings[i].variable);
    }
    char *user = path_config("config");
    load_file(user, SETTINGS_USER);
    free(user);
    load_file(MACHINE_FILE, SETTINGS_MACHINE);
}

const char *settings_at(enum settings_level level, const char *key)
{
    const struct setting *setting = find(key);
    return setting ? setting->values[level] : NULL;
}

const char *settings_get(const char *key, const char **origin)
{
    const struct setting *setting = find(key);
    for (int level = 0; setting && level < SETTINGS_LEVELS; level++) {
        if (setting->values[level]) {
            if (origin)
                *origin = setting->origins[level];
            return setting->values[level];
        }
    }
    return NULL;
}
