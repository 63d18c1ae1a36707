#include "crypto/libsecp256k1.h"

#include <dlfcn.h>
#include <string.h>

bool libsecp256k1_open(struct libsecp256k1 *out)
{
    /* The name is the Makefile's. */
    void *library = dlopen(LIBSECP256K1_NAME, RTLD_NOW | RTLD_LOCAL);
    struct libsecp256k1 calls;
    void *found;

    if (!library)
        return false;
/* Copied as bytes: ISO C knows no way from an object pointer to a function pointer. */
#define FIND(call)                                                                                 \
    found = dlsym(library, #call);                                                                 \
    if (!found) {                                                                                  \
        dlclose(library);                                                                          \
        return false;                                                                              \
    }                                                                                              \
    memcpy(&calls.call, &found, sizeof found);
    LIBSECP256K1_CALLS(FIND)
#undef FIND
    *out = calls;
    return true;
}
