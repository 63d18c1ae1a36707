/* How records of a Nectar registry are changed. */
#include <string.h>

#include <nectar/error.h>

#include "base/view.h"
#include "pki/chain.h"
#include "pki/change.h"
#include "pki/nectar_abi.h"
#include "pki/nectar_change.h"

static const struct chain *chain_of(const struct pki_driver *driver)
{
    return (const struct chain *)driver;
}

static int no_name(const struct pki_driver *driver, const char *name, struct nectar_answer *answer)
{
    pki_reason(answer, driver, "%s is no name of this registry: one label before %s", name,
               driver->tld[0] ? driver->tld : "its TLD");
    return NECTAR_ENAME;
}

static int ask(struct pki_driver *driver, struct pki_call *out, const char *name)
{
    struct nectar_view username;
    int error = nectar_abi_username(&username, name, driver->tld);

    memcpy(out->to, chain_of(driver)->uri.contract, sizeof out->to);
    return error ? error : nectar_abi_record(&out->data, username);
}

static int read_standing(struct pki_driver *driver, struct pki_standing *out, const char *name,
                         struct nectar_view reply)
{
    static const uint8_t NOBODY[NECTAR_ACCOUNT_BYTES] = {0};
    int error;

    memset(out, 0, sizeof *out);
    error = nectar_abi_read_record(&out->record, out->owner, name, driver->tld, reply);
    out->exists = memcmp(out->owner, NOBODY, sizeof NOBODY) != 0;
    /* What is not well formed can still be replaced. */
    return out->exists ? 0 : error;
}

/* Would the record be the wanted one, if only its key were changed? */
static bool only_key_differs(const struct nectar_record *now, const struct nectar_record *wanted)
{
    struct nectar_record changed = *now;

    changed.has_key = wanted->has_key;
    memcpy(changed.key, wanted->key, sizeof changed.key);
    return nectar_record_equal(&changed, wanted);
}

static int change(struct pki_driver *driver, struct pki_call *out, const struct pki_wish *wish,
                  const struct pki_standing *standing, struct nectar_answer *answer)
{
    static const uint8_t NO_KEY[NECTAR_PUBLIC_BYTES] = {0};
    char owner[NECTAR_ACCOUNT_TEXT_SIZE];
    struct nectar_view username;
    const struct nectar_record *after = wish->after;
    bool exists = standing && standing->exists;
    int error = nectar_abi_username(&username, after->name, driver->tld);

    if (error)
        return no_name(driver, after->name, answer);
    if (exists && nectar_record_equal(&standing->record, after))
        return 0;
    memcpy(out->to, chain_of(driver)->uri.contract, sizeof out->to);
    if (exists && memcmp(standing->owner, wish->from, sizeof standing->owner) != 0) {
        nectar_account_format(owner, standing->owner);
        pki_reason(answer, driver, "%s belongs to %s", after->name, owner);
        return NECTAR_EREJECTED;
    }
    if (exists && only_key_differs(&standing->record, after))
        return nectar_abi_set_key(&out->data, username, after->has_key ? after->key : NO_KEY);
    error = nectar_abi_publish(&out->data, username, after, strchr(after->name, '.') + 1);
    if (error == NECTAR_EADDRESS)
        pki_reason(answer, driver, "%s: this registry has one host for both ports", after->name);
    return error;
}

const struct pki_contracts NECTAR_CONTRACTS = {
    .ask = ask,
    .read = read_standing,
    .change = change,
    .explain = nectar_abi_explain,
    .describe = nectar_abi_describe,
};
