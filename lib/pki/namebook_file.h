/* A book of names as its files see it. Only in namebook*.c is its SQLite seen. */
#ifndef PKI_NAMEBOOK_FILE_H
#define PKI_NAMEBOOK_FILE_H

#include <sqlite3.h>

#include <nectar/text.h>

#include "pki/namebook.h"

enum { NAMEBOOK_WHY = 160 }; /* bytes of a reason, before it is escaped */

/* Statements that are kept: making one costs more than running it. */
enum statement { FIND, ADD, STATEMENTS };

struct namebook {
    char *path;
    bool damaged; /* thrown away when it is closed */
    sqlite3 *db;
    sqlite3_stmt *kept[STATEMENTS];
    char why[NECTAR_ESCAPE_SIZE(NAMEBOOK_WHY)];
};

/* What SQLite's last error is for us; it is noted. NECTAR_EIO, NECTAR_ENOMEM. */
int namebook_failed(struct namebook *book);

#endif
