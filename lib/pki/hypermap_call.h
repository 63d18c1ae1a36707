/*
 * Calls of Hypermap and of the contracts around it, and their replies (pure: bytes in, bytes out).
 *
 *   Hypermap     get, note, mint      the registry itself
 *   an account   execute              each name has one, a contract of its own (ERC-6551). Only
 *                                     through it is a name's note written, and only the name's
 *                                     owner may say what it does
 *   Multicall3   aggregate            many calls in one
 */
#ifndef PKI_HYPERMAP_CALL_H
#define PKI_HYPERMAP_CALL_H

#include <stdint.h>

#include <nectar/view.h>

#include "base/bytes.h"
#include "eth/abi.h"
#include "pki/hypermap_name.h"
#include "pki/hypermap_note.h"

#define HYPERMAP_GET       UINT32_C(0x8eaa6ac0) /* get(bytes32) */
#define HYPERMAP_NOTE      UINT32_C(0x7788b5a8) /* note(bytes,bytes) */
#define HYPERMAP_MINT      UINT32_C(0x094cefed) /* mint(address,bytes,bytes,address) */
#define HYPERMAP_EXECUTE   UINT32_C(0x51945447) /* execute(address,uint256,bytes,uint8) */
#define HYPERMAP_AGGREGATE UINT32_C(0x252dba42) /* aggregate((address,bytes)[]) */

enum {
    HYPERMAP_ENTRIES_MAX = 64,       /* names that are asked about in one call */
    HYPERMAP_CALLDATA_MAX = 1 << 14, /* bytes of any call below: 6 notes
                                      * within a mint */
};

/* How an account makes a call. */
enum hypermap_operation {
    HYPERMAP_CALL,         /* as any other does */
    HYPERMAP_DELEGATECALL, /* runs another's code as if it were its own */
};

/* --- written: appended to out; NECTAR_ENOMEM, NECTAR_ETOOBIG --- */

/* Asks for the entries of so many names by their hashes, in one call of Multicall3. */
int hypermap_write_gets(struct bytes *out, const uint8_t hypermap[ABI_ADDRESS],
                        const uint8_t (*hashes)[HYPERMAP_HASH_BYTES], size_t count);

int hypermap_write_execute(struct bytes *out, const uint8_t to[ABI_ADDRESS],
                           struct nectar_view data, enum hypermap_operation operation);

struct hypermap_contracts {
    uint8_t hypermap[ABI_ADDRESS];
    uint8_t multicall[ABI_ADDRESS];
    uint8_t account[ABI_ADDRESS]; /* whose code a new name's account runs */
};

/*
 * What a name's account must be told (execute) so that it writes notes: one by a call of Hypermap;
 * several by the code of Multicall3, run as the account's own, so that all or none is written, and
 * it is still the account that calls. count is 1 at least.
 */
int hypermap_write_notes(struct bytes *out, const struct hypermap_contracts *at,
                         const struct hypermap_change *changes, size_t count);

/*
 * A new name under that of who calls, for owner. notes: what hypermap_write_notes wrote, run by the
 * new account as it is made; or empty.
 */
int hypermap_write_mint(struct bytes *out, const struct hypermap_contracts *at,
                        const uint8_t owner[ABI_ADDRESS], struct nectar_view label,
                        struct nectar_view notes);

/* --- read --- */

/* What stands under a hash. All-zero: nothing. */
struct hypermap_entry {
    uint8_t account[ABI_ADDRESS]; /* of a name */
    uint8_t owner[ABI_ADDRESS];
    struct nectar_view data; /* of a note; lies in the reply */
};

/* Reads the reply to hypermap_write_gets, of so many, and at which block it was made.
 * NECTAR_EFORMAT. */
int hypermap_read_gets(struct hypermap_entry *out, size_t count, uint64_t *block,
                       struct nectar_view reply);

#endif
