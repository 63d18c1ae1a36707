/* Accounts and their files. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <nectar/error.h>

#include "eth/account.h"
#include "eth/keystore.h"
#include "unit/shared/scratch.h"

static const char ADDRESS[] = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";
static const char DIGITS[] = "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";

static struct scratch scratch;
static struct nectar_account *account;

static void expect_address(const uint8_t *address, const char *expected)
{
    char text[NECTAR_ACCOUNT_TEXT_SIZE];

    nectar_account_format(text, address);
    assert_string_equal(text, expected);
}

/* A file with that text, and what loading says. */
static void expect_load(const char *text, const char *passphrase, int expected)
{
    const char *path = scratch_write(&scratch, "key", text, strlen(text));
    struct nectar_account *loaded = NULL, *from_text = NULL;

    assert_int_equal(nectar_account_load(&loaded, path, passphrase), expected);
    assert_int_equal(nectar_account_from_text(&from_text, text, strlen(text), passphrase),
                     expected);
    if (expected) {
        assert_null(loaded);
        assert_null(from_text);
        return;
    }
    expect_address(nectar_account_address(loaded), ADDRESS);
    expect_address(nectar_account_address(from_text), ADDRESS);
    nectar_account_free(loaded);
    nectar_account_free(from_text);
}

/* The text of a keystore of the account, quickly opened. */
static char *keystore_text(const char *passphrase)
{
    const struct scrypt_cost quick = {.n = 2, .r = 1, .p = 1};
    struct bytes text;
    char *copy;

    bytes_init(&text, KEYSTORE_MAX);
    assert_int_equal(account_write(&text, account, passphrase, &quick), 0);
    copy = strndup((const char *)text.data, text.len);
    assert_non_null(copy);
    bytes_free(&text);
    return copy;
}

static void hex_digits(void **state)
{
    char text[200];

    (void)state;
    expect_load(DIGITS, NULL, 0);
    expect_load(DIGITS, "whatever", 0);
    snprintf(text, sizeof text, "%s\n", DIGITS);
    expect_load(text, NULL, 0);
    snprintf(text, sizeof text, "0x%s\n", DIGITS);
    expect_load(text, NULL, 0);
    snprintf(text, sizeof text, "AC0974BEC39A17E36BA4A6B4D238FF944BACB478CBED5EFCAE784D7BF4F2FF80");
    expect_load(text, NULL, 0);
}

static void other_texts(void **state)
{
    static const struct {
        const char *before;
        int digits;
        const char *behind;
    } rows[] = {
        {"", 64, "\n\n"}, {" ", 64, ""},    {"", 64, " "},  {"0X", 64, ""}, {"", 64, "00"},
        {"0x0x", 64, ""}, {"\"", 64, "\""}, {"", 63, ""},   {"", 63, "\n"}, {"", 63, "g"},
        {"x", 63, ""},    {"", 62, "\n0"},  {"0x", 62, ""},
    };
    char text[200];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        snprintf(text, sizeof text, "%s%.*s%s", rows[i].before, rows[i].digits, DIGITS,
                 rows[i].behind);
        expect_load(text, NULL, NECTAR_EKEYFILE);
    }
    expect_load("", NULL, NECTAR_EKEYFILE);
    expect_load("\n", NULL, NECTAR_EKEYFILE);
    expect_load("0x", NULL, NECTAR_EKEYFILE);
    expect_load("{}", NULL, NECTAR_EKEYFILE);
    expect_load("[]", NULL, NECTAR_EKEYFILE);
    /* 0, and the order of the group: no keys of it. */
    expect_load("0000000000000000000000000000000000000000000000000000000000000000", NULL,
                NECTAR_EKEYFILE);
    expect_load("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141", NULL,
                NECTAR_EKEYFILE);
}

static void keystores(void **state)
{
    char *text = keystore_text("pass");
    uint8_t address[NECTAR_ACCOUNT_BYTES];

    (void)state;
    expect_load(text, "pass", 0);
    expect_load(text, NULL, NECTAR_ESEALED);
    expect_load(text, "Pass", NECTAR_EPASSPHRASE);
    assert_int_equal(nectar_account_inspect_text(address, text, strlen(text)), 0);
    expect_address(address, ADDRESS);
    free(text);
}

/* The address is not under the MAC: it is compared with that of the key. */
static void a_keystore_of_another_address(void **state)
{
    char *text = keystore_text("pass");
    char *noted = strstr(text, "f39fd6e5");

    (void)state;
    assert_non_null(noted);
    *noted = 'e';
    expect_load(text, "pass", NECTAR_EKEYFILE);
    free(text);
}

static void a_keystore_that_notes_no_address(void **state)
{
    char *text = keystore_text("pass");
    char *noted = strstr(text, "\"address\"");
    uint8_t address[NECTAR_ACCOUNT_BYTES];

    (void)state;
    assert_non_null(noted);
    noted[1] = 'x';
    expect_load(text, "pass", 0);
    assert_int_equal(nectar_account_inspect_text(address, text, strlen(text)), NECTAR_ESEALED);
    free(text);
}

/* A keystore of what is no key of the curve, well sealed. */
static void a_keystore_of_no_key(void **state)
{
    static const uint8_t zero[32];
    const struct scrypt_cost quick = {.n = 2, .r = 1, .p = 1};
    struct keystore keystore;
    struct bytes text;

    (void)state;
    bytes_init(&text, KEYSTORE_MAX);
    assert_int_equal(keystore_seal(&keystore, zero, zero, "pass", &quick), 0);
    assert_int_equal(keystore_format(&text, &keystore), 0);
    assert_int_equal(bytes_append_byte(&text, 0), 0);
    expect_load((const char *)text.data, "pass", NECTAR_EKEYFILE);
    bytes_free(&text);
}

