#include "shared/tally.h"

#include "shared/exit.h"

void tally_add(struct tally *tally, int status)
{
    tally->items++;
    if (status == EXIT_OK)
        return;
    tally->failed++;
    if (tally->failed == 1)
        tally->status = status;
    else if (tally->status != status)
        tally->differ = true;
}

int tally_status(const struct tally *tally)
{
    if (tally->failed == 0)
        return EXIT_OK;
    return tally->failed == tally->items && !tally->differ ? tally->status : EXIT_PARTIAL;
}
