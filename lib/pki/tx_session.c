#include "pki/tx_session.h"

#include <string.h>

#include <nectar/error.h>

#include "base/text.h"
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
    struct pki_driver *driver;

    memset(out, 0, sizeof *out);
    turns_begin(&out->turns, registry, 0);
    driver = turns_driver(&out->turns);
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

/* What is known of one endpoint holds for all of the same registry. */
void session_move(struct tx_session *session, size_t at)
{
    struct pki_driver *from = session->driver;
    struct pki_driver *to = session->turns.drivers[at];

    if (((struct chain *)to)->id == 0)
        ((struct chain *)to)->id = ((struct chain *)from)->id;
    if (!to->tld[0])
        memcpy(to->tld, from->tld, sizeof to->tld);
    session->driver = to;
    session->at = at;
    text_copy(session->answer->source, sizeof session->answer->source, to->label);
}

struct chain *session_chain(const struct tx_session *session)
{
    return (struct chain *)session->driver;
}

int session_unsteady(struct tx_session *session)
{
    pki_reason(session->answer, session->driver, "no endpoint answers long enough to plan by it");
    return NECTAR_EUNREACHABLE;
}

int session_has_contract(const struct tx_session *session)
{
    if (session_chain(session)->uri.has_contract)
        return 0;
    pki_reason(session->answer, session->driver, "the URI names no contract: add ?contract=0x...");
    return NECTAR_EUNREACHABLE;
}

/* Which of all chains it is. */
static int ask_genesis(struct tx_session *session)
{
    struct chain_batch ask;
    size_t first;
    int error;

    ask_begin(&ask, session);
    first = ask_block(&ask, 0);
    error = ask_post(&ask, session, ASK_ALL);
    if (!error && ask_field_hash(session->genesis, jsonrpc_result(&ask.reply, first), "hash") != 0)
        error = chain_refused(&ask, first, "eth_getBlockByNumber", session->answer);
    chain_end(&ask);
    if (error)
        return error;
    session->has_genesis = true;
    session->met |= UINT64_C(1) << session->at;
    return 0;
}

/* Whether a name is one of this registry is told by its TLD. */
static int ask_tld(struct tx_session *session)
{
    struct chain_question question;
    int error = chain_question_begin(&question, session_chain(session), NULL, session->answer);

    if (!error)
        error = ask_post(&question.batch, session, ASK_ALL);
    if (!error)
        error = session->driver->kind->parts->read(&question, NULL, session->answer);
    chain_question_end(&question);
    return error;
}

int session_meet(struct tx_session *session)
{
    int error = ask_genesis(session);

    if (!error && !session->driver->tld[0] && session_chain(session)->uri.has_contract)
        error = ask_tld(session);
    session->confirmations = session->terms->confirmations;
    if (session->confirmations == 0)
        session->confirmations = session_is_test(session) ? 1 : CONFIRMATIONS;
    return error;
}
