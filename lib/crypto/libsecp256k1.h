/*
 * libsecp256k1, opened when it is first needed: linking it costs every start of a program, and only
 * those that sign for a chain have a use for it. (Its archive cannot go into a shared library.)
 */
#ifndef CRYPTO_LIBSECP256K1_H
#define CRYPTO_LIBSECP256K1_H

#include <stdbool.h>

#include <secp256k1.h>
#include <secp256k1_preallocated.h>
#include <secp256k1_recovery.h>

/* What is called there, each by its own name. */
#define LIBSECP256K1_CALLS(X)                                                                      \
    X(secp256k1_context_preallocated_size)                                                         \
    X(secp256k1_context_preallocated_create)                                                       \
    X(secp256k1_context_randomize)                                                                 \
    X(secp256k1_ec_pubkey_create)                                                                  \
    X(secp256k1_ec_pubkey_serialize)                                                               \
    X(secp256k1_ecdsa_sign_recoverable)                                                            \
    X(secp256k1_ecdsa_recoverable_signature_serialize_compact)                                     \
    X(secp256k1_ecdsa_recoverable_signature_parse_compact)                                         \
    X(secp256k1_ecdsa_recover)

struct libsecp256k1 {
#define LIBSECP256K1_POINTER(call) __typeof__(&call) call;
    LIBSECP256K1_CALLS(LIBSECP256K1_POINTER)
#undef LIBSECP256K1_POINTER
};

/* Opens it; it then stays. False, and *out is unchanged, if it or one of the calls is missing. */
bool libsecp256k1_open(struct libsecp256k1 *out);

#endif
