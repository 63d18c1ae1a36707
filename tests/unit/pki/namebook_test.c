#include "pki/namebook.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <nectar/error.h>

#include "base/view.h"
#include "unit/shared/scratch.h"

enum { CHAIN = 31337, PROCESSES = 4, EACH = 200 };

static const uint8_t CONTRACT[NECTAR_ACCOUNT_BYTES] = {0xab, 1};
static const char FILE_NAME[] = "cache/names-31337-0xab01000000000000000000000000000000000000.db";
static struct scratch scratch;

static int begin(void **state)
{
    (void)state;
    scratch_begin(&scratch);
    return 0;
}

static int end(void **state)
{
    (void)state;
    scratch_end(&scratch);
    return 0;
}

static struct namebook *open_book(void)
{
    struct namebook *book = NULL;

    assert_int_equal(namebook_open(&book, scratch_path(&scratch, "cache"), CHAIN, CONTRACT), 0);
    return book;
}

static int add(struct namebook *book, const char *name)
{
    const char *dot = strchr(name, '.');
    struct nectar_view label = {(const uint8_t *)name, dot ? (size_t)(dot - name) : strlen(name)};
    uint8_t parent[HYPERMAP_HASH_BYTES], hash[HYPERMAP_HASH_BYTES];
    char known[NECTAR_NAME_MAX + 1];
    bool added = false;
    int before, error;

    hypermap_hash_name(parent, dot ? dot + 1 : "");
    hypermap_hash_name(hash, name);
    before = namebook_find(book, known, hash);
    error = namebook_add(book, &added, parent, hash, label);
    assert_int_equal(added, !error && before == NECTAR_EUNKNOWN);
    return error;
}

static void expect_known(struct namebook *book, const char *name, bool known)
{
    char found[NECTAR_NAME_MAX + 1] = "before";
    uint8_t hash[HYPERMAP_HASH_BYTES];

    hypermap_hash_name(hash, name);
    assert_int_equal(namebook_find(book, found, hash), known ? 0 : NECTAR_EUNKNOWN);
    assert_string_equal(found, known ? name : "");
}

static void made_where_missing(void **state)
{
    struct stat info;

    (void)state;
    assert_int_not_equal(stat(scratch_path(&scratch, FILE_NAME), &info), 0);
    namebook_close(open_book());
    assert_int_equal(stat(scratch_path(&scratch, FILE_NAME), &info), 0);
}

/* A name is put in under a parent that is there. */
static void names(void **state)
{
    struct namebook *book = open_book();
    uint64_t count = 0;

    (void)state;
    assert_int_equal(add(book, "alice.os"), NECTAR_EUNKNOWN);
    expect_known(book, "alice.os", false);
    assert_int_equal(add(book, "os"), 0);
    assert_int_equal(add(book, "alice.os"), 0);
    assert_int_equal(add(book, "alice.os"), 0);
    assert_int_equal(add(book, "sub.alice.os"), 0);
    assert_int_equal(add(book, "sub.bob.os"), NECTAR_EUNKNOWN);
    assert_int_equal(namebook_learn(book, "bob.os"), 0);
    assert_int_equal(add(book, "sub.bob.os"), 0);
    namebook_close(book);
    book = open_book();
    expect_known(book, "sub.alice.os", true);
    expect_known(book, "sub.bob.os", true);
    expect_known(book, "os", true);
    expect_known(book, "eve.os", false);
    assert_int_equal(namebook_count(book, &count), 0);
    assert_int_equal(count, 5);
    namebook_close(book);
}

static void names_too_long(void **state)
{
    struct namebook *book = open_book();
    char name[64 * 4 + 3] = "os";

    (void)state;
    assert_int_equal(add(book, "os"), 0);
    for (size_t i = 0; i < 4; i++) {
        memmove(name + 64, name, strlen(name) + 1);
        memset(name, '0', 63);
        name[63] = '.';
        assert_int_equal(add(book, name), i < 3 ? 0 : NECTAR_ETOOBIG);
    }
    namebook_close(book);
}

static void in_order(void **state)
{
    static const char *const NAMES[] = {"os", "b.os", "a.os", "c.a.os", "dev"};
    struct namebook *book = open_book();
    char out[2][NECTAR_NAME_MAX + 1];
    size_t count = 0;

    (void)state;
    for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++)
        assert_int_equal(add(book, NAMES[i]), 0);
    assert_int_equal(namebook_after(book, out, 2, &count, ""), 0);
    assert_int_equal(count, 2);
    assert_string_equal(out[0], "a.os");
    assert_string_equal(out[1], "b.os");
    assert_int_equal(namebook_after(book, out, 2, &count, "b.os"), 0);
    assert_int_equal(count, 1);
    assert_string_equal(out[0], "c.a.os");
    assert_int_equal(namebook_after(book, out, 2, &count, "c.a.os"), 0);
    assert_int_equal(count, 0);
    namebook_close(book);
}

/* --- marks --- */

static void put_mark(struct namebook *book, uint64_t from, uint64_t start, uint64_t block)
{
    struct namebook_mark mark = {.block = block, .hash = {(uint8_t)block}};

    assert_int_equal(namebook_begin(book, from, start), 0);
    assert_int_equal(namebook_commit(book, &mark), 0);
}

