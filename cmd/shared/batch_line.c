#include "shared/batch_line.h"

#include <stdlib.h>
#include <string.h>

#include <nectar/error.h>

#include "shared/text.h"

struct batch_line *batch_line_new(size_t number, size_t len)
{
    /* Two bytes more: a NUL behind what is a string to us. */
    struct batch_line *line = text_resize(NULL, sizeof *line + len + 2);
    memset(line, 0, sizeof *line);
    line->number = number;
    line->len = len;
    return line;
}

void batch_line_free(struct batch_line *line)
{
    if (line)
        free(line->address);
    free(line);
}

/* Where a value stands, to be written over. */
static uint8_t *place_of(struct batch_line *line, const struct nectar_json_value *value)
{
    return line->text + (value->raw.data - line->text);
}

static const char *read_text(struct nectar_view *out, struct batch_line *line,
                             const struct nectar_json_value *value, const char *fault)
{
    if (!value)
        return NULL;
    uint8_t *place = place_of(line, value);
    int error = nectar_json_text(place, &out->len, value);
    out->data = place;
    return error ? fault : NULL;
}

static const char *read_base64(struct nectar_view *out, struct batch_line *line,
                               const struct nectar_json_value *value, const char *fault)
{
    if (!value)
        return NULL;
    uint8_t *place = place_of(line, value);
    int error = nectar_json_base64(place, &out->len, value);
    out->data = place;
    return error ? fault : NULL;
}

/* As a string, behind which its closing quote makes room for the NUL. */
static const char *read_to(struct batch_line *line, const struct nectar_json_value *value)
{
    struct nectar_view to = {NULL, 0};
    const char *fault = read_text(&to, line, value, "to: not a text");
    if (!value || fault)
        return fault;
    if (to.len == 0 || memchr(to.data, 0, to.len))
        return "to: not NAME or NAME@PROCESS:PACKAGE:PUBLISHER";
    line->text[(size_t)(to.data - line->text) + to.len] = '\0';
    line->to = (const char *)to.data;
    return NULL;
}

static const char *read_ref(struct batch_line *line, const struct nectar_json_value *value)
{
    if (!value)
        return NULL;
    if (value->type != NECTAR_JSON_TEXT && value->type != NECTAR_JSON_NUMBER)
        return "ref: neither a text nor a number";
    if (value->raw.len > BATCH_REF_MAX)
        return "ref: longer than 256 bytes";
    /* Moved by a byte, over the colon or space before it, so that there is room for a NUL. */
    uint8_t *place = place_of(line, value) - 1;
    memmove(place, value->raw.data, value->raw.len);
    place[value->raw.len] = '\0';
    line->ref = (const char *)place;
    return NULL;
}

enum member { TO, BODY, BODY_B64, BLOB_B64, MIME, REF, MEMBERS };

static const char *const NAMES[MEMBERS] = {"to", "body", "body_b64", "blob_b64", "mime", "ref"};

static const char *check_members(const struct nectar_json_value *const found[MEMBERS], size_t count)
{
    size_t known = 0;
    for (size_t i = 0; i < MEMBERS; i++)
        known += found[i] != NULL;
    if (known != count)
        return "an unknown member: to, body or body_b64, blob_b64, mime and ref are taken";
    if (!found[BODY] == !found[BODY_B64])
        return "neither body nor body_b64, or both";
    if (found[MIME] && !found[BLOB_B64])
        return "mime goes with blob_b64";
    return NULL;
}

void batch_line_read(struct batch_line *line)
{
    struct nectar_json object;
    struct nectar_view text = {line->text, line->len};
    int error = nectar_json_read(&object, text);
    if (error) {
        line->fault =
            error == NECTAR_ETOOBIG ? "too many members, or too deep" : "not a JSON object";
        return;
    }
    const struct nectar_json_value *found[MEMBERS];
    for (size_t i = 0; i < MEMBERS; i++)
        found[i] = nectar_json_find(&object, NAMES[i]);
    line->fault = check_members(found, object.count);
    /* Before anything is written over, and in any case: it is to be in the error. */
    const char *fault = read_ref(line, found[REF]);
    if (!line->fault)
        line->fault = fault;
    if (!line->fault)
        line->fault = read_text(&line->body, line, found[BODY], "body: not a text");
    if (!line->fault)
        line->fault = read_base64(&line->body, line, found[BODY_B64], "body_b64: not base64");
    if (!line->fault)
        line->fault = read_base64(&line->blob, line, found[BLOB_B64], "blob_b64: not base64");
    if (!line->fault)
        line->fault = read_text(&line->mime, line, found[MIME], "mime: not a text");
    if (!line->fault)
        line->fault = read_to(line, found[TO]);
}
