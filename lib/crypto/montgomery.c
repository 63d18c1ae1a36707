#include "crypto/montgomery.h"

#ifdef HAVE_MONTGOMERY
#include <endian.h>
#include <string.h>

/* clang-format off */
__extension__ typedef unsigned __int128 wide;
/* clang-format on */

enum { LIMBS = 5, LIMB_BITS = 51, WORDS = 4 };

static const uint64_t LIMB_MASK = ((uint64_t)1 << LIMB_BITS) - 1;

/*
 * An integer modulo p = 2^255 - 19: the sum of limb[i] * 2^(51 i). What field_multiply and
 * field_square give has limbs just over 51 bits at most, and they take limbs of up to 54.
 */
struct field {
    uint64_t limb[LIMBS];
};

static const struct field ONE = {{1}};

/* The sign of x, in the topmost bit, is left out. */
static void field_load(struct field *out, const uint8_t bytes[MONTGOMERY_BYTES])
{
    uint64_t word[WORDS];

    memcpy(word, bytes, sizeof word);
    for (size_t i = 0; i < WORDS; i++)
        word[i] = le64toh(word[i]);
    out->limb[0] = word[0] & LIMB_MASK;
    out->limb[1] = (word[0] >> 51 | word[1] << 13) & LIMB_MASK;
    out->limb[2] = (word[1] >> 38 | word[2] << 26) & LIMB_MASK;
    out->limb[3] = (word[2] >> 25 | word[3] << 39) & LIMB_MASK;
    out->limb[4] = (word[3] >> 12) & LIMB_MASK;
}

/* Brings each limb to 51 bits; what the last has above them counts 19 times at the other end. */
static void field_carry(struct field *a)
{
    for (size_t i = 0; i < LIMBS - 1; i++) {
        a->limb[i + 1] += a->limb[i] >> LIMB_BITS;
        a->limb[i] &= LIMB_MASK;
    }
    a->limb[0] += 19 * (a->limb[4] >> LIMB_BITS);
    a->limb[4] &= LIMB_MASK;
}

/* The least of those that are the same modulo p. */
static void field_store(uint8_t bytes[MONTGOMERY_BYTES], const struct field *a)
{
    struct field least = *a;
    uint64_t word[WORDS], over;

    field_carry(&least);
    field_carry(&least);
    /* Is it p or more? Then adding 19 reaches 2^255. */
    over = 19;
    for (size_t i = 0; i < LIMBS; i++)
        over = (least.limb[i] + over) >> LIMB_BITS;
    least.limb[0] += 19 * over;
    for (size_t i = 0; i < LIMBS - 1; i++) {
        least.limb[i + 1] += least.limb[i] >> LIMB_BITS;
        least.limb[i] &= LIMB_MASK;
    }
    least.limb[4] &= LIMB_MASK;
    word[0] = least.limb[0] | least.limb[1] << 51;
    word[1] = least.limb[1] >> 13 | least.limb[2] << 38;
    word[2] = least.limb[2] >> 26 | least.limb[3] << 25;
    word[3] = least.limb[3] >> 39 | least.limb[4] << 12;
    for (size_t i = 0; i < WORDS; i++)
        word[i] = htole64(word[i]);
    memcpy(bytes, word, sizeof word);
}

static void field_add(struct field *out, const struct field *a, const struct field *b)
{
    for (size_t i = 0; i < LIMBS; i++)
        out->limb[i] = a->limb[i] + b->limb[i];
}

/* a - b + 2p: no limb gets below zero. b's are of 51 bits. */
static void field_subtract(struct field *out, const struct field *a, const struct field *b)
{
    out->limb[0] = a->limb[0] + 2 * (LIMB_MASK - 18) - b->limb[0];
    for (size_t i = 1; i < LIMBS; i++)
        out->limb[i] = a->limb[i] + 2 * LIMB_MASK - b->limb[i];
}

/* sum[i] counts 2^(51 i). */
static void field_reduce(struct field *out, wide sum[LIMBS])
{
    for (size_t i = 0; i < LIMBS - 1; i++) {
        sum[i + 1] += sum[i] >> LIMB_BITS;
        out->limb[i] = (uint64_t)sum[i] & LIMB_MASK;
    }
    out->limb[4] = (uint64_t)sum[4] & LIMB_MASK;
    sum[0] = out->limb[0] + 19 * (sum[4] >> LIMB_BITS);
    out->limb[0] = (uint64_t)sum[0] & LIMB_MASK;
    out->limb[1] += (uint64_t)(sum[0] >> LIMB_BITS);
}

