/* What contracts are asked, and answer, told to people: for struct pki_contracts (pki/change.h). */
#ifndef PKI_TOLD_H
#define PKI_TOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nectar/view.h>

#include "codec/json.h"

/* An error of a contract. It has one argument at most: an address, bytes1, a string or uint256. */
struct told_error {
    uint32_t selector;
    const char *signature; /* "NotOwner(address)" */
};

/* Names what a call reverted with, "NotOwner(0x...)", into size bytes; false if it is none of
 * these. */
bool told_error(char *out, size_t size, struct nectar_view error, const struct told_error *errors,
                size_t count);

/* A call: begun with the function's name; then come its arguments as members. Returns the writer's
 * error. */
void told_call(struct json_writer *w, const char *function);
int told_call_end(struct json_writer *w);

/* An address as a member, or an argument. */
void told_address(struct json_writer *w, const char *key, const uint8_t *address);

#endif
