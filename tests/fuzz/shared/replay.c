/*
 * replay [FILE...]: gives a target the files of its corpus, or those named, in TAP. A file that
 * fails ends the process: it is the one behind the last "ok".
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz/shared/fuzz.h"

enum { FILE_MAX = 1 << 20, PATH_SIZE = 4096 };

static uint8_t *read_whole(const char *path, size_t *len)
{
    FILE *file = fopen(path, "rb");
    uint8_t *data = malloc(FILE_MAX);

    fuzz_assert(file && data);
    *len = fread(data, 1, FILE_MAX, file);
    fuzz_assert(!ferror(file) && feof(file));
    fclose(file);
    return data;
}

static void replay(const char *path, const char *name, int n)
{
    size_t len;
    uint8_t *data = read_whole(path, &len);
    uint8_t *copy = fuzz_copy((struct nectar_view){data, len});

    free(data);
    fuzz_assert(LLVMFuzzerTestOneInput(copy, len) == 0);
    free(copy);
    printf("ok %d - %s\n", n, name);
    fflush(stdout);
}

static int visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* tests/fuzz/corpus/NAME, for a program NAME_fuzz. */
static int replay_corpus(const char *program)
{
    const char *slash = strrchr(program, '/');
    const char *name = slash ? slash + 1 : program;
    struct dirent **entries;
    char folder[PATH_SIZE], path[2 * PATH_SIZE];
    int count;

    fuzz_assert(strlen(name) > strlen("_fuzz"));
    snprintf(folder, sizeof folder, "tests/fuzz/corpus/%.*s", (int)(strlen(name) - strlen("_fuzz")),
             name);
    count = scandir(folder, &entries, visible, alphasort);
    if (count <= 0) {
        fprintf(stderr, "%s: no corpus\n", folder);
        return 1;
    }
    printf("1..%d\n", count);
    for (int i = 0; i < count; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
        replay(path, entries[i]->d_name, i + 1);
        free(entries[i]);
    }
    free(entries);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc < 2)
        return replay_corpus(argv[0]);
    printf("1..%d\n", argc - 1);
    for (int i = 1; i < argc; i++)
        replay(argv[i], argv[i], i);
    return 0;
}
