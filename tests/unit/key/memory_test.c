/* Keys and key files while memory is refused: ENOMEM, or a key and a file as ever. */
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <nectar/error.h>
#include <nectar/key.h>

#include "unit/shared/scarce.h"
#include "unit/shared/scratch.h"

enum { ATTEMPTS_MAX = 200 };

static struct scratch scratch;
static struct nectar_key *key;
static const char *passphrase;
static char path[300];

static bool was_refused(void)
{
    return scarce.fails_at == 0;
}

static void assert_key(const struct nectar_key *got)
{
    assert_memory_equal(nectar_key_public(got), nectar_key_public(key), NECTAR_PUBLIC_BYTES);
    assert_string_equal(nectar_key_name(got), "squid.nec");
}

/* Either all is well, or there was no memory. */
static bool is_done(int error)
{
    if (error)
        assert_true(was_refused() && error == NECTAR_ENOMEM);
    return !error;
}

static void load(void)
{
    struct nectar_key *loaded = NULL;

    if (is_done(nectar_key_load(&loaded, path, passphrase)))
        assert_key(loaded);
    else
        assert_null(loaded);
    nectar_key_free(loaded);
}

static void generate(void)
{
    struct nectar_key *made = NULL;

    if (is_done(nectar_key_generate(&made, "squid.nec")))
        assert_string_equal(nectar_key_name(made), "squid.nec");
    else
        assert_null(made);
    nectar_key_free(made);
}

static void inspect(void)
{
    struct nectar_key_info info;

    (void)is_done(nectar_key_inspect(&info, path));
}

static void write_text(void)
{
    char *text = NULL;
    size_t len = 0;

    if (is_done(nectar_key_write_text(&text, &len, key, passphrase)))
        assert_int_equal(text[len - 1], '\n');
    nectar_key_text_free(text, len);
}

/* There is the whole file, or none and nothing beside it. */
static void save(void)
{
    const char *to = scratch_path(&scratch, "folder/key");
    bool done = is_done(nectar_key_save(key, to, passphrase, false));

    scarce.counting = false;
    assert_int_equal(access(to, F_OK), done ? 0 : -1);
    if (done) {
        struct nectar_key *loaded = NULL;

        assert_int_equal(nectar_key_load(&loaded, to, passphrase), 0);
        assert_key(loaded);
        nectar_key_free(loaded);
        assert_int_equal(unlink(to), 0);
    }
    if (access(scratch_path(&scratch, "folder"), F_OK) == 0) {
        assert_int_equal(scratch_count(scratch_path(&scratch, "folder")), 0);
        assert_int_equal(rmdir(scratch_path(&scratch, "folder")), 0);
    }
}

/* Removes the files of such names from the scratch folder; how many there were. */
static size_t remove_all(const char *pattern)
{
    glob_t found = {0};
    size_t count;

    if (glob(scratch_path(&scratch, pattern), 0, NULL, &found) != 0)
        return 0;
    count = found.gl_pathc;
    for (size_t i = 0; i < count; i++)
        assert_int_equal(unlink(found.gl_pathv[i]), 0);
    globfree(&found);
    return count;
}

/* There is a whole file all the time, and what was written beside it is gone. */
static void replace(void)
{
    struct nectar_key *loaded = NULL;

    (void)is_done(nectar_key_save(key, path, passphrase, true));
    scarce.counting = false;
    assert_int_equal(remove_all("*.tmp-*"), 0);
    (void)remove_all("*.old-*");
    assert_int_equal(nectar_key_load(&loaded, path, passphrase), 0);
    assert_key(loaded);
    nectar_key_free(loaded);
}

/* One for which nothing is taken from malloc (a key has pages of its own) is called once. */
static void refuse_each(void (*attempt)(void))
{
    attempt(); /* warms the libraries up */
    assert_in_range(scarce_each(attempt, ATTEMPTS_MAX), 1, ATTEMPTS_MAX - 1);
}

static void plain(void **state)
{
    (void)state;
    if (!SCARCE)
        skip();
    passphrase = NULL;
    snprintf(path, sizeof path, "%s", scratch_path(&scratch, "key"));
    assert_int_equal(nectar_key_save(key, path, NULL, true), 0);
    refuse_each(generate);
    refuse_each(load);
    refuse_each(inspect);
    refuse_each(write_text);
    refuse_each(save);
    refuse_each(replace);
}

static void sealed(void **state)
{
    (void)state;
    if (!SCARCE)
        skip();
    passphrase = "passphrase";
    snprintf(path, sizeof path, "%s", scratch_path(&scratch, "sealed"));
    assert_int_equal(nectar_key_save(key, path, passphrase, true), 0);
    refuse_each(load);
    refuse_each(inspect);
    refuse_each(write_text);
}

static int set_up(void **state)
{
    (void)state;
    scratch_begin(&scratch);
    return nectar_key_generate(&key, "squid.nec");
}

static int tear_down(void **state)
{
    (void)state;
    nectar_key_free(key);
    scratch_end(&scratch);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(plain, set_up, tear_down),
        cmocka_unit_test_setup_teardown(sealed, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
