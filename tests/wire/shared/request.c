#include "wire/shared/request.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/view.h"

enum { REQUEST_MAX = 2048, NAMES_SIZE = 2 * NECTAR_NAME_MAX + 1 };

void request_sign(uint8_t *signature, const char *source, const char *target)
{
    struct nectar_key *key = side_key(source);
    char names[NAMES_SIZE];

    snprintf(names, sizeof names, "%s%s", target, REQUEST_ROUTER);
    nectar_key_sign(signature, key, names, strlen(names));
    nectar_key_free(key);
}

bool request_signed_by(const uint8_t *signature, const char *source, const char *target)
{
    struct nectar_key *key = side_key(source);
    char names[NAMES_SIZE];
    bool valid;

    snprintf(names, sizeof names, "%s%s", target, REQUEST_ROUTER);
    valid = nectar_key_verify(signature, nectar_key_public(key), names, strlen(names));
    nectar_key_free(key);
    return valid;
}

struct msg_routing request_to_bob(uint8_t *signature)
{
    request_sign(signature, SIDE_ALICE, SIDE_BOB);
    return (struct msg_routing){.version = 1,
                                .source = view_of_text(SIDE_ALICE),
                                .signature = {signature, NECTAR_SIGNATURE_BYTES},
                                .target = view_of_text(SIDE_BOB)};
}

struct bytes request_encode(const struct msg_routing *request)
{
    struct bytes out;

    bytes_init(&out, REQUEST_MAX);
    assert_int_equal(msg_routing_encode(&out, request), 0);
    return out;
}

struct bytes request_honest(void)
{
    uint8_t signature[NECTAR_SIGNATURE_BYTES];
    struct msg_routing request = request_to_bob(signature);

    return request_encode(&request);
}
