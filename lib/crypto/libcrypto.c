#include "crypto/libcrypto.h"

#include <dlfcn.h>
#include <string.h>

#define TEXT_OF(value) #value
#define TEXT(value)    TEXT_OF(value)

/* The one whose headers we were compiled with. */
static const char NAME[] = "libcrypto.so." TEXT(OPENSSL_SHLIB_VERSION);

bool libcrypto_open(struct libcrypto *out)
{
    void *library = dlopen(NAME, RTLD_NOW | RTLD_LOCAL);
    struct libcrypto calls;
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
    LIBCRYPTO_CALLS(FIND)
#undef FIND
    *out = calls;
    return true;
}
