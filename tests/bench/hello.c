/*
 * hello REGISTRY KEY-FILE NAME PEER PROCESS
 *
 * The round trip of a hello over a connection that stands, from NAME to PEER (helpers/burst listen,
 * which is PROCESS and on the processor that is measured), beside as many bytes over bare TCP
 * sockets. All on one processor; in turns; the median of all. Prints what, figure and limit, us.
 */
#include <stdio.h>

#include "bench/shared/bare.h"
#include "bench/shared/pair.h"
#include "bench/shared/tool.h"

enum { ROUNDS = 20, TRIPS = 200, WIRE = 128, WARM = 100 };

int main(int argc, char **argv)
{
    static double us[2][ROUNDS * TRIPS];
    static const struct nectar_view HELLO = {(const uint8_t *)"hello", 5};
    struct bare bare = {0};
    struct pair pair;

    if (argc != 6) {
        fprintf(stderr, "usage: hello REGISTRY KEY-FILE NAME PEER PROCESS\n");
        return 2;
    }
    pin(true);
    pair_begin(&pair, argv + 1);
    bare_echo_begin(&bare, WIRE, WIRE);
    pair_send(&pair, HELLO, false, WARM, 1);
    for (int round = 0; round < ROUNDS; round++)
        for (int i = 0; i < 2; i++)
            for (int trip = 0; trip < TRIPS; trip++) {
                double start = now_s();

                if (i)
                    bare_echo(&bare, WIRE, WIRE);
                else
                    pair_send(&pair, HELLO, false, 1, 1);
                us[i][round * TRIPS + trip] = (now_s() - start) * 1e6;
            }
    printf("a hello and its answer, us\t%.1f\t%.1f\n", median(us[0], ROUNDS * TRIPS),
           median(us[1], ROUNDS * TRIPS));
    bare_end(&bare);
    pair_end(&pair);
    return 0;
}
