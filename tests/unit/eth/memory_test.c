/* Accounts, their files and transactions while memory is refused: ENOMEM, or all as ever. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <nectar/account.h>
#include <nectar/error.h>

#include "eth/account.h"
#include "eth/keystore.h"
#include "eth/tx.h"
#include "unit/shared/scarce.h"
#include "unit/shared/scratch.h"

enum { ATTEMPTS_MAX = 200 };

static struct scratch scratch;
static struct nectar_account *account;
static struct bytes sealed; /* a keystore of it */
static char path[300];      /* with its digits */

/* Either all is well, or there was no memory. */
static bool is_done(int error)
{
    if (error)
        assert_true(scarce.fails_at == 0 && error == NECTAR_ENOMEM);
    return !error;
}

static void expect_account(bool done, struct nectar_account *got)
{
    if (done)
        assert_memory_equal(nectar_account_address(got), nectar_account_address(account),
                            NECTAR_ACCOUNT_BYTES);
    else
        assert_null(got);
    nectar_account_free(got);
}

static void generate(void)
{
    struct nectar_account *made = NULL;

    if (!is_done(nectar_account_generate(&made)))
        assert_null(made);
    nectar_account_free(made);
}

static void load(void)
{
    struct nectar_account *loaded = NULL;
    bool done = is_done(nectar_account_load(&loaded, path, NULL));

    expect_account(done, loaded);
}

static void inspect(void)
{
    uint8_t address[NECTAR_ACCOUNT_BYTES];

    if (is_done(nectar_account_inspect(address, path)))
        assert_memory_equal(address, nectar_account_address(account), sizeof address);
}

static void unseal(void)
{
    struct nectar_account *loaded = NULL;
    bool done = is_done(
        nectar_account_from_text(&loaded, (const char *)sealed.data, sealed.len, "passphrase"));

    expect_account(done, loaded);
}

static void seal(void)
{
    const struct scrypt_cost quick = {.n = 2, .r = 1, .p = 1};
    struct bytes text;

    bytes_init(&text, KEYSTORE_MAX);
    if (is_done(account_write(&text, account, "passphrase", &quick)))
        assert_int_equal(text.data[text.len - 1], '\n');
    bytes_free(&text);
}

static void write_text(void)
{
    char *text = NULL;
    size_t len = 0;

    if (is_done(nectar_account_write_text(&text, &len, account, NULL)))
        assert_int_equal(len, 65);
    else
        assert_null(text);
    nectar_account_text_free(text, len);
}

/* There is the whole file, or none and nothing beside it. */
static void save(void)
{
    const char *to = scratch_path(&scratch, "folder/key");
    bool done = is_done(nectar_account_save(account, to, NULL, false));

    scarce.counting = false;
    assert_int_equal(access(to, F_OK), done ? 0 : -1);
    if (done)
        assert_int_equal(unlink(to), 0);
    if (access(scratch_path(&scratch, "folder"), F_OK) == 0) {
        assert_int_equal(scratch_count(scratch_path(&scratch, "folder")), 0);
        assert_int_equal(rmdir(scratch_path(&scratch, "folder")), 0);
    }
}

static void sign_and_decode(void)
{
    static uint8_t data[3000];
    struct tx tx = {.type = TX_FEE_MARKET, .chain = 1, .data = {data, sizeof data}}, got;
    uint8_t sender[ETH_ADDRESS_BYTES];
    struct bytes raw;

    bytes_init(&raw, TX_MAX);
    if (is_done(tx_sign(&raw, &tx, account)) &&
        is_done(tx_decode(&got, sender, bytes_view(&raw)))) {
        assert_memory_equal(sender, nectar_account_address(account), sizeof sender);
        assert_int_equal(got.data.len, sizeof data);
    }
    bytes_free(&raw);
}

static void refuse_each(void (*attempt)(void))
{
    attempt(); /* warms the libraries up */
    assert_in_range(scarce_each(attempt, ATTEMPTS_MAX), 1, ATTEMPTS_MAX - 1);
}

static void each_refused_once(void **state)
{
    (void)state;
    if (!SCARCE)
        skip();
    refuse_each(generate);
    refuse_each(load);
    refuse_each(inspect);
    refuse_each(unseal);
    refuse_each(seal);
    refuse_each(write_text);
    refuse_each(save);
    refuse_each(sign_and_decode);
}

static int set_up(void **state)
{
    const struct scrypt_cost quick = {.n = 2, .r = 1, .p = 1};

    (void)state;
    scratch_begin(&scratch);
    snprintf(path, sizeof path, "%s", scratch_path(&scratch, "key"));
    bytes_init(&sealed, KEYSTORE_MAX);
    return nectar_account_generate(&account) || nectar_account_save(account, path, NULL, false) ||
           account_write(&sealed, account, "passphrase", &quick);
}

static int tear_down(void **state)
{
    (void)state;
    bytes_free(&sealed);
    nectar_account_free(account);
    scratch_end(&scratch);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_refused_once, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
