#include "pki/driver.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nectar/error.h>
#include <nectar/text.h>

#include "base/view.h"

enum { LABEL_PATH = 120, REASON_RAW = 1024, PATH_LONGEST = 4095 };

/* Escapes text into out, cut to fit: before a character that does not fit whole. */
static void copy_printable(char *out, size_t size, const char *text)
{
    char escaped[NECTAR_ESCAPE_SIZE(REASON_RAW)];
    struct nectar_view view = view_of_text(text);
    size_t len;

    if (view.len > REASON_RAW)
        view.len = REASON_RAW;
    len = nectar_escape(escaped, view, false);
    if (len >= size)
        len = size - 1;
    while (len > 0 && ((uint8_t)escaped[len] & 0xc0) == 0x80)
        len--;
    memcpy(out, escaped, len);
    out[len] = '\0';
}

void pki_reason(struct nectar_answer *answer, const struct pki_driver *driver, const char *format,
                ...)
{
    char raw[REASON_RAW];
    char why[NECTAR_REASON_MAX + 1];
    va_list values;

    va_start(values, format);
    vsnprintf(raw, sizeof raw, format, values);
    va_end(values);
    copy_printable(why, sizeof why, raw);
    /* The label is printable already, and short enough to leave room for the reason. */
    snprintf(raw, sizeof raw, "%s: %s", driver->label, why);
    raw[NECTAR_REASON_MAX] = '\0';
    memcpy(answer->reason, raw, strlen(raw) + 1);
}

/* "sqlite:PATH"; of a long path its end, which tells more than its beginning. */
static void set_label(struct pki_driver *driver, const char *path)
{
    char raw[LABEL_PATH + 32];
    size_t len = strlen(path);

    if (len > LABEL_PATH)
        snprintf(raw, sizeof raw, "%s:...%s", driver->kind->scheme, path + len - LABEL_PATH);
    else
        snprintf(raw, sizeof raw, "%s:%s", driver->kind->scheme, path);
    copy_printable(driver->label, sizeof driver->label, raw);
}

static int read_query(struct pki_driver *driver, const char *query,
                      char reason[NECTAR_REASON_MAX + 1])
{
    static const char TLD[] = "tld=";
    const char *tld = query + sizeof TLD - 1;

    if (strncmp(query, TLD, sizeof TLD - 1) != 0) {
        snprintf(reason, NECTAR_REASON_MAX + 1, "a registry's file takes no parameter but ?tld=");
        return NECTAR_EURI;
    }
    if (nectar_name_check(tld) != 0 || strchr(tld, '.')) {
        snprintf(reason, NECTAR_REASON_MAX + 1, "not a TLD in ?tld=");
        return NECTAR_EURI;
    }
    snprintf(driver->tld, sizeof driver->tld, "%s", tld);
    return 0;
}

int pki_file_uri(char **path, struct pki_driver *driver, const char *rest,
                 char reason[NECTAR_REASON_MAX + 1])
{
    size_t path_len = strcspn(rest, "?");
    char *copy;

    snprintf(driver->tld, sizeof driver->tld, PKI_DEFAULT_TLD);
    if (path_len == 0 || path_len > PATH_LONGEST) {
        snprintf(reason, NECTAR_REASON_MAX + 1,
                 path_len ? "the path is too long" : "no path behind the colon");
        return NECTAR_EURI;
    }
    if (rest[path_len] && read_query(driver, rest + path_len + 1, reason) != 0)
        return NECTAR_EURI;
    copy = strndup(rest, path_len);
    if (!copy)
        return NECTAR_ENOMEM;
    set_label(driver, copy);
    *path = copy;
    return 0;
}
