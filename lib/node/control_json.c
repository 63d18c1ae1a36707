#include "node/control_json.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nectar/error.h>
#include <nectar/text.h>

#include "base/view.h"
#include "codec/utf8.h"

/* --- writing --------------------------------------------------------------------------------- */

void control_begin(struct control_line *line, struct bytes *out, const char *type, const char *ref)
{
    *line = (struct control_line){.json = {.out = out}, .start = out->len};
    json_open_object(&line->json);
    control_put_uint(line, "v", 1);
    control_put_text(line, "type", type);
    control_put_text(line, "ref", ref);
}

int control_end(struct control_line *line)
{
    struct bytes *out = line->json.out;
    int error;

    json_close_object(&line->json);
    error = line->json.error;
    if (!error)
        error = bytes_append_byte(out, '\n');
    if (error)
        out->len = line->start;
    return error;
}

void control_put_text(struct control_line *line, const char *key, const char *text)
{
    if (!text || !*text)
        return;
    json_write_key(&line->json, key);
    json_write_text(&line->json, view_of_text(text));
}

void control_put_uint(struct control_line *line, const char *key, uint64_t value)
{
    json_write_key(&line->json, key);
    json_write_uint(&line->json, value);
}

void control_put_id(struct control_line *line, const char *key, uint64_t value)
{
    char digits[24];

    snprintf(digits, sizeof digits, "%" PRIu64, value);
    control_put_text(line, key, digits);
}

void control_put_flag(struct control_line *line, const char *key, bool value)
{
    if (!value)
        return;
    json_write_key(&line->json, key);
    json_write_bool(&line->json, true);
}

void control_put_key(struct control_line *line, const uint8_t key[NECTAR_PUBLIC_BYTES])
{
    char hex[2 * NECTAR_PUBLIC_BYTES + 1];

    nectar_hex_encode(hex, key, NECTAR_PUBLIC_BYTES);
    control_put_text(line, "key", hex);
}

/* May it stand as text, so that it can be read by eye, and takes no more room for it? */
static bool is_plain(struct nectar_view bytes)
{
    if (bytes.len > CONTROL_PLAIN_MAX || !nectar_utf8_valid(bytes))
        return false;
    for (size_t i = 0; i < bytes.len; i++)
        if (bytes.data[i] < ' ' && bytes.data[i] != '\n')
            return false;
    return true;
}

/* In base64, which is written into the buffer at once: it may be ten megabytes. */
static void put_base64(struct control_line *line, const char *key, struct nectar_view bytes)
{
    struct bytes *out = line->json.out;
    size_t size = NECTAR_BASE64_SIZE(bytes.len);
    char name[32];

    snprintf(name, sizeof name, "%s_b64", key);
    json_write_key(&line->json, name);
    json_write_text(&line->json, view_of_text(""));
    if (line->json.error)
        return;
    line->json.error = bytes_reserve(out, size + 1);
    if (line->json.error)
        return;
    /* Over the closing quote, which comes behind it then. */
    nectar_base64_encode((char *)out->data + out->len - 1, bytes.data, bytes.len);
    out->len += size - 1;
    out->data[out->len - 1] = '"';
}

void control_put_bytes(struct control_line *line, const char *key, struct nectar_view bytes)
{
    if (!bytes.data)
        return;
    if (!is_plain(bytes)) {
        put_base64(line, key, bytes);
        return;
    }
    json_write_key(&line->json, key);
    json_write_text(&line->json, bytes);
}

static const struct {
    const char *key;
    size_t at; /* of the view in a message */
} VIEWS[] = {
    {"source", offsetof(struct nectar_message, source)},
    {"target", offsetof(struct nectar_message, target)},
    {"rsvp", offsetof(struct nectar_message, rsvp)},
    {"body", offsetof(struct nectar_message, body)},
    {"metadata", offsetof(struct nectar_message, metadata)},
    {"capabilities", offsetof(struct nectar_message, capabilities)},
    {"context", offsetof(struct nectar_message, context)},
    {"blob", offsetof(struct nectar_message, blob)},
    {"mime", offsetof(struct nectar_message, mime)},
};

enum { VIEWS_COUNT = sizeof VIEWS / sizeof VIEWS[0] };

void control_put_message(struct control_line *line, const struct nectar_message *message)
{
    control_put_id(line, "id", message->id);
    control_put_flag(line, "response", message->kind == NECTAR_RESPONSE);
    control_put_flag(line, "array", message->form == NECTAR_FORM_ARRAY);
    control_put_flag(line, "inherit", message->inherit);
    control_put_flag(line, "expects", message->expects_response);
    if (message->expects_response)
        control_put_id(line, "expects_s", message->expects_s);
    for (size_t i = 0; i < VIEWS_COUNT; i++)
        control_put_bytes(
            line, VIEWS[i].key,
            *(const struct nectar_view *)(const void *)((const char *)message + VIEWS[i].at));
}

