/*
 * RLP. Input: the bytes. What is read, item by item and list in list, and written again, is what
 * came: there is one form of each value. A number is read in each of the ways, and they agree.
 */
#include <stdlib.h>
#include <string.h>

#include <nectar/error.h>

#include "eth/rlp.h"
#include "fuzz/shared/fuzz.h"

enum { DEPTH_MAX = 64 };

struct walk {
    struct rlp_writer writer;
    const uint8_t *data;
    size_t len;
};

/* The item that is next, as a number. */
static void check_number(const struct rlp_reader *at, struct nectar_view bytes)
{
    struct rlp_reader reader = *at;
    struct word word;
    uint64_t value;

    rlp_read_word(&word, &reader);
    fuzz_assert(!reader.error == (bytes.len <= WORD_BYTES && (bytes.len == 0 || bytes.data[0])));
    if (!reader.error)
        fuzz_assert(fuzz_same(word_digits(&word), bytes) || bytes.len == 0);
    reader = *at;
    value = rlp_read_uint(&reader, UINT64_MAX);
    fuzz_assert(!reader.error == (bytes.len <= 8 && (bytes.len == 0 || bytes.data[0])));
    if (!reader.error) {
        struct word same = word_of(value);

        fuzz_assert(word_compare(&same, &word) == 0);
    } else {
        fuzz_assert(value == 0);
    }
}

static void copy_items(struct walk *walk, struct rlp_reader *r, int depth)
{
    while (rlp_has_more(r)) {
        struct rlp_reader list, before = *r;
        struct nectar_view bytes;
        size_t opened;

        if (!rlp_at_list(r)) {
            bytes = rlp_read_bytes(r);
            fuzz_assert(fuzz_within(bytes, walk->data, walk->len));
            if (!r->error) {
                check_number(&before, bytes);
                rlp_write_bytes(&walk->writer, bytes);
            }
            continue;
        }
        opened = rlp_open_list(&walk->writer);
        rlp_read_list(&list, r);
        fuzz_assert(fuzz_within(list.left, walk->data, walk->len));
        if (depth == DEPTH_MAX)
            rlp_write_raw(&walk->writer, list.left);
        else
            copy_items(walk, &list, depth + 1);
        if (depth < DEPTH_MAX)
            rlp_end_list(&list, r);
        rlp_close_list(&walk->writer, opened);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    uint8_t *copy = fuzz_copy((struct nectar_view){data, len});
    struct bytes out;
    struct walk walk = {.writer = {.out = &out}, .data = copy, .len = len};
    struct rlp_reader reader;
    int error;

    bytes_init(&out, 2 * len + 16);
    rlp_reader_init(&reader, (struct nectar_view){copy, len});
    copy_items(&walk, &reader, 0);
    error = rlp_read_end(&reader);
    fuzz_assert(error == 0 || error == NECTAR_EFORMAT);
    if (!error) {
        fuzz_assert(walk.writer.error == 0);
        fuzz_assert(out.len == len && (len == 0 || memcmp(out.data, copy, len) == 0));
    } else {
        (void)rlp_read_bytes(&reader);
        fuzz_assert(rlp_read_end(&reader) == error && !rlp_has_more(&reader));
    }
    bytes_free(&out);
    free(copy);
    return 0;
}
