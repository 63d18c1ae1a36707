/* What is being waited for: one line on stderr that comes and goes. Only on a terminal, and only
 * for work over a second. */
#ifndef SHARED_PROGRESS_H
#define SHARED_PROGRESS_H

#include <stdint.h>

/* How long a wait may last before progress wants to be shown again; CLOCK_NEVER if it never is. */
uint64_t progress_interval(void);

/* Shows what has been waited for since `since` (clock_now). */
void progress_show(const char *what, uint64_t since);

/* The same, as often as it is called: for who calls now and then. */
void progress_tell(const char *what);

/* Takes the line away, if it is there. */
void progress_clear(void);

#endif
