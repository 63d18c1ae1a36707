#include "crypto/libcrypto.h"

#include "base/library.h"

#define TEXT_OF(value) #value
#define TEXT(value)    TEXT_OF(value)

/* The one whose headers we were compiled with. */
static const char NAME[] = "libcrypto.so." TEXT(OPENSSL_SHLIB_VERSION);

bool libcrypto_open(struct libcrypto *out)
{
    void *library = library_open(NAME);
    struct libcrypto calls;
    bool whole = true;

    if (!library)
        return false;
#define FIND(call) whole = whole && library_find(&calls.call, sizeof calls.call, library, #call);
    LIBCRYPTO_CALLS(FIND)
#undef FIND
    if (whole)
        *out = calls;
    else
        library_close(library);
    return whole;
}
