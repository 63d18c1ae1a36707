/* Addresses of Ethereum: where they come from. Their text (EIP-55) is in <nectar/account.h>. */
#ifndef ETH_ADDRESS_H
#define ETH_ADDRESS_H

#include <stdint.h>

#include <nectar/account.h>

#include "crypto/secp256k1.h"

enum { ETH_ADDRESS_BYTES = NECTAR_ACCOUNT_BYTES };

/* The address of a public key: the end of its Keccak-256. */
void eth_address_of_public(uint8_t out[ETH_ADDRESS_BYTES],
                           const uint8_t public_key[SECP_PUBLIC_BYTES]);

/* Where the contract stands that a transaction of this sender and nonce creates. */
void eth_address_of_created(uint8_t out[ETH_ADDRESS_BYTES], const uint8_t sender[ETH_ADDRESS_BYTES],
                            uint64_t nonce);

#endif
