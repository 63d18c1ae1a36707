#include "shared/identity.h"

#include <stdlib.h>
#include <string.h>

#include <nectar/error.h>

#include "shared/exit.h"
#include "shared/pki.h"
#include "shared/report.h"
#include "shared/text.h"

static int complain(const char *name, const char *what)
{
    char *hint = text_format("publish it: nectar-net publish-tx -n %s "
                             "(--ws HOST:PORT | --routers A,B | --no-route)",
                             name);
    int status =
        report(&(struct report){.exit = EXIT_KEY, .subject = name, .reason = what, .hint = hint});
    free(hint);
    return status;
}

static bool is_ours(const struct nectar_record *record,
                    const uint8_t public_key[NECTAR_PUBLIC_BYTES])
{
    return record->has_key && memcmp(record->key, public_key, NECTAR_PUBLIC_BYTES) == 0;
}

int identity_check(struct nectar_record *out, struct nectar_registry *registry, const char *name,
                   const uint8_t public_key[NECTAR_PUBLIC_BYTES], bool serves, bool unpublished_ok)
{
    struct nectar_answer answer = {.source = ""};
    memset(out, 0, sizeof *out);
    int error = nectar_registry_lookup(registry, name, serves, out, &answer);
    if (!error && answer.cached && !is_ours(out, public_key))
        error = nectar_registry_lookup(registry, name, true, out, &answer);
    /* What we said ourselves may be gone by where nobody answers. */
    if (error == NECTAR_EUNREACHABLE && nectar_registry_recall(registry, name, out, NULL)) {
        report_note("%s; our own record is taken from the cache", answer.reason);
        error = 0;
    }
    if (error == NECTAR_EUNKNOWN && unpublished_ok)
        return 0;
    if (error == NECTAR_EUNKNOWN)
        return complain(name, "our own name is not in the registry");
    if (error)
        return pki_report(error, name, &answer, NULL);
    if (!out->has_key)
        return complain(name, "our own name has no key in the registry");
    if (!is_ours(out, public_key))
        return complain(name, "our own name has another key in the registry");
    return 0;
}
