#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <nectar/account.h>
#include <nectar/error.h>
#include <nectar/text.h>

#include "base/bytes.h"
#include "base/file.h"
#include "base/mem.h"
#include "eth/account.h"
#include "eth/keystore.h"

enum { DIGITS = 2 * NECTAR_ACCOUNT_SECRET_BYTES };

/* --- reading --------------------------------------------------------------------------------- */

/* The digits, 0x before them or not, a newline behind them or not. */
static int read_digits(uint8_t secret[NECTAR_ACCOUNT_SECRET_BYTES], struct nectar_view text)
{
    char digits[DIGITS + 1] = "";
    int error = NECTAR_EKEYFILE;

    if (text.len > 0 && text.data[text.len - 1] == '\n')
        text.len--;
    if (text.len >= 2 && memcmp(text.data, "0x", 2) == 0) {
        text.data += 2;
        text.len -= 2;
    }
    if (text.len == DIGITS) {
        memcpy(digits, text.data, DIGITS);
        if (nectar_hex_decode(secret, NECTAR_ACCOUNT_SECRET_BYTES, digits) == 0)
            error = 0;
    }
    mem_wipe(digits, sizeof digits);
    return error;
}

/* Does it look like JSON? */
static bool is_object(struct nectar_view text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!strchr(" \t\r\n", text.data[i]))
            return text.data[i] == '{';
    return false;
}

static int account_read(struct nectar_account **out, struct nectar_view text,
                        const char *passphrase)
{
    uint8_t secret[NECTAR_ACCOUNT_SECRET_BYTES] = {0};
    struct keystore keystore = {.has_address = false};
    struct nectar_account *account = NULL;
    int error;

    if (is_object(text)) {
        error = keystore_parse(&keystore, text);
        if (!error)
            error = passphrase ? keystore_open(secret, &keystore, passphrase) : NECTAR_ESEALED;
    } else {
        error = read_digits(secret, text);
    }
    if (!error)
        error = nectar_account_from_secret(&account, secret);
    if (error == NECTAR_EFORMAT)
        error = NECTAR_EKEYFILE;
    if (!error && keystore.has_address &&
        memcmp(account->address, keystore.address, sizeof keystore.address) != 0)
        error = NECTAR_EKEYFILE;
    mem_wipe(secret, sizeof secret);
    if (error)
        nectar_account_free(account);
    else
        *out = account;
    return error;
}

static int inspect(uint8_t address[NECTAR_ACCOUNT_BYTES], struct nectar_view text)
{
    struct nectar_account *account = NULL;
    struct keystore keystore;
    int error;

    if (is_object(text)) {
        error = keystore_parse(&keystore, text);
        if (!error && !keystore.has_address)
            error = NECTAR_ESEALED;
        if (!error)
            memcpy(address, keystore.address, NECTAR_ACCOUNT_BYTES);
        return error;
    }
    error = account_read(&account, text, NULL);
    if (!error)
        memcpy(address, account->address, NECTAR_ACCOUNT_BYTES);
    nectar_account_free(account);
    return error;
}

int nectar_account_from_text(struct nectar_account **out, const char *text, size_t len,
                             const char *passphrase)
{
    return account_read(out, (struct nectar_view){(const uint8_t *)text, len}, passphrase);
}

int nectar_account_inspect_text(uint8_t address[NECTAR_ACCOUNT_BYTES], const char *text, size_t len)
{
    return inspect(address, (struct nectar_view){(const uint8_t *)text, len});
}

int nectar_account_load(struct nectar_account **out, const char *path, const char *passphrase)
{
    struct bytes text;
    int error;

    bytes_init(&text, KEYSTORE_MAX);
    error = file_read_secret(&text, path);
    if (!error)
        error = account_read(out, bytes_view(&text), passphrase);
    bytes_free(&text);
    return error;
}

int nectar_account_inspect(uint8_t address[NECTAR_ACCOUNT_BYTES], const char *path)
{
    struct bytes text;
    int error;

    bytes_init(&text, KEYSTORE_MAX);
    error = file_read_secret(&text, path);
    if (!error)
        error = inspect(address, bytes_view(&text));
    bytes_free(&text);
    return error;
}

/* --- writing --------------------------------------------------------------------------------- */

static int write_digits(struct bytes *out, const struct nectar_account *account)
{
    char digits[DIGITS + 1];
    int error;

    nectar_hex_encode(digits, account->secret, sizeof account->secret);
    error = bytes_append(out, digits, DIGITS);
    if (!error)
        error = bytes_append_byte(out, '\n');
    mem_wipe(digits, sizeof digits);
    return error;
}

int account_write(struct bytes *out, const struct nectar_account *account, const char *passphrase,
                  const struct scrypt_cost *cost)
{
    struct keystore keystore;
    int error;

    if (!passphrase)
        return write_digits(out, account);
    error = keystore_seal(&keystore, account->secret, account->address, passphrase, cost);
    return error ? error : keystore_format(out, &keystore);
}

int nectar_account_write_text(char **out, size_t *len, const struct nectar_account *account,
                              const char *passphrase)
{
    struct bytes text;
    char *copy = NULL;
    int error;

    bytes_init(&text, KEYSTORE_MAX);
    error = account_write(&text, account, passphrase, &KEYSTORE_COST);
    if (!error) {
        copy = malloc(text.len + 1);
        error = copy ? 0 : NECTAR_ENOMEM;
    }
    if (copy) {
        memcpy(copy, text.data, text.len);
        copy[text.len] = '\0';
        *out = copy;
        *len = text.len;
    }
    bytes_free(&text);
    return error;
}

void nectar_account_text_free(char *text, size_t len)
{
    if (!text)
        return;
    mem_wipe(text, len);
    free(text);
}

int nectar_account_save(const struct nectar_account *account, const char *path,
                        const char *passphrase, bool replace)
{
    struct bytes text;
    struct stat info;
    int error;

    /* Asked before scrypt is put to work; file_create has the last word. */
    if (!replace && lstat(path, &info) == 0)
        return NECTAR_EEXISTS;
    bytes_init(&text, KEYSTORE_MAX);
    error = account_write(&text, account, passphrase, &KEYSTORE_COST);
    if (!error)
        error =
            replace ? file_replace(path, bytes_view(&text)) : file_create(path, bytes_view(&text));
    bytes_free(&text);
    return error;
}
