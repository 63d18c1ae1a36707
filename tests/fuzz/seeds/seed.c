/* fuzz-seeds FOLDER: writes the seeds of every target, the same each time. */
#include "fuzz/seeds/seed.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "fuzz/shared/fuzz.h"

enum { PATH_SIZE = 4096 };

static const char *root;

static void make_folder(const char *path)
{
    fuzz_assert(mkdir(path, 0777) == 0 || errno == EEXIST);
}

void seed_begin(const char *folder)
{
    root = folder;
    make_folder(root);
}

void seed_write(const char *target, const char *label, const void *prefix, size_t prefix_len,
                struct nectar_view body)
{
    char path[PATH_SIZE];
    FILE *file;

    snprintf(path, sizeof path, "%s/%s", root, target);
    make_folder(path);
    snprintf(path, sizeof path, "%s/%s/%s", root, target, label);
    file = fopen(path, "wb");
    fuzz_assert(file);
    fuzz_assert(fwrite(prefix, 1, prefix_len, file) == prefix_len);
    fuzz_assert(fwrite(body.data, 1, body.len, file) == body.len);
    fuzz_assert(fclose(file) == 0);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: fuzz-seeds FOLDER\n");
        return 2;
    }
    seed_begin(argv[1]);
    seed_streams();
    seed_messages();
    seed_texts();
    seed_accounts();
    seed_links();
    seed_chains();
    seed_abi();
    seed_changes();
    return 0;
}
