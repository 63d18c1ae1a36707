#include "shared/txhex.h"

#include <stdlib.h>
#include <string.h>

#include <nectar/error.h>
#include <nectar/text.h>

#include "shared/exit.h"
#include "shared/input.h"
#include "shared/report.h"
#include "shared/text.h"

/* Of a transaction, with some white space. */
#define HEX_MAX (2 * NECTAR_TX_MAX + 1024)

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static int parse(struct nectar_tx *out, const char *text, size_t len)
{
    while (len > 0 && is_space(text[len - 1]))
        len--;
    while (len > 0 && is_space(*text))
        text++, len--;
    if (len >= 2 && strncmp(text, "0x", 2) == 0)
        text += 2, len -= 2;
    char *digits = text_format("%.*s", (int)len, len ? text : "");
    uint8_t *raw = text_resize(NULL, len / 2);
    int error = nectar_hex_decode(raw, len / 2, digits);
    if (!error)
        error = nectar_tx_decode(out, raw, len / 2);
    free(raw);
    free(digits);
    return error;
}

static int read_named(struct nectar_tx *out, const char *text, size_t len, const char *origin)
{
    int error = len > HEX_MAX ? NECTAR_EFORMAT : parse(out, text, len);
    if (error == NECTAR_EFORMAT)
        return report_local(EXIT_INPUT, origin, NULL, "not a signed transaction in hex");
    return error ? report_local(exit_of_error(error), origin, NULL, "%s", nectar_error_text(error))
                 : 0;
}

int txhex_read(struct nectar_tx *out, const char *text, size_t len)
{
    return read_named(out, text, len, NULL);
}

int txhex_read_file(struct nectar_tx *out, const char *path)
{
    struct input input;
    int status = input_read(&input, path, HEX_MAX);
    if (status)
        return status;
    status = read_named(out, (const char *)input.data, input.len,
                        strcmp(path, "-") ? path : "standard input");
    input_wipe(&input);
    return status;
}

char *txhex_format(const struct nectar_tx *tx)
{
    char *text = text_resize(NULL, 2 * tx->raw_len + 3);
    memcpy(text, "0x", 2);
    nectar_hex_encode(text + 2, tx->raw, tx->raw_len);
    return text;
}
