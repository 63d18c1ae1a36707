/*
 * libcrypto, opened when it is first needed: linking it costs every process most of a millisecond,
 * and only large messages have a use for it. Where it is missing, libsodium does them.
 */
#ifndef CRYPTO_LIBCRYPTO_H
#define CRYPTO_LIBCRYPTO_H

#include <stdbool.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

/* What is called there, each by its own name. */
#define LIBCRYPTO_CALLS(X)                                                                         \
    X(OSSL_LIB_CTX_new)                                                                            \
    X(OSSL_LIB_CTX_free)                                                                           \
    X(EVP_CIPHER_fetch)                                                                            \
    X(EVP_CIPHER_CTX_new)                                                                          \
    X(EVP_CIPHER_CTX_free)                                                                         \
    X(EVP_CIPHER_CTX_ctrl)                                                                         \
    X(EVP_CipherInit_ex)                                                                           \
    X(EVP_CipherUpdate)                                                                            \
    X(EVP_CipherFinal_ex)

struct libcrypto {
#define LIBCRYPTO_POINTER(call) __typeof__(&call) call;
    LIBCRYPTO_CALLS(LIBCRYPTO_POINTER)
#undef LIBCRYPTO_POINTER
};

/* Opens it; it then stays. False, and *out is unchanged, if it or one of the calls is missing. */
bool libcrypto_open(struct libcrypto *out);

#endif
