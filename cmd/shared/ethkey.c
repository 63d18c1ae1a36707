#include "shared/ethkey.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <nectar/error.h>

#include "shared/exit.h"
#include "shared/input.h"
#include "shared/passphrase.h"
#include "shared/report.h"
#include "shared/settings.h"
#include "shared/text.h"

#define KEY_MAX 65536
#define NO_FD   UINT64_MAX

static const char *file;
static uint64_t fd = NO_FD;
static struct passphrase_source source = {
    .fd = PASSPHRASE_NO_FD,
    .file_option = "--eth-passphrase-file",
    .fd_option = "--eth-passphrase-fd",
    .setting = "eth-passphrase-file",
};

const struct cli_option ethkey_options[] = {
    {.name = "eth-key",
     .kind = CLI_TEXT,
     .target = &file,
     .value = "FILE",
     .help = "the Ethereum key that owns and pays"},
    {.name = "eth-key-fd",
     .kind = CLI_NUMBER,
     .target = &fd,
     .value = "N",
     .help = "the same from a file descriptor",
     .max = 1 << 20},
    {.name = "eth-passphrase-file",
     .kind = CLI_TEXT,
     .target = &source.file,
     .value = "FILE",
     .help = "passphrase of a keystore"},
    {.name = "eth-passphrase-fd",
     .kind = CLI_NUMBER,
     .target = &source.fd,
     .value = "N",
     .help = "the same from a file descriptor",
     .max = 1 << 20},
    CLI_END,
};

/* Where the key is. */
struct place {
    const char *path; /* NULL: of a descriptor, and text holds what came from there */
    const char *name; /* for people */
    struct input text;
};

bool ethkey_given(void)
{
    return file || fd != NO_FD || settings_get("eth-key", NULL);
}

int ethkey_choose_passphrase(char **out, const char *what)
{
    return passphrase_choose_from(out, &source, what);
}

bool ethkey_passphrase_given(void)
{
    return source.file || source.fd != PASSPHRASE_NO_FD;
}

int ethkey_report(int error, const char *path)
{
    const char *reason = error == NECTAR_EIO ? strerror(errno) : nectar_error_text(error);
    char *hint = NULL;
    if (error == NECTAR_EKEYMODE)
        hint = text_format("chmod 600 %s", path);
    else if (error == NECTAR_EINTERNAL)
        reason = "libsecp256k1 cannot be loaded";
    int status = report_local(exit_of_error(error), path, hint, "%s", reason);
    free(hint);
    return status;
}

/* What was read of a descriptor is read once. */
static int find(struct place *out)
{
    memset(out, 0, sizeof *out);
    if (file && fd != NO_FD)
        return cli_usage_error("--eth-key and --eth-key-fd exclude each other");
    passphrase_guard();
    if (fd != NO_FD) {
        out->name = "--eth-key-fd";
        return input_read_fd(&out->text, (int)fd, out->name, KEY_MAX);
    }
    out->path = file ? file : settings_get("eth-key", NULL);
    out->name = out->path;
    if (!out->path)
        return report_local(EXIT_USAGE, NULL, "--eth-key FILE or --eth-key-fd N",
                            "an Ethereum key is needed");
    return 0;
}

static int load_from(struct nectar_account **out, const struct place *place, const char *passphrase)
{
    if (place->path)
        return nectar_account_load(out, place->path, passphrase);
    return nectar_account_from_text(out, (const char *)place->text.data, place->text.len,
                                    passphrase);
}

static int load(struct nectar_account **out, const struct place *place)
{
    char *passphrase = NULL;
    int error = load_from(out, place, NULL);
    if (error == NECTAR_ESEALED) {
        int status = passphrase_read_from(&passphrase, &source, place->name);
        if (status)
            return status;
        error = load_from(out, place, passphrase);
        passphrase_free(passphrase);
    }
    return error ? ethkey_report(error, place->name) : 0;
}

int ethkey_load(struct nectar_account **out)
{
    struct place place;
    int status = find(&place);
    if (!status)
        status = load(out, &place);
    input_wipe(&place.text);
    return status;
}

static int inspect(uint8_t out[NECTAR_ACCOUNT_BYTES], const struct place *place)
{
    if (place->path)
        return nectar_account_inspect(out, place->path);
    return nectar_account_inspect_text(out, (const char *)place->text.data, place->text.len);
}

static int address_of_key(uint8_t out[NECTAR_ACCOUNT_BYTES])
{
    struct nectar_account *account = NULL;
    struct place place;
    int status = find(&place);
    if (!status) {
        int error = inspect(out, &place);
        if (error == NECTAR_ESEALED)
            status = load(&account, &place);
        else if (error)
            status = ethkey_report(error, place.name);
    }
    if (account)
        memcpy(out, nectar_account_address(account), NECTAR_ACCOUNT_BYTES);
    nectar_account_free(account);
    input_wipe(&place.text);
    return status;
}

int ethkey_address(uint8_t out[NECTAR_ACCOUNT_BYTES], const char *from)
{
    if (!from)
        return address_of_key(out);
    if (nectar_account_parse(out, from) != 0)
        return cli_usage_error("not an Ethereum address: %s", from);
    return 0;
}
