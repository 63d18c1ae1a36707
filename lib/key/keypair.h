/* What a key is made of. */
#ifndef KEY_KEYPAIR_H
#define KEY_KEYPAIR_H

#include <nectar/identity.h>
#include <nectar/key.h>

#include "crypto/ed25519.h"

struct nectar_key {
    struct ed25519_key pair;
    char name[NECTAR_NAME_MAX + 1]; /* empty if there is none */
};

#endif
