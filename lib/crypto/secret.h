/* Memory for secrets that live long, by libsodium: locked, left out of core files, wiped when
 * freed, between pages that fault. */
#ifndef CRYPTO_SECRET_H
#define CRYPTO_SECRET_H

#include <stdbool.h>
#include <stddef.h>

/* size bytes of zeroes, aligned for any object, or NULL. Where the system refuses to lock any
 * more memory, it comes unlocked. */
void *secret_new(size_t size);

/* Wipes and frees; NULL is allowed. */
void secret_free(void *secret);

/* Are these n bytes the same? Takes as long whatever they are. */
bool secret_equal(const void *a, const void *b, size_t n);

#endif
