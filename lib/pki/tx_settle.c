/* What a journal tells of transactions, against what has become of them. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <nectar/error.h>
#include <nectar/text.h>

#include "base/log.h"
#include "base/time.h"
#include "pki/tx.h"
#include "pki/tx_flow.h"

enum { DOUBTS = 5 };

/* An endpoint may tell of a nonce that is taken before it tells of the transaction. */
#define DOUBT_STEP TIME_MS(200)

static void tell(const struct tx_session *session, const struct nonce_entry *entry,
                 const char *what)
{
    char hash[2 * NECTAR_HASH_BYTES + 1];

    nectar_hex_encode(hash, entry->tx.hash, NECTAR_HASH_BYTES);
    log_line(session->driver->log, NECTAR_LOG_STAGE, "transaction 0x%s, nonce %" PRIu64 ": %s",
             hash, entry->nonce, what);
}

/* Leaves an entry out, on the disk and here. */
static int forget(struct nonce_journal *journal, struct tx_fate *fates, size_t i)
{
    struct nonce_entry *entry = &journal->entries[i];
    int error = nonce_forget(journal, entry->nonce, entry->tx.hash);

    nectar_tx_wipe(&entry->tx);
    journal->count--;
    memmove(entry, entry + 1, (journal->count - i) * sizeof *entry);
    memmove(&fates[i], &fates[i + 1], (journal->count - i) * sizeof *fates);
    return error;
}

/* Its nonce is taken, and it is in no block: by another, unless the endpoint lags. */
static bool is_in_doubt(const struct nonce_journal *journal, const struct tx_fate *fates,
                        const struct tx_ground *ground)
{
    for (size_t i = 0; i < journal->count; i++)
        if (fates[i].is == TX_UNHEARD && !journal->entries[i].damaged &&
            journal->entries[i].nonce < ground->settled)
            return true;
    return false;
}

static int ask_fates(struct tx_session *session, const struct nonce_journal *journal,
                     struct tx_fate *fates, struct tx_ground *ground, const uint8_t *from)
{
    int error = plan_ground(ground, fates, session, from, journal);

    for (int i = 0; i < DOUBTS && !error && is_in_doubt(journal, fates, ground); i++) {
        time_sleep(DOUBT_STEP);
        error = plan_ground(ground, fates, session, from, journal);
    }
    return error;
}

/* What can never be in a block any more, and files of which nothing can be told. */
static int drop_past(struct tx_session *session, struct nonce_journal *journal,
                     struct tx_fate *fates, const struct tx_ground *ground)
{
    int error = 0;

    for (size_t i = journal->count; i > 0 && !error; i--) {
        const struct nonce_entry *entry = &journal->entries[i - 1];

        if (fates[i - 1].is == TX_REVERTED) {
            tell(session, entry, "it failed");
            error = forget(journal, fates, i - 1);
        } else if (entry->nonce < ground->settled &&
                   (entry->damaged || fates[i - 1].is == TX_UNHEARD)) {
            tell(session, entry, entry->damaged ? "damaged" : "another took its nonce");
            error = forget(journal, fates, i - 1);
        } else if (entry->damaged) {
            pki_reason(session->answer, session->driver,
                       "the journal is damaged: nonce %" PRIu64 " in %s", entry->nonce,
                       journal->folder);
            error = NECTAR_EFORMAT;
        }
    }
    return error;
}

/* Sends what the endpoint has not heard of: the very same bytes. What it will not take is dropped.
 */
static int send_unheard(struct tx_session *session, struct nonce_journal *journal,
                        struct tx_fate *fates)
{
    int error = 0;

    for (size_t i = 0; i < journal->count && !error;) {
        struct tx_item item = {.stage = TX_PLANNED};

        if (fates[i].is != TX_UNHEARD) {
            i++;
            continue;
        }
        tell(session, &journal->entries[i], "never received; it is sent");
        error = tx_copy(&item.tx, &journal->entries[i].tx);
        if (!error)
            error = send_items(session, &item, 1);
        if (!error && item.stage == TX_SETTLED) {
            tell(session, &journal->entries[i], item.result.reason);
            error = forget(journal, fates, i);
        } else if (!error) {
            fates[i++].is = TX_WAITS;
        }
        item_wipe(&item);
    }
    return error;
}

int settle_journal(struct tx_session *session, struct nonce_journal *journal,
                   struct tx_fate **fates, struct tx_ground *ground,
                   const uint8_t from[NECTAR_ACCOUNT_BYTES])
{
    struct tx_fate *out = calloc(journal->count + 1, sizeof *out);
    int error = out ? 0 : NECTAR_ENOMEM;

    if (!error)
        error = ask_fates(session, journal, out, ground, from);
    if (!error)
        error = drop_past(session, journal, out, ground);
    if (!error)
        error = send_unheard(session, journal, out);
    if (error)
        free(out);
    else
        *fates = out;
    return error;
}
