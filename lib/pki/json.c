/* A registry in a JSON file: read, never written, and read anew when the file changes. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <nectar/error.h>

#include "base/file.h"
#include "base/log.h"
#include "pki/driver.h"
#include "pki/json_index.h"
#include "pki/walk.h"

enum { FILE_MAX = 64 << 20 };

struct json_registry {
    struct pki_driver base;
    char *path;
    bool loaded;      /* index holds what the file said when it was as seen */
    struct stat seen; /* of the file that was read */
    struct json_index index;
};

static bool same_time(struct timespec a, struct timespec b)
{
    return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

/* Whatever is no file of its own (a pipe) can be read only once. */
static bool is_unchanged(const struct json_registry *self, const struct stat *now)
{
    const struct stat *seen = &self->seen;

    if (!self->loaded || now->st_dev != seen->st_dev || now->st_ino != seen->st_ino)
        return false;
    if (!S_ISREG(now->st_mode))
        return true;
    return now->st_size == seen->st_size && same_time(now->st_mtim, seen->st_mtim) &&
           same_time(now->st_ctim, seen->st_ctim);
}

static void forget(struct json_registry *self)
{
    json_index_free(&self->index);
    self->loaded = false;
}

static int read_failed(struct json_registry *self, int error, struct nectar_answer *answer)
{
    if (error == NECTAR_ENOMEM)
        return error;
    if (error == NECTAR_ETOOBIG)
        pki_reason(answer, &self->base, "larger than %d MiB", (int)(FILE_MAX >> 20));
    else
        pki_reason(answer, &self->base, "%s", strerror(errno));
    return NECTAR_EUNREACHABLE;
}

static int build(struct json_registry *self, struct nectar_view text, struct nectar_answer *answer)
{
    struct json_fault fault = {.line = 0};
    int error = json_index_build(&self->index, text, self->base.tld, &fault);

    if (error == NECTAR_EFORMAT) {
        pki_reason(answer, &self->base, "line %zu: %s", fault.line, fault.why);
        error = NECTAR_EUNREACHABLE;
    }
    return error;
}

static int load(struct json_registry *self, struct nectar_answer *answer)
{
    struct bytes text;
    struct stat now;
    int error;

    if (stat(self->path, &now) != 0) {
        forget(self);
        return read_failed(self, NECTAR_EIO, answer);
    }
    if (is_unchanged(self, &now))
        return 0;
    forget(self);
    bytes_init(&text, FILE_MAX);
    error = file_read(&text, self->path, &self->seen);
    error = error ? read_failed(self, error, answer) : build(self, bytes_view(&text), answer);
    bytes_free(&text);
    self->loaded = error == 0;
    if (!error)
        log_line(self->base.log, NECTAR_LOG_DETAIL, "registry %s: %zu records read",
                 self->base.label, self->index.count);
    return error;
}

static int lookup(struct pki_driver *driver, const char *name, bool fresh,
                  struct nectar_record *out, struct nectar_answer *answer)
{
    struct json_registry *self = (struct json_registry *)driver;
    int error = load(self, answer);

    (void)fresh; /* always is */
    return error ? error : json_index_find(&self->index, name, out);
}

/* --- a walk: it has read the file for itself ---------------------------------------------------
 */

struct json_walk {
    struct nectar_walk base;
    struct json_registry from;
    size_t at;
};

static int walk_next(struct nectar_walk *walk, struct nectar_listing *out, bool *end,
                     struct nectar_answer *answer)
{
    struct json_walk *self = (struct json_walk *)walk;

    (void)answer;
    *end = self->at == self->from.index.count;
    return *end ? 0 : json_index_at(&self->from.index, self->at++, out);
}

static void walk_free(struct nectar_walk *walk)
{
    struct json_walk *self = (struct json_walk *)walk;

    json_index_free(&self->from.index);
    free(self);
}

static struct json_walk *walk_new(void)
{
    static const struct pki_walk_kind KIND = {.next = walk_next, .free = walk_free};
    struct json_walk *self = calloc(1, sizeof *self);

    if (self)
        self->base.kind = &KIND;
    return self;
}

static int walk(struct nectar_walk **out, struct pki_driver *driver, struct nectar_answer *answer)
{
    const struct json_registry *from = (const struct json_registry *)driver;
    struct json_walk *self = walk_new();
    int error;

    if (!self)
        return NECTAR_ENOMEM;
    self->from.base = from->base;
    self->from.path = from->path;
    error = load(&self->from, answer);
    if (error)
        walk_free(&self->base);
    else
        *out = &self->base;
    return error;
}

int nectar_walk_text(struct nectar_walk **out, const char *text, size_t len, const char *tld,
                     struct nectar_answer *answer)
{
    struct nectar_view view = {(const uint8_t *)text, len};
    struct json_fault fault = {.line = 0};
    struct json_walk *self = walk_new();
    int error = self ? 0 : NECTAR_ENOMEM;

    if (answer)
        memset(answer, 0, sizeof *answer);
    if (!error)
        error = len <= FILE_MAX ? json_index_build(&self->from.index, view, tld, &fault)
                                : NECTAR_EFORMAT;
    if (!error) {
        *out = &self->base;
        return 0;
    }
    if (answer && fault.line > 1)
        snprintf(answer->reason, sizeof answer->reason, "line %zu: %.220s", fault.line, fault.why);
    else if (answer)
        snprintf(answer->reason, sizeof answer->reason, "%.220s",
                 *fault.why ? fault.why : "too large");
    free(self);
    return error;
}

/* --- the driver ------------------------------------------------------------------------------ */

static void free_registry(struct pki_driver *driver)
{
    struct json_registry *self = (struct json_registry *)driver;

    json_index_free(&self->index);
    free(self->path);
    free(self);
}

static int open_registry(struct pki_driver **out, const char *rest, const struct pki_web *web,
                         char reason[NECTAR_REASON_MAX + 1])
{
    struct json_registry *self = calloc(1, sizeof *self);
    int error;

    (void)web;
    if (!self)
        return NECTAR_ENOMEM;
    self->base.kind = &PKI_JSON;
    error = pki_file_uri(&self->path, &self->base, rest, reason);
    if (error)
        free_registry(&self->base);
    else
        *out = &self->base;
    return error;
}

const struct pki_kind PKI_JSON = {
    .scheme = "json",
    .open = open_registry,
    .lookup = lookup,
    .walk = walk,
    .free = free_registry,
};
