#include "pki/name.h"

#include <string.h>

#include <nectar/error.h>
#include <nectar/text.h>

static bool is_label_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
}

int nectar_name_check(const char *name)
{
    size_t label = 0;
    size_t i;

    for (i = 0; name[i]; i++) {
        if (i >= NECTAR_NAME_MAX)
            return NECTAR_ENAME;
        if (name[i] == '.') {
            if (label == 0)
                return NECTAR_ENAME;
            label = 0;
        } else if (!is_label_byte(name[i]) || ++label > NECTAR_LABEL_MAX) {
            return NECTAR_ENAME;
        }
    }
    return label > 0 ? 0 : NECTAR_ENAME;
}

int name_check_full(const char *name)
{
    return strchr(name, '.') ? nectar_name_check(name) : NECTAR_ENAME;
}

int name_complete(char out[NECTAR_NAME_MAX + 1], const char *name, const char *tld)
{
    char full[NECTAR_NAME_MAX + 1];
    bool is_full = strchr(name, '.') != NULL;
    size_t len = strlen(name), rest = !is_full && tld ? 1 + strlen(tld) : 0;

    if ((!is_full && !tld) || len >= sizeof full || rest >= sizeof full - len)
        return NECTAR_ENAME;
    memcpy(full, name, len);
    if (rest > 0) {
        full[len] = '.';
        memcpy(full + len + 1, tld, rest - 1);
    }
    full[len + rest] = '\0';
    if (nectar_name_check(full) != 0)
        return NECTAR_ENAME;
    memcpy(out, full, len + rest + 1);
    return 0;
}

void name_of_hash(char out[NAME_HASH_SIZE], const uint8_t hash[NAME_HASH_BYTES])
{
    memcpy(out, "0x", 2);
    nectar_hex_encode(out + 2, hash, NAME_HASH_BYTES);
}

bool name_read_hash(uint8_t out[NAME_HASH_BYTES], const char *name)
{
    uint8_t hash[NAME_HASH_BYTES];

    if (name[0] != '0' || name[1] != 'x' || strpbrk(name, "ABCDEF") ||
        nectar_hex_decode(hash, sizeof hash, name + 2) != 0)
        return false;
    memcpy(out, hash, sizeof hash);
    return true;
}

int name_check_router(const char *name)
{
    uint8_t hash[NAME_HASH_BYTES];

    return name_read_hash(hash, name) ? 0 : name_check_full(name);
}

size_t name_without_tld(const char *name)
{
    const char *dot = strrchr(name, '.');

    return dot ? (size_t)(dot - name) : strlen(name);
}
