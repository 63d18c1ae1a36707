#include "shared/output.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <nectar/text.h>

#include "shared/common.h"
#include "shared/exit.h"
#include "shared/text.h"

/* Not through report(): with --json that would write to stdout again. */
static _Noreturn void fail(int error)
{
    if (error == EPIPE) {
        signal(SIGPIPE, SIG_DFL);
        raise(SIGPIPE);
    }
    fprintf(stderr, "nectar-net %s: standard output: %s\n", common.verb, strerror(error));
    _exit(EXIT_INPUT);
}

void output_flush(void)
{
    /* A write that failed before this one has left its reason, too: nothing comes between. */
    if (fflush(stdout) != 0 || ferror(stdout))
        fail(errno ? errno : EIO);
}

void output_wait(void)
{
    struct pollfd reader = {.fd = STDOUT_FILENO};
    while (poll(&reader, 1, -1) < 0 || !(reader.revents & (POLLERR | POLLHUP))) {
        if (reader.revents & POLLNVAL)
            pause();
    }
    fail(EPIPE);
}

void output_line(const char *text)
{
    fputs(text, stdout);
    fputc('\n', stdout);
    output_flush();
}

static bool ends_in_newline(struct nectar_view body)
{
    return body.len > 0 && body.data[body.len - 1] == '\n';
}

void output_body(struct nectar_view body, bool newline)
{
    if (isatty(STDOUT_FILENO)) {
        char *safe = text_resize(NULL, NECTAR_ESCAPE_SIZE(body.len));
        size_t len = nectar_escape(safe, body, true);
        fwrite(safe, 1, len, stdout);
        free(safe);
        newline = newline || !ends_in_newline(body);
    } else if (body.len > 0) {
        fwrite(body.data, 1, body.len, stdout);
    }
    if (newline)
        fputc('\n', stdout);
    output_flush();
}

void output_open(struct json *json, const char *type)
{
    json_open(json, stdout, type);
}

void output_close(struct json *json)
{
    json_close(json);
    output_flush();
}
