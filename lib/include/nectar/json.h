/*
 * Reading a line of JSON: one object, strictly by RFC 8259. What programs take from other programs
 * is small, so nothing is copied and no memory is taken: what is read borrows from the text.
 *
 * Refused are also, since readers disagree on them: the same name twice in an object, unpaired
 * surrogates, nesting over 32, and text over NECTAR_JSON_MAX.
 */
#ifndef NECTAR_JSON_H
#define NECTAR_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nectar/export.h>
#include <nectar/view.h>

#ifdef __cplusplus
extern "C" {
#endif

#define NECTAR_JSON_MAX         (16 << 20) /* bytes of a text */
#define NECTAR_JSON_MEMBERS_MAX 32         /* of the object */

enum nectar_json_type {
    NECTAR_JSON_NULL,
    NECTAR_JSON_BOOL,
    NECTAR_JSON_NUMBER,
    NECTAR_JSON_TEXT,
    NECTAR_JSON_ARRAY,
    NECTAR_JSON_OBJECT,
};

struct nectar_json_value {
    enum nectar_json_type type;
    struct nectar_view raw; /* as it stands, quotes and brackets included */
};

struct nectar_json_member {
    struct nectar_view name; /* as it stands, quotes included */
    struct nectar_json_value value;
};

/* An object. Plain: nothing is to be freed. */
struct nectar_json {
    struct nectar_json_member members[NECTAR_JSON_MEMBERS_MAX];
    size_t count;
};

/*
 * Reads a text that holds one object and nothing else. What is in its arrays and objects is
 * checked; an inner object can be read in turn from its raw text, and only then is looked at for
 * names that occur twice. NECTAR_EFORMAT; NECTAR_ETOOBIG over a limit. *out is then empty.
 */
NECTAR_API int nectar_json_read(struct nectar_json *out, struct nectar_view text);

/* The member of that name; NULL if there is none. */
NECTAR_API const struct nectar_json_value *nectar_json_find(const struct nectar_json *object,
                                                            const char *name);

/*
 * The functions below take NULL for a value that is not there, and return NECTAR_EFORMAT for that
 * and for a value that is none of the kind.
 */

/*
 * The characters of a text, as UTF-8. They may hold NUL, and there is no NUL behind them. out has
 * room for value->raw.len bytes, or is where that itself stands, which is then overwritten.
 */
NECTAR_API int nectar_json_text(uint8_t *out, size_t *len, const struct nectar_json_value *value);

/* The bytes of a text in base64 (RFC 4648 with padding, and nothing else). out as above. */
NECTAR_API int nectar_json_base64(uint8_t *out, size_t *len, const struct nectar_json_value *value);

/* A whole number of 0 to max, written with digits alone, or that in a text: with 64 bits it is
 * always exact. */
NECTAR_API int nectar_json_uint(uint64_t *out, const struct nectar_json_value *value, uint64_t max);

NECTAR_API int nectar_json_bool(bool *out, const struct nectar_json_value *value);

#ifdef __cplusplus
}
#endif
#endif
