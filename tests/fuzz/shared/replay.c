/*
 * replay [FILE...]: gives a target its seeds, where they have been written beside the program, and
 * the files of its corpus; or those named. In TAP. A file that fails ends the process: it is the
 * one behind the last "ok", or the seed that is named.
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

static void replay(const char *path)
{
    size_t len;
    uint8_t *data = read_whole(path, &len);
    uint8_t *copy = fuzz_copy((struct nectar_view){data, len});

    free(data);
    fuzz_assert(LLVMFuzzerTestOneInput(copy, len) == 0);
    free(copy);
}

static void tell(int n, const char *name)
{
    printf("ok %d - %s\n", n, name);
    fflush(stdout);
}

static int visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* The files of a folder, sorted, each with its path; how many. */
static int list(const char *folder, char (**paths)[PATH_SIZE])
{
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, visible, alphasort);

    if (count <= 0)
        return 0;
    *paths = calloc((size_t)count, sizeof **paths);
    fuzz_assert(*paths);
    for (int i = 0; i < count; i++) {
        snprintf((*paths)[i], PATH_SIZE, "%s/%s", folder, entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    return count;
}

/* One test for all the seeds. */
static int replay_seeds(const char *folder)
{
    char(*paths)[PATH_SIZE] = NULL;
    int count = list(folder, &paths);

    for (int i = 0; i < count; i++) {
        printf("# %s\n", paths[i]);
        fflush(stdout);
        replay(paths[i]);
    }
    if (count > 0)
        tell(1, "seeds");
    free(paths);
    return count > 0;
}

/* For a program NAME_fuzz: tests/fuzz/corpus/NAME, and seeds/NAME beside it. */
static int replay_all(const char *program)
{
    const char *slash = strrchr(program, '/');
    const char *name = slash ? slash + 1 : program;
    char folder[PATH_SIZE], (*paths)[PATH_SIZE] = NULL;
    int count, seeds, stem = (int)(strlen(name) - strlen("_fuzz"));

    fuzz_assert(slash && stem > 0);
    snprintf(folder, sizeof folder, "tests/fuzz/corpus/%.*s", stem, name);
    count = list(folder, &paths);
    if (count == 0) {
        fprintf(stderr, "%s: no corpus\n", folder);
        return 1;
    }
    snprintf(folder, sizeof folder, "%.*s/seeds/%.*s", (int)(slash - program), program, stem, name);
    seeds = replay_seeds(folder);
    for (int i = 0; i < count; i++) {
        replay(paths[i]);
        tell(seeds + i + 1, strrchr(paths[i], '/') + 1);
    }
    printf("1..%d\n", seeds + count);
    free(paths);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc < 2)
        return replay_all(argv[0]);
    for (int i = 1; i < argc; i++) {
        replay(argv[i]);
        tell(i, argv[i]);
    }
    printf("1..%d\n", argc - 1);
    return 0;
}
