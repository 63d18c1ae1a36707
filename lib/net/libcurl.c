#include "net/libcurl.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/library.h"

static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct libcurl curl;
static bool is_there;

static void open_once(void)
{
    void *library = library_open("libcurl.so.4");
    bool whole = library != NULL;

#define FIND(call) whole = whole && library_find(&curl.call, sizeof curl.call, library, #call);
    LIBCURL_CALLS(FIND)
#undef FIND
    is_there = whole && curl.curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
    if (library && !is_there)
        library_close(library);
}

const struct libcurl *libcurl_get(void)
{
    pthread_once(&once, open_once);
    return is_there ? &curl : NULL;
}
