/*
 * The MessagePack reader. Input: how many bytes of script, the script (what to read, a byte each),
 * then the data. Two readers, one of which may change the data, agree wherever they can; views lie
 * in the data; errors stick; what was read, written and read again, is the same.
 */
#include <stdlib.h>
#include <string.h>

#include <nectar/error.h>
#include <nectar/text.h>

#include "base/bytes.h"
#include "codec/msgpack.h"
#include "fuzz/shared/fuzz.h"

enum { WRITTEN_MAX = 1 << 20 };

enum what { NIL, BOOL, UINT, SMALL, STR, OPTIONAL, ARRAY, MAP, BYTES, SKIP, EXPECT, WHATS };

struct value {
    uint64_t number;
    struct nectar_view view;
};

static struct value read_one(struct msgpack_reader *r, enum what what)
{
    struct value value = {0};

    switch (what) {
    case NIL:
        value.number = msgpack_read_nil(r);
        break;
    case BOOL:
        value.number = msgpack_read_bool(r);
        break;
    case UINT:
    case SMALL:
        value.number = msgpack_read_uint(r, what == UINT ? UINT64_MAX : UINT8_MAX);
        break;
    case STR:
        value.view = msgpack_read_str(r);
        break;
    case OPTIONAL:
        value.view = msgpack_read_optional_str(r);
        break;
    case ARRAY:
        value.number = msgpack_read_array(r);
        break;
    case MAP:
        value.number = msgpack_read_map(r);
        break;
    case BYTES:
        value.view = msgpack_read_bytes(r);
        break;
    case SKIP:
        msgpack_skip_bytes(r);
        break;
    case EXPECT:
        msgpack_expect_array(r, 2);
        break;
    case WHATS:
    default:
        break;
    }
    return value;
}

static void write_one(struct msgpack_writer *w, enum what what, struct value value)
{
    if (what == NIL && value.number)
        msgpack_write_nil(w);
    else if (what == BOOL)
        msgpack_write_bool(w, value.number);
    else if (what == UINT || what == SMALL)
        msgpack_write_uint(w, value.number);
    else if (what == STR)
        msgpack_write_str(w, value.view);
    else if (what == OPTIONAL)
        msgpack_write_optional_str(w, value.view);
    else if (what == BYTES)
        msgpack_write_octets(w, value.view);
}

/* Written in its shortest form, which is no longer than the one that was read, and read again. */
static void check_again(enum what what, struct value value, size_t taken)
{
    struct bytes out;
    struct msgpack_writer w = {.out = &out};
    struct msgpack_reader r;
    struct value again;

    bytes_init(&out, WRITTEN_MAX);
    write_one(&w, what, value);
    fuzz_assert(w.error == 0);
    if (out.len > 0) {
        fuzz_assert(what == BYTES || out.len <= taken);
        msgpack_reader_init(&r, out.data, out.len);
        again = read_one(&r, what);
        fuzz_assert(msgpack_read_end(&r) == 0);
        fuzz_assert(again.number == value.number && fuzz_same(again.view, value.view));
    }
    bytes_free(&out);
}

static void check_one(struct msgpack_reader *r, enum what what, struct value value, size_t before)
{
    fuzz_assert(r->at >= before && r->at <= r->len);
    fuzz_assert(r->error == 0 || r->error == NECTAR_EFORMAT);
    fuzz_assert(fuzz_within(value.view, r->data, r->len));
    if (r->error) {
        fuzz_assert(value.number == 0 && !value.view.data && value.view.len == 0);
        return;
    }
    if (what == ARRAY || what == MAP)
        fuzz_assert(value.number * (what == MAP ? 2 : 1) <= r->len - r->at);
    if (what == STR || what == OPTIONAL)
        fuzz_assert(nectar_utf8_valid(value.view));
    fuzz_assert(what != SMALL || value.number <= UINT8_MAX);
    check_again(what, value, r->at - before);
}

/* A reader that must not write skips what the other packs, and takes as much. */
static void read_both(struct msgpack_reader *r, struct msgpack_reader *c, enum what what)
{
    bool as_array = what == BYTES && !msgpack_at_bin(c);
    size_t before = r->at;
    struct value of_c = read_one(c, as_array ? SKIP : what), of_r = read_one(r, what);

    fuzz_assert(r->error == c->error);
    fuzz_assert(r->error || r->at == c->at);
    check_one(r, what, of_r, before);
    fuzz_assert(of_r.number == of_c.number);
    fuzz_assert(as_array || fuzz_same(of_r.view, of_c.view));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct nectar_view in = {data, len};
    struct nectar_view script = fuzz_take(&in, fuzz_byte(&in));
    uint8_t *fixed = fuzz_copy(in), *changed = fuzz_copy(in);
    struct msgpack_reader r, c;

    msgpack_reader_init(&r, changed, in.len);
    msgpack_reader_init_const(&c, (struct nectar_view){fixed, in.len});
    while (script.len > 0)
        read_both(&r, &c, fuzz_byte(&script) % WHATS);
    fuzz_assert(memcmp(fixed, in.data ? in.data : fixed, in.len) == 0);
    fuzz_assert(msgpack_read_end(&r) == msgpack_read_end(&c));
    if (r.error)
        for (enum what what = NIL; what < WHATS; what++) {
            struct value value = read_one(&r, what);

            fuzz_assert(value.number == 0 && !value.view.data && r.error);
        }
    free(fixed);
    free(changed);
    return 0;
}
