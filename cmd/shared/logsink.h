/* Where the library's log goes: stderr, as far as -v asks for it, each line with the time. */
#ifndef SHARED_LOGSINK_H
#define SHARED_LOGSINK_H

#include <nectar/log.h>

/* The sink, or NULL with -q. Lives as long as the program. */
const struct nectar_log *logsink(void);

#endif
