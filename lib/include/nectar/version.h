/* The version of the library. */
#ifndef NECTAR_VERSION_H
#define NECTAR_VERSION_H

#include <nectar/export.h>

#ifdef __cplusplus
extern "C" {
#endif

#define NECTAR_VERSION          "0.1.0"
#define NECTAR_PROTOCOL_VERSION 1

/* The version of the library that runs, which may be newer than the NECTAR_VERSION a program was
 * compiled with. Static storage. */
NECTAR_API const char *nectar_version(void);

#ifdef __cplusplus
}
#endif
#endif
