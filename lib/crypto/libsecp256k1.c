#include "crypto/libsecp256k1.h"

#include "base/library.h"

bool libsecp256k1_open(struct libsecp256k1 *out)
{
    /* The name is the Makefile's. */
    void *library = library_open(LIBSECP256K1_NAME);
    struct libsecp256k1 calls;
    bool whole = true;

    if (!library)
        return false;
#define FIND(call) whole = whole && library_find(&calls.call, sizeof calls.call, library, #call);
    LIBSECP256K1_CALLS(FIND)
#undef FIND
    if (whole)
        *out = calls;
    else
        library_close(library);
    return whole;
}
