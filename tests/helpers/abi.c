/*
 * abi: the binary form of contract calls, for tests, by the library's own writer and reader.
 *
 *   abi encode 'name(TYPE,..)' ARGUMENT...   a call; without a name, its values alone
 *   abi decode 'name(TYPE,..)' 0xHEX         the values of it, as a JSON array on one line
 *   abi keccak STRING                        its Keccak-256
 *
 * Types: uint8..uint256, address, bool, bytes1..bytes32, bytes, string, arrays and tuples of them.
 * Arrays and tuples are given as JSON arrays. A string may be given as hex:DIGITS; one that is not
 * UTF-8 is shown so.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nectar/error.h>
#include <nectar/text.h>

#include "base/view.h"
#include "codec/json.h"
#include "crypto/keccak.h"
#include "eth/abi.h"
#include "eth/word.h"

enum { OUT_MAX = 1 << 20 };

static _Noreturn void give_up(const char *what)
{
    fprintf(stderr, "abi: %s\n", what);
    exit(2);
}

static void check(bool holds, const char *what)
{
    if (!holds)
        give_up(what);
}

/* --- types, as views of their texts --- */

static struct nectar_view part(struct nectar_view text, size_t from, size_t to)
{
    return (struct nectar_view){text.data + from, to - from};
}

static bool ends(struct nectar_view type, const char *end)
{
    size_t len = strlen(end);

    return type.len >= len && memcmp(type.data + type.len - len, end, len) == 0;
}

static bool begins(struct nectar_view type, const char *with)
{
    size_t len = strlen(with);

    return type.len >= len && memcmp(type.data, with, len) == 0;
}

/* Takes the next type from a list of them. False at its end. */
static bool next_type(struct nectar_view *type, struct nectar_view *list)
{
    size_t i = 0;
    int depth = 0;

    if (list->len == 0)
        return false;
    for (; i < list->len && (depth > 0 || list->data[i] != ','); i++)
        depth += (list->data[i] == '(') - (list->data[i] == ')');
    *type = part(*list, 0, i);
    *list = part(*list, i + (i < list->len), list->len);
    return true;
}

static struct nectar_view members_of(struct nectar_view tuple)
{
    check(ends(tuple, ")"), "a parenthesis is not closed");
    return part(tuple, 1, tuple.len - 1);
}

static bool is_dynamic(struct nectar_view type)
{
    struct nectar_view members, member;

    if (ends(type, "[]") || view_equal_text(type, "bytes") || view_equal_text(type, "string"))
        return true;
    if (!begins(type, "("))
        return false;
    members = members_of(type);
    while (next_type(&member, &members))
        if (is_dynamic(member))
            return true;
    return false;
}

static size_t slots_of(struct nectar_view list)
{
    struct nectar_view type;
    size_t slots = 0;

    while (next_type(&type, &list))
        slots += begins(type, "(") && !is_dynamic(type) ? slots_of(members_of(type)) : 1;
    return slots;
}

/* The N of bytesN; 0 for other types. */
static size_t fixed_bytes(struct nectar_view type)
{
    char digits[3];

    if (!begins(type, "bytes") || !view_copy_text(digits, sizeof digits, part(type, 5, type.len)))
        return 0;
    return strtoul(digits, NULL, 10);
}

/* Is it a uint that fits into 64 bits? */
static bool is_small(struct nectar_view type)
{
    char bits[4];

    return view_copy_text(bits, sizeof bits, part(type, 4, type.len)) &&
           strtoul(bits, NULL, 10) <= 64;
}

/* --- encode --- */

static struct nectar_view unhex(const char *digits)
{
    size_t len = strlen(digits) / 2;
    uint8_t *data = malloc(len + 1);

    check(data && nectar_hex_decode(data, len, digits) == 0, "not hex digits");
    return (struct nectar_view){data, len};
}

/* free() its data. */
static struct nectar_view string_of(const char *text)
{
    char *copy;

    if (begins(view_of_text(text), "hex:"))
        return unhex(text + 4);
    copy = strdup(text);
    check(copy != NULL, "out of memory");
    return view_of_text(copy);
}