static void files_that_cannot_be_read(void **state)
{
    const char *path = scratch_write(&scratch, "key", DIGITS, 64);
    const char *large = scratch_path(&scratch, "large");
    struct nectar_account *loaded = NULL;
    uint8_t address[NECTAR_ACCOUNT_BYTES];

    (void)state;
    for (mode_t mode = 1; mode < 0100; mode <<= 1) {
        bool open = (mode & 066) != 0;

        assert_int_equal(chmod(path, 0600 | mode), 0);
        assert_int_equal(nectar_account_inspect(address, path), open ? NECTAR_EKEYMODE : 0);
        assert_int_equal(nectar_account_load(&loaded, path, NULL), open ? NECTAR_EKEYMODE : 0);
        nectar_account_free(loaded);
        loaded = NULL;
    }
    assert_int_equal(nectar_account_load(&loaded, scratch_path(&scratch, "none"), NULL),
                     NECTAR_ENOKEY);
    assert_int_equal(nectar_account_inspect(address, scratch_path(&scratch, "none")),
                     NECTAR_ENOKEY);
    assert_int_equal(nectar_account_load(&loaded, scratch_path(&scratch, "."), NULL), NECTAR_EIO);
    assert_int_equal(errno, EISDIR);
    scratch_write(&scratch, "large", DIGITS, 1);
    assert_int_equal(truncate(large, KEYSTORE_MAX + 1), 0);
    assert_int_equal(nectar_account_load(&loaded, large, NULL), NECTAR_EKEYFILE);
    assert_null(loaded);
}

static void saved_and_loaded(void **state)
{
    const char *path = scratch_path(&scratch, "folder/eth.key");
    struct nectar_account *made = NULL, *loaded = NULL;
    struct stat info;

    (void)state;
    assert_int_equal(nectar_account_generate(&made), 0);
    assert_int_equal(nectar_account_save(made, path, NULL, false), 0);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 07777, 0600);
    assert_int_equal(info.st_size, 65);
    assert_int_equal(nectar_account_load(&loaded, path, NULL), 0);
    assert_memory_equal(nectar_account_address(loaded), nectar_account_address(made),
                        NECTAR_ACCOUNT_BYTES);
    assert_int_equal(nectar_account_save(account, path, NULL, false), NECTAR_EEXISTS);
    assert_int_equal(nectar_account_save(account, path, NULL, true), 0);
    nectar_account_free(loaded);
    assert_int_equal(nectar_account_load(&loaded, path, NULL), 0);
    expect_address(nectar_account_address(loaded), ADDRESS);
    assert_int_equal(scratch_count(scratch_path(&scratch, "folder")), 2);
    nectar_account_free(loaded);
    nectar_account_free(made);
}

/* With the cost that files are written with: once, for it takes seconds. */
static void sealed_as_files_are(void **state)
{
    const char *path = scratch_path(&scratch, "sealed");
    struct nectar_account *loaded = NULL;
    struct keystore keystore;
    struct bytes text;
    FILE *file;

    (void)state;
    assert_int_equal(nectar_account_save(account, path, "passphrase", false), 0);
    bytes_init(&text, KEYSTORE_MAX);
    assert_int_equal(bytes_reserve(&text, KEYSTORE_MAX), 0);
    file = fopen(path, "rb");
    assert_non_null(file);
    text.len = fread(text.data, 1, KEYSTORE_MAX, file);
    fclose(file);
    assert_int_equal(keystore_parse(&keystore, bytes_view(&text)), 0);
    assert_int_equal(keystore.cost.n, 262144);
    assert_int_equal(keystore.cost.r, 8);
    assert_int_equal(keystore.cost.p, 1);
    bytes_free(&text);
    assert_int_equal(nectar_account_load(&loaded, path, "passphrase"), 0);
    expect_address(nectar_account_address(loaded), ADDRESS);
    nectar_account_free(loaded);
}

static void the_text_of_a_file(void **state)
{
    char *text = NULL;
    size_t len = 0;

    (void)state;
    assert_int_equal(nectar_account_write_text(&text, &len, account, NULL), 0);
    assert_int_equal(len, 65);
    assert_memory_equal(text, DIGITS, 64);
    assert_string_equal(text + 64, "\n");
    nectar_account_text_free(text, len);
    nectar_account_text_free(NULL, 0);
    nectar_account_free(NULL);
}

static int set_up(void **state)
{
    (void)state;
    scratch_begin(&scratch);
    return nectar_account_from_text(&account, DIGITS, 64, NULL);
}

static int tear_down(void **state)
{
    (void)state;
    nectar_account_free(account);
    scratch_end(&scratch);
    return 0;
}

#define WITH_FILES(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FILES(hex_digits),
        WITH_FILES(other_texts),
        WITH_FILES(keystores),
        WITH_FILES(a_keystore_of_another_address),
        WITH_FILES(a_keystore_that_notes_no_address),
        WITH_FILES(a_keystore_of_no_key),
        WITH_FILES(files_that_cannot_be_read),
        WITH_FILES(saved_and_loaded),
        WITH_FILES(sealed_as_files_are),
        WITH_FILES(the_text_of_a_file),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
