/* Records on standard output, as the founding document writes them: one JSON object a line. */
#ifndef SHARED_RECORD_H
#define SHARED_RECORD_H

#include <nectar/listing.h>

/*
 * Prints a record; with --json as type record, with its source, block and age. Who may change it is
 * added where that is not the key in the record. Returns 0 or an exit status, already reported.
 */
int record_print(const struct nectar_listing *listing, const struct nectar_answer *answer);

#endif
