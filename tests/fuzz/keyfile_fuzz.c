/* Key files. Input: the text. What was taken, written and read again, is the same. */
#include <stdlib.h>
#include <string.h>

#include <nectar/error.h>

#include "fuzz/shared/fuzz.h"
#include "key/keyfile.h"

enum { HEAP_FACTOR = 200, HEAP_MIN = 4096 };

static void check_again(const struct keyfile *first)
{
    struct keyfile second;
    char *text = NULL;
    size_t len = 0;

    fuzz_assert(keyfile_format(&text, &len, first) == 0);
    fuzz_assert(len > 0 && len <= KEYFILE_MAX && text[len] == '\0' && text[len - 1] == '\n');
    fuzz_assert(strlen(text) == len);
    fuzz_assert(keyfile_parse(&second, text, len) == 0);
    fuzz_assert(memcmp(first, &second, sizeof second) == 0);
    free(text);
}

static void check_limits(const struct keyfile *file)
{
    fuzz_assert(memchr(file->info.name, 0, sizeof file->info.name));
    fuzz_assert(!file->info.name[0] || nectar_name_check(file->info.name) == 0);
    if (!file->info.sealed)
        return;
    fuzz_assert(file->ops >= 1 && file->ops <= KEYFILE_OPS_MAX);
    fuzz_assert(file->mem >= KEYFILE_MEM_MIN && file->mem <= KEYFILE_MEM_MAX);
}

/* A plain one becomes a key, or its public key is another's; nothing is derived here. */
static void check_key(const struct keyfile *file)
{
    struct nectar_key *key = NULL;
    int error = keyfile_to_key(&key, file, NULL);

    if (file->info.sealed) {
        fuzz_assert(error == NECTAR_ESEALED && !key);
    } else if (error) {
        fuzz_assert(error == NECTAR_EKEYFILE && !key);
    } else {
        fuzz_assert(memcmp(nectar_key_public(key), file->info.public_key, NECTAR_PUBLIC_BYTES) ==
                    0);
        nectar_key_free(key);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static const struct keyfile nothing;
    uint8_t *copy = fuzz_copy((struct nectar_view){data, len});
    struct keyfile file;
    int error;

    fuzz_heap_begin();
    error = keyfile_parse(&file, (const char *)copy, len);
    fuzz_assert(fuzz_heap_peak() <= HEAP_MIN + HEAP_FACTOR * len);
    free(copy);
    fuzz_assert(error == 0 || error == NECTAR_EKEYFILE);
    if (error) {
        fuzz_assert(memcmp(&file, &nothing, sizeof file) == 0);
    } else {
        check_limits(&file);
        check_again(&file);
        check_key(&file);
    }
    keyfile_wipe(&file);
    return 0;
}
