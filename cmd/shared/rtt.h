/* Round trips, and what they come to. */
#ifndef SHARED_RTT_H
#define SHARED_RTT_H

#include <stdint.h>

/* All-zero is none. Times are microseconds. */
struct rtt {
    uint64_t received;
    uint64_t lost;
    uint64_t least;
    uint64_t most;
    double sum;
    double sum_of_squares;
};

void rtt_add(struct rtt *rtt, uint64_t us);

/* Prints the summary of a ping: text, or type "summary". */
void rtt_print(const struct rtt *rtt, const char *peer);

#endif
