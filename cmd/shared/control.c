#include "shared/control.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nectar/error.h>

#include "shared/clock.h"
#include "shared/exit.h"
#include "shared/keyarg.h"
#include "shared/logsink.h"
#include "shared/paths.h"
#include "shared/pki.h"
#include "shared/report.h"
#include "shared/text.h"

/* For the greeting of the running process, before we go our own way. */
#define GREETING_TIME CLOCK_SECOND

static bool no_socket;

const struct cli_option control_options[] = {
    {.name = "no-socket",
     .kind = CLI_FLAG,
     .target = &no_socket,
     .help = "make own connections, though a process of our name runs"},
    CLI_END,
};

/* A warning, or with -v a stage. */
static void say(enum nectar_log_level level, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void say(enum nectar_log_level level, const char *format, ...)
{
    const struct nectar_log *log = logsink();
    char *line = NULL;
    va_list arguments;
    if (!log || log->level < level)
        return;
    va_start(arguments, format);
    if (vasprintf(&line, format, arguments) < 0)
        line = NULL;
    va_end(arguments);
    if (line)
        log->write(log->context, level, line);
    free(line);
}

char *control_path(const char *name)
{
    char path[NECTAR_CONTROL_PATH_SIZE];
    const char *runtime = getenv("XDG_RUNTIME_DIR");
    bool is_set = runtime && *runtime == '/';
    char *folder = is_set ? text_format("%s/nectar-net", runtime) : path_state("");
    size_t len = strlen(folder);
    if (folder[len - 1] == '/')
        folder[len - 1] = '\0';
    int error = nectar_control_path(path, folder, name);
    free(folder);
    return error ? NULL : text_copy(path);
}

/* Does it ask the registries that we would? */
static bool same_registries(const struct nectar_control_host *host,
                            const struct nectar_registry *registry)
{
    for (size_t i = 0; i < host->label_count; i++) {
        const char *label = nectar_registry_label(registry, i);
        if (!label || strcmp(label, host->labels[i]) != 0)
            return false;
    }
    return !nectar_registry_label(registry, host->label_count);
}

/* NULL, or why it is not to be used. */
static const char *unfit(const struct nectar_control_host *host, const char *name,
                         const uint8_t *public_key, const struct nectar_registry *registry)
{
    if (strcmp(host->name, name) != 0)
        return "it has another name";
    if (memcmp(host->key, public_key, NECTAR_PUBLIC_BYTES) != 0)
        return "it has another key";
    return same_registries(host, registry) ? NULL : "it asks other registries";
}

struct nectar_control *control_find(const char *name, const uint8_t public_key[NECTAR_PUBLIC_BYTES],
                                    const struct nectar_registry *registry)
{
    struct nectar_control *control = NULL;
    char reason[NECTAR_REASON_MAX + 1] = "";
    uint64_t left = clock_left();
    if (no_socket)
        return NULL;
    char *path = control_path(name);
    if (!path)
        return NULL;
    int error =
        nectar_control_open(&control, path, left < GREETING_TIME ? left : GREETING_TIME, reason);
    const char *why = error ? reason : NULL;
    if (!error)
        why = unfit(nectar_control_host(control), name, public_key, registry);
    /* That nobody runs is the ordinary case. */
    if (error != NECTAR_EOFFLINE)
        say(NECTAR_LOG_STAGE, "control %s: %s%s", path, why ? "not used: " : "used",
            why ? why : "");
    if (why) {
        nectar_control_free(control);
        control = NULL;
    }
    free(path);
    return control;
}

int control_report(int error, const char *name)
{
    const char *reason = nectar_error_text(error);
    if (error == NECTAR_EDEADLINE)
        return report(&(struct report){
            .exit = EXIT_TIMEOUT, .peer = name, .reason = "the running process does not answer"});
    if (error == NECTAR_ECLOSED)
        reason = "the running process has ended";
    if (error == NECTAR_EFORMAT)
        return report_local(EXIT_REJECTED, name, NULL, "the running process answers otherwise");
    return report(&(struct report){.exit = exit_of_error(error), .peer = name, .reason = reason});
}

static int complain(int error, const char *name, const char *path, const char *why)
{
    int status = error == NECTAR_EDEADLINE ? EXIT_TIMEOUT : exit_of_error(error);
    char *reason;
    if (error == NECTAR_EOFFLINE)
        reason = text_format("nobody runs as %s here (no socket at %s)", name, path);
    else if (error == NECTAR_EIO)
        reason = text_format("%s: %s", path, strerror(errno));
    else
        reason = text_format("%s: %s", path, why);
    if (error == NECTAR_EFORMAT)
        status = EXIT_REJECTED;
    report(&(struct report){.exit = status, .peer = name, .reason = reason});
    free(reason);
    return status;
}

/* Our name: as it is given, else that of the key there is. */
static int find_name(char *name)
{
    struct nectar_registry *registry = NULL;
    struct keyarg keyarg;
    int status = pki_open(&registry);
    if (!status && keyarg_name()) {
        status = pki_full_name(name, registry, keyarg_name());
    } else if (!status) {
        status = keyarg_find_named(&keyarg, registry);
        if (!status) {
            memcpy(name, keyarg.name, NECTAR_NAME_MAX + 1);
            keyarg_wipe(&keyarg);
        }
    }
    nectar_registry_free(registry);
    return status;
}

int control_require(struct nectar_control **out, char *name, uint64_t timeout)
{
    char reason[NECTAR_REASON_MAX + 1] = "";
    int status = find_name(name);
    if (status)
        return status;
    char *path = control_path(name);
    if (!path)
        return report_local(EXIT_USAGE, name, NULL, "no path is short enough for its socket");
    int error = nectar_control_open(out, path, timeout, reason);
    if (error)
        status = complain(error, name, path, reason);
    else if (strcmp(nectar_control_host(*out)->name, name) != 0)
        status = complain(NECTAR_EFORMAT, name, path, "somebody else serves it");
    free(path);
    return status;
}

void control_serve(struct nectar_node *node, const char *name)
{
    char reason[NECTAR_REASON_MAX + 1] = "";
    char *path = control_path(name);
    if (!path) {
        say(NECTAR_LOG_WARNING, "no control socket: its folder's path is too long");
        return;
    }
    if (!path_make_parents(path))
        say(NECTAR_LOG_WARNING, "no control socket at %s: %s", path, strerror(errno));
    else if (nectar_node_control(node, path, reason))
        say(NECTAR_LOG_WARNING, "no control socket at %s: %s", path, reason);
    free(path);
}
