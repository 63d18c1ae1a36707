#include "shared/exit.h"

#include <stddef.h>

#include <nectar/error.h>

const struct exit_row exit_rows[] = {
#define EXIT_ROW(code, constant, name, meaning, phrase) {code, name, meaning, phrase},
    EXIT_STATUSES(EXIT_ROW)
#undef EXIT_ROW
        {0, NULL, NULL, NULL},
};

const struct exit_row *exit_row(int status)
{
    const struct exit_row *internal = exit_rows;
    for (const struct exit_row *row = exit_rows; row->name; row++) {
        if (row->code == status)
            return row;
        if (row->code == EXIT_INTERNAL)
            internal = row;
    }
    return internal;
}

/* Errors of a connection are not listed: whatever ended it, the peer could not be reached. */
static const struct {
    int error;
    enum exit_status status;
} statuses[] = {
    {NECTAR_OK, EXIT_OK},
    {NECTAR_ENOMEM, EXIT_INTERNAL},
    {NECTAR_EINTERNAL, EXIT_INTERNAL},
    {NECTAR_ENAME, EXIT_USAGE},
    {NECTAR_EADDRESS, EXIT_USAGE},
    {NECTAR_EURI, EXIT_USAGE},
    {NECTAR_EFORMAT, EXIT_INPUT},
    {NECTAR_ETOOBIG, EXIT_INPUT},
    {NECTAR_EIO, EXIT_INPUT},
    {NECTAR_EBUSY, EXIT_BUSY},
    {NECTAR_EFULL, EXIT_BUSY},
    {NECTAR_EEXISTS, EXIT_KEY},
    {NECTAR_ENOKEY, EXIT_KEY},
    {NECTAR_EKEYMODE, EXIT_KEY},
    {NECTAR_EKEYFILE, EXIT_KEY},
    {NECTAR_ESEALED, EXIT_KEY},
    {NECTAR_EPASSPHRASE, EXIT_KEY},
    {NECTAR_EUNREACHABLE, EXIT_PKI_UNREACHABLE},
    {NECTAR_EUNKNOWN, EXIT_UNKNOWN_NAME},
    {NECTAR_EREJECTED, EXIT_REJECTED},
    {NECTAR_EREADONLY, EXIT_REJECTED},
    {NECTAR_ETXFAILED, EXIT_TX_FAILED},
    {NECTAR_ETXPENDING, EXIT_TX_PENDING},
    {NECTAR_ECOST, EXIT_TX_FAILED},
    {NECTAR_ETIMEOUT, EXIT_TIMEOUT},
};

int exit_of_error(int error)
{
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
        if (statuses[i].error == error)
            return (int)statuses[i].status;
    }
    /* From -40 down stand the errors of connections; anything else is no error we know. */
    return error <= NECTAR_EUPGRADE ? EXIT_OFFLINE : EXIT_INTERNAL;
}
