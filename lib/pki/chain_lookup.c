/* A lookup at one endpoint of a chain, whatever the kind of registry. */
#include <nectar/error.h>

#include "pki/chain.h"

int chain_question_begin(struct chain_question *question, struct chain *chain, const char *name,
                         struct nectar_answer *answer)
{
    *question = (struct chain_question){.name = name};
    chain_begin(&question->batch, chain, CHAIN_REPLY_MAX);
    return chain->base.kind->parts->ask(question, answer);
}

int chain_question_take(struct chain_question *question, const struct pki_exchange *exchange,
                        struct nectar_record *out, struct nectar_answer *answer)
{
    int error = chain_take(&question->batch, exchange, answer);

    return error ? error : question->batch.chain->base.kind->parts->read(question, out, answer);
}

void chain_question_end(struct chain_question *question)
{
    chain_end(&question->batch);
}

static int ask_alone(struct chain *chain, const char *name, struct nectar_record *out,
                     struct nectar_answer *answer)
{
    struct chain_question question;
    int error = chain_question_begin(&question, chain, name, answer);

    if (!error)
        error = chain_send(&question.batch, answer);
    if (!error)
        error = chain->base.kind->parts->read(&question, out, answer);
    chain_question_end(&question);
    return error;
}

int chain_lookup(struct pki_driver *driver, const char *name, bool fresh, struct nectar_record *out,
                 struct nectar_answer *answer)
{
    (void)fresh; /* always is */
    return ask_alone((struct chain *)driver, name, out, answer);
}

int chain_ask_tld(struct pki_driver *driver, struct nectar_answer *answer)
{
    return ask_alone((struct chain *)driver, NULL, NULL, answer);
}
