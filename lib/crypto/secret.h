/* Memory for secrets that live long, by libsodium: locked, left out of core files, wiped when
 * freed, between pages that fault. */
#ifndef CRYPTO_SECRET_H
#define CRYPTO_SECRET_H

#include <stddef.h>

/* size bytes of zeroes, aligned for any object, or NULL. Where the system refuses to lock any
 * more memory, it comes unlocked. */
void *secret_new(size_t size);

/* Wipes and frees; NULL is allowed. */
void secret_free(void *secret);

#endif
