#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <nectar/error.h>
#include <nectar/key.h>

#include "key/keyfile.h"
#include "unit/shared/scratch.h"

static struct scratch scratch;
static struct nectar_key *key;

static int set_up(void **state)
{
    (void)state;
    scratch_begin(&scratch);
    return nectar_key_generate(&key, "squid.nec");
}

static int tear_down(void **state)
{
    (void)state;
    scratch_end(&scratch);
    nectar_key_free(key);
    return 0;
}

static int load_text(struct nectar_key **out, const char *text, size_t len, const char *passphrase)
{
    return nectar_key_load(out, scratch_write(&scratch, "key", text, len), passphrase);
}

/* Loads text and expects an error. */
static void assert_refused(const char *text, size_t len, int expected)
{
    struct nectar_key *loaded = NULL;

    assert_int_equal(load_text(&loaded, text, len, "passphrase"), expected);
    assert_null(loaded);
}

static void assert_same_key(const struct nectar_key *a, const struct nectar_key *b)
{
    assert_memory_equal(nectar_key_public(a), nectar_key_public(b), NECTAR_PUBLIC_BYTES);
    assert_string_equal(nectar_key_name(a), nectar_key_name(b));
}

static void round_trip(const char *passphrase)
{
    const char *path = scratch_path(&scratch, "folder/key");
    struct nectar_key *loaded = NULL;
    struct nectar_key_info info;
    struct stat seen;

    assert_int_equal(nectar_key_save(key, path, passphrase, false), 0);
    assert_int_equal(nectar_key_inspect(&info, path), 0);
    assert_string_equal(info.name, "squid.nec");
    assert_int_equal(info.sealed, passphrase != NULL);
    assert_memory_equal(info.public_key, nectar_key_public(key), NECTAR_PUBLIC_BYTES);
    assert_int_equal(nectar_key_load(&loaded, path, passphrase), 0);
    assert_same_key(loaded, key);
    nectar_key_free(loaded);
    assert_int_equal(stat(path, &seen), 0);
    assert_int_equal(seen.st_mode & 07777, 0600);
}

static void plain_round_trip(void **state)
{
    (void)state;
    round_trip(NULL);
}

static void sealed_round_trip(void **state)
{
    (void)state;
    round_trip("correct horse \xc3\xa9");
}

static void a_sealed_file_needs_its_passphrase(void **state)
{
    const char *path = scratch_path(&scratch, "key");
    struct nectar_key *loaded = NULL;

    (void)state;
    assert_int_equal(nectar_key_save(key, path, "secret", false), 0);
    assert_int_equal(nectar_key_load(&loaded, path, NULL), NECTAR_ESEALED);
    assert_int_equal(nectar_key_load(&loaded, path, "Secret"), NECTAR_EPASSPHRASE);
    assert_int_equal(nectar_key_load(&loaded, path, ""), NECTAR_EPASSPHRASE);
    assert_null(loaded);
}

/* A plain file asks for none, and does not mind one. */
static void a_plain_file_takes_any_passphrase(void **state)
{
    const char *path = scratch_path(&scratch, "key");
    struct nectar_key *loaded = NULL;

    (void)state;
    assert_int_equal(nectar_key_save(key, path, NULL, false), 0);
    assert_int_equal(nectar_key_load(&loaded, path, "whatever"), 0);
    nectar_key_free(loaded);
}

static void two_sealed_files_share_nothing(void **state)
{
    char *texts[2];
    size_t lens[2];

    (void)state;
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(nectar_key_write_text(&texts[i], &lens[i], key, "same"), 0);
    assert_string_not_equal(strstr(texts[0], "\"salt\""), strstr(texts[1], "\"salt\""));
    assert_string_not_equal(strstr(texts[0], "\"nonce\""), strstr(texts[1], "\"nonce\""));
    assert_null(strstr(texts[0], "seed"));
    for (size_t i = 0; i < 2; i++)
        nectar_key_text_free(texts[i], lens[i]);
}

