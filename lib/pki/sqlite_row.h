/* What stands in an embedded registry under a name. */
#ifndef PKI_SQLITE_ROW_H
#define PKI_SQLITE_ROW_H

#include <nectar/view.h>

#include "pki/sqlite_file.h"

/* What a statement has to ask for, so that its rows can be read. */
#define SQLITE_ROW_COLUMNS "key, ws_host, ws_port, tcp_host, tcp_port, routers, owner"

struct sqlite_row {
    struct nectar_record record;
    uint8_t owner[NECTAR_PUBLIC_BYTES]; /* who must sign the next change; zeros: nobody's */
};

/* Reads the row that a statement stands at. False if it is damaged. */
bool sqlite_row_read(struct sqlite_row *out, sqlite3_stmt *row, struct nectar_view name);

/* Does it belong to anybody? */
bool sqlite_row_owned(const struct sqlite_row *row);

/* The row of a name. NECTAR_EUNKNOWN if there is none; NECTAR_EUNREACHABLE, NECTAR_ENOMEM. */
int sqlite_row_find(struct sqlite_registry *self, struct sqlite_row *out, const char *name,
                    struct nectar_answer *answer);

#endif
