#include "crypto/aead_large.h"

#include <pthread.h>
#include <string.h>
#if defined(__x86_64__) || defined(__i386__)
#include <immintrin.h>
#define HAVE_UPPER_HALVES 1
#endif

#include "base/mem.h"
#include "crypto/libcrypto.h"

/* Encrypting and authenticating are two passes over a slice: it should stay in the first cache. */
enum { SLICE = 8192 };

static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct libcrypto evp;
static EVP_CIPHER *cipher; /* NULL: libcrypto cannot give it; never freed */
static pthread_key_t leaver;
#ifdef HAVE_UPPER_HALVES
static bool has_upper_halves;
#endif

/* One for each thread, made when first needed and freed when the thread ends. */
static _Thread_local EVP_CIPHER_CTX *context;

static void free_context(void *of_the_thread)
{
    evp.EVP_CIPHER_CTX_free(of_the_thread);
}

static void fetch(void)
{
    /* A library context of our own: what the program or a configuration file makes of the default
     * one (other providers, other defaults) does not reach us, nor our use of it them. */
    OSSL_LIB_CTX *library = libcrypto_open(&evp) ? evp.OSSL_LIB_CTX_new() : NULL;

    if (!library)
        return;
    if (pthread_key_create(&leaver, free_context) != 0) {
        evp.OSSL_LIB_CTX_free(library);
        return;
    }
#ifdef HAVE_UPPER_HALVES
    has_upper_halves = __builtin_cpu_supports("avx");
#endif
    cipher = evp.EVP_CIPHER_fetch(library, "ChaCha20-Poly1305", NULL);
    if (!cipher)
        evp.OSSL_LIB_CTX_free(library);
}

/*
 * OpenSSL 3.0 leaves the upper halves of the vector registers dirty, which makes all SSE code that
 * runs afterwards three times slower.
 */
#ifdef HAVE_UPPER_HALVES
__attribute__((target("avx"), noinline)) static void zero_upper_halves(void)
{
    _mm256_zeroupper();
}
#endif

static bool tidied(int result)
{
#ifdef HAVE_UPPER_HALVES
    if (has_upper_halves)
        zero_upper_halves();
#endif
    return result == 1;
}

/* The thread's context, ready for a message; NULL if libcrypto cannot give one. */
static EVP_CIPHER_CTX *begin(const uint8_t key[AEAD_KEY_BYTES],
                             const uint8_t nonce[AEAD_NONCE_BYTES], int encrypting)
{
    pthread_once(&once, fetch);
    if (!cipher)
        return NULL;
    if (!context) {
        context = evp.EVP_CIPHER_CTX_new();
        if (!context || pthread_setspecific(leaver, context) != 0 ||
            !tidied(evp.EVP_CipherInit_ex(context, cipher, NULL, NULL, NULL, encrypting))) {
            (void)pthread_setspecific(leaver, NULL);
            evp.EVP_CIPHER_CTX_free(context);
            context = NULL;
            return NULL;
        }
    }
    return tidied(evp.EVP_CipherInit_ex(context, NULL, NULL, key, nonce, encrypting)) ? context
                                                                                      : NULL;
}

/* The context outlives the message: its key must not. */
static void forget(EVP_CIPHER_CTX *c)
{
    static const uint8_t zeros[AEAD_KEY_BYTES];

    (void)tidied(evp.EVP_CipherInit_ex(c, NULL, NULL, zeros, zeros, -1));
}

/* Associated data if out is NULL. */
static bool update(EVP_CIPHER_CTX *c, uint8_t *out, const uint8_t *in, size_t len)
{
    for (size_t at = 0; at < len; at += SLICE) {
        int slice = (int)(len - at < SLICE ? len - at : SLICE);
        int written;

        if (!tidied(evp.EVP_CipherUpdate(c, out ? out + at : NULL, &written, in + at, slice)))
            return false;
    }
    return true;
}

bool aead_large_seal(uint8_t *out, const uint8_t key[AEAD_KEY_BYTES],
                     const uint8_t nonce[AEAD_NONCE_BYTES], const uint8_t *ad, size_t ad_len,
                     const uint8_t *in, size_t len)
{
    EVP_CIPHER_CTX *c = begin(key, nonce, 1);
    int written;

    if (!c)
        return false;
    if (!update(c, NULL, ad, ad_len) || !update(c, out, in, len) ||
        !tidied(evp.EVP_CipherFinal_ex(c, out + len, &written)) ||
        !tidied(evp.EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, AEAD_TAG_BYTES, out + len))) {
        /* Out of step with itself, and in may be gone: send what nobody can open. */
        mem_wipe(out, len + AEAD_TAG_BYTES);
    }
    forget(c);
    return true;
}

enum aead_verdict aead_large_open(uint8_t *out, const uint8_t key[AEAD_KEY_BYTES],
                                  const uint8_t nonce[AEAD_NONCE_BYTES], const uint8_t *ad,
                                  size_t ad_len, const uint8_t *in, size_t len)
{
    EVP_CIPHER_CTX *c = begin(key, nonce, 0);
    size_t plain = len - AEAD_TAG_BYTES;
    enum aead_verdict verdict = AEAD_GENUINE;
    uint8_t tag[AEAD_TAG_BYTES];
    int written;

    if (!c)
        return AEAD_UNAVAILABLE;
    memcpy(tag, in + plain, sizeof tag);
    if (!tidied(evp.EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_TAG, AEAD_TAG_BYTES, tag)) ||
        !update(c, NULL, ad, ad_len) || !update(c, out, in, plain) ||
        !tidied(evp.EVP_CipherFinal_ex(c, out + plain, &written))) {
        mem_wipe(out, plain);
        verdict = AEAD_FORGED;
    }
    forget(c);
    return verdict;
}