static void every_open_mode_is_refused(void **state)
{
    const char *path = scratch_path(&scratch, "key");
    struct nectar_key *loaded = NULL;
    struct nectar_key_info info;

    (void)state;
    assert_int_equal(nectar_key_save(key, path, NULL, false), 0);
    for (mode_t mode = 0; mode < 01000; mode++) {
        bool open_to_others = (mode & 066) != 0;

        if ((mode & 0400) == 0)
            continue; /* unreadable for its owner, unless that is root */
        assert_int_equal(chmod(path, mode), 0);
        assert_int_equal(nectar_key_inspect(&info, path), open_to_others ? NECTAR_EKEYMODE : 0);
        assert_int_equal(nectar_key_load(&loaded, path, NULL),
                         open_to_others ? NECTAR_EKEYMODE : 0);
        if (!open_to_others)
            nectar_key_free(loaded);
    }
}

static void missing_and_unreadable_files(void **state)
{
    struct nectar_key *loaded = NULL;
    struct nectar_key_info info;

    (void)state;
    assert_int_equal(nectar_key_inspect(&info, scratch_path(&scratch, "none")), NECTAR_ENOKEY);
    assert_int_equal(nectar_key_load(&loaded, scratch_path(&scratch, "no/ne"), ""), NECTAR_ENOKEY);
    scratch_write(&scratch, "file", "", 0);
    assert_int_equal(nectar_key_load(&loaded, scratch_path(&scratch, "file/key"), ""),
                     NECTAR_ENOKEY);
    errno = 0;
    assert_int_equal(nectar_key_load(&loaded, scratch.folder, ""), NECTAR_EIO);
    assert_int_equal(errno, EISDIR);
}

/* Up to the last brace: the newline behind it is nobody's loss. */
static void every_truncation_is_refused(void **state)
{
    const char *passphrases[] = {NULL, "passphrase"};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct nectar_key_info info;
        char *text = NULL;
        size_t len = 0;

        assert_int_equal(nectar_key_write_text(&text, &len, key, passphrases[i]), 0);
        assert_int_equal(text[len - 1], '\n');
        assert_int_equal(text[len], '\0');
        for (size_t cut = 0; cut < len - 1; cut++) {
            assert_int_equal(nectar_key_inspect_text(&info, text, cut), NECTAR_EKEYFILE);
            if (cut % 16 == 0)
                assert_refused(text, cut, NECTAR_EKEYFILE);
        }
        assert_int_equal(nectar_key_inspect_text(&info, text, len - 1), 0);
        nectar_key_text_free(text, len);
    }
}

/* No flipped bit of a plain file gives another key: it is refused or, in a name, another name. */
static void every_flipped_bit_of_a_plain_file(void **state)
{
    char *text = NULL;
    size_t len = 0;

    (void)state;
    assert_int_equal(nectar_key_write_text(&text, &len, key, NULL), 0);
    for (size_t bit = 0; bit < len * 8; bit++) {
        struct nectar_key *loaded = NULL;
        struct keyfile file;

        text[bit / 8] = (char)(text[bit / 8] ^ (1 << bit % 8));
        if (keyfile_parse(&file, text, len) == 0 && keyfile_to_key(&loaded, &file, NULL) == 0)
            assert_memory_equal(nectar_key_public(loaded), nectar_key_public(key),
                                NECTAR_PUBLIC_BYTES);
        nectar_key_free(loaded);
        text[bit / 8] = (char)(text[bit / 8] ^ (1 << bit % 8));
    }
    nectar_key_text_free(text, len);
}

/* Of a sealed file all that is said is bound to the box, the name too. */
static void a_changed_sealed_file_does_not_open(void **state)
{
    static const char *const FIELDS[] = {"\"salt\":\"", "\"nonce\":\"", "\"box\":\"",
                                         "\"public_key\":\"", "\"ops\":"};
    char *text = NULL;
    size_t len = 0;

    (void)state;
    assert_int_equal(nectar_key_write_text(&text, &len, key, "passphrase"), 0);
    for (size_t i = 0; i < sizeof FIELDS / sizeof FIELDS[0]; i++) {
        char *digit = strstr(text, FIELDS[i]) + strlen(FIELDS[i]);
        char before = *digit;

        *digit = before == '3' ? '4' : '3';
        assert_refused(text, len, NECTAR_EPASSPHRASE);
        *digit = before;
    }
    memcpy(strstr(text, "squid.nec"), "squit.nec", strlen("squit.nec"));
    assert_refused(text, len, NECTAR_EPASSPHRASE);
    nectar_key_text_free(text, len);
}

