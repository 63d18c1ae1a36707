#include "base/library.h"

#include <assert.h>
#include <dlfcn.h>
#include <string.h>

void *library_open(const char *name)
{
    return dlopen(name, RTLD_NOW | RTLD_LOCAL);
}

void library_close(void *library)
{
    dlclose(library);
}

/* Copied as bytes: ISO C knows no way from an object pointer to a function pointer. */
bool library_find(void *pointer, size_t size, void *library, const char *name)
{
    void *found = dlsym(library, name);

    assert(size == sizeof found);
    if (!found)
        return false;
    memcpy(pointer, &found, size);
    return true;
}
