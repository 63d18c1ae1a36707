/* libsodium's start-up, which picks the fastest code for this processor. */
#ifndef CRYPTO_SODIUM_H
#define CRYPTO_SODIUM_H

/*
 * Called by every function of this folder that uses libsodium; costs next to nothing but for the
 * first time. Safe from any thread.
 */
void sodium_ready(void);

#endif
