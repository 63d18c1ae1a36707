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

int identity_check(struct nectar_record *out, struct nectar_registry *registry, const char *name,
                   const uint8_t public_key[NECTAR_PUBLIC_BYTES], bool unpublished_ok)
{
    struct nectar_answer answer = {.source = ""};
    memset(out, 0, sizeof *out);
    int error = nectar_registry_lookup(registry, name, true, out, &answer);
    if (error == NECTAR_EUNKNOWN && unpublished_ok)
        return 0;
    if (error == NECTAR_EUNKNOWN)
        return complain(name, "our own name is not in the registry");
    if (error)
        return pki_report(error, name, &answer, NULL);
    if (!out->has_key)
        return complain(name, "our own name has no key in the registry");
    if (memcmp(out->key, public_key, NECTAR_PUBLIC_BYTES) != 0)
        return complain(name, "our own name has another key in the registry");
    return 0;
}
