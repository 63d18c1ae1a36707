/* libcurl, opened when it is first needed: linking it costs every process more than it takes to
 * start. */
#ifndef NET_LIBCURL_H
#define NET_LIBCURL_H

#define CURL_DISABLE_TYPECHECK /* its macros would take our members for its functions */
#include <curl/curl.h>

/* What is called there, each by its own name. */
#define LIBCURL_CALLS(X)                                                                           \
    X(curl_global_init)                                                                            \
    X(curl_slist_append)                                                                           \
    X(curl_slist_free_all)                                                                         \
    X(curl_easy_init)                                                                              \
    X(curl_easy_cleanup)                                                                           \
    X(curl_easy_perform)                                                                           \
    X(curl_easy_setopt)                                                                            \
    X(curl_easy_getinfo)                                                                           \
    X(curl_easy_strerror)                                                                          \
    X(curl_multi_init)                                                                             \
    X(curl_multi_cleanup)                                                                          \
    X(curl_multi_setopt)                                                                           \
    X(curl_multi_add_handle)                                                                       \
    X(curl_multi_remove_handle)                                                                    \
    X(curl_multi_perform)                                                                          \
    X(curl_multi_poll)                                                                             \
    X(curl_multi_info_read)

struct libcurl {
#define LIBCURL_POINTER(call) __typeof__(&call) call;
    LIBCURL_CALLS(LIBCURL_POINTER)
#undef LIBCURL_POINTER
};

/* Opens it, once for all threads; it then stays. NULL if it or one of the calls is missing. */
const struct libcurl *libcurl_get(void);

#endif
