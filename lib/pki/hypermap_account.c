#include "pki/hypermap_account.h"

#include <string.h>

#include "crypto/keccak.h"
#include "eth/word.h"

/* The Keccak-256 of the code that makes a name's proxy. */
static const uint8_t PROXY_CODE_HASH[KECCAK_HASH_BYTES] = {
    0x31, 0x74, 0x61, 0x55, 0x35, 0xef, 0x55, 0x05, 0x9e, 0x87, 0x32, 0x8c, 0x45, 0xa3, 0xc0, 0x61,
    0x22, 0x5f, 0x8a, 0x13, 0x99, 0xbf, 0x2a, 0xbc, 0xab, 0x8f, 0xd6, 0x1a, 0x87, 0x7d, 0xe7, 0xb6};

/* The registry of accounts, which stands at this address on every chain (ERC-6551). */
static const uint8_t ACCOUNTS[ABI_ADDRESS] = {0x00, 0x00, 0x00, 0x00, 0x65, 0x51, 0xc1,
                                              0x94, 0x87, 0x81, 0x46, 0x12, 0xe5, 0x8f,
                                              0xe0, 0x68, 0x13, 0x77, 0x57, 0x58};

/* EIP-1014. */
static void create2(uint8_t out[ABI_ADDRESS], const uint8_t deployer[ABI_ADDRESS],
                    const uint8_t salt[KECCAK_HASH_BYTES],
                    const uint8_t code_hash[KECCAK_HASH_BYTES])
{
    uint8_t hash[KECCAK_HASH_BYTES];
    struct keccak_stream stream;

    keccak_stream_init(&stream);
    keccak_stream_add(&stream, "\xff", 1);
    keccak_stream_add(&stream, deployer, ABI_ADDRESS);
    keccak_stream_add(&stream, salt, KECCAK_HASH_BYTES);
    keccak_stream_add(&stream, code_hash, KECCAK_HASH_BYTES);
    keccak_stream_end(&stream, hash);
    memcpy(out, hash + sizeof hash - ABI_ADDRESS, ABI_ADDRESS);
}

/* The code that makes an account: a proxy (EIP-1167) of the name's proxy, and behind it what the
 * account is to know: a salt, the chain, the contract, the token, which here is the name. */
static void account_code_hash(uint8_t out[KECCAK_HASH_BYTES], const uint8_t proxy[ABI_ADDRESS],
                              uint64_t chain, const uint8_t hypermap[ABI_ADDRESS],
                              const uint8_t hash[HYPERMAP_HASH_BYTES])
{
    static const uint8_t HEAD[] = {0x3d, 0x60, 0xad, 0x80, 0x60, 0x0a, 0x3d, 0x39, 0x81, 0xf3,
                                   0x36, 0x3d, 0x3d, 0x37, 0x3d, 0x3d, 0x3d, 0x36, 0x3d, 0x73};
    static const uint8_t TAIL[] = {0x5a, 0xf4, 0x3d, 0x82, 0x80, 0x3e, 0x90, 0x3d,
                                   0x91, 0x60, 0x2b, 0x57, 0xfd, 0x5b, 0xf3};
    static const uint8_t ABOVE[ABI_WORD - ABI_ADDRESS];
    struct word id = word_of(chain);
    struct keccak_stream stream;

    keccak_stream_init(&stream);
    keccak_stream_add(&stream, HEAD, sizeof HEAD);
    keccak_stream_add(&stream, proxy, ABI_ADDRESS);
    keccak_stream_add(&stream, TAIL, sizeof TAIL);
    keccak_stream_add(&stream, hash, HYPERMAP_HASH_BYTES);
    keccak_stream_add(&stream, id.bytes, sizeof id.bytes);
    keccak_stream_add(&stream, ABOVE, sizeof ABOVE);
    keccak_stream_add(&stream, hypermap, ABI_ADDRESS);
    keccak_stream_add(&stream, hash, HYPERMAP_HASH_BYTES);
    keccak_stream_end(&stream, out);
}

void hypermap_account_of(uint8_t out[ABI_ADDRESS], uint64_t chain,
                         const uint8_t hypermap[ABI_ADDRESS],
                         const uint8_t hash[HYPERMAP_HASH_BYTES])
{
    uint8_t proxy[ABI_ADDRESS];
    uint8_t code_hash[KECCAK_HASH_BYTES];

    create2(proxy, hypermap, hash, PROXY_CODE_HASH);
    account_code_hash(code_hash, proxy, chain, hypermap, hash);
    create2(out, ACCOUNTS, hash, code_hash);
}
