/*
 * What the fuzz targets share. A target is one file with LLVMFuzzerTestOneInput; `make fuzz` links
 * it with libFuzzer, and `make check` with shared/replay.c, which gives it the files of its corpus.
 * What must hold is said with fuzz_assert, which ends the process.
 */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nectar/view.h>

/* What libFuzzer calls, by the name it looks for. Returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

_Noreturn void fuzz_fail(const char *file, int line, const char *what);

#define fuzz_assert(condition) ((condition) ? (void)0 : fuzz_fail(__FILE__, __LINE__, #condition))

/* Takes from the front of an input: a byte (0 at its end), at most n bytes. */
uint8_t fuzz_byte(struct nectar_view *in);
struct nectar_view fuzz_take(struct nectar_view *in, size_t n);

/* A copy with nothing readable behind it; free() it. */
uint8_t *fuzz_copy(struct nectar_view view);

/* Lies the view, if it is there, within data? */
bool fuzz_within(struct nectar_view view, const uint8_t *data, size_t len);

/* Present in both or in neither, and then the same bytes? */
bool fuzz_same(struct nectar_view a, struct nectar_view b);

/* Text of at least one character, none of them but printable ASCII? */
bool fuzz_printable(const char *text);

/* Sizes of the pieces that a stream is cut into, by one byte of the input: 0 is all at once. */
size_t fuzz_piece(uint8_t how, size_t nth, size_t left);

/*
 * The heap, as far as a sanitizer counts it: the most that was in use since fuzz_heap_begin, beyond
 * what was in use then. 0 without a sanitizer.
 */
void fuzz_heap_begin(void);
size_t fuzz_heap_peak(void);

#endif