static void marks(void **state)
{
    struct namebook *book = open_book();
    struct namebook_state now;

    (void)state;
    assert_int_equal(namebook_read_state(book, &now), 0);
    assert_int_equal(now.count, 0);
    put_mark(book, 5, 5, 10);
    for (uint64_t block = 11; block < 60; block++)
        put_mark(book, block, 5, block);
    assert_int_equal(namebook_read_state(book, &now), 0);
    assert_int_equal(now.count, NAMEBOOK_MARKS_MAX);
    assert_int_equal(now.start, 5);
    assert_int_equal(now.marks[0].block, 59);
    assert_int_equal(now.marks[0].hash[0], 59);
    assert_int_equal(now.marks[31].block, 28);
    assert_int_equal(namebook_take_back(book, 40), 0);
    assert_int_equal(namebook_read_state(book, &now), 0);
    assert_int_equal(now.count, 12);
    assert_int_equal(now.marks[0].block, 39);
    namebook_close(book);
}

/* Nothing is left out between two marks, whatever others do. */
static void no_gaps(void **state)
{
    struct namebook *book = open_book();
    struct namebook_state now;

    (void)state;
    assert_int_equal(namebook_begin(book, 7, 5), NECTAR_EBUSY);
    put_mark(book, 5, 5, 10);
    assert_int_equal(namebook_begin(book, 12, 5), NECTAR_EBUSY);
    assert_int_equal(namebook_begin(book, 11, 5), 0);
    namebook_roll_back(book);
    put_mark(book, 3, 5, 8); /* again, what has been read */
    assert_int_equal(namebook_take_back(book, 0), 0);
    assert_int_equal(namebook_begin(book, 11, 5), NECTAR_EBUSY);
    put_mark(book, 2, 2, 4);
    assert_int_equal(namebook_read_state(book, &now), 0);
    assert_int_equal(now.start, 2);
    namebook_close(book);
}

static void rolled_back(void **state)
{
    struct namebook *book = open_book();

    (void)state;
    assert_int_equal(namebook_begin(book, 0, 0), 0);
    assert_int_equal(add(book, "os"), 0);
    expect_known(book, "os", true);
    namebook_roll_back(book);
    expect_known(book, "os", false);
    namebook_close(book);
}

/* --- what else may be there --- */

/* It can be thrown away, so it is, when it is of no use. */
static void damaged(void **state)
{
    static const char NONE[] = "this is no database, though it is long enough to be one; "
                               "it goes on for a while, so that it has a header of 100 bytes";
    struct namebook *book;
    FILE *file;

    (void)state;
    namebook_close(open_book());
    scratch_write(&scratch, FILE_NAME, NONE, sizeof NONE - 1);
    book = open_book();
    assert_int_equal(add(book, "os"), 0);
    for (int i = 0; i < 500; i++) {
        char name[16];

        snprintf(name, sizeof name, "n%d.os", i);
        assert_int_equal(add(book, name), 0);
    }
    namebook_close(book);
    /* Within, where opening it does not look. */
    file = fopen(scratch_path(&scratch, FILE_NAME), "r+b");
    assert_non_null(file);
    for (long page = 1; page < 20; page++) {
        assert_int_equal(fseek(file, page * 4096, SEEK_SET), 0);
        for (int i = 0; i < 4096; i++)
            fputc(0xff, file);
    }
    fclose(file);
    book = open_book();
    {
        char found[NECTAR_NAME_MAX + 1];
        uint8_t hash[HYPERMAP_HASH_BYTES] = {1};

        assert_int_equal(namebook_find(book, found, hash), NECTAR_EIO);
        assert_true(namebook_why(book)[0] != '\0');
    }
    namebook_close(book);
    book = open_book();
    expect_known(book, "os", false);
    namebook_close(book);
}

static void no_folder(void **state)
{
    struct namebook *book = NULL;

    (void)state;
    scratch_write(&scratch, "file", "", 0);
    assert_int_equal(namebook_open(&book, scratch_path(&scratch, "file"), CHAIN, CONTRACT),
                     NECTAR_EIO);
}

static void work(int process)
{
    struct namebook *book = open_book();

    for (int i = 0; i < EACH; i++) {
        char name[32];

        snprintf(name, sizeof name, "n%d-%d.os", process, i);
        assert_int_equal(namebook_learn(book, name), 0);
    }
    namebook_close(book);
}

static void many_processes(void **state)
{
    pid_t children[PROCESSES];
    struct namebook *book;
    uint64_t count = 0;

    (void)state;
    for (int i = 0; i < PROCESSES; i++) {
        children[i] = fork();
        assert_true(children[i] >= 0);
        if (children[i] == 0) {
            work(i);
            _exit(0);
        }
    }
    for (int i = 0; i < PROCESSES; i++) {
        int status = -1;

        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_int_equal(status, 0);
    }
    book = open_book();
    assert_int_equal(namebook_count(book, &count), 0);
    assert_int_equal(count, PROCESSES * EACH);
    namebook_close(book);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(made_where_missing), TEST(names),   TEST(names_too_long),
        TEST(in_order),           TEST(marks),   TEST(no_gaps),
        TEST(rolled_back),        TEST(damaged), TEST(no_folder),
        TEST(many_processes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
