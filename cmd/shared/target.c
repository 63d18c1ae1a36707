#include "shared/target.h"

#include <stdlib.h>
#include <string.h>

#include "shared/cli.h"
#include "shared/pki.h"
#include "shared/text.h"

#define LETTERS "abcdefghijklmnopqrstuvwxyz0123456789-"

bool target_is_process(const char *text)
{
    size_t process = strspn(text, LETTERS);
    if (process == 0 || text[process] != ':')
        return false;
    const char *rest = text + process + 1;
    size_t package = strspn(rest, LETTERS);
    if (package == 0 || rest[package] != ':')
        return false;
    rest += package + 1;
    return *rest && strspn(rest, LETTERS ".") == strlen(rest);
}

int target_parse(struct target *out, struct nectar_registry *registry, const char *text)
{
    const char *at = strchr(text, '@');
    char *name = text_format("%.*s", at ? (int)(at - text) : (int)strlen(text), text);
    out->address = NULL;
    int status = 0;
    if (at && !target_is_process(at + 1))
        status = cli_usage_error("not NAME@PROCESS:PACKAGE:PUBLISHER: %s", text);
    if (!status)
        status = pki_full_name(out->name, registry, name);
    if (!status && at)
        out->address = text_format("%s@%s", out->name, at + 1);
    free(name);
    return status;
}

int target_parse_via(char *out, const struct target *target, struct nectar_registry *registry,
                     const char *text)
{
    *out = '\0';
    int status = text ? pki_full_name(out, registry, text) : 0;
    if (!status && strcmp(out, target->name) == 0)
        status = cli_usage_error("the router is the target itself: %s", out);
    return status;
}

void target_wipe(struct target *target)
{
    free(target->address);
    target->address = NULL;
}
