#include <inttypes.h>
#include <stdio.h>

#include <nectar/error.h>
#include <nectar/text.h>

#include "base/view.h"
#include "eth/jsonrpc.h"

void jsonrpc_open(struct jsonrpc_writer *w, struct bytes *out)
{
    *w = (struct jsonrpc_writer){.json = {.out = out}};
    json_open_array(&w->json);
}

static void close_call(struct jsonrpc_writer *w)
{
    if (w->count == 0)
        return;
    json_close_array(&w->json);
    json_close_object(&w->json);
}

size_t jsonrpc_call(struct jsonrpc_writer *w, const char *method)
{
    close_call(w);
    json_open_object(&w->json);
    json_write_key(&w->json, "jsonrpc");
    json_write_text(&w->json, view_of_text("2.0"));
    json_write_key(&w->json, "id");
    json_write_uint(&w->json, w->count + 1);
    json_write_key(&w->json, "method");
    json_write_text(&w->json, view_of_text(method));
    json_write_key(&w->json, "params");
    json_open_array(&w->json);
    return w->count++;
}

int jsonrpc_close(struct jsonrpc_writer *w)
{
    close_call(w);
    json_close_array(&w->json);
    return w->json.error;
}

void jsonrpc_write_bytes(struct json_writer *json, struct nectar_view bytes)
{
    struct bytes text;

    bytes_init(&text, SIZE_MAX / 4);
    if (!json->error)
        json->error = bytes_reserve(&text, 2 * bytes.len + 3);
    if (!json->error) {
        (void)bytes_append_text(&text, "0x"); /* there is room */
        nectar_hex_encode((char *)text.data + 2, bytes.data, bytes.len);
        text.len += 2 * bytes.len;
        json_write_text(json, bytes_view(&text));
    }
    bytes_free(&text);
}

void jsonrpc_write_quantity(struct json_writer *json, uint64_t value)
{
    char text[sizeof "0x" + 16];

    snprintf(text, sizeof text, "0x%" PRIx64, value);
    json_write_text(json, view_of_text(text));
}
