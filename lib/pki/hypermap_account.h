/*
 * Where the account of a name stands, found without asking (ERC-6551: the address follows from the
 * name). Who can ask for it does, since that tells also whether the name is there.
 */
#ifndef PKI_HYPERMAP_ACCOUNT_H
#define PKI_HYPERMAP_ACCOUNT_H

#include <stdint.h>

#include "eth/abi.h"
#include "pki/hypermap_name.h"

void hypermap_account_of(uint8_t out[ABI_ADDRESS], uint64_t chain,
                         const uint8_t hypermap[ABI_ADDRESS],
                         const uint8_t hash[HYPERMAP_HASH_BYTES]);

#endif
