/* Telling whoever started us that we are ready. */
#ifndef SHARED_READY_H
#define SHARED_READY_H

#include <stdint.h>

/* Tells the service manager a state ("READY=1", "STOPPING=1"), if $NOTIFY_SOCKET is set. */
void ready_notify(const char *state);

/* Writes a newline to a descriptor and closes it. */
int ready_tell(uint64_t fd);

#endif
