#include "eth/address.h"

#include <stdbool.h>
#include <string.h>

#include <nectar/error.h>
#include <nectar/text.h>

#include "base/bytes.h"
#include "crypto/keccak.h"
#include "eth/rlp.h"

enum { DIGITS = 2 * ETH_ADDRESS_BYTES };

static void end_of_hash(uint8_t out[ETH_ADDRESS_BYTES], const void *data, size_t len)
{
    uint8_t hash[KECCAK_HASH_BYTES];

    keccak_hash(hash, data, len);
    memcpy(out, hash + sizeof hash - ETH_ADDRESS_BYTES, ETH_ADDRESS_BYTES);
}

void eth_address_of_public(uint8_t out[ETH_ADDRESS_BYTES],
                           const uint8_t public_key[SECP_PUBLIC_BYTES])
{
    end_of_hash(out, public_key, SECP_PUBLIC_BYTES);
}

void eth_address_of_created(uint8_t out[ETH_ADDRESS_BYTES], const uint8_t sender[ETH_ADDRESS_BYTES],
                            uint64_t nonce)
{
    /* RLP of [sender, nonce], which always is a short list: written without a buffer. */
    struct word word = word_of(nonce);
    struct nectar_view digits = word_digits(&word);
    uint8_t text[2 + ETH_ADDRESS_BYTES + 1 + sizeof nonce];
    size_t len = 2 + ETH_ADDRESS_BYTES;

    text[1] = 0x80 + ETH_ADDRESS_BYTES;
    memcpy(text + 2, sender, ETH_ADDRESS_BYTES);
    if (digits.len != 1 || digits.data[0] >= 0x80)
        text[len++] = (uint8_t)(0x80 + digits.len);
    memcpy(text + len, digits.data, digits.len);
    len += digits.len;
    text[0] = (uint8_t)(0xc0 + len - 1);
    end_of_hash(out, text, len);
}

void nectar_account_format(char out[NECTAR_ACCOUNT_TEXT_SIZE],
                           const uint8_t address[NECTAR_ACCOUNT_BYTES])
{
    uint8_t hash[KECCAK_HASH_BYTES];
    char *digits = out + 2;

    memcpy(out, "0x", 2);
    nectar_hex_encode(digits, address, NECTAR_ACCOUNT_BYTES);
    keccak_hash(hash, digits, DIGITS);
    for (size_t i = 0; i < DIGITS; i++) {
        unsigned nibble = i % 2 ? hash[i / 2] & 15U : hash[i / 2] >> 4;

        if (digits[i] >= 'a' && nibble >= 8)
            digits[i] = (char)(digits[i] - 'a' + 'A');
    }
}

/* Are there letters of only one case? Then they carry no checksum. */
static bool one_case(const char *digits)
{
    return strpbrk(digits, "abcdef") == NULL || strpbrk(digits, "ABCDEF") == NULL;
}

int nectar_account_parse(uint8_t out[NECTAR_ACCOUNT_BYTES], const char *text)
{
    uint8_t address[NECTAR_ACCOUNT_BYTES];
    char written[NECTAR_ACCOUNT_TEXT_SIZE];

    if (strncmp(text, "0x", 2) != 0 || nectar_hex_decode(address, sizeof address, text + 2) != 0)
        return NECTAR_EADDRESS;
    nectar_account_format(written, address);
    if (!one_case(text + 2) && strcmp(text, written) != 0)
        return NECTAR_EADDRESS;
    memcpy(out, address, sizeof address);
    return 0;
}
