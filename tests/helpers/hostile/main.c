/*
 * hostile ATTACK [OPTION]... [KEY-FILE]...: a peer that does what no peer should, to a node on
 * 127.0.0.1. It prints one line of JSON once all of it is under way ("standing") and one at its end
 * ("done"), which comes when the other side has closed everything, with -s, or with SIGTERM.
 *
 *   -p PORT  -k KEY-FILE of the node under attack
 *   -c CONNECTIONS (1)  -w AT-ONCE (all)  -s SECONDS (60)
 *   -f FIRST-ADDRESS (127.0.0.1)  -a ADDRESSES (1): where its connections come from, in turn
 *   -l  does not hang up when the other side does
 *
 * Without a handshake:
 *   tcp          connects
 *   head         and sends half an HTTP head
 *   drip         a byte of it a second
 *   upgraded     the whole of it
 *   half         and half a handshake
 *   route        a request for a way (-t TARGET, -n SOURCE, -x signed wrongly)
 *   garbage      -g KIND, right after the upgrade
 * With one, as the nodes of the key files in turn:
 *   stay         nothing more
 *   register     asks to be routed for; -x hangs up at once
 *   declare      begins a message of the largest size and stops after -b BYTES
 *   call         sends -m MESSAGES connection requests of -t CALLER
 *   rubbish      -g KIND, sealed by nobody
 * Through the router under attack, with the key files of the two who meet:
 *   stuff        the second never reads; the first writes as much as it can
 *   spoil        after they have met, one says -g KIND; as often as -c says
 * As a router, with its key file, to a node that it routes for:
 *   router       takes a registration, then sends -m MESSAGES connection requests of -t CALLER,
 *                and lets everyone who then dials wait
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "helpers/hostile/hostile.h"

volatile bool stopped;

static void on_signal(int number)
{
    (void)number;
    stopped = true;
}

static void usage(void)
{
    fprintf(stderr, "usage: hostile ATTACK [OPTION]... [KEY-FILE]... (see its source)\n");
    exit(2);
}

static size_t number(const char *text)
{
    char *end;
    unsigned long long value = strtoull(text, &end, 10);

    if (end == text || *end)
        usage();
    return (size_t)value;
}

static struct nectar_key *load_key(const char *path)
{
    struct nectar_key *key;
    int error = nectar_key_load(&key, path, NULL);

    if (!error)
        return key;
    fprintf(stderr, "hostile: %s: %s\n", path, nectar_error_text(error));
    exit(1);
}

static void read_option(struct plan *plan, int option, char *value)
{
    struct {
        int letter;
        size_t *out;
    } const numbers[] = {{'c', &plan->count},
                         {'w', &plan->window},
                         {'m', &plan->messages},
                         {'b', &plan->bytes},
                         {'s', &plan->seconds},
                         {'a', &plan->addresses},
                         {0, NULL}};
    struct {
        int letter;
        const char **out;
    } const texts[] = {{'n', &plan->name},
                       {'t', &plan->target},
                       {'g', &plan->kind},
                       {'f', &plan->address},
                       {0, NULL}};

    for (size_t i = 0; numbers[i].out; i++)
        if (numbers[i].letter == option)
            *numbers[i].out = number(value);
    for (size_t i = 0; texts[i].out; i++)
        if (texts[i].letter == option)
            *texts[i].out = value;
    if (option == 'k')
        plan->other = load_key(value);
    if (option == 'p')
        plan->port = (uint16_t)number(value);
    plan->bad |= option == 'x';
    plan->stubborn |= option == 'l';
    if (option == '?')
        usage();
}

int main(int argc, char **argv)
{
    static struct plan plan = {
        .count = 1, .messages = 1, .seconds = 60, .address = "127.0.0.1", .addresses = 1};
    struct sigaction action = {.sa_handler = on_signal};
    int option;

    while ((option = getopt(argc, argv, "p:k:n:t:g:c:w:m:b:s:f:a:xl")) != -1)
        read_option(&plan, option, optarg);
    if (optind == argc)
        usage();
    plan.attack = argv[optind++];
    while (optind < argc && plan.key_count < KEYS_MAX)
        plan.keys[plan.key_count++] = load_key(argv[optind++]);
    if (plan.window == 0 || plan.window > plan.count)
        plan.window = plan.count;
    sigaction(SIGTERM, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
    if (strcmp(plan.attack, "stuff") == 0 || strcmp(plan.attack, "spoil") == 0)
        return pair_run(&plan);
    if (strcmp(plan.attack, "router") == 0)
        return router_run(&plan);
    if (!script_exists(plan.attack))
        usage();
    return crowd_run(&plan);
}
