/*
 * handshakes REGISTRY KEY-FILE NAME PEER PROCESS
 *
 * What a connection costs each side until it stands, from NAME to PEER (helpers/burst listen, which
 * is PROCESS): the registry asked, TCP, upgrade, XX, and hanging up. Nothing is sent over it.
 * Prints what, figure and limit, a line each: handshakes a second of the processor time of each
 * side, and how many its operations with public keys alone would allow; then the same of bare
 * sockets over which as much is written, with those operations and nothing else (shared/shake): how
 * near to the limit sockets let anybody come.
 */
#include <stdio.h>
#include <string.h>

#include "bench/shared/limit.h"
#include "bench/shared/pair.h"
#include "bench/shared/shake.h"
#include "bench/shared/tool.h"
#include "node/node.h"
#include "node/resolve.h"

enum {
    ROUNDS = 7,
    COUNT = 320, /* in each round */
    WINDOW = SHAKE_WINDOW,
    TURN = 5000, /* us that are waited for all of them; waiting costs no processor time */
    PATIENCE = 20000000,
};

static void dial(struct pair *pair)
{
    const struct node_query query = {.name = pair->peer};
    struct nectar_found found;
    struct node_conn *conn;
    struct node_ask *ask;

    must(node_resolve(&found, &ask, pair->node, &query) && !found.error, "not in the registry");
    must(node_conn_new(&conn, pair->node, false) == 0, "no connection");
    snprintf(conn->peer, sizeof conn->peer, "%s", pair->peer);
    memcpy(conn->key, found.record.key, sizeof conn->key);
    must(node_dial(conn, &found.record) == 0, "not dialled");
}

/* Frees those that stand; how many do not yet. */
static size_t hang_up(struct nectar_node *node)
{
    struct node_conn *conn, *next;
    size_t left = 0;

    for (conn = TAILQ_FIRST(&node->conns); conn; conn = next) {
        next = TAILQ_NEXT(conn, all);
        if (conn->state == CONN_OPEN)
            node_conn_free(conn);
        else
            left++;
    }
    return left;
}

static void shake_hands(struct pair *pair, size_t count)
{
    uint64_t until = now_us() + PATIENCE;
    struct nectar_node_event event;

    for (size_t done = 0; done < count; done += WINDOW) {
        for (int i = 0; i < WINDOW; i++)
            dial(pair);
        do {
            must(nectar_node_next(pair->node, TURN, &event) == 0, "the node fails");
            must(now_us() < until, "too slow: given up");
        } while (hang_up(pair->node) > 0);
    }
}

int main(int argc, char **argv)
{
    static const char *const ROWS[] = {
        "handshakes per processor s, initiator", "handshakes per processor s, responder",
        "sockets and those keys alone, initiator", "sockets and those keys alone, responder"};
    double rate[4][ROUNDS], limit[ROUNDS];
    struct shake shake;
    struct pair pair;

    if (argc != 6) {
        fprintf(stderr, "usage: handshakes REGISTRY KEY-FILE NAME PEER PROCESS\n");
        return 2;
    }
    pin(true);
    pair_begin(&pair, argv + 1);
    shake_begin(&shake, pair.key);
    shake_all(&shake, WINDOW);
    shake_hands(&pair, WINDOW);
    for (int round = 0; round < ROUNDS; round++) {
        double before[2] = {cpu_s(0), cpu_s(pair.process)};

        shake_hands(&pair, COUNT);
        /* Its answer says that it has seen to all that came before. */
        pair_send(&pair, (struct nectar_view){(const uint8_t *)"all", 3}, false, 1, 1);
        rate[0][round] = (COUNT + 1) / (cpu_s(0) - before[0]);
        rate[1][round] = (COUNT + 1) / (cpu_s(pair.process) - before[1]);
        before[0] = cpu_s(0);
        before[1] = cpu_s(shake.process);
        shake_all(&shake, COUNT);
        rate[2][round] = COUNT / (cpu_s(0) - before[0]);
        rate[3][round] = COUNT / (cpu_s(shake.process) - before[1]);
        limit[round] = 1e6 / limit_handshake_us(pair.key);
    }
    for (int i = 0; i < 4; i++)
        printf("%s\t%.0f\t%.0f\n", ROWS[i], median(rate[i], ROUNDS), median(limit, ROUNDS));
    shake_end(&shake);
    pair_end(&pair);
    return 0;
}
