/* Transactions that are not signed yet, as JSON: they go from one machine to another. */
#include <stdlib.h>
#include <string.h>

#include <nectar/error.h>
#include <nectar/text.h>
#include <nectar/transaction.h>

#include "base/bytes.h"
#include "base/view.h"
#include "codec/json.h"
#include "eth/word.h"
#include "pki/tx.h"
#include "pki/wei.h"

enum { TEXT_MAX = 2 * NECTAR_TX_MAX + 4096 };

/* --- writing --------------------------------------------------------------------------------- */

static void write_number(struct json_writer *w, const char *key, const struct word *number)
{
    char text[WORD_DECIMAL_SIZE];

    word_to_decimal(text, number);
    json_write_key(w, key);
    json_write_text(w, view_of_text(text));
}

static void write_uint(struct json_writer *w, const char *key, uint64_t number)
{
    const struct word word = word_of(number);

    write_number(w, key, &word);
}

static void write_amount(struct json_writer *w, const char *key, const struct nectar_wei *amount)
{
    const struct word word = word_of_wei(amount);

    write_number(w, key, &word);
}

static void write_account(struct json_writer *w, const char *key, const uint8_t *address)
{
    char text[NECTAR_ACCOUNT_TEXT_SIZE];

    nectar_account_format(text, address);
    json_write_key(w, key);
    json_write_text(w, view_of_text(text));
}

/* Bytes in hex, behind 0x. */
static void write_data(struct json_writer *w, const char *key, const uint8_t *data, size_t len)
{
    char *text = malloc(2 * len + 3);

    if (!text) {
        w->error = w->error ? w->error : NECTAR_ENOMEM;
        return;
    }
    memcpy(text, "0x", 2);
    nectar_hex_encode(text + 2, data, len);
    json_write_key(w, key);
    json_write_text(w, view_of_text(text));
    free(text);
}

static void write_tx(struct json_writer *w, const struct nectar_tx *tx)
{
    json_open_object(w);
    write_uint(w, "chain", tx->chain);
    write_account(w, "from", tx->from);
    if (tx->creates) {
        json_write_key(w, "to");
        json_write_null(w);
    } else {
        write_account(w, "to", tx->to);
    }
    write_uint(w, "nonce", tx->nonce);
    write_uint(w, "gas", tx->gas);
    write_amount(w, "max_fee", &tx->max_fee);
    write_amount(w, "tip", &tx->tip);
    write_amount(w, "value", &tx->value);
    write_data(w, "data", tx->data, tx->data_len);
    json_close_object(w);
}

int nectar_tx_format(char **out, const struct nectar_tx *tx)
{
    struct bytes text;
    struct json_writer writer = {.out = &text};

    bytes_init(&text, TEXT_MAX);
    write_tx(&writer, tx);
    if (!writer.error)
        writer.error = bytes_append_byte(&text, '\0');
    if (!writer.error) {
        *out = strdup((const char *)text.data);
        writer.error = *out ? 0 : NECTAR_ENOMEM;
    }
    bytes_free(&text);
    return writer.error;
}

/* --- reading --------------------------------------------------------------------------------- */

static int read_number(struct word *out, const struct json *object, const char *key)
{
    const char *text = NULL;
    int error = json_text(&text, json_field(object, key));

    if (!error)
        error = word_from_decimal(out, text);
    return error ? NECTAR_EFORMAT : 0;
}

static int read_uint(uint64_t *out, const struct json *object, const char *key)
{
    struct word word;
    int error = read_number(&word, object, key);

    if (!error)
        error = word_to_uint(out, &word, UINT64_MAX);
    return error ? NECTAR_EFORMAT : 0;
}

static int read_amount(struct nectar_wei *out, const struct json *object, const char *key)
{
    struct word word;
    int error = read_number(&word, object, key);

    if (!error)
        *out = wei_of_word(&word);
    return error;
}

static int read_account(uint8_t *out, const struct json *value)
{
    const char *text = NULL;

    return json_text(&text, value) == 0 && nectar_account_parse(out, text) == 0 ? 0
                                                                                : NECTAR_EFORMAT;
}

static int read_to(struct nectar_tx *out, const struct json *object)
{
    const struct json *to = json_field(object, "to");

    out->creates = to && json_type(to) == JSON_NULL;
    return out->creates ? 0 : read_account(out->to, to);
}

static int read_data(struct nectar_tx *out, const struct json *object)
{
    const char *text = NULL;
    size_t digits;

    if (json_text(&text, json_field(object, "data")) != 0 || strncmp(text, "0x", 2) != 0)
        return NECTAR_EFORMAT;
    digits = strlen(text + 2);
    if (digits / 2 > NECTAR_TX_MAX)
        return NECTAR_ETOOBIG;
    out->data = malloc(digits / 2 + 1);
    if (!out->data)
        return NECTAR_ENOMEM;
    out->data_len = digits / 2;
    return nectar_hex_decode(out->data, out->data_len, text + 2);
}

static int read_tx(struct nectar_tx *out, const struct json *object)
{
    int error = json_type(object) == JSON_OBJECT ? 0 : NECTAR_EFORMAT;

    if (!error)
        error = read_uint(&out->chain, object, "chain");
    if (!error)
        error = read_account(out->from, json_field(object, "from"));
    if (!error)
        error = read_to(out, object);
    if (!error)
        error = read_uint(&out->nonce, object, "nonce");
    if (!error)
        error = read_uint(&out->gas, object, "gas");
    if (!error)
        error = read_amount(&out->max_fee, object, "max_fee");
    if (!error)
        error = read_amount(&out->tip, object, "tip");
    if (!error)
        error = read_amount(&out->value, object, "value");
    return error ? error : read_data(out, object);
}

int nectar_tx_parse(struct nectar_tx *out, const char *json, size_t len)
{
    struct nectar_tx tx = {.chain = 0};
    struct json *root = NULL;
    int error = len > TEXT_MAX ? NECTAR_ETOOBIG : 0;

    if (!error)
        error = json_parse(&root, (struct nectar_view){(const uint8_t *)json, len}, NULL);
    if (!error)
        error = read_tx(&tx, root);
    json_free(root);
    if (error)
        nectar_tx_wipe(&tx);
    else
        *out = tx;
    return error;
}
