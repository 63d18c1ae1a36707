/*
 * The binary form of contract calls, replies, events and errors (the ABI of the Solidity
 * documentation, "Contract ABI Specification").
 *
 * Values stand in frames. A frame is a run of slots, one word of 32 bytes each: a static value is
 * in its slot, a dynamic one (bytes, string, array, a tuple with any of them) behind the frame, and
 * the slot says where. Frames nest at most ABI_DEPTH deep. Slots are written and read in order, so
 * a static tuple is just its members, and an array of static tuples has several slots an element.
 *
 * The reader takes one form only, that which every encoder writes: what is behind a frame lies in
 * the order of its slots, without gaps, padded with zeros, and nothing is behind the last. So no
 * byte can be read twice, and what was read and is written again is the same.
 *
 * Writer and reader remember their first error, so that a call is written down value by value and
 * judged once. After an error the writer writes nothing, and the reader reads zeros, empty views
 * and counts of 0. To write or read other slots than were declared is a programmer's error.
 */
#ifndef ETH_ABI_H
#define ETH_ABI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nectar/view.h>

#include "base/bytes.h"

enum {
    ABI_WORD = 32,
    ABI_SELECTOR = 4,
    ABI_ADDRESS = 20,
    ABI_DEPTH = 8, /* frames within one another */
};

/*
 * The first four bytes of the Keccak-256 of a signature, as a number. These two are what a contract
 * reverts with if it was compiled by Solidity and says no more: require() and assert().
 */
#define ABI_ERROR UINT32_C(0x08c379a0) /* Error(string) */
#define ABI_PANIC UINT32_C(0x4e487b71) /* Panic(uint256) */

struct abi_frame {
    size_t start; /* of its first slot; offsets count from here */
    size_t next;  /* the slot that comes next */
    size_t end;   /* of its slots */
    size_t tail;  /* reader: where the next dynamic value must be */
};

/* --- writing --- */

struct abi_writer {
    struct bytes *out; /* appended to */
    int error;         /* 0, NECTAR_ETOOBIG, NECTAR_ENOMEM */
    unsigned depth;
    struct abi_frame frames[ABI_DEPTH];
};

/* Begins what has so many slots: behind a selector, for a call, or bare. What they hold is written
 * next, in order. */
void abi_write_call(struct abi_writer *w, struct bytes *out, uint32_t selector, size_t slots);
void abi_write_bare(struct abi_writer *w, struct bytes *out, size_t slots);

/* The end of what was begun: all slots are written. The error. */
int abi_write_end(struct abi_writer *w);

void abi_put_uint(struct abi_writer *w, uint64_t value);
void abi_put_address(struct abi_writer *w, const uint8_t address[ABI_ADDRESS]);
void abi_put_word(struct abi_writer *w, const uint8_t word[ABI_WORD]);

/* bytes or string. */
void abi_put_bytes(struct abi_writer *w, struct nectar_view bytes);

/* An array of count elements, or a dynamic tuple; its slots come next, then abi_close. */
void abi_open_array(struct abi_writer *w, size_t count, size_t slots_each);
void abi_open_tuple(struct abi_writer *w, size_t slots);
void abi_close(struct abi_writer *w);

/* --- reading --- */

struct abi_reader {
    struct nectar_view data;
    int error; /* 0, NECTAR_EFORMAT */
    unsigned depth;
    struct abi_frame frames[ABI_DEPTH];
};

/* The selector that data begins with, 0 if it is too short for one: the one that no function of
 * ours has. */
uint32_t abi_selector(struct nectar_view data);

/* Begins to read what has so many slots: behind that selector, or bare. The views that are read lie
 * in data. */
void abi_read_call(struct abi_reader *r, struct nectar_view data, uint32_t selector, size_t slots);
void abi_read_bare(struct abi_reader *r, struct nectar_view data, size_t slots);

/* The end: nothing may be left. The error. */
int abi_read_end(struct abi_reader *r);

/* An integer of 0 to max. */
uint64_t abi_get_uint(struct abi_reader *r, uint64_t max);
bool abi_get_bool(struct abi_reader *r);
void abi_get_address(struct abi_reader *r, uint8_t out[ABI_ADDRESS]);
void abi_get_word(struct abi_reader *r, uint8_t out[ABI_WORD]);

/* bytes or string; whether a string is UTF-8 is not looked at. */
struct nectar_view abi_get_bytes(struct abi_reader *r);

/* Enters an array, whose count is told, or a dynamic tuple. All its slots are read before
 * abi_leave. The count is no more than the data has room for. */
size_t abi_enter_array(struct abi_reader *r, size_t slots_each);
void abi_enter_tuple(struct abi_reader *r, size_t slots);
void abi_leave(struct abi_reader *r);

#endif
