/* Hypermap's calls and the book of names while memory is refused: right, or an error that says so,
 * and nothing is left behind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <nectar/error.h>

#include "base/view.h"
#include "pki/hypermap_call.h"
#include "pki/hypermap_text.h"
#include "pki/namebook.h"
#include "unit/shared/scarce.h"
#include "unit/shared/scratch.h"

enum { ATTEMPTS_MAX = 20000, TEXT_MAX = 1 << 16 };

static const struct hypermap_contracts AT = {.hypermap = {1}, .multicall = {2}, .account = {3}};
static const uint8_t CONTRACT[NECTAR_ACCOUNT_BYTES] = {7};
static struct scratch scratch;
static const char *folder;

static void expect_told(int error)
{
    assert_int_equal(error, scarce.fails_at == 0 && error ? NECTAR_ENOMEM : 0);
}

/* A minting with several notes has calls within calls; told by name it is walked through again. */
static void calls(void)
{
    static const uint8_t HASHES[2][HYPERMAP_HASH_BYTES] = {{1}, {2}};
    struct hypermap_change changes[2] = {{.note = HYPERMAP_IP}, {.note = HYPERMAP_ROUTERS}};
    struct bytes notes, mint, text, gets;
    struct json_writer w = {.out = &text};
    int error;

    bytes_init(&notes, HYPERMAP_CALLDATA_MAX);
    bytes_init(&mint, HYPERMAP_CALLDATA_MAX);
    bytes_init(&text, TEXT_MAX);
    bytes_init(&gets, HYPERMAP_CALLDATA_MAX);
    error = hypermap_write_notes(&notes, &AT, changes, 2);
    if (!error)
        error =
            hypermap_write_mint(&mint, &AT, CONTRACT, view_of_text("alice"), bytes_view(&notes));
    if (!error)
        error = hypermap_describe(&w, bytes_view(&mint));
    if (!error)
        error = hypermap_write_gets(&gets, AT.hypermap, HASHES, 2);
    expect_told(error);
    bytes_free(&notes);
    bytes_free(&mint);
    bytes_free(&text);
    bytes_free(&gets);
}

static void test_calls(void **state)
{
    (void)state;
    assert_in_range(scarce_each(calls, ATTEMPTS_MAX), SCARCE ? 10 : 1, ATTEMPTS_MAX - 1);
}

/* What went wrong for want of memory is told as that, or as trouble with the file; what is found is
 * what was put in. */
static bool is_trouble(int error)
{
    return scarce.fails_at == 0 && (error == NECTAR_ENOMEM || error == NECTAR_EIO);
}

static int fill(struct namebook *book)
{
    static const uint8_t ROOT[HYPERMAP_HASH_BYTES];
    struct namebook_mark mark = {.block = 9};
    uint8_t hash[HYPERMAP_HASH_BYTES];
    bool added = false;
    int error = namebook_begin(book, 1, 1);

    hypermap_hash_name(hash, "os");
    if (!error)
        error = namebook_add(book, &added, ROOT, hash, view_of_text("os"));
    if (!error)
        error = namebook_commit(book, &mark);
    else
        namebook_roll_back(book);
    return error;
}

static void book(void)
{
    struct namebook_state now = {.count = 0};
    struct namebook *opened = NULL;
    char found[NECTAR_NAME_MAX + 1];
    uint8_t hash[HYPERMAP_HASH_BYTES];
    int error = namebook_open(&opened, folder, 1, CONTRACT);

    if (!error)
        error = fill(opened);
    hypermap_hash_name(hash, "os");
    if (!error)
        error = namebook_find(opened, found, hash);
    if (!error)
        error = namebook_read_state(opened, &now);
    if (error)
        assert_true(is_trouble(error));
    else
        assert_true(strcmp(found, "os") == 0 && now.count == 1 && now.marks[0].block == 9);
    namebook_close(opened);
}

/* A name is put in the first time, and is there the second. */
static void keep(void)
{
    static bool put;
    struct namebook *opened = NULL;
    char found[NECTAR_NAME_MAX + 1];
    uint8_t hash[HYPERMAP_HASH_BYTES];

    hypermap_hash_name(hash, "kept.os");
    assert_int_equal(namebook_open(&opened, folder, 1, CONTRACT), 0);
    assert_int_equal(namebook_find(opened, found, hash), put ? 0 : NECTAR_EUNKNOWN);
    assert_int_equal(namebook_learn(opened, "kept.os"), 0);
    namebook_close(opened);
    put = true;
}

static void test_book(void **state)
{
    (void)state;
    scratch_begin(&scratch);
    folder = scratch_path(&scratch, "cache");
    book(); /* what SQLite takes once and keeps */
    keep();
    assert_in_range(scarce_each(book, ATTEMPTS_MAX), SCARCE ? 50 : 1, ATTEMPTS_MAX - 1);
    keep(); /* it was never thrown away */
    scratch_end(&scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_calls), cmocka_unit_test(test_book)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
