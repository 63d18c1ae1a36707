#include "shared/watch.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <nectar/error.h>

#include "shared/clock.h"
#include "shared/exit.h"
#include "shared/keyarg.h"
#include "shared/output.h"
#include "shared/pki.h"
#include "shared/report.h"
#include "shared/text.h"
#include "shared/watch_own.h"

#define EVERY_REMOTE        (CLOCK_SECOND)
#define EVERY_FILE          (CLOCK_SECOND / 5)
#define LINE_SIZE           (1 << 16)
#define ASKED_AT_MOST_EVERY (16 * CLOCK_SECOND)

static struct watch watch = {.mutex = PTHREAD_MUTEX_INITIALIZER};

static void leave(void)
{
    _exit(EXIT_OK);
}

static void on_signal(int number)
{
    (void)number;
    leave();
}

void watch_begin(const struct watch_config *config, struct nectar_registry *registry)
{
    struct sigaction action = {.sa_handler = on_signal};
    watch.config = *config;
    watch.registry = registry;
    /* Each line is one write: none is cut where a signal ends the program. */
    setvbuf(stdout, NULL, _IOFBF, LINE_SIZE);
    setvbuf(stderr, NULL, _IOLBF, LINE_SIZE);
    clock_on_deadline(leave);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

/* --- names ----------------------------------------------------------------------------------- */

static int refuse(const char *name, size_t line, const char *reason)
{
    return report(&(struct report){
        .exit = line ? EXIT_INPUT : EXIT_USAGE, .subject = name, .reason = reason, .line = line});
}

/* The full name, as soon as it is known what a bare one takes. */
static int complete(char *full, const char *name, size_t line)
{
    struct nectar_answer answer = {.source = ""};
    uint64_t pause = CLOCK_SECOND;
    int error, told = 0;
    while ((error = nectar_registry_full_name(full, watch.registry, name, &answer)) ==
           NECTAR_EUNREACHABLE) {
        if (!told)
            told = pki_report(error, name, &answer, NULL);
        usleep((useconds_t)pause);
        pause = pause < ASKED_AT_MOST_EVERY ? 2 * pause : pause;
    }
    if (error)
        return refuse(name, line, nectar_error_text(error));
    if (told)
        watch_tell_over(name, NULL, told, "the registry answers again");
    return 0;
}

int watch_add(const char *name, size_t line)
{
    char full[NECTAR_NAME_MAX + 1];
    int status = complete(full, name, line);
    if (status)
        return status;
    for (size_t i = 0; i < watch.count; i++) {
        if (strcmp(watch.names[i].full, full) == 0)
            return 0;
    }
    if (watch.count == WATCH_NAMES_MAX)
        return refuse(name, line, "too many names: --watch takes 64");
    watch.names[watch.count++].full = text_copy(full);
    return 0;
}

/* The local keys that names are held against: the one that options or the environment say, else
 * each name's own. It may be there later, or change. */
static int find_keys(void)
{
    char ours[NECTAR_NAME_MAX + 1] = "";
    int status = 0;
    if (!keyarg_file() && keyarg_name())
        status = complete(ours, keyarg_name(), 0);
    for (size_t i = 0; i < watch.count && !status; i++) {
        struct watch_name *name = &watch.names[i];
        name->key =
            keyarg_file() ? text_copy(keyarg_file()) : keyarg_path_of(*ours ? ours : name->full);
    }
    return status;
}

/* --- sources --------------------------------------------------------------------------------- */

/* The registries from one on. */
static int open_source(struct watch_source *source, size_t first, size_t count)
{
    uint64_t every = watch.config.every;
    /* A warning of one name comes again when the round has come to that. */
    uint64_t window = 2 * ((every ? every : EVERY_REMOTE) * watch.count + ASKED_AT_MOST_EVERY);
    memset(source, 0, sizeof *source);
    source->watch = &watch;
    if (watch.config.all)
        source->label = nectar_registry_label(watch.registry, first);
    source->states = text_resize(NULL, watch.count * sizeof *source->states);
    memset(source->states, 0, watch.count * sizeof *source->states);
    int status =
        pki_open_part(&source->registry, first, count, watch_log_open(&source->log, window));
    if (!status)
        source->interval = nectar_registry_is_remote(source->registry) ? EVERY_REMOTE : EVERY_FILE;
    if (every)
        source->interval = every;
    return status;
}

static int open_sources(void)
{
    size_t uris = 0;
    int status = 0;
    while (nectar_registry_label(watch.registry, uris))
        uris++;
    watch.source_count = watch.config.all ? uris : 1;
    watch.sources = text_resize(NULL, watch.source_count * sizeof *watch.sources);
    for (size_t i = 0; i < watch.source_count && !status; i++)
        status = open_source(&watch.sources[i], i, watch.config.all ? 1 : uris);
    return status;
}

int watch_run(void)
{
    pthread_t thread;
    if (watch.count == 0)
        return EXIT_OK;
    int status = watch.config.check ? find_keys() : 0;
    if (!status)
        status = open_sources();
    if (status)
        return status;
    watch.started = clock_now();
    for (size_t i = 0; i < watch.source_count; i++) {
        int error = pthread_create(&thread, NULL, watch_ask, &watch.sources[i]);
        if (error)
            return report_local(EXIT_INTERNAL, NULL, NULL, "no thread: %s", strerror(error));
    }
    output_wait();
}
