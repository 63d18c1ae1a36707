#include "unit/shared/chain_node.h"

#include <string.h>

#include "base/view.h"
#include "eth/abi.h"
#include "eth/jsonrpc.h"

enum { TEXT_MAX = 1 << 16 };

static void begin_answer(struct json_writer *w, uint64_t id)
{
    json_open_object(w);
    json_write_key(w, "jsonrpc");
    json_write_text(w, view_of_text("2.0"));
    json_write_key(w, "id");
    json_write_uint(w, id);
    json_write_key(w, "result");
}

static void write_head(struct json_writer *w, const struct chain_node *node)
{
    uint8_t hash[32] = {1};

    json_open_object(w);
    json_write_key(w, "number");
    jsonrpc_write_quantity(w, node->head);
    json_write_key(w, "timestamp");
    jsonrpc_write_quantity(w, node->time);
    json_write_key(w, "hash");
    jsonrpc_write_bytes(w, (struct nectar_view){hash, sizeof hash});
    json_close_object(w);
}

/* What tld() replies, or record() of a username. */
static void write_reply(struct json_writer *w, bool tld, bool known, uint8_t key_byte)
{
    uint8_t owner[ABI_ADDRESS] = {known}, key[ABI_WORD] = {key_byte};
    struct abi_writer abi;
    struct bytes reply;

    bytes_init(&reply, TEXT_MAX);
    abi_write_bare(&abi, &reply, 1);
    if (tld) {
        abi_put_bytes(&abi, view_of_text("nec"));
    } else {
        abi_open_tuple(&abi, 6);
        abi_put_address(&abi, owner);
        abi_put_word(&abi, key);
        abi_put_bytes(&abi, view_of_text("::1"));
        abi_put_uint(&abi, 1);
        abi_put_uint(&abi, 0);
        abi_put_bytes(&abi, view_of_text(""));
        abi_close(&abi);
    }
    if (!w->error)
        w->error = abi_write_end(&abi);
    jsonrpc_write_bytes(w, bytes_view(&reply));
    bytes_free(&reply);
}

/* The data of a call, as a text. */
static void write_result(struct json_writer *w, const struct chain_node *node, const char *method,
                         const char *data)
{
    if (strcmp(method, "eth_chainId") == 0)
        jsonrpc_write_quantity(w, node->chain);
    else if (strcmp(method, "eth_getBlockByNumber") == 0)
        write_head(w, node);
    else if (strcmp(method, "eth_getCode") == 0)
        json_write_text(w, view_of_text("0x6001"));
    else
        write_reply(w, strcmp(data, "0x2d551432") == 0,
                    !node->empty && strstr(data, "00161") != NULL, node->key);
}

void chain_node_answer(struct bytes *out, struct nectar_view request, const struct chain_node *node)
{
    struct json_writer w = {.out = out};
    struct json *root = NULL;

    w.error = json_parse(&root, request, NULL);
    json_open_array(&w);
    for (const struct json *call = json_first(root); call; call = json_next(call)) {
        const char *method = "", *data = "";
        uint64_t id = 0;

        (void)json_text(&method, json_field(call, "method"));
        (void)json_text(&data, json_field(json_first(json_field(call, "params")), "data"));
        (void)json_uint(&id, json_field(call, "id"), 1000);
        begin_answer(&w, id);
        write_result(&w, node, method, data);
        json_close_object(&w);
    }
    json_close_array(&w);
    json_free(root);
    if (w.error)
        bytes_clear(out);
}