static void put_number(struct abi_writer *w, const char *text)
{
    struct word word;

    check((begins(view_of_text(text), "0x") ? word_from_quantity(&word, text)
                                            : word_from_decimal(&word, text)) == 0,
          "not a number");
    abi_put_word(w, word.bytes);
}

static void put_plain(struct abi_writer *w, struct nectar_view type, const char *text)
{
    uint8_t word[ABI_WORD] = {0};
    struct nectar_view bytes;

    if (begins(type, "uint")) {
        put_number(w, text);
        return;
    }
    if (view_equal_text(type, "bool")) {
        check(strcmp(text, "true") == 0 || strcmp(text, "false") == 0, "not true or false");
        abi_put_uint(w, strcmp(text, "true") == 0);
        return;
    }
    if (view_equal_text(type, "string")) {
        bytes = string_of(text);
        abi_put_bytes(w, bytes);
    } else {
        check(begins(view_of_text(text), "0x"), "not 0x and hex digits");
        bytes = unhex(text + 2);
        if (view_equal_text(type, "bytes")) {
            abi_put_bytes(w, bytes);
        } else if (view_equal_text(type, "address")) {
            check(bytes.len == ABI_ADDRESS, "not an address");
            abi_put_address(w, bytes.data);
        } else {
            check(fixed_bytes(type) == bytes.len && bytes.len <= ABI_WORD, "not so many bytes");
            memcpy(word, bytes.data, bytes.len);
            abi_put_word(w, word);
        }
    }
    free((void *)bytes.data);
}

static void put_json(struct abi_writer *w, struct nectar_view type, const struct json *value)
{
    const struct json *element = json_first(value);
    struct nectar_view list, member;
    size_t count = 0;
    const char *text;
    uint64_t number;
    char digits[24];

    if (ends(type, "[]")) {
        for (const struct json *each = element; each; each = json_next(each))
            count++;
        list = part(type, 0, type.len - 2);
        abi_open_array(w, count, slots_of(list));
        for (; element; element = json_next(element))
            put_json(w, list, element);
        abi_close(w);
    } else if (begins(type, "(")) {
        list = members_of(type);
        if (is_dynamic(type))
            abi_open_tuple(w, slots_of(list));
        for (; next_type(&member, &list); element = json_next(element)) {
            check(element, "too few members");
            put_json(w, member, element);
        }
        if (is_dynamic(type))
            abi_close(w);
    } else if (json_text(&text, value) == 0) {
        put_plain(w, type, text);
    } else {
        check(json_uint(&number, value, JSON_UINT_MAX) == 0, "neither text nor number");
        snprintf(digits, sizeof digits, "%llu", (unsigned long long)number);
        put_plain(w, type, digits);
    }
}

static void encode(struct bytes *out, uint32_t selector, bool named, struct nectar_view list,
                   char **arguments)
{
    struct nectar_view type;
    struct abi_writer w;

    if (named)
        abi_write_call(&w, out, selector, slots_of(list));
    else
        abi_write_bare(&w, out, slots_of(list));
    for (; next_type(&type, &list); arguments++) {
        struct json *json;

        check(*arguments != NULL, "too few arguments");
        if (ends(type, "[]") || begins(type, "(")) {
            check(json_parse(&json, view_of_text(*arguments), NULL) == 0, "not JSON");
            put_json(&w, type, json);
            json_free(json);
        } else {
            put_plain(&w, type, *arguments);
        }
    }
    check(!*arguments, "too many arguments");
    check(abi_write_end(&w) == 0, "too large");
}

/* --- decode --- */

static void show_hex(struct json_writer *json, const char *prefix, struct nectar_view bytes)
{
    char *text = malloc(2 * bytes.len + 8);
    size_t at = strlen(prefix);

    check(text != NULL, "out of memory");
    memcpy(text, prefix, at);
    nectar_hex_encode(text + at, bytes.data, bytes.len);
    json_write_text(json, view_of_text(text));
    free(text);
}

