#include "pki/nonce.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <nectar/error.h>

#include "base/file.h"
#include "base/time.h"
#include "base/view.h"
#include "unit/shared/scratch.h"

static const uint8_t GENESIS[NECTAR_HASH_BYTES] = {1, 2, 3};
static const uint8_t SECRET[NECTAR_ACCOUNT_SECRET_BYTES] = {7};

static struct scratch scratch;
static struct nectar_account *account;

static int set_up(void **state)
{
    (void)state;
    scratch_begin(&scratch);
    return nectar_account_from_secret(&account, SECRET);
}

static int tear_down(void **state)
{
    (void)state;
    nectar_account_free(account);
    scratch_end(&scratch);
    return 0;
}

static struct nonce_owner owner(void)
{
    return (struct nonce_owner){.state = scratch_path(&scratch, "tx"),
                                .chain = 31337,
                                .genesis = GENESIS,
                                .from = nectar_account_address(account)};
}

static struct nonce_journal opened(void)
{
    const struct nonce_owner mine = owner();
    struct nonce_journal journal;

    assert_int_equal(nonce_open(&journal, &mine, TIME_S(5)), 0);
    return journal;
}

static struct nectar_tx signed_tx(uint64_t nonce)
{
    struct nectar_tx tx = {.chain = 31337, .nonce = nonce, .gas = 21000, .to = {9}};

    memcpy(tx.from, nectar_account_address(account), sizeof tx.from);
    tx.data = (uint8_t *)strdup("call");
    tx.data_len = 4;
    assert_non_null(tx.data);
    assert_int_equal(nectar_tx_sign(&tx, account), 0);
    return tx;
}

static void note(struct nonce_journal *journal, uint64_t nonce, const char *name)
{
    struct nectar_tx tx = signed_tx(nonce);

    assert_int_equal(nonce_note(journal, name, &tx), 0);
    nectar_tx_wipe(&tx);
}

static void what_was_noted_is_read_again_in_order(void **state)
{
    struct nonce_journal journal = opened();
    struct nectar_tx second = signed_tx(10);

    (void)state;
    assert_int_equal(journal.count, 0);
    note(&journal, 11, "squid.nec");
    note(&journal, 9, "");
    note(&journal, 10, "alice.nec");
    nonce_close(&journal);

    journal = opened();
    assert_int_equal(journal.count, 3);
    assert_int_equal(journal.entries[0].nonce, 9);
    assert_string_equal(journal.entries[0].name, "");
    assert_int_equal(journal.entries[2].nonce, 11);
    assert_string_equal(journal.entries[2].name, "squid.nec");
    assert_false(journal.entries[1].damaged);
    assert_string_equal(journal.entries[1].name, "alice.nec");
    assert_int_equal(journal.entries[1].tx.raw_len, second.raw_len);
    assert_memory_equal(journal.entries[1].tx.raw, second.raw, second.raw_len);
    assert_memory_equal(journal.entries[1].tx.hash, second.hash, sizeof second.hash);
    assert_int_equal(nonce_forget(&journal, 10, second.hash), 0);
    assert_int_equal(nonce_forget(&journal, 10, second.hash), 0);
    nonce_close(&journal);

    journal = opened();
    assert_int_equal(journal.count, 2);
    nonce_close(&journal);
    nectar_tx_wipe(&second);
}

static void the_next_nonce_is_the_first_that_is_free(void **state)
{
    struct nonce_journal journal = opened();

    (void)state;
    assert_int_equal(nonce_free(&journal, 5), 5);
    note(&journal, 5, "a.nec");
    note(&journal, 8, "b.nec");
    note(&journal, 6, "c.nec");
    assert_int_equal(nonce_free(&journal, 4), 4);
    assert_int_equal(nonce_free(&journal, 5), 7);
    assert_int_equal(nonce_free(&journal, 7), 7);
    assert_int_equal(nonce_free(&journal, 8), 9);
    nonce_close(&journal);
}

static void chains_and_accounts_are_kept_apart(void **state)
{
    static const uint8_t OTHER[NECTAR_HASH_BYTES] = {1, 2, 4};
    struct nonce_owner other = owner();
    struct nonce_journal journal = opened();
    struct nonce_journal apart;

    (void)state;
    note(&journal, 0, "a.nec");
    other.genesis = OTHER;
    assert_int_equal(nonce_open(&apart, &other, 0), 0);
    assert_int_equal(apart.count, 0);
    nonce_close(&apart);
    other = owner();
    other.chain = 8453;
    assert_int_equal(nonce_open(&apart, &other, 0), 0);
    assert_int_equal(apart.count, 0);
    nonce_close(&apart);
    other = owner();
    other.from = OTHER;
    assert_int_equal(nonce_open(&apart, &other, 0), 0);
    assert_int_equal(apart.count, 0);
    nonce_close(&apart);
    nonce_close(&journal);
}

static void a_lock_is_held_until_its_end(void **state)
{
    const struct nonce_owner mine = owner();
    struct nonce_journal journal = opened();
    struct nonce_journal second;
    int pipe_fds[2];
    char byte;
    pid_t child;
    int status;

    (void)state;
    assert_int_equal(nonce_open(&second, &mine, TIME_MS(30)), NECTAR_EBUSY);
    nonce_unlock(&journal);
    assert_int_equal(nonce_open(&second, &mine, 0), 0);
    nonce_close(&second);
    nonce_close(&journal);

    /* A process that is killed gives it back, too. */
    assert_int_equal(pipe(pipe_fds), 0);
    child = fork();
    if (child == 0) {
        journal = opened();
        if (write(pipe_fds[1], "x", 1) == 1)
            pause();
        _exit(1);
    }
    assert_int_equal(read(pipe_fds[0], &byte, 1), 1);
    assert_int_equal(nonce_open(&second, &mine, TIME_MS(30)), NECTAR_EBUSY);
    kill(child, SIGKILL);
    assert_int_equal(nonce_open(&second, &mine, TIME_S(5)), 0);
    nonce_close(&second);
    waitpid(child, &status, 0);
    close(pipe_fds[0]);
    close(pipe_fds[1]);
}