/* --- reading --------------------------------------------------------------------------------- */

const char *control_text(const struct json *object, const char *key)
{
    const char *text;

    return json_text(&text, json_field(object, key)) ? "" : text;
}

uint64_t control_uint(const struct json *object, const char *key)
{
    uint64_t value;

    return json_uint(&value, json_field(object, key), JSON_UINT_MAX) ? 0 : value;
}

bool control_flag(const struct json *object, const char *key)
{
    bool value;

    return !json_bool(&value, json_field(object, key)) && value;
}

bool control_copy(char *out, size_t size, const struct json *object, const char *key)
{
    const char *text = control_text(object, key);
    bool fits = strlen(text) < size;

    snprintf(out, size, "%s", fits ? text : "");
    return fits;
}

int control_id(uint64_t *out, const struct json *object, const char *key)
{
    const char *text = control_text(object, key);
    char *end;

    if (*text < '0' || *text > '9')
        return NECTAR_EFORMAT;
    errno = 0;
    *out = strtoull(text, &end, 10);
    return errno || *end ? NECTAR_EFORMAT : 0;
}

/* As text or in base64. */
static int read_view(struct nectar_view *out, struct bytes *data, const struct json *object,
                     const char *key)
{
    const char *text;
    char name[32];
    size_t len;
    int error;

    if (!json_text(&text, json_field(object, key))) {
        *out = view_of_text(text);
        return 0;
    }
    snprintf(name, sizeof name, "%s_b64", key);
    if (json_text(&text, json_field(object, name)))
        return 0;
    error = nectar_base64_decode(data->data + data->len, &len, view_of_text(text));
    if (error)
        return error;
    *out = (struct nectar_view){data->data + data->len, len};
    data->len += len;
    return 0;
}

/* The bytes that all of an object's texts could stand for: enough for those in base64. */
static size_t room_for(const struct json *object)
{
    const char *text;
    size_t room = 1;

    for (const struct json *field = json_first(object); field; field = json_next(field))
        if (!json_text(&text, field))
            room += strlen(text) / 4 * 3;
    return room;
}

int control_message_read(struct control_message *out, const struct json *object)
{
    struct nectar_message *message = &out->message;
    int error;

    *out = (struct control_message){.message = {.kind = NECTAR_REQUEST}};
    /* All of it at once: views point into it. */
    bytes_init(&out->data, CONTROL_LINE_MAX);
    error = bytes_reserve(&out->data, room_for(object));
    if (!error && json_field(object, "id"))
        error = control_id(&message->id, object, "id");
    message->kind = control_flag(object, "response") ? NECTAR_RESPONSE : NECTAR_REQUEST;
    message->form = control_flag(object, "array") ? NECTAR_FORM_ARRAY : NECTAR_FORM_BIN;
    message->inherit = control_flag(object, "inherit");
    message->expects_response = control_flag(object, "expects");
    if (!error && message->expects_response)
        error = control_id(&message->expects_s, object, "expects_s");
    for (size_t i = 0; i < VIEWS_COUNT && !error; i++)
        error = read_view((struct nectar_view *)(void *)((char *)message + VIEWS[i].at), &out->data,
                          object, VIEWS[i].key);
    return error;
}

void control_message_free(struct control_message *message)
{
    bytes_free(&message->data);
}

/* --- names ----------------------------------------------------------------------------------- */

int control_error(const char *name)
{
    static const int ERRORS[] = {
#define CONTROL_ERROR(row, number, text) (number),
        NECTAR_ERRORS(CONTROL_ERROR)
#undef CONTROL_ERROR
    };

    for (size_t i = 0; i < sizeof ERRORS / sizeof ERRORS[0]; i++)
        if (strcmp(nectar_error_name(ERRORS[i]), name) == 0)
            return ERRORS[i];
    return NECTAR_EINTERNAL;
}

enum nectar_stage control_stage(const char *name)
{
    for (int stage = NECTAR_STAGE_REGISTRY; stage <= NECTAR_STAGE_REPLY; stage++)
        if (strcmp(nectar_stage_name((enum nectar_stage)stage), name) == 0)
            return (enum nectar_stage)stage;
    return NECTAR_STAGE_REGISTRY;
}

static const char *const REQUESTS[] = {
    [NECTAR_CONTROL_CHECK] = "check",
    [NECTAR_CONTROL_RELOAD] = "reload",
    [NECTAR_CONTROL_STOP] = "stop",
};

const char *control_request_name(enum nectar_control_request what)
{
    return REQUESTS[what];
}

int control_request(const char *name)
{
    for (size_t i = 0; i < sizeof REQUESTS / sizeof REQUESTS[0]; i++)
        if (strcmp(REQUESTS[i], name) == 0)
            return (int)i;
    return -1;
}