static void field_multiply(struct field *out, const struct field *a, const struct field *b)
{
    const uint64_t *x = a->limb, *y = b->limb;
    const uint64_t y1 = 19 * y[1], y2 = 19 * y[2], y3 = 19 * y[3], y4 = 19 * y[4];
    wide sum[LIMBS];

    sum[0] =
        (wide)x[0] * y[0] + (wide)x[1] * y4 + (wide)x[2] * y3 + (wide)x[3] * y2 + (wide)x[4] * y1;
    sum[1] =
        (wide)x[0] * y[1] + (wide)x[1] * y[0] + (wide)x[2] * y4 + (wide)x[3] * y3 + (wide)x[4] * y2;
    sum[2] = (wide)x[0] * y[2] + (wide)x[1] * y[1] + (wide)x[2] * y[0] + (wide)x[3] * y4 +
             (wide)x[4] * y3;
    sum[3] = (wide)x[0] * y[3] + (wide)x[1] * y[2] + (wide)x[2] * y[1] + (wide)x[3] * y[0] +
             (wide)x[4] * y4;
    sum[4] = (wide)x[0] * y[4] + (wide)x[1] * y[3] + (wide)x[2] * y[2] + (wide)x[3] * y[1] +
             (wide)x[4] * y[0];
    field_reduce(out, sum);
}

/* Squares a so many times over. */
static void field_square(struct field *out, const struct field *a, int times)
{
    *out = *a;
    for (int i = 0; i < times; i++) {
        const uint64_t *x = out->limb;
        const uint64_t x0 = 2 * x[0], x1 = 2 * x[1], x3 = 19 * x[3], x4 = 19 * x[4];
        wide sum[LIMBS];

        sum[0] = (wide)x[0] * x[0] + (wide)x1 * x4 + (wide)(2 * x[2]) * x3;
        sum[1] = (wide)x0 * x[1] + (wide)(2 * x[2]) * x4 + (wide)x[3] * x3;
        sum[2] = (wide)x0 * x[2] + (wide)x[1] * x[1] + (wide)(2 * x[3]) * x4;
        sum[3] = (wide)x0 * x[3] + (wide)x1 * x[2] + (wide)x[4] * x4;
        sum[4] = (wide)x0 * x[4] + (wide)x1 * x[3] + (wide)x[2] * x[2];
        field_reduce(out, sum);
    }
}

/* out = a^(2^(2n) - 1) of a^(2^n - 1). */
static void field_double_run(struct field *out, const struct field *run, int n)
{
    struct field shifted;

    field_square(&shifted, run, n);
    field_multiply(out, &shifted, run);
}

/* 1/a = a^(p-2), as Fermat has it: the same steps whatever a is. The exponent is 250 ones, then
 * 01011. */
static void field_invert(struct field *out, const struct field *a)
{
    struct field a2, a9, a11, run5, run10, run20, run, t;

    field_square(&a2, a, 1);
    field_square(&t, &a2, 2);
    field_multiply(&a9, &t, a);
    field_multiply(&a11, &a9, &a2);
    field_square(&t, &a11, 1);
    field_multiply(&run5, &t, &a9); /* a^31, five ones */
    field_double_run(&run10, &run5, 5);
    field_double_run(&run20, &run10, 10);
    field_double_run(&run, &run20, 20);
    field_square(&t, &run, 10);
    field_multiply(&run, &t, &run10); /* 50 */
    field_double_run(&run20, &run, 50);
    field_double_run(&t, &run20, 100);
    field_square(&t, &t, 50);
    field_multiply(&run, &t, &run); /* 250 */
    field_square(&t, &run, 5);
    field_multiply(out, &t, &a11);
}

void montgomery_from_edwards(uint8_t *const *u, uint8_t (*edwards)[MONTGOMERY_BYTES], size_t count)
{
    struct field above[MONTGOMERY_MAX], below[MONTGOMERY_MAX], y, inverse = ONE;

    for (size_t i = 0; i < count; i++) {
        field_load(&y, edwards[i]);
        field_add(&above[i], &ONE, &y);
        field_subtract(&below[i], &ONE, &y);
        field_multiply(&inverse, &inverse, &below[i]);
    }
    /* Of all of them at once: times all the others, it is that of one. */
    field_invert(&inverse, &inverse);
    for (size_t i = 0; i < count; i++) {
        field_multiply(&y, &above[i], &inverse);
        for (size_t other = 0; other < count; other++)
            if (other != i)
                field_multiply(&y, &y, &below[other]);
        field_store(u[i], &y);
    }
}
#endif
