/* nectar-net pubkey: the public key of -k, of -n, or of a key file on standard input. */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <nectar/error.h>
#include <nectar/text.h>

#include "shared/cli.h"
#include "shared/common.h"
#include "shared/exit.h"
#include "shared/input.h"
#include "shared/keyarg.h"
#include "shared/output.h"
#include "shared/passphrase.h"
#include "shared/pki.h"
#include "shared/report.h"

#define KEY_FILE_MAX 65536

static const struct cli cli = {
    .verb = "pubkey",
    .groups = {keyarg_options, pki_options},
};

/* A key that is piped in is meant, whatever the environment says. */
static bool is_piped(void)
{
    struct stat info;
    if (fstat(STDIN_FILENO, &info) != 0)
        return false;
    return S_ISFIFO(info.st_mode) || S_ISSOCK(info.st_mode) ||
           (S_ISREG(info.st_mode) && info.st_size > 0);
}

static int inspect_input(struct nectar_key_info *info, bool *empty)
{
    struct input text;
    int status = input_read(&text, "-", KEY_FILE_MAX);
    if (status)
        return status;
    *empty = text.len == 0;
    int error = *empty ? 0 : nectar_key_inspect_text(info, (const char *)text.data, text.len);
    input_wipe(&text);
    return error ? keyarg_report(error, "standard input") : 0;
}

static int inspect_file(struct nectar_key_info *info)
{
    struct nectar_registry *registry = NULL;
    struct keyarg keyarg;
    int status = pki_open(&registry);
    if (!status)
        status = keyarg_find(&keyarg, registry);
    if (!status) {
        *info = keyarg.info;
        keyarg_wipe(&keyarg);
    }
    nectar_registry_free(registry);
    return status;
}

static void print(const struct nectar_key_info *info)
{
    char hex[2 * NECTAR_PUBLIC_BYTES + 1];
    struct json json;
    nectar_hex_encode(hex, info->public_key, NECTAR_PUBLIC_BYTES);
    if (!common.json) {
        output_line(hex);
        return;
    }
    output_open(&json, "key");
    json_text(&json, "name", *info->name ? info->name : NULL);
    json_text(&json, "networking_key", hex);
    json_bool(&json, "sealed", info->sealed);
    output_close(&json);
}

int main(int argc, char **argv)
{
    static struct text_list operands;
    struct nectar_key_info info;
    bool empty = true;
    int status = 0;
    cli_start(&cli, argc, argv, &operands);
    passphrase_guard(); /* a plain key passes through */
    bool named = keyarg_given();
    const char *file = keyarg_file();
    bool is_dash = named && file && strcmp(file, "-") == 0;
    if (is_dash || (!named && is_piped()))
        status = inspect_input(&info, &empty);
    if (!status && empty)
        status = is_dash ? keyarg_report(NECTAR_EKEYFILE, "standard input") : inspect_file(&info);
    if (!status)
        print(&info);
    return status;
}
