#include "pki/hypermap_call.h"

#include <assert.h>

#include <nectar/error.h>

#include "base/view.h"

/* --- writing --------------------------------------------------------------------------------- */

static int write_get(struct bytes *out, const uint8_t hash[HYPERMAP_HASH_BYTES])
{
    struct abi_writer w;

    abi_write_call(&w, out, HYPERMAP_GET, 1);
    abi_put_word(&w, hash);
    return abi_write_end(&w);
}

static int write_note(struct bytes *out, const struct hypermap_change *change)
{
    struct abi_writer w;

    abi_write_call(&w, out, HYPERMAP_NOTE, 2);
    abi_put_bytes(&w, view_of_text(hypermap_note_label(change->note)));
    abi_put_bytes(&w, change->data);
    return abi_write_end(&w);
}

/* One of Multicall3's calls; what inner holds is taken out. */
static void put_call(struct abi_writer *w, const uint8_t target[ABI_ADDRESS], struct bytes *inner)
{
    abi_open_tuple(w, 2);
    abi_put_address(w, target);
    abi_put_bytes(w, bytes_view(inner));
    abi_close(w);
    bytes_clear(inner);
}

int hypermap_write_gets(struct bytes *out, const uint8_t hypermap[ABI_ADDRESS],
                        const uint8_t (*hashes)[HYPERMAP_HASH_BYTES], size_t count)
{
    struct abi_writer w;
    struct bytes get;
    int error = 0;

    assert(count <= HYPERMAP_ENTRIES_MAX);
    bytes_init(&get, HYPERMAP_CALLDATA_MAX);
    abi_write_call(&w, out, HYPERMAP_AGGREGATE, 1);
    abi_open_array(&w, count, 1);
    for (size_t i = 0; i < count && !error; i++) {
        error = write_get(&get, hashes[i]);
        put_call(&w, hypermap, &get);
    }
    if (!error) {
        abi_close(&w);
        error = abi_write_end(&w);
    }
    bytes_free(&get);
    return error;
}

int hypermap_write_execute(struct bytes *out, const uint8_t to[ABI_ADDRESS],
                           struct nectar_view data, enum hypermap_operation operation)
{
    struct abi_writer w;

    abi_write_call(&w, out, HYPERMAP_EXECUTE, 4);
    abi_put_address(&w, to);
    abi_put_uint(&w, 0); /* no money goes with it */
    abi_put_bytes(&w, data);
    abi_put_uint(&w, operation);
    return abi_write_end(&w);
}

static int write_several(struct bytes *out, const uint8_t hypermap[ABI_ADDRESS],
                         const struct hypermap_change *changes, size_t count)
{
    struct abi_writer w;
    struct bytes note;
    int error = 0;

    bytes_init(&note, HYPERMAP_CALLDATA_MAX);
    abi_write_call(&w, out, HYPERMAP_AGGREGATE, 1);
    abi_open_array(&w, count, 1);
    for (size_t i = 0; i < count && !error; i++) {
        error = write_note(&note, &changes[i]);
        put_call(&w, hypermap, &note);
    }
    if (!error) {
        abi_close(&w);
        error = abi_write_end(&w);
    }
    bytes_free(&note);
    return error;
}

int hypermap_write_notes(struct bytes *out, const struct hypermap_contracts *at,
                         const struct hypermap_change *changes, size_t count)
{
    struct bytes inner;
    int error;

    assert(count >= 1);
    bytes_init(&inner, HYPERMAP_CALLDATA_MAX);
    error = count == 1 ? write_note(&inner, changes)
                       : write_several(&inner, at->hypermap, changes, count);
    if (!error)
        error = hypermap_write_execute(out, count == 1 ? at->hypermap : at->multicall,
                                       bytes_view(&inner),
                                       count == 1 ? HYPERMAP_CALL : HYPERMAP_DELEGATECALL);
    bytes_free(&inner);
    return error;
}

int hypermap_write_mint(struct bytes *out, const struct hypermap_contracts *at,
                        const uint8_t owner[ABI_ADDRESS], struct nectar_view label,
                        struct nectar_view notes)
{
    struct abi_writer w;

    abi_write_call(&w, out, HYPERMAP_MINT, 4);
    abi_put_address(&w, owner);
    abi_put_bytes(&w, label);
    abi_put_bytes(&w, notes);
    abi_put_address(&w, at->account);
    return abi_write_end(&w);
}

/* --- reading --------------------------------------------------------------------------------- */

static int read_entry(struct hypermap_entry *out, struct nectar_view reply)
{
    struct abi_reader r;

    abi_read_bare(&r, reply, 3);
    abi_get_address(&r, out->account);
    abi_get_address(&r, out->owner);
    out->data = abi_get_bytes(&r);
    return abi_read_end(&r);
}

int hypermap_read_gets(struct hypermap_entry *out, size_t count, uint64_t *block,
                       struct nectar_view reply)
{
    struct abi_reader r;
    int error = 0;

    abi_read_bare(&r, reply, 2);
    *block = abi_get_uint(&r, UINT64_MAX);
    if (abi_enter_array(&r, 1) != count)
        return NECTAR_EFORMAT;
    for (size_t i = 0; i < count && !error; i++)
        error = read_entry(&out[i], abi_get_bytes(&r));
    if (error)
        return error;
    abi_leave(&r);
    return abi_read_end(&r);
}
