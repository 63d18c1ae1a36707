/* Records in the founding document's shape, as a value within a JSON text. */
#ifndef PKI_RECORD_JSON_H
#define PKI_RECORD_JSON_H

#include <nectar/identity.h>

#include "codec/json.h"

/*
 * Reads an object. key: the full name that it stands under in a map, or NULL; "name" and
 * "username", where given, must agree with it. tld: what bare names take, NULL refuses them.
 * NECTAR_EFORMAT, NECTAR_ENAME, NECTAR_EADDRESS; *out is untouched on error.
 */
int record_from_json(struct nectar_record *out, const struct json *object, const char *key,
                     const char *tld);

#endif
