/*
 * nectar-net VERB ...: becomes the program nectar-net-VERB. libc only, so that it costs nothing;
 * the process stays the same one, so signals and exit status are the verb's.
 */
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shared/verbs.h"

enum { EXIT_OK = 0, EXIT_USAGE = 2, EXIT_INPUT = 3 };

#define WORD_MAX 31

static const struct {
    const char *name;
    const char *about;
} verbs[] = {
#define VERB_ROW(name, about) {name, about},
    VERBS(VERB_ROW)
#undef VERB_ROW
};

#define VERB_COUNT (sizeof verbs / sizeof *verbs)

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* How many letters two words lie apart (the verbs' own copy is in a library we do not link). */
static size_t distance(const char *a, const char *b)
{
    size_t row[WORD_MAX + 1];
    size_t n = strlen(b);
    if (strlen(a) > WORD_MAX || n > WORD_MAX)
        return WORD_MAX + 1;
    for (size_t j = 0; j <= n; j++)
        row[j] = j;
    for (size_t i = 1; a[i - 1]; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= n; j++) {
            size_t above = row[j];
            row[j] = least(least(row[j], row[j - 1]) + 1, diagonal + (a[i - 1] != b[j - 1]));
            diagonal = above;
        }
    }
    return row[n];
}

static void print_list(FILE *out)
{
    fputs("usage: nectar-net VERB [options] ...\n\n", out);
    for (size_t i = 0; i < VERB_COUNT; i++)
        fprintf(out, "  %-12s %s\n", verbs[i].name, verbs[i].about);
    fputs("\nnectar-net help VERB opens its manual; nectar-net VERB -h is a short usage.\n", out);
}

static int print_usage(void)
{
    print_list(stdout);
    if (fflush(stdout) != 0) {
        fprintf(stderr, "nectar-net: standard output: %s\n", strerror(errno));
        return EXIT_INPUT;
    }
    return EXIT_OK;
}

/* Becomes FOLDER/nectar-net-VERB; returns if there is none. The first other reason is kept. */
static void become(const char *folder, size_t len, const char *verb, char **argv, int *error)
{
    char path[PATH_MAX];
    int n = snprintf(path, sizeof path, "%.*s/nectar-net-%s", (int)len, folder, verb);
    if (len == 0 || n < 0 || (size_t)n >= sizeof path)
        return;
    char *name = argv[0];
    argv[0] = path;
    execv(path, argv);
    argv[0] = name;
    if (*error == 0 && errno != ENOENT && errno != ENOTDIR)
        *error = errno;
}

static void become_beside_us(const char *verb, char **argv, int *error)
{
    char self[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self);
    while (n > 0 && self[n - 1] != '/')
        n--;
    if (n > 1)
        become(self, (size_t)n - 1, verb, argv, error);
}

static void become_on_path(const char *verb, char **argv, int *error)
{
    const char *path = getenv("PATH");
    for (const char *p = path; p && *p;) {
        size_t len = strcspn(p, ":");
        become(p, len, verb, argv, error);
        p += len + (p[len] == ':');
    }
}

/* Tries each place in turn; returns only if the verb is in none. */
static int find_and_become(const char *verb, char **argv)
{
    const char *folder = getenv("NECTAR_NET_EXEC_PATH");
    int error = 0;
    if (folder && *folder)
        become(folder, strlen(folder), verb, argv, &error);
#ifdef EXEC_FOLDER
    become(EXEC_FOLDER, strlen(EXEC_FOLDER), verb, argv, &error);
#endif
    become_beside_us(verb, argv, &error);
    become_on_path(verb, argv, &error);
    return error;
}

static void reject(const char *verb, int error)
{
    const char *nearest = NULL;
    size_t distance_of_nearest = 4; /* further off is no likeness */
    if (error) {
        fprintf(stderr, "nectar-net: cannot run nectar-net-%s: %s\n", verb, strerror(error));
        return;
    }
    for (size_t i = 0; i < VERB_COUNT; i++) {
        size_t d = distance(verb, verbs[i].name);
        if (d < distance_of_nearest && d < strlen(verbs[i].name)) {
            distance_of_nearest = d;
            nearest = verbs[i].name;
        }
    }
    fprintf(stderr, "nectar-net: no such verb: %s\n", verb);
    if (nearest)
        fprintf(stderr, "hint: did you mean %s?\n", nearest);
    else
        fputs("hint: nectar-net -h lists them\n", stderr);
}

/* Letters, digits, "-", "_" and ".": a verb is part of a file name, and shown as it is. */
static bool is_verb(const char *word)
{
    size_t len = strlen(word);
    return len > 0 && len < 64 && *word != '-' &&
           strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") == len;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        print_list(stderr);
        return EXIT_USAGE;
    }
    const char *verb = argv[1];
    if (strcmp(verb, "-h") == 0 || strcmp(verb, "--help") == 0)
        return print_usage();
    if (strcmp(verb, "--version") == 0 || strcmp(verb, "-V") == 0)
        verb = "version";
    if (!is_verb(verb)) {
        fputs(*verb == '-' ? "nectar-net: unknown option\n" : "nectar-net: no such verb\n", stderr);
        fputs("hint: nectar-net -h lists the verbs\n", stderr);
        return EXIT_USAGE;
    }
    reject(verb, find_and_become(verb, argv + 1));
    return EXIT_USAGE;
}
