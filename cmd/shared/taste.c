#include "shared/taste.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <nectar/error.h>

#include "shared/exit.h"
#include "shared/paths.h"
#include "shared/pki.h"
#include "shared/report.h"
#include "shared/settings.h"
#include "shared/text.h"

/* Peers remembered at most; the oldest is forgotten first. */
#define TASTES_MAX 1024

#define LINE_MAX_BYTES (NECTAR_NAME_MAX + 16)

static const char *const WORDS[] = {
    [NECTAR_TASTE_UNKNOWN] = "",
    [NECTAR_TASTE_BIN] = "bin",
    [NECTAR_TASTE_ARRAY] = "array",
};

/* The line "NAME WORD" cut in two, or unknown where it is none. */
static enum nectar_taste read_line(char *line)
{
    char *word = strchr(line, ' ');
    if (!word)
        return NECTAR_TASTE_UNKNOWN;
    *word++ = '\0';
    word[strcspn(word, "\n")] = '\0';
    if (strcmp(word, WORDS[NECTAR_TASTE_BIN]) == 0)
        return NECTAR_TASTE_BIN;
    return strcmp(word, WORDS[NECTAR_TASTE_ARRAY]) == 0 ? NECTAR_TASTE_ARRAY : NECTAR_TASTE_UNKNOWN;
}

static enum nectar_taste remembered(const char *peer)
{
    enum nectar_taste taste = NECTAR_TASTE_UNKNOWN;
    char line[LINE_MAX_BYTES];
    char *path = path_state("tastes");
    FILE *file = fopen(path, "re");
    free(path);
    if (!file)
        return taste;
    for (int i = 0; i < TASTES_MAX && fgets(line, sizeof line, file); i++) {
        enum nectar_taste here = read_line(line);
        if (strcmp(line, peer) == 0)
            taste = here;
    }
    fclose(file);
    return taste;
}

/* Is peer among the names of the setting? */
static int is_configured(bool *found, struct nectar_registry *registry, const char *peer)
{
    struct text_list names = {0};
    char full[NECTAR_NAME_MAX + 1];
    const char *value = settings_get("compat", NULL);
    int status = 0;
    *found = false;
    if (!value)
        return 0;
    text_list_split(&names, value, " \t");
    for (size_t i = 0; i < names.count && !status; i++) {
        status = pki_full_name(full, registry, names.items[i]);
        if (!status && strcmp(full, peer) == 0)
            *found = true;
    }
    text_list_wipe(&names);
    return status;
}

int taste_teach(struct session *session, const char *peer)
{
    enum nectar_taste taste = NECTAR_TASTE_ARRAY;
    bool configured;
    int status = is_configured(&configured, session->registry, peer);
    if (status)
        return status;
    if (!configured)
        taste = remembered(peer);
    session->taste = taste;
    int error = taste == NECTAR_TASTE_UNKNOWN ? 0 : session_learn(session, peer, taste);
    return error ? report_local(exit_of_error(error), NULL, NULL, "%s", nectar_error_text(error))
                 : 0;
}

/* Copies what is kept of others, the oldest left out where there are too many. */
static void copy_others(FILE *to, FILE *from, const char *peer)
{
    char line[LINE_MAX_BYTES];
    int lines = 0;
    while (fgets(line, sizeof line, from))
        lines++;
    rewind(from);
    for (; fgets(line, sizeof line, from); lines--) {
        enum nectar_taste taste = read_line(line);
        if (lines < TASTES_MAX && taste != NECTAR_TASTE_UNKNOWN && strcmp(line, peer) != 0)
            fprintf(to, "%s %s\n", line, WORDS[taste]);
    }
}

static void rewrite(const char *path, const char *peer, enum nectar_taste taste)
{
    char *fresh = text_format("%s.%ld", path, (long)getpid());
    FILE *to = fopen(fresh, "wxe");
    FILE *from = fopen(path, "re");
    if (to && from)
        copy_others(to, from, peer);
    if (from)
        fclose(from);
    if (to) {
        fprintf(to, "%s %s\n", peer, WORDS[taste]);
        bool failed = ferror(to) != 0;
        if (fclose(to) || failed || rename(fresh, path))
            unlink(fresh);
    }
    free(fresh);
}

void taste_note(struct session *session, const char *peer, enum nectar_taste taste)
{
    if (taste == session->taste || taste == NECTAR_TASTE_UNKNOWN)
        return;
    session->taste = taste;
    char *path = path_state("tastes");
    if (path_make_parents(path))
        rewrite(path, peer, taste);
    free(path);
}
