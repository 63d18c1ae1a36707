/* nectar-net keygen: a new key in a file of its own. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <nectar/error.h>
#include <nectar/text.h>

#include "shared/cli.h"
#include "shared/common.h"
#include "shared/exit.h"
#include "shared/keyarg.h"
#include "shared/output.h"
#include "shared/passphrase.h"
#include "shared/pki.h"
#include "shared/report.h"
#include "shared/settings.h"
#include "shared/text.h"

static const char *output;
static const char *name;
static bool plain;
static bool force;

static const struct cli_option options[] = {
    {.name = "output",
     .letter = 'o',
     .kind = CLI_TEXT,
     .target = &output,
     .value = "FILE",
     .help = "the key file; - is standard output"},
    {.name = "name",
     .letter = 'n',
     .kind = CLI_TEXT,
     .target = &name,
     .value = "NAME",
     .help = "whose key: noted in the file, and its place"},
    {.name = "no-passphrase", .kind = CLI_FLAG, .target = &plain, .help = "do not seal the key"},
    {.name = "force",
     .kind = CLI_FLAG,
     .target = &force,
     .help = "rename a key that is there to FILE.old-TIME"},
    CLI_END,
};

static const struct cli cli = {
    .verb = "keygen",
    .groups = {options, passphrase_options, pki_options},
};

/* The full name to note, empty for none, and the place of the file. */
static int find_place(char *full_name, char **path)
{
    struct nectar_registry *registry = NULL;
    const char *set = name ? name : settings_get("name", NULL);
    *full_name = '\0';
    if (!set && !output)
        return cli_usage_error("give -n NAME or -o FILE");
    if (plain && passphrase_given())
        return cli_usage_error("--no-passphrase and a passphrase exclude each other");
    if (set) {
        int status = pki_open(&registry);
        if (!status)
            status = pki_full_name(full_name, registry, set);
        nectar_registry_free(registry);
        if (status)
            return status;
    }
    *path = output ? text_copy(output) : keyarg_path_of(full_name);
    return 0;
}

/* Standard output is the key file, and nothing else. */
static int write_to_output(const struct nectar_key *key, const char *passphrase)
{
    char *text = NULL;
    size_t len = 0;
    int error = nectar_key_write_text(&text, &len, key, passphrase);
    if (error)
        return report_local(exit_of_error(error), NULL, NULL, "%s", nectar_error_text(error));
    setvbuf(stdout, NULL, _IONBF, 0); /* no copy of it in a buffer that nobody wipes */
    fwrite(text, 1, len, stdout);
    nectar_key_text_free(text, len);
    output_flush();
    return 0;
}

static bool is_to_output(void)
{
    return output && strcmp(output, "-") == 0;
}

static int already_there(const char *path)
{
    return report_local(EXIT_KEY, path, "--force keeps it as FILE.old-TIME", "%s",
                        nectar_error_text(NECTAR_EEXISTS));
}

static int write_to_file(const struct nectar_key *key, const char *path, const char *passphrase)
{
    char hex[2 * NECTAR_PUBLIC_BYTES + 1];
    struct json json;
    int error = nectar_key_save(key, path, passphrase, force);
    if (error == NECTAR_EEXISTS)
        return already_there(path);
    if (error)
        return keyarg_report(error, path);
    nectar_hex_encode(hex, nectar_key_public(key), NECTAR_PUBLIC_BYTES);
    if (!common.json) {
        output_line(hex);
        return 0;
    }
    output_open(&json, "key");
    json_text(&json, "name", nectar_key_name(key));
    json_text(&json, "networking_key", hex);
    json_bool(&json, "sealed", passphrase != NULL);
    json_text(&json, "file", path);
    output_close(&json);
    return 0;
}

static int generate(const char *full_name, const char *path)
{
    struct nectar_key *key = NULL;
    char *passphrase = NULL;
    /* Before a passphrase is asked for in vain; it is the library that makes sure. */
    if (!force && !is_to_output() && access(path, F_OK) == 0)
        return already_there(path);
    int status = plain ? 0 : passphrase_choose(&passphrase, path);
    if (status)
        return status;
    int error = nectar_key_generate(&key, *full_name ? full_name : NULL);
    if (error)
        status = report_local(exit_of_error(error), NULL, NULL, "%s", nectar_error_text(error));
    else if (is_to_output())
        status = write_to_output(key, passphrase);
    else
        status = write_to_file(key, path, passphrase);
    nectar_key_free(key);
    passphrase_free(passphrase);
    return status;
}

int main(int argc, char **argv)
{
    static struct text_list operands;
    char full_name[NECTAR_NAME_MAX + 1];
    char *path = NULL;
    cli_start(&cli, argc, argv, &operands);
    passphrase_guard();
    int status = find_place(full_name, &path);
    if (path)
        status = generate(full_name, path);
    free(path);
    return status;
}
