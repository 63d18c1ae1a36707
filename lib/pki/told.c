#include "pki/told.h"

#include <stdio.h>
#include <string.h>

#include <nectar/account.h>
#include <nectar/identity.h>

#include "base/view.h"
#include "eth/abi.h"
#include "pki/name.h"

/* A quoted name, or a hash: what is longest of what is told. */
enum { ARGUMENT_SIZE = NECTAR_NAME_MAX + 8 };

_Static_assert((int)ARGUMENT_SIZE >= (int)NAME_HASH_SIZE, "room for a hash");
_Static_assert((int)ARGUMENT_SIZE >= (int)NECTAR_ACCOUNT_TEXT_SIZE, "room for an address");

static void tell_argument(char out[ARGUMENT_SIZE], const char *type, struct abi_reader *reader)
{
    uint8_t word[ABI_WORD];
    struct nectar_view text;

    if (strcmp(type, "address)") == 0) {
        abi_get_address(reader, word);
        nectar_account_format(out, word);
    } else if (strcmp(type, "bytes1)") == 0) { /* at the front of its word */
        abi_get_word(reader, word);
        snprintf(out, ARGUMENT_SIZE, "0x%02x", (unsigned)word[0]);
    } else if (strcmp(type, "string)") == 0) {
        text = abi_get_bytes(reader);
        snprintf(out, ARGUMENT_SIZE, "\"%.*s\"",
                 text.len > NECTAR_NAME_MAX ? NECTAR_NAME_MAX : (int)text.len,
                 text.len > 0 ? (const char *)text.data : "");
    } else if (strcmp(type, "uint256)") == 0) { /* a token: the hash of its name */
        abi_get_word(reader, word);
        name_of_hash(out, word);
    }
}

bool told_error(char *out, size_t size, struct nectar_view error, const struct told_error *errors,
                size_t count)
{
    uint32_t selector = abi_selector(error);
    char argument[ARGUMENT_SIZE] = "";
    struct abi_reader reader;

    for (size_t i = 0; i < count; i++) {
        const char *signature = errors[i].signature;
        int name = (int)strcspn(signature, "(");
        const char *type = signature + name + 1;

        if (errors[i].selector != selector)
            continue;
        abi_read_call(&reader, error, selector, *type == ')' ? 0 : 1);
        tell_argument(argument, type, &reader);
        if (abi_read_end(&reader) != 0)
            return false;
        snprintf(out, size, "%.*s(%s)", name, signature, argument);
        return true;
    }
    return false;
}

void told_call(struct json_writer *w, const char *function)
{
    json_open_object(w);
    json_write_key(w, "function");
    json_write_text(w, view_of_text(function));
    json_write_key(w, "arguments");
    json_open_object(w);
}

int told_call_end(struct json_writer *w)
{
    json_close_object(w);
    json_close_object(w);
    return w->error;
}

void told_address(struct json_writer *w, const char *key, const uint8_t *address)
{
    char text[NECTAR_ACCOUNT_TEXT_SIZE];

    nectar_account_format(text, address);
    json_write_key(w, key);
    json_write_text(w, view_of_text(text));
}
