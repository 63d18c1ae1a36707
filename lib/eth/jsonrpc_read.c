#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nectar/error.h>
#include <nectar/text.h>

#include "base/view.h"
#include "codec/utf8.h"
#include "eth/jsonrpc.h"

static int refuse(char why[JSONRPC_WHY_SIZE], const char *what)
{
    snprintf(why, JSONRPC_WHY_SIZE, "%s", what);
    return NECTAR_EFORMAT;
}

static bool is_error(const struct json *value)
{
    const char *message;
    int64_t code;

    return json_int(&code, json_field(value, "code")) == 0 &&
           json_text(&message, json_field(value, "message")) == 0;
}

/* An answer is in the form that the standard has, with a result or an error. */
static bool is_answer(const struct json *answer)
{
    const struct json *error = json_field(answer, "error");
    const struct json *result = json_field(answer, "result");
    const char *version;

    if (json_text(&version, json_field(answer, "jsonrpc")) != 0 || strcmp(version, "2.0") != 0)
        return false;
    return error ? !result && is_error(error) : result != NULL;
}

static int take_answer(struct jsonrpc_reply *out, const struct json *answer,
                       char why[JSONRPC_WHY_SIZE])
{
    uint64_t id;

    if (!is_answer(answer))
        return refuse(why, "an answer in it has neither a result nor an error");
    if (json_uint(&id, json_field(answer, "id"), out->count) != 0 || id == 0)
        return refuse(why, "an answer in it is to a call that was not made");
    if (out->answers[id - 1])
        return refuse(why, "two answers in it are to one call");
    out->answers[id - 1] = answer;
    return 0;
}

static int take_answers(struct jsonrpc_reply *out, char why[JSONRPC_WHY_SIZE])
{
    size_t count = 0;
    int error = 0;

    out->answers = calloc(out->count, sizeof *out->answers);
    if (!out->answers)
        return NECTAR_ENOMEM;
    for (const struct json *at = json_first(out->root); at && !error; at = json_next(at), count++)
        error = take_answer(out, at, why);
    if (!error && count != out->count)
        error = refuse(why, "it does not answer all calls");
    return error;
}

static int take(struct jsonrpc_reply *out, char why[JSONRPC_WHY_SIZE])
{
    const struct json *error = json_field(out->root, "error");

    if (json_type(out->root) == JSON_ARRAY)
        return take_answers(out, why);
    if (!is_error(error))
        return refuse(why, "it is no JSON-RPC reply to a batch");
    out->refusal = error;
    return 0;
}

int jsonrpc_read(struct jsonrpc_reply *out, struct bytes *text, size_t count,
                 char why[JSONRPC_WHY_SIZE])
{
    size_t line = 0;
    int error;

    *out = (struct jsonrpc_reply){.count = count};
    why[0] = '\0';
    error = json_parse_any_text(&out->root, text, &line);
    if (error == NECTAR_EFORMAT)
        snprintf(why, JSONRPC_WHY_SIZE, line ? "it is no JSON (line %zu)" : "it is no JSON", line);
    else if (error == NECTAR_ETOOBIG)
        (void)refuse(why, "it is larger or deeper than JSON is taken");
    else if (!error)
        error = take(out, why);
    if (error)
        jsonrpc_free(out);
    return error;
}

void jsonrpc_free(struct jsonrpc_reply *reply)
{
    json_free(reply->root);
    free(reply->answers);
    *reply = (struct jsonrpc_reply){.root = NULL};
}

const struct json *jsonrpc_result(const struct jsonrpc_reply *reply, size_t call)
{
    return reply->answers ? json_field(reply->answers[call], "result") : NULL;
}

/* What a terminal would act on becomes U+FFFD: so it can be escaped again and stays as it is. Cut
 * before a character that does not fit whole. */
static void copy_message(char out[JSONRPC_MESSAGE_SIZE], const char *message)
{
    static const char INSTEAD[] = "\xef\xbf\xbd";
    struct nectar_view text = view_of_text(message);
    size_t len = 0;

    while (text.len > 0) {
        char escaped[NECTAR_ESCAPE_SIZE(4)];
        uint32_t c;
        size_t n = utf8_decode(&c, text.data, text.len); /* not 0: JSON is UTF-8 */
        bool plain =
            c == '\\' || nectar_escape(escaped, (struct nectar_view){text.data, n}, false) == n;
        size_t size = plain ? n : sizeof INSTEAD - 1;

        if (n == 0 || len + size >= JSONRPC_MESSAGE_SIZE)
            break;
        memcpy(out + len, plain ? (const char *)text.data : INSTEAD, size);
        len += size;
        text.data += n;
        text.len -= n;
    }
    out[len] = '\0';
}

bool jsonrpc_error(struct jsonrpc_error *out, const struct jsonrpc_reply *reply, size_t call)
{
    const struct json *error =
        reply->answers ? json_field(reply->answers[call], "error") : reply->refusal;
    const char *message = NULL;

    if (!error)
        return false;
    *out = (struct jsonrpc_error){.data = json_field(error, "data")};
    if (json_int(&out->code, json_field(error, "code")) == 0 &&
        json_text(&message, json_field(error, "message")) == 0)
        copy_message(out->message, message);
    return true;
}

/* --- results --------------------------------------------------------------------------------- */

/* The digits behind "0x"; NULL if it is no such text. */
static const char *digits_of(const struct json *value)
{
    const char *text;

    if (json_text(&text, value) != 0 || text[0] != '0' || text[1] != 'x')
        return NULL;
    return text + 2;
}

int jsonrpc_fixed(uint8_t *out, size_t len, const struct json *value)
{
    const char *digits = digits_of(value);

    return digits && strlen(digits) == 2 * len ? nectar_hex_decode(out, len, digits)
                                               : NECTAR_EFORMAT;
}

int jsonrpc_bytes(struct bytes *out, const struct json *value)
{
    const char *digits = digits_of(value);
    size_t len = digits ? strlen(digits) : 1;
    int error;

    if (len % 2 != 0)
        return NECTAR_EFORMAT;
    error = bytes_reserve(out, len / 2);
    if (!error && len > 0)
        error = nectar_hex_decode(out->data + out->len, len / 2, digits);
    if (!error)
        out->len += len / 2;
    return error;
}

bool jsonrpc_has_bytes(const struct json *value)
{
    const char *digits = digits_of(value);
    size_t len = digits ? strlen(digits) : 0;

    return len > 0 && len % 2 == 0 && strspn(digits, "0123456789abcdefABCDEF") == len;
}

int jsonrpc_word(struct word *out, const struct json *value)
{
    const char *text;

    if (json_text(&text, value) != 0 || word_from_quantity(out, text) != 0)
        return NECTAR_EFORMAT;
    return 0;
}

int jsonrpc_quantity(uint64_t *out, const struct json *value)
{
    struct word word;

    if (jsonrpc_word(&word, value) != 0 || word_to_uint(out, &word, UINT64_MAX) != 0)
        return NECTAR_EFORMAT;
    return 0;
}
