/*
 * The Ethereum key that owns names on a chain, and pays: of --eth-key or --eth-key-fd, else of the
 * setting. Never from the command line itself.
 */
#ifndef SHARED_ETHKEY_H
#define SHARED_ETHKEY_H

#include <nectar/account.h>

#include "shared/cli.h"

extern const struct cli_option ethkey_options[];

/* Is a key given, in whatever way? */
bool ethkey_given(void);

/* Loads it, asking for the passphrase if it is sealed. Returns 0 or an exit status, already
 * reported: EXIT_USAGE if none is given. */
int ethkey_load(struct nectar_account **out);

/*
 * An address alone: that of from or, where from is NULL, the key's. The passphrase of a keystore is
 * asked for only if its address is not noted in it. Returns 0 or an exit status, already reported.
 */
int ethkey_address(uint8_t out[NECTAR_ACCOUNT_BYTES], const char *from);

/* The passphrase of a key to be sealed, and: does one come from an option? */
int ethkey_choose_passphrase(char **out, const char *what);
bool ethkey_passphrase_given(void);

/* Reports why a key file cannot be used. */
int ethkey_report(int error, const char *path);

#endif
