#include "shared/input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shared/exit.h"
#include "shared/report.h"
#include "shared/text.h"

#define FIRST_PIECE 4096

/* Grows by copying, not realloc, so that no old copy of a secret stays behind. */
static void grow(struct input *input, size_t *room, size_t max)
{
    size_t wanted = *room ? *room * 4 : FIRST_PIECE;
    if (wanted > max + 1)
        wanted = max + 1;
    uint8_t *data = text_resize(NULL, wanted);
    if (input->len)
        memcpy(data, input->data, input->len);
    if (input->data)
        explicit_bzero(input->data, input->len);
    free(input->data);
    input->data = data;
    *room = wanted;
}

/* Reads up to one byte over max, which tells that there is more. */
static int read_fd(struct input *out, int from, const char *origin, size_t max)
{
    size_t room = 0;
    for (;;) {
        if (out->len > max)
            return report_local(EXIT_INPUT, origin, NULL, "larger than %zu bytes", max);
        if (out->len == room)
            grow(out, &room, max);
        ssize_t n = read(from, out->data + out->len, room - out->len);
        if (n == 0)
            return 0;
        if (n < 0 && errno != EINTR)
            return report_local(EXIT_INPUT, origin, NULL, "%s", strerror(errno));
        if (n > 0)
            out->len += (size_t)n;
    }
}

int input_read(struct input *out, const char *path, size_t max)
{
    memset(out, 0, sizeof *out);
    int status;
    if (strcmp(path, "-") == 0) {
        status = read_fd(out, STDIN_FILENO, "standard input", max);
    } else {
        int from = open(path, O_RDONLY | O_CLOEXEC);
        if (from < 0)
            return report_local(EXIT_INPUT, path, NULL, "%s", strerror(errno));
        status = read_fd(out, from, path, max);
        close(from);
    }
    if (status)
        input_wipe(out);
    return status;
}

int input_read_fd(struct input *out, int fd, const char *origin, size_t max)
{
    memset(out, 0, sizeof *out);
    int status = read_fd(out, fd, origin, max);
    if (status)
        input_wipe(out);
    return status;
}

void input_wipe(struct input *input)
{
    if (input->data)
        explicit_bzero(input->data, input->len);
    free(input->data);
    memset(input, 0, sizeof *input);
}