#define PUBLIC "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
#define SEED   "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"
#define PLAIN  "\"public_key\":\"" PUBLIC "\",\"sealed\":false,\"seed\":\"" SEED "\""
#define ZEROS8 "00000000000000000000000000000000"
#define SEALED(kdf)                                                                                \
    "{\"nectar_key\":1,\"public_key\":\"" PUBLIC "\",\"sealed\":true,\"kdf\":{" kdf "},\"nonce\":" \
    "\"" ZEROS8 "0000000000000000\",\"box\":\"" ZEROS8 ZEROS8 ZEROS8 "\"}"
#define KDF(alg, ops, mem) "\"alg\":" alg ",\"salt\":\"" ZEROS8 "\",\"ops\":" ops ",\"mem\":" mem

/* RFC 8032, section 7.1, test 1. */
static void reads_a_file_written_by_hand(void **state)
{
    static const char *const TEXTS[] = {
        "{\"nectar_key\":1," PLAIN "}",
        " {\n\t\"nectar_key\" : 1 , \"name\" : null,\"later\":[1,{}]," PLAIN "}\r\n",
    };

    (void)state;
    for (size_t i = 0; i < sizeof TEXTS / sizeof TEXTS[0]; i++) {
        struct nectar_key *loaded = NULL;

        assert_int_equal(load_text(&loaded, TEXTS[i], strlen(TEXTS[i]), NULL), 0);
        assert_int_equal(nectar_key_public(loaded)[0], 0xd7);
        assert_null(nectar_key_name(loaded));
        nectar_key_free(loaded);
    }
}

