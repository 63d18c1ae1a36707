/* A request for a way to a peer. Input: the bytes as they come. What was taken, written and read
 * again, is the same. */
#include <stdlib.h>
#include <string.h>

#include <nectar/error.h>
#include <nectar/text.h>

#include "fuzz/shared/fuzz.h"
#include "msg/routing.h"

enum { WRITTEN_MAX = 1 << 20, HEAP_MAX = 1024 };

static void check_same(const struct msg_routing *a, const struct msg_routing *b)
{
    fuzz_assert(a->version == b->version);
    fuzz_assert(fuzz_same(a->signature, b->signature));
    fuzz_assert(fuzz_same(a->source, b->source));
    fuzz_assert(fuzz_same(a->target, b->target));
}

static void check_again(const struct msg_routing *first)
{
    struct bytes out;
    struct msg_routing second;

    bytes_init(&out, WRITTEN_MAX);
    fuzz_assert(msg_routing_encode(&out, first) == 0);
    fuzz_assert(msg_routing_decode(&second, out.data, out.len) == 0);
    check_same(first, &second);
    bytes_free(&out);
}

/* With a byte more, or one less, it is refused. */
static void check_exact(struct nectar_view taken)
{
    uint8_t *longer = malloc(taken.len + 1);
    struct msg_routing other;

    fuzz_assert(longer);
    memcpy(longer, taken.data, taken.len);
    longer[taken.len] = 0xc0;
    fuzz_assert(msg_routing_decode(&other, longer, taken.len + 1) == NECTAR_EMESSAGE);
    memcpy(longer, taken.data, taken.len);
    fuzz_assert(msg_routing_decode(&other, longer, taken.len - 1) == NECTAR_EMESSAGE);
    free(longer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    uint8_t *copy = fuzz_copy((struct nectar_view){data, len});
    struct msg_routing first = {.version = UINT64_MAX};
    int error;

    fuzz_heap_begin();
    error = msg_routing_decode(&first, copy, len);
    fuzz_assert(fuzz_heap_peak() <= HEAP_MAX);
    fuzz_assert(error == 0 || error == NECTAR_EMESSAGE);
    if (error) {
        fuzz_assert(first.version == UINT64_MAX && !first.signature.data);
    } else {
        fuzz_assert(first.version <= UINT8_MAX);
        fuzz_assert(fuzz_within(first.signature, copy, len));
        fuzz_assert(fuzz_within(first.source, copy, len) && nectar_utf8_valid(first.source));
        fuzz_assert(fuzz_within(first.target, copy, len) && nectar_utf8_valid(first.target));
        check_again(&first);
        check_exact((struct nectar_view){data, len});
    }
    free(copy);
    return 0;
}