/* The one file there. */
static char *only_file(void)
{
    struct nonce_journal journal = opened();
    char *path = NULL;

    assert_int_equal(journal.count, 1);
    {
        char hash[2 * NECTAR_HASH_BYTES + 1] = "";

        for (size_t i = 0; i < NECTAR_HASH_BYTES; i++)
            snprintf(hash + 2 * i, 3, "%02x", journal.entries[0].tx.hash[i]);
        assert_true(asprintf(&path, "%s/%020d-%s.json", journal.folder, 4, hash) > 0);
    }
    nonce_close(&journal);
    return path;
}

static void write_over(const char *path, const uint8_t *data, size_t len)
{
    int fd = open(path, O_WRONLY | O_TRUNC);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, data, len), (ssize_t)len);
    close(fd);
}

/* Cut at every byte, and with every byte another: never read as if it were whole. */
static void damage_is_seen(void **state)
{
    struct nonce_journal journal = opened();
    struct bytes text;
    char *path;

    (void)state;
    note(&journal, 4, "alice.nec");
    nonce_close(&journal);
    path = only_file();
    bytes_init(&text, 4096);
    assert_int_equal(file_read(&text, path, NULL), 0);
    for (size_t cut = 0; cut < text.len; cut++) {
        write_over(path, text.data, cut);
        journal = opened();
        assert_int_equal(journal.count, 1);
        assert_true(journal.entries[0].damaged);
        assert_int_equal(journal.entries[0].nonce, 4);
        assert_null(journal.entries[0].tx.raw);
        assert_int_equal(nonce_free(&journal, 4), 5);
        nonce_close(&journal);
    }
    for (size_t at = 0; at < text.len; at++) {
        static const char NAME[] = "alice.nec";
        const char *name = memmem(text.data, text.len, NAME, sizeof NAME - 1);
        size_t name_at = (size_t)((const uint8_t *)name - text.data);
        uint8_t was = text.data[at];

        if (at >= name_at && at < name_at + sizeof NAME - 1)
            continue; /* another name is no damage that can be seen */
        text.data[at] = was == 'f' ? 'e' : was >= '0' && was <= '9' ? 'a' : was + 1;
        write_over(path, text.data, text.len);
        text.data[at] = was;
        journal = opened();
        assert_true(journal.entries[0].damaged);
        nonce_close(&journal);
    }
    bytes_free(&text);
    free(path);
}

static void other_files_are_left_alone(void **state)
{
    struct nonce_journal journal = opened();
    char *path = NULL;
    int fd;

    (void)state;
    assert_true(asprintf(&path, "%s/00000000000000000004-ab.json.tmp-x", journal.folder) > 0);
    fd = open(path, O_WRONLY | O_CREAT, 0600);
    assert_true(fd >= 0);
    close(fd);
    nonce_close(&journal);
    journal = opened();
    assert_int_equal(journal.count, 0);
    nonce_close(&journal);
    assert_int_equal(access(path, F_OK), 0);
    free(path);
}

/* Nothing is noted, and nothing left, where there is no room for all of it. */
static void a_full_disk(void **state)
{
    struct nonce_journal journal = opened();
    struct nectar_tx tx = signed_tx(4);
    struct rlimit room;

    (void)state;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &room), 0);
    signal(SIGXFSZ, SIG_IGN);
    for (rlim_t bytes = 0; bytes < 64; bytes += 7) {
        const struct rlimit little = {bytes, room.rlim_max};

        assert_int_equal(setrlimit(RLIMIT_FSIZE, &little), 0);
        assert_int_equal(nonce_note(&journal, "alice.nec", &tx), NECTAR_EIO);
        assert_int_equal(errno, EFBIG);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &room), 0);
        assert_int_equal(journal.count, 0);
        assert_int_equal(scratch_count(journal.folder), 1);
    }
    assert_int_equal(nonce_note(&journal, "alice.nec", &tx), 0);
    nonce_close(&journal);
    nectar_tx_wipe(&tx);
}

static void no_folder(void **state)
{
    struct nonce_owner mine = owner();
    struct nonce_journal journal;

    (void)state;
    mine.state = scratch_write(&scratch, "file", "x", 1);
    assert_int_equal(nonce_open(&journal, &mine, 0), NECTAR_EIO);
    assert_int_equal(errno, ENOTDIR);
}

static void only_we_may_read_it(void **state)
{
    struct nonce_journal journal = opened();
    struct stat info;
    char *path;

    (void)state;
    note(&journal, 4, "alice.nec");
    assert_int_equal(stat(journal.folder, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0700);
    nonce_close(&journal);
    path = only_file();
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(what_was_noted_is_read_again_in_order),
        TEST(the_next_nonce_is_the_first_that_is_free),
        TEST(chains_and_accounts_are_kept_apart),
        TEST(a_lock_is_held_until_its_end),
        TEST(damage_is_seen),
        TEST(other_files_are_left_alone),
        TEST(a_full_disk),
        TEST(no_folder),
        TEST(only_we_may_read_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