static void refuses_what_is_no_key_file(void **state)
{
    static const char *const TEXTS[] = {
        "",
        "{}",
        "[]",
        "null",
        "{" PLAIN "}",
        "{\"nectar_key\":2," PLAIN "}",
        "{\"nectar_key\":0," PLAIN "}",
        "{\"nectar_key\":\"1\"," PLAIN "}",
        "{\"nectar_key\":1," PLAIN "}x",
        "{\"nectar_key\":1," PLAIN ",\"sealed\":false}",
        "{\"nectar_key\":1,\"name\":\"Squid\"," PLAIN "}",
        "{\"nectar_key\":1,\"name\":\"\"," PLAIN "}",
        "{\"nectar_key\":1,\"name\":7," PLAIN "}",
        "{\"nectar_key\":1,\"public_key\":\"" PUBLIC "\",\"seed\":\"" SEED "\"}",
        "{\"nectar_key\":1,\"public_key\":\"" PUBLIC "\",\"sealed\":0,\"seed\":\"" SEED "\"}",
        "{\"nectar_key\":1,\"public_key\":\"" PUBLIC "\",\"sealed\":true,\"seed\":\"" SEED "\"}",
        "{\"nectar_key\":1,\"public_key\":\"" PUBLIC "\",\"sealed\":false}",
        "{\"nectar_key\":1,\"public_key\":\"" PUBLIC "00\",\"sealed\":false,\"seed\":\"" SEED "\"}",
        "{\"nectar_key\":1,\"public_key\":\"" PUBLIC "\",\"sealed\":false,\"seed\":\"" SEED "0\"}",
        /* another key's seed */
        "{\"nectar_key\":1,\"public_key\":\"" PUBLIC "\",\"sealed\":false,\"seed\":\"" PUBLIC "\"}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof TEXTS / sizeof TEXTS[0]; i++)
        assert_refused(TEXTS[i], strlen(TEXTS[i]), NECTAR_EKEYFILE);
}

/* A file cannot ask its reader for any memory or time it likes. */
static void refuses_costs_out_of_bounds(void **state)
{
    static const char *const TEXTS[] = {
        SEALED(KDF("\"argon2id13\"", "0", "65536")),
        SEALED(KDF("\"argon2id13\"", "17", "65536")),
        SEALED(KDF("\"argon2id13\"", "-1", "65536")),
        SEALED(KDF("\"argon2id13\"", "1.5", "65536")),
        SEALED(KDF("\"argon2id13\"", "1e300", "65536")),
        SEALED(KDF("\"argon2id13\"", "1", "8191")),
        SEALED(KDF("\"argon2id13\"", "1", "268435457")),
        SEALED(KDF("\"argon2id13\"", "1", "18446744073709551615")),
        SEALED(KDF("\"argon2i\"", "1", "65536")),
        SEALED(KDF("null", "1", "65536")),
        SEALED(""),
    };
    static const char LEAST[] = SEALED(KDF("\"argon2id13\"", "1", "8192"));

    (void)state;
    for (size_t i = 0; i < sizeof TEXTS / sizeof TEXTS[0]; i++)
        assert_refused(TEXTS[i], strlen(TEXTS[i]), NECTAR_EKEYFILE);
    assert_refused(LEAST, strlen(LEAST), NECTAR_EPASSPHRASE);
}

static void refuses_what_is_too_large(void **state)
{
    char text[KEYFILE_MAX + 1];
    struct nectar_key *loaded = NULL;
    int begin = snprintf(text, sizeof text, "{\"nectar_key\":1," PLAIN "}");

    (void)state;
    memset(text + begin, ' ', sizeof text - (size_t)begin);
    assert_int_equal(load_text(&loaded, text, KEYFILE_MAX, NULL), 0);
    nectar_key_free(loaded);
    assert_refused(text, KEYFILE_MAX + 1, NECTAR_EKEYFILE);
}

static void saving_never_overwrites(void **state)
{
    const char *path = scratch_path(&scratch, "key");
    struct nectar_key *other = NULL;
    struct nectar_key_info info;

    (void)state;
    assert_int_equal(nectar_key_generate(&other, NULL), 0);
    assert_int_equal(nectar_key_save(key, path, NULL, false), 0);
    assert_int_equal(nectar_key_save(other, path, NULL, false), NECTAR_EEXISTS);
    assert_int_equal(nectar_key_inspect(&info, path), 0);
    assert_memory_equal(info.public_key, nectar_key_public(key), NECTAR_PUBLIC_BYTES);
    assert_int_equal(nectar_key_save(other, path, NULL, true), 0);
    assert_int_equal(nectar_key_inspect(&info, path), 0);
    assert_memory_equal(info.public_key, nectar_key_public(other), NECTAR_PUBLIC_BYTES);
    assert_string_equal(info.name, "");
    assert_int_equal(scratch_count(scratch.folder), 2);
    nectar_key_free(other);
}

static void an_interrupted_save_leaves_nothing(void **state)
{
    const char *path = scratch_path(&scratch, "key");
    pid_t child = fork();
    int status = 0;

    (void)state;
    assert_true(child >= 0);
    if (child == 0) {
        const struct rlimit limit = {50, 50};

        signal(SIGXFSZ, SIG_IGN);
        if (setrlimit(RLIMIT_FSIZE, &limit) != 0)
            _exit(9);
        _exit(nectar_key_save(key, path, NULL, false) == NECTAR_EIO && errno == EFBIG ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(scratch_count(scratch.folder), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(plain_round_trip, set_up, tear_down),
        cmocka_unit_test_setup_teardown(sealed_round_trip, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_sealed_file_needs_its_passphrase, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_plain_file_takes_any_passphrase, set_up, tear_down),
        cmocka_unit_test_setup_teardown(two_sealed_files_share_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(every_open_mode_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(missing_and_unreadable_files, set_up, tear_down),
        cmocka_unit_test_setup_teardown(every_truncation_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(every_flipped_bit_of_a_plain_file, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_changed_sealed_file_does_not_open, set_up, tear_down),
        cmocka_unit_test_setup_teardown(reads_a_file_written_by_hand, set_up, tear_down),
        cmocka_unit_test_setup_teardown(refuses_what_is_no_key_file, set_up, tear_down),
        cmocka_unit_test_setup_teardown(refuses_costs_out_of_bounds, set_up, tear_down),
        cmocka_unit_test_setup_teardown(refuses_what_is_too_large, set_up, tear_down),
        cmocka_unit_test_setup_teardown(saving_never_overwrites, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_interrupted_save_leaves_nothing, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
