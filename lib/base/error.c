#include <nectar/error.h>
#include <nectar/version.h>

#include <stddef.h>

static const struct {
    int number;
    const char *name;
    const char *text;
} ERRORS[] = {{NECTAR_OK, "NECTAR_OK", "ok"},
#define ROW(name, number, text) {(number), "NECTAR_" #name, text},
              NECTAR_ERRORS(ROW)
#undef ROW
};

enum { ERRORS_COUNT = sizeof ERRORS / sizeof ERRORS[0] };

const char *nectar_error_text(int error)
{
    for (size_t i = 0; i < ERRORS_COUNT; i++)
        if (ERRORS[i].number == error)
            return ERRORS[i].text;
    return "unknown error";
}

const char *nectar_error_name(int error)
{
    for (size_t i = 0; i < ERRORS_COUNT; i++)
        if (ERRORS[i].number == error)
            return ERRORS[i].name;
    return "NECTAR_UNKNOWN";
}

const char *nectar_version(void)
{
    return NECTAR_VERSION;
}
