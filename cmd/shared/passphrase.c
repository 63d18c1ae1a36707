#include "shared/passphrase.h"

#include <bsd/readpassphrase.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "shared/exit.h"
#include "shared/report.h"
#include "shared/settings.h"
#include "shared/text.h"

#define PASSPHRASE_MAX 4096

/* The leak checker attaches to this process. gcc says that it is there one way, clang another. */
#if defined(__SANITIZE_ADDRESS__)
#define TRACED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define TRACED 1
#endif
#endif

static struct passphrase_source source = {
    .fd = PASSPHRASE_NO_FD,
    .file_option = "--passphrase-file",
    .fd_option = "--passphrase-fd",
    .setting = "passphrase-file",
};

const struct cli_option passphrase_options[] = {
    {.name = "passphrase-file",
     .kind = CLI_TEXT,
     .target = &source.file,
     .value = "FILE",
     .help = "passphrase of a sealed key"},
    {.name = "passphrase-fd",
     .kind = CLI_NUMBER,
     .target = &source.fd,
     .value = "N",
     .help = "the same from a file descriptor",
     .max = 1 << 20},
    CLI_END,
};

void passphrase_guard(void)
{
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
#ifndef TRACED
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
}

bool passphrase_given(void)
{
    return source.file || source.fd != PASSPHRASE_NO_FD;
}

void passphrase_free(char *passphrase)
{
    if (passphrase)
        explicit_bzero(passphrase, PASSPHRASE_MAX + 2);
    free(passphrase);
}

/* Reads to the end of a descriptor; one trailing newline is not part of a passphrase. */
static int read_all(char *out, int from, const char *origin)
{
    size_t len = 0;
    while (len < PASSPHRASE_MAX + 2) {
        ssize_t n = read(from, out + len, PASSPHRASE_MAX + 2 - len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return report_local(EXIT_INPUT, origin, NULL, "%s", strerror(errno));
        if (n == 0)
            break;
        len += (size_t)n;
    }
    if (len > 0 && out[len - 1] == '\n')
        len--;
    if (len > PASSPHRASE_MAX)
        return report_local(EXIT_INPUT, origin, NULL, "passphrase is over %d bytes",
                            PASSPHRASE_MAX);
    out[len] = '\0';
    if (len == 0 || strlen(out) != len)
        return report_local(EXIT_INPUT, origin, NULL,
                            len == 0 ? "passphrase is empty" : "passphrase holds a NUL byte");
    return 0;
}

static int read_file(char *out, const char *path)
{
    int from = open(path, O_RDONLY | O_CLOEXEC);
    if (from < 0)
        return report_local(EXIT_INPUT, path, NULL, "%s", strerror(errno));
    int status = read_all(out, from, path);
    close(from);
    return status;
}

static int ask(char *out, const struct passphrase_source *from, const char *prompt)
{
    if (!readpassphrase(prompt, out, PASSPHRASE_MAX + 1, RPP_REQUIRE_TTY)) {
        char *hint = text_format("%s FILE or %s N", from->file_option, from->fd_option);
        int status = report_local(EXIT_KEY, NULL, hint,
                                  "a passphrase is needed, and there is no terminal to ask on");
        free(hint);
        return status;
    }
    if (!*out)
        return report_local(EXIT_KEY, NULL, NULL, "passphrase is empty");
    return 0;
}

static int ask_twice(char *out, const struct passphrase_source *from, const char *prompt)
{
    int status = ask(out, from, prompt);
    if (status)
        return status;
    char *again = text_resize(NULL, PASSPHRASE_MAX + 2);
    status = ask(again, from, "The same again: ");
    if (!status && strcmp(out, again) != 0)
        status = report_local(EXIT_KEY, NULL, NULL, "the two passphrases differ");
    passphrase_free(again);
    return status;
}

static int get(char **out, const struct passphrase_source *from, const char *what, bool twice)
{
    const char *set = settings_get(from->setting, NULL);
    char *text = text_resize(NULL, PASSPHRASE_MAX + 2);
    int status;
    memset(text, 0, PASSPHRASE_MAX + 2);
    if (from->file && from->fd != PASSPHRASE_NO_FD) {
        status =
            cli_usage_error("%s and %s exclude each other", from->file_option, from->fd_option);
    } else if (from->file) {
        status = read_file(text, from->file);
    } else if (from->fd != PASSPHRASE_NO_FD) {
        status = read_all(text, (int)from->fd, from->fd_option);
    } else if (set) {
        status = read_file(text, set);
    } else {
        char *prompt = text_format("%s %s: ", twice ? "New passphrase for" : "Passphrase of", what);
        status = twice ? ask_twice(text, from, prompt) : ask(text, from, prompt);
        free(prompt);
    }
    if (status) {
        passphrase_free(text);
        return status;
    }
    *out = text;
    return 0;
}

int passphrase_read_from(char **out, const struct passphrase_source *from, const char *what)
{
    return get(out, from, what, false);
}

int passphrase_choose_from(char **out, const struct passphrase_source *from, const char *what)
{
    return get(out, from, what, true);
}

int passphrase_read(char **out, const char *what)
{
    return get(out, &source, what, false);
}

int passphrase_choose(char **out, const char *what)
{
    return get(out, &source, what, true);
}
