#include "pki/tx_session.h"

#include <string.h>

#include <nectar/error.h>

#include "base/time.h"
#include "pki/list.h"
#include "pki/tx_ask.h"

enum { CONFIRMATIONS = 3 };

#define TIMEOUT TIME_S(120)

/* What developers' nodes call their chains: anvil and hardhat, ganache and geth --dev. */
static const uint64_t TEST_CHAINS[] = {31337, 1337};

bool session_is_test(const struct tx_session *session)
{
    uint64_t chain = session_chain(session)->id;

    for (size_t i = 0; i < sizeof TEST_CHAINS / sizeof TEST_CHAINS[0]; i++)
        if (chain == TEST_CHAINS[i])
            return true;
    return false;
}

uint64_t session_left(const struct tx_session *session)
{
    uint64_t now = time_now();

    return now < session->deadline ? session->deadline - now : 0;
}

int session_begin(struct tx_session *out, struct nectar_registry *registry,
                  const struct nectar_tx_terms *terms, struct nectar_answer *answer,
                  struct nectar_answer *unasked)
{
    struct pki_driver *driver = pki_list_driver(registry, 0);

    memset(out, 0, sizeof *out);
    out->driver = driver;
    out->contracts = driver->kind->contracts;
    out->terms = terms;
    out->answer = answer ? answer : unasked;
    out->deadline = time_after(time_now(), terms->timeout ? terms->timeout : TIMEOUT);
    memset(out->answer, 0, sizeof *out->answer);
    snprintf(out->answer->source, sizeof out->answer->source, "%s", driver->label);
    if (out->contracts)
        return 0;
    pki_reason(out->answer, driver, "no transaction changes a %s registry", driver->kind->scheme);
    return NECTAR_EREADONLY;
}

struct chain *session_chain(const struct tx_session *session)
{
    return (struct chain *)session->driver;
}

int session_has_contract(const struct tx_session *session)
{
    if (session_chain(session)->uri.has_contract)
        return 0;
    pki_reason(session->answer, session->driver, "the URI names no contract: add ?contract=0x...");
    return NECTAR_EUNREACHABLE;
}

int session_meet(struct tx_session *session)
{
    struct chain_batch ask;
    size_t first;
    int error;

    ask_begin(&ask, session);
    first = ask_block(&ask, 0);
    error = ask_post(&ask, session);
    if (!error && ask_field_hash(session->genesis, jsonrpc_result(&ask.reply, first), "hash") != 0)
        error = chain_refused(&ask, first, "eth_getBlockByNumber", session->answer);
    chain_end(&ask);
    /* Whether a name is one of this registry is told by its TLD. */
    if (!error && !session->driver->tld[0] && session_chain(session)->uri.has_contract)
        error = session->driver->kind->ask_tld(session->driver, session->answer);
    session->confirmations = session->terms->confirmations;
    if (session->confirmations == 0)
        session->confirmations = session_is_test(session) ? 1 : CONFIRMATIONS;
    return error;
}
