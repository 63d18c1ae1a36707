/* Calls and errors of the Nectar registry's contract, told by name. */
#include <stdlib.h>
#include <string.h>

#include <nectar/error.h>
#include <nectar/text.h>

#include "base/view.h"
#include "contract/registry.h"
#include "eth/abi.h"
#include "pki/nectar_abi.h"
#include "pki/told.h"

/* --- errors ---------------------------------------------------------------------------------- */

static const struct told_error ERRORS[] = {
#define ROW(selector, signature) {selector, signature},
    REGISTRY_ERRORS(ROW)
#undef ROW
};

bool nectar_abi_explain(char *out, size_t size, struct nectar_view error)
{
    return told_error(out, size, error, ERRORS, sizeof ERRORS / sizeof ERRORS[0]);
}

/* --- calls ----------------------------------------------------------------------------------- */

struct publish_call {
    struct nectar_view username;
    uint8_t key[ABI_WORD];
    struct nectar_view host;
    uint64_t ws;
    uint64_t tcp;
    struct nectar_view routers;
};

/* What somebody may have put there is shown to people: escaped, and so always text. */
static void write_text(struct json_writer *w, const char *key, struct nectar_view text)
{
    char *safe = malloc(NECTAR_ESCAPE_SIZE(text.len));

    if (!safe) {
        w->error = w->error ? w->error : NECTAR_ENOMEM;
        return;
    }
    nectar_escape(safe, text, false);
    json_write_key(w, key);
    json_write_text(w, view_of_text(safe));
    free(safe);
}

static void begin(struct json_writer *w, const char *function, struct nectar_view username)
{
    told_call(w, function);
    write_text(w, "username", username);
}

static void write_key(struct json_writer *w, const uint8_t key[ABI_WORD])
{
    char hex[2 * ABI_WORD + 1];

    nectar_hex_encode(hex, key, ABI_WORD);
    json_write_key(w, "networkingKey");
    json_write_text(w, view_of_text(hex));
}

static int describe_publish(struct json_writer *w, struct nectar_view data)
{
    struct publish_call call;
    struct abi_reader reader;

    abi_read_call(&reader, data, REGISTRY_PUBLISH, 6);
    call.username = abi_get_bytes(&reader);
    abi_get_word(&reader, call.key);
    call.host = abi_get_bytes(&reader);
    call.ws = abi_get_uint(&reader, UINT16_MAX);
    call.tcp = abi_get_uint(&reader, UINT16_MAX);
    call.routers = abi_get_bytes(&reader);
    if (abi_read_end(&reader) != 0)
        return NECTAR_EFORMAT;
    begin(w, "publish", call.username);
    write_key(w, call.key);
    write_text(w, "host", call.host);
    json_write_key(w, "wsPort");
    json_write_uint(w, call.ws);
    json_write_key(w, "tcpPort");
    json_write_uint(w, call.tcp);
    write_text(w, "allowedRouters", call.routers);
    return told_call_end(w);
}

static int describe_set_key(struct json_writer *w, struct nectar_view data)
{
    uint8_t key[ABI_WORD];
    struct nectar_view username;
    struct abi_reader reader;

    abi_read_call(&reader, data, REGISTRY_SET_KEY, 2);
    username = abi_get_bytes(&reader);
    abi_get_word(&reader, key);
    if (abi_read_end(&reader) != 0)
        return NECTAR_EFORMAT;
    begin(w, "setKey", username);
    write_key(w, key);
    return told_call_end(w);
}

static int describe_transfer(struct json_writer *w, struct nectar_view data)
{
    uint8_t to[NECTAR_ACCOUNT_BYTES];
    struct nectar_view username;
    struct abi_reader reader;

    abi_read_call(&reader, data, REGISTRY_TRANSFER, 2);
    username = abi_get_bytes(&reader);
    abi_get_address(&reader, to);
    if (abi_read_end(&reader) != 0)
        return NECTAR_EFORMAT;
    begin(w, "transfer", username);
    told_address(w, "to", to);
    return told_call_end(w);
}

/* A registry being made: the contract's code, and its TLD behind. */
static int describe_constructor(struct json_writer *w, struct nectar_view data)
{
    char tld[NECTAR_LABEL_MAX + 1];

    if (data.len < registry_code_len || memcmp(data.data, registry_code, registry_code_len) != 0)
        return NECTAR_EFORMAT;
    data.data += registry_code_len;
    data.len -= registry_code_len;
    /* What the constructor is given is in the form of what tld() replies. */
    if (nectar_abi_read_tld(tld, data) != 0)
        return NECTAR_EFORMAT;
    told_call(w, "constructor");
    json_write_key(w, "tld");
    json_write_text(w, view_of_text(tld));
    return told_call_end(w);
}

int nectar_abi_describe(struct json_writer *w, const struct nectar_tx *tx)
{
    const struct nectar_view data = {tx->data, tx->data_len};

    if (tx->creates)
        return describe_constructor(w, data);
    switch (abi_selector(data)) {
    case REGISTRY_PUBLISH:
        return describe_publish(w, data);
    case REGISTRY_SET_KEY:
        return describe_set_key(w, data);
    case REGISTRY_TRANSFER:
        return describe_transfer(w, data);
    default:
        return NECTAR_EFORMAT;
    }
}
