#include "fault/control.h"

#include <arpa/inet.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WORDS_MAX = 64 };

struct words {
    char *word[WORDS_MAX];
    size_t count;
};

static void split(struct words *words, char *line)
{
    char *rest = line, *word;

    words->count = 0;
    while (words->count < WORDS_MAX && (word = strtok_r(rest, " \n", &rest)))
        words->word[words->count++] = word;
}

static bool number(double *out, const char *text)
{
    char *end;

    *out = strtod(text, &end);
    return end != text && *end == '\0' && isfinite(*out) && *out >= 0 && *out < 1e15;
}

/* Its index, or the count of places: there is none of that name. */
static size_t find(const struct relay *relay, const char *name)
{
    size_t i = 0;

    while (i < relay->count && strcmp(relay->places[i].name, name) != 0)
        i++;
    return i;
}

/* Each way its own dice: what happens on one does not depend on the others. */
static uint64_t seed_of(const struct relay *relay, size_t from, size_t to)
{
    return (relay->seed << 16) + (from << 8) + to;
}

/* place NAME ADDRESS: makes it, and answers with what nsenter needs to enter it. */
static void place(struct relay *relay, const struct words *words, char *answer, size_t size)
{
    size_t new = relay->count;
    struct in_addr address;
    int used;

    if (words->count != 3 || strlen(words->word[1]) >= PLACE_NAME_SIZE ||
        inet_pton(AF_INET, words->word[2], &address) != 1) {
        snprintf(answer, size, "error: place NAME ADDRESS");
        return;
    }
    if (new == CONTROL_PLACES_MAX || find(relay, words->word[1]) < new) {
        snprintf(answer, size, "error: no room for %s, or it is there", words->word[1]);
        return;
    }
    if (!place_make(&relay->places[new], words->word[1], address)) {
        snprintf(answer, size, "error: %s: %s", words->word[1], strerror(errno));
        return;
    }
    relay->count++;
    for (size_t i = 0; i < relay->count; i++) {
        way_reset(&relay->ways[new][i], seed_of(relay, new, i));
        way_reset(&relay->ways[i][new], seed_of(relay, i, new));
    }
    used = relay->alien ? snprintf(answer, size, "--user=/proc/%d/ns/user --preserve-credentials ",
                                   (int)getpid())
                        : 0;
    snprintf(answer + used, size - (size_t)used, "--net=/proc/%d/fd/%d", (int)getpid(),
             relay->places[new].space);
}

/* One option of a way; false: there is no such option, or not with that value. */
static bool set(struct way *way, const char *option, const char *value)
{
    double n;

    if (strcmp(option, "cut") == 0) {
        way->cut = strcmp(value, "on") == 0;
        return way->cut || strcmp(value, "off") == 0;
    }
    if (!number(&n, value))
        return false;
    if (strcmp(option, "delay") == 0)
        way->delay = (uint64_t)(n * 1e6);
    else if (strcmp(option, "jitter") == 0)
        way->jitter = (uint64_t)(n * 1e6);
    else if (strcmp(option, "loss") == 0)
        way->loss = (uint32_t)fmin(n * 1e4, WAY_CERTAIN);
    else if (strcmp(option, "duplicate") == 0)
        way->duplicate = (uint32_t)fmin(n * 1e4, WAY_CERTAIN);
    else if (strcmp(option, "rate") == 0)
        way->rate = (uint64_t)n;
    else if (strcmp(option, "queue") == 0)
        way->queue = (size_t)n;
    else if (strcmp(option, "until") == 0)
        way->until = (uint64_t)n;
    else if (strcmp(option, "largest") == 0)
        way->largest = (size_t)n;
    else
        return false;
    return true;
}

static bool set_all(struct way *way, const struct words *words)
{
    for (size_t i = 3; i + 1 < words->count; i += 2)
        if (!set(way, words->word[i], words->word[i + 1]))
            return false;
    return words->count % 2 == 1;
}

static bool matches(const struct relay *relay, size_t i, const char *name)
{
    return strcmp(name, "*") == 0 || strcmp(name, relay->places[i].name) == 0;
}

/* way FROM TO OPTION VALUE...: sets them; link: in both directions. A name may be "*". */
static void set_ways(struct relay *relay, const struct words *words, char *answer, size_t size)
{
    bool both = strcmp(words->word[0], "link") == 0, found = false;

    for (size_t from = 0; from < relay->count && words->count >= 3; from++)
        for (size_t to = 0; to < relay->count; to++) {
            const char *a = words->word[1], *b = words->word[2];

            if (!(matches(relay, from, a) && matches(relay, to, b)) &&
                !(both && matches(relay, from, b) && matches(relay, to, a)))
                continue;
            found = true;
            if (!set_all(&relay->ways[from][to], words)) {
                snprintf(answer, size, "error: not an option, or not its value");
                return;
            }
        }
    snprintf(answer, size, found ? "ok" : "error: no such place");
}

/* passed FROM TO: what has arrived and what was lost since the start. */
static void passed(const struct relay *relay, const struct words *words, char *answer, size_t size)
{
    size_t from = words->count == 3 ? find(relay, words->word[1]) : relay->count;
    size_t to = words->count == 3 ? find(relay, words->word[2]) : relay->count;
    const struct way *way;

    if (from == relay->count || to == relay->count) {
        snprintf(answer, size, "error: passed FROM TO");
        return;
    }
    way = &relay->ways[from][to];
    snprintf(answer, size, "packets %llu bytes %llu lost %llu", (unsigned long long)way->packets,
             (unsigned long long)way->bytes, (unsigned long long)way->lost);
}

/* seed N: heals everything, and throws the dice from there. */
static void reseed(struct relay *relay, const struct words *words, char *answer, size_t size)
{
    double n;

    if (words->count != 2 || !number(&n, words->word[1])) {
        snprintf(answer, size, "error: seed N");
        return;
    }
    relay->seed = (uint64_t)n;
    for (size_t from = 0; from < relay->count; from++)
        for (size_t to = 0; to < relay->count; to++)
            way_reset(&relay->ways[from][to], seed_of(relay, from, to));
    snprintf(answer, size, "ok");
}

void control_do(struct relay *relay, char *line, char *answer, size_t size)
{
    struct words words;
    const char *verb;

    split(&words, line);
    verb = words.count ? words.word[0] : "";
    if (strcmp(verb, "place") == 0)
        place(relay, &words, answer, size);
    else if (strcmp(verb, "way") == 0 || strcmp(verb, "link") == 0)
        set_ways(relay, &words, answer, size);
    else if (strcmp(verb, "passed") == 0)
        passed(relay, &words, answer, size);
    else if (strcmp(verb, "seed") == 0)
        reseed(relay, &words, answer, size);
    else
        snprintf(answer, size, "error: place, way, link, passed or seed, not '%s'", verb);
}
