/*
 * scarce URI KEY-FILE STATE-FOLDER [STEP [URI]]: publishes on a chain while memory is refused, each
 * allocation of it once (or each STEPth), for a name each; and then again with memory. Whatever the
 * first time ended in, the second ends well. Prints how many names there are then, with a
 * transaction each if all is as it should be; "skipped" where memory cannot be refused. What
 * libcurl leaves when it is refused memory is its own.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nectar/error.h>
#include <nectar/transaction.h>

#include "unit/shared/scarce.h"

enum { ATTEMPTS_MAX = 20000, NO_MORE = 3 };

static const char *uris[2];
static size_t uri_count;
static struct nectar_account *account;
static struct nectar_tx_terms terms = {.timeout = 20000000};

static int publish(const struct nectar_record *record)
{
    struct nectar_registry *registry = NULL;
    struct nectar_answer answer;
    struct nectar_tx_told nobody = {NULL, NULL};
    int error = nectar_registry_open(&registry, uris, uri_count, NULL, NULL);

    if (!error)
        error = nectar_tx_publish(registry, account, record, 1, &terms, nobody, &answer);
    nectar_registry_free(registry);
    return error;
}

static bool is_expected(int error)
{
    return error == 0 || error == NECTAR_ENOMEM || error == NECTAR_EUNREACHABLE ||
           error == NECTAR_ETXPENDING || error == NECTAR_EIO || error == NECTAR_EINTERNAL;
}

static int fail(size_t attempt, const char *when, int error)
{
    printf("allocation %zu: %s: %s\n", attempt, when, nectar_error_text(error));
    return 1;
}

int main(int argc, char **argv)
{
    struct nectar_record record = {.has_key = true, .key = {7}};
    size_t names = 0;
    long step = argc > 4 ? strtol(argv[4], NULL, 10) : 1;

    if (argc < 4 || nectar_account_load(&account, argv[2], NULL) != 0)
        return 2;
    if (!SCARCE)
        return puts("skipped"), 0;
    uris[uri_count++] = argv[1];
    if (argc > 5)
        uris[uri_count++] = argv[5];
    terms.state = argv[3];
    /* What is taken once and kept is taken now. */
    snprintf(record.name, sizeof record.name, "plenty.nec");
    if (publish(&record) != 0)
        return fail(0, "with memory", NECTAR_EINTERNAL);
    for (int reached = 0; reached < NO_MORE && names < ATTEMPTS_MAX; names++) {
        int error;

        snprintf(record.name, sizeof record.name, "scarce-%zu.nec", names);
        scarce_begin((long)names * step + 1);
        error = publish(&record);
        scarce_end();
        /* How many there are differs a little from one to the next. */
        reached += scarce.fails_at > 0;
        if (!is_expected(error) || (scarce.fails_at > 0 && error))
            return fail(names + 1, "refused", error);
        error = publish(&record);
        if (error)
            return fail(names + 1, "and again", error);
    }
    printf("%zu\n", names + 1);
    nectar_account_free(account);
    return 0;
}
