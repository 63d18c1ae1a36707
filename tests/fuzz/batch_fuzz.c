/*
 * A line of a batch. Input: the line. It is read where it stands, each value over itself; so what
 * comes out lies in the line, no value in another's place, and is what a reader says that leaves
 * the line as it is.
 */
#include "shared/batch_line.h"

#include <stdlib.h>
#include <string.h>

#include <nectar/message.h>

#include "base/view.h"
#include "fuzz/shared/fuzz.h"

enum { VALUES = 5 };

/* The value of that name as it was: the same bytes. */
static void check_value(struct nectar_view got, const struct nectar_json *object, const char *name,
                        bool base64)
{
    const struct nectar_json_value *value = nectar_json_find(object, name);
    uint8_t *bytes;
    size_t len = 0;
    int error;

    if (!value)
        return;
    bytes = fuzz_copy(value->raw);
    error = base64 ? nectar_json_base64(bytes, &len, value) : nectar_json_text(bytes, &len, value);
    fuzz_assert(error == 0);
    fuzz_assert(got.data && view_equal(got, (struct nectar_view){bytes, len}));
    free(bytes);
}

static void check_places(const struct batch_line *line)
{
    struct nectar_view views[VALUES] = {line->body, line->blob, line->mime};

    if (line->to)
        views[3] = (struct nectar_view){(const uint8_t *)line->to, strlen(line->to) + 1};
    if (line->ref)
        views[4] = (struct nectar_view){(const uint8_t *)line->ref, strlen(line->ref) + 1};
    for (int i = 0; i < VALUES; i++) {
        fuzz_assert(fuzz_within(views[i], line->text, line->len));
        for (int j = 0; j < i; j++)
            fuzz_assert(!views[i].len || !views[j].len ||
                        views[i].data + views[i].len <= views[j].data ||
                        views[j].data + views[j].len <= views[i].data);
    }
}

static void check_good(const struct batch_line *line, const struct nectar_json *object)
{
    struct nectar_view to = {NULL, 0};

    if (line->to) {
        fuzz_assert(line->to[0]);
        to = view_of_text(line->to);
    }
    fuzz_assert((line->to != NULL) == (nectar_json_find(object, "to") != NULL));
    fuzz_assert(line->body.data && (line->blob.data || !line->mime.data));
    check_value(to, object, "to", false);
    check_value(line->body, object, "body", false);
    check_value(line->body, object, "body_b64", true);
    check_value(line->blob, object, "blob_b64", true);
    check_value(line->mime, object, "mime", false);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct batch_line *line = batch_line_new(1, len);
    const struct nectar_json_value *ref;
    struct nectar_json object;
    int error = nectar_json_read(&object, (struct nectar_view){data, len});

    if (len > 0)
        memcpy(line->text, data, len);
    batch_line_read(line);
    fuzz_assert(!error || line->fault);
    fuzz_assert(!line->fault || fuzz_printable(line->fault));
    ref = error ? NULL : nectar_json_find(&object, "ref");
    fuzz_assert(!line->ref || (ref && strlen(line->ref) <= BATCH_REF_MAX));
    fuzz_assert(!line->ref || view_equal_text(ref->raw, line->ref));
    check_places(line);
    if (!line->fault)
        check_good(line, &object);
    batch_line_free(line);
    return 0;
}