static void show_plain(struct json_writer *json, struct nectar_view type, struct abi_reader *r)
{
    char quantity[WORD_HEX_SIZE];
    struct nectar_view bytes;
    struct word word;

    if (view_equal_text(type, "string")) {
        bytes = abi_get_bytes(r);
        if (nectar_utf8_valid(bytes))
            json_write_text(json, bytes);
        else
            show_hex(json, "hex:", bytes);
    } else if (view_equal_text(type, "bytes")) {
        show_hex(json, "0x", abi_get_bytes(r));
    } else if (view_equal_text(type, "bool")) {
        json_write_bool(json, abi_get_bool(r));
    } else if (view_equal_text(type, "address")) {
        abi_get_address(r, word.bytes);
        show_hex(json, "0x", (struct nectar_view){word.bytes, ABI_ADDRESS});
    } else if (begins(type, "uint") && is_small(type)) {
        json_write_uint(json, abi_get_uint(r, UINT64_MAX));
    } else {
        abi_get_word(r, word.bytes);
        word_to_quantity(quantity, &word);
        if (begins(type, "uint"))
            json_write_text(json, view_of_text(quantity));
        else
            show_hex(json, "0x", (struct nectar_view){word.bytes, fixed_bytes(type)});
    }
}

static void show_list(struct json_writer *json, struct nectar_view list, struct abi_reader *r);

static void show(struct json_writer *json, struct nectar_view type, struct abi_reader *r)
{
    struct nectar_view list;
    size_t count;

    if (ends(type, "[]")) {
        list = part(type, 0, type.len - 2);
        json_open_array(json);
        count = abi_enter_array(r, slots_of(list));
        for (size_t i = 0; i < count; i++)
            show(json, list, r);
        abi_leave(r);
        json_close_array(json);
    } else if (begins(type, "(")) {
        list = members_of(type);
        if (is_dynamic(type))
            abi_enter_tuple(r, slots_of(list));
        show_list(json, list, r);
        if (is_dynamic(type))
            abi_leave(r);
    } else {
        show_plain(json, type, r);
    }
}

static void show_list(struct json_writer *json, struct nectar_view list, struct abi_reader *r)
{
    struct nectar_view type;

    json_open_array(json);
    while (next_type(&type, &list))
        show(json, type, r);
    json_close_array(json);
}

static void decode(struct bytes *out, uint32_t selector, bool named, struct nectar_view list,
                   const char *hex)
{
    struct json_writer json = {.out = out};
    struct nectar_view data;
    struct abi_reader r;

    check(begins(view_of_text(hex), "0x"), "not 0x and hex digits");
    data = unhex(hex + 2);
    if (named)
        abi_read_call(&r, data, selector, slots_of(list));
    else
        abi_read_bare(&r, data, slots_of(list));
    show_list(&json, list, &r);
    check(abi_read_end(&r) == 0, "malformed");
    check(json.error == 0, "too large");
    free((void *)data.data);
}

int main(int argc, char **argv)
{
    uint8_t hash[KECCAK_HASH_BYTES];
    char text[2 * KECCAK_HASH_BYTES + 1];
    struct nectar_view signature, list;
    struct bytes out;
    size_t name;

    check(argc >= 3, "encode SIGNATURE ARGUMENT..., decode SIGNATURE 0xHEX, or keccak TEXT");
    signature = string_of(argv[2]);
    keccak_hash(hash, signature.data, signature.len);
    if (strcmp(argv[1], "keccak") == 0) {
        nectar_hex_encode(text, hash, sizeof hash);
        printf("0x%s\n", text);
        free((void *)signature.data);
        return 0;
    }
    name = strcspn(argv[2], "(");
    check(name < signature.len, "no parenthesis in the signature");
    list = members_of(part(signature, name, signature.len));
    bytes_init(&out, OUT_MAX);
    if (strcmp(argv[1], "encode") == 0) {
        encode(&out, abi_selector((struct nectar_view){hash, sizeof hash}), name > 0, list,
               argv + 3);
        printf("0x");
        for (size_t i = 0; i < out.len; i++)
            printf("%02x", out.data[i]);
    } else {
        check(strcmp(argv[1], "decode") == 0 && argc == 4, "neither encode nor decode");
        decode(&out, abi_selector((struct nectar_view){hash, sizeof hash}), name > 0, list,
               argv[3]);
        fwrite(out.data, 1, out.len, stdout);
    }
    putchar('\n');
    bytes_free(&out);
    free((void *)signature.data);
    return 0;
}
