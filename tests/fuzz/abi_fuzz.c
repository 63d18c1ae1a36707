/*
 * Calls, replies and events of contracts. Input: a byte that chooses what is read, then the bytes.
 * What was taken lies in the input, and written again it is the same.
 */
#include <stdlib.h>
#include <string.h>

#include <nectar/error.h>

#include "eth/abi.h"
#include "fuzz/shared/fuzz.h"

enum { OUT_MAX = 1 << 20 };

/*
 * A letter for each value: w a word, u an unsigned integer, p a port, a an address, t a boolean, b
 * bytes; (..) is a tuple, [..] an array.
 */
static const char *const SHAPES[] = {
    "w",          /* get() */
    "aab",        /* what it replies */
    "bb",         /* note(), the data of the event Note */
    "abba",       /* mint() */
    "awbu",       /* execute() */
    "[(ab)]",     /* aggregate() */
    "u[b]",       /* what it replies */
    "(awbppb)",   /* what record() of the registry replies */
    "[(awbppb)]", /* records() */
    "bwbppb",     /* publish(), the data of the event Published */
    "[b]",        /* records() is called with that */
    "b",          "t", "[ut]", "[[[[b]]]]", "((b)[w]((u)b))",
};

enum { SHAPES_COUNT = sizeof SHAPES / sizeof SHAPES[0] };

struct walk {
    struct abi_reader r;
    struct abi_writer w;
    const uint8_t *data;
    size_t len;
};

/* Behind the bracket that closes what begins here. */
static const char *behind(const char *shape)
{
    int depth = 0;

    do {
        depth += *shape == '(' || *shape == '[';
        depth -= *shape == ')' || *shape == ']';
        shape++;
    } while (depth > 0);
    return shape;
}

static size_t slots_of(const char *shape)
{
    size_t slots = 0;

    for (; *shape && *shape != ')' && *shape != ']'; shape = behind(shape))
        slots++;
    return slots;
}

static void take_value(struct walk *walk, char letter)
{
    uint8_t word[ABI_WORD];
    struct nectar_view view;

    switch (letter) {
    case 'w':
        abi_get_word(&walk->r, word);
        abi_put_word(&walk->w, word);
        break;
    case 'u':
        abi_put_uint(&walk->w, abi_get_uint(&walk->r, UINT64_MAX));
        break;
    case 'p':
        abi_put_uint(&walk->w, abi_get_uint(&walk->r, UINT16_MAX));
        break;
    case 't':
        abi_put_uint(&walk->w, abi_get_bool(&walk->r));
        break;
    case 'a':
        abi_get_address(&walk->r, word);
        abi_put_address(&walk->w, word);
        break;
    default:
        fuzz_assert(letter == 'b');
        view = abi_get_bytes(&walk->r);
        fuzz_assert(fuzz_within(view, walk->data, walk->len));
        abi_put_bytes(&walk->w, view);
    }
}

/* A frame whose slots are told by shape; nested at most as deep as SHAPES are. */
static void take(struct walk *walk, const char *shape)
{
    for (; *shape && *shape != ')' && *shape != ']'; shape = behind(shape)) {
        const char *inner = shape + 1;

        if (*shape == '(') {
            abi_enter_tuple(&walk->r, slots_of(inner));
            abi_open_tuple(&walk->w, slots_of(inner));
            take(walk, inner);
        } else if (*shape == '[') {
            size_t count = abi_enter_array(&walk->r, slots_of(inner));

            fuzz_assert(count <= walk->len / ABI_WORD);
            abi_open_array(&walk->w, count, slots_of(inner));
            for (size_t i = 0; i < count; i++)
                take(walk, inner);
        } else {
            take_value(walk, *shape);
            continue;
        }
        abi_leave(&walk->r);
        abi_close(&walk->w);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct nectar_view in = {data, len};
    const char *shape = SHAPES[fuzz_byte(&in) % SHAPES_COUNT];
    uint8_t *copy = fuzz_copy(in);
    struct walk walk = {.data = copy, .len = in.len};
    struct bytes out;
    int error;

    bytes_init(&out, OUT_MAX);
    abi_read_bare(&walk.r, (struct nectar_view){copy, in.len}, slots_of(shape));
    abi_write_bare(&walk.w, &out, slots_of(shape));
    take(&walk, shape);
    error = abi_read_end(&walk.r);
    fuzz_assert(error == 0 || error == NECTAR_EFORMAT);
    if (!error) {
        fuzz_assert(abi_write_end(&walk.w) == 0);
        fuzz_assert(fuzz_same(bytes_view(&out), (struct nectar_view){copy, in.len}));
    }
    bytes_free(&out);
    free(copy);
    return 0;
}
