/* nectar-net account: a new Ethereum key in a file of its own, or the address of one. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <nectar/account.h>
#include <nectar/error.h>

#include "shared/cli.h"
#include "shared/common.h"
#include "shared/ethkey.h"
#include "shared/exit.h"
#include "shared/output.h"
#include "shared/passphrase.h"
#include "shared/report.h"

static const char *output;
static bool plain;
static bool force;

static const struct cli_option options[] = {
    {.name = "output",
     .letter = 'o',
     .kind = CLI_TEXT,
     .target = &output,
     .value = "FILE",
     .help = "new: the key file; - is standard output"},
    {.name = "no-passphrase",
     .kind = CLI_FLAG,
     .target = &plain,
     .help = "new: hex digits, not a keystore"},
    {.name = "force",
     .kind = CLI_FLAG,
     .target = &force,
     .help = "new: rename a key that is there to FILE.old-TIME"},
    CLI_END,
};

static const struct cli cli = {
    .verb = "account",
    .operands = "new|address",
    .min_operands = 1,
    .max_operands = 1,
    .groups = {options, ethkey_options},
};

static void print(const uint8_t address[NECTAR_ACCOUNT_BYTES], const char *path)
{
    char text[NECTAR_ACCOUNT_TEXT_SIZE];
    struct json json;
    nectar_account_format(text, address);
    if (!common.json) {
        output_line(text);
        return;
    }
    output_open(&json, "account");
    json_text(&json, "address", text);
    if (path)
        json_text(&json, "file", path);
    output_close(&json);
}

/* --- new ------------------------------------------------------------------------------------- */

static bool is_to_output(void)
{
    return strcmp(output, "-") == 0;
}

static int already_there(void)
{
    return report_local(EXIT_KEY, output, "--force keeps it as FILE.old-TIME", "%s",
                        nectar_error_text(NECTAR_EEXISTS));
}

/* Standard output is the key file, and nothing else. */
static int write_to_output(const struct nectar_account *account, const char *passphrase)
{
    char *text = NULL;
    size_t len = 0;
    int error = nectar_account_write_text(&text, &len, account, passphrase);
    if (error)
        return ethkey_report(error, NULL);
    setvbuf(stdout, NULL, _IONBF, 0); /* no copy of it in a buffer that nobody wipes */
    fwrite(text, 1, len, stdout);
    nectar_account_text_free(text, len);
    output_flush();
    return 0;
}

static int write_to_file(const struct nectar_account *account, const char *passphrase)
{
    int error = nectar_account_save(account, output, passphrase, force);
    if (error == NECTAR_EEXISTS)
        return already_there();
    if (error)
        return ethkey_report(error, output);
    print(nectar_account_address(account), output);
    return 0;
}

static int make(void)
{
    struct nectar_account *account = NULL;
    char *passphrase = NULL;
    if (!output)
        return cli_usage_error("give -o FILE");
    if (plain && ethkey_passphrase_given())
        return cli_usage_error("--no-passphrase and a passphrase exclude each other");
    /* Before a passphrase is asked for in vain; it is the library that makes sure. */
    if (!force && !is_to_output() && access(output, F_OK) == 0)
        return already_there();
    passphrase_guard();
    int status = plain ? 0 : ethkey_choose_passphrase(&passphrase, output);
    if (status)
        return status;
    int error = nectar_account_generate(&account);
    if (error)
        status = ethkey_report(error, NULL);
    else
        status = is_to_output() ? write_to_output(account, passphrase)
                                : write_to_file(account, passphrase);
    nectar_account_free(account);
    passphrase_free(passphrase);
    return status;
}

/* --- address --------------------------------------------------------------------------------- */

static int show(void)
{
    uint8_t address[NECTAR_ACCOUNT_BYTES];
    int status = ethkey_address(address, NULL);
    if (!status)
        print(address, NULL);
    return status;
}

/* An option of new would do nothing here, and a key is not taken by new. */
static int check_options(bool is_new)
{
    for (const struct cli_option *o = options; !is_new && cli_is_option(o); o++) {
        if (cli_given(o->target))
            return cli_usage_error("--%s goes with new", o->name);
    }
    for (const struct cli_option *o = ethkey_options; is_new && cli_is_option(o); o++) {
        if (strncmp(o->name, "eth-key", strlen("eth-key")) == 0 && cli_given(o->target))
            return cli_usage_error("--%s goes with address", o->name);
    }
    return 0;
}

int main(int argc, char **argv)
{
    static struct text_list operands;
    cli_start(&cli, argc, argv, &operands);
    bool is_new = strcmp(operands.items[0], "new") == 0;
    if (!is_new && strcmp(operands.items[0], "address") != 0)
        return cli_usage_error("new or address, not %s", operands.items[0]);
    int status = check_options(is_new);
    if (!status)
        status = is_new ? make() : show();
    return status;
}
