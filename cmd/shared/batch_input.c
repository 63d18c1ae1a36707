#include "shared/batch_input.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "shared/text.h"

/* Bytes read ahead, and as much again while one read is cut into lines. A longer line is read on
 * all the same. */
#define AHEAD_MAX ((size_t)4 << 20)
#define PIECE     ((size_t)256 << 10)

/* What a line takes beside its text. */
#define LINE_COST sizeof(struct batch_line)

struct batch_input {
    void (*notify)(void *context);
    void *context;
    pthread_t thread;
    int leave;             /* eventfd: there is nobody any more to read for */
    pthread_mutex_t mutex; /* what follows is shared */
    pthread_cond_t taken;
    struct batch_lines lines;
    size_t bytes;
    bool over;
    bool leaving;
    int error;
};

/* The thread's own. */
struct reader {
    struct batch_input *input;
    struct batch_lines fresh;
    size_t fresh_bytes;
    uint8_t *text; /* of the line that is not yet whole */
    size_t len, room;
    bool too_long; /* what is left of it is thrown away */
    size_t number; /* of that line */
};

static bool is_blank(const uint8_t *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (!memchr(" \t\r", text[i], 3))
            return false;
    }
    return true;
}

static void add_line(struct reader *reader, const uint8_t *text, size_t len, const char *fault)
{
    size_t number = reader->number++;
    if (!fault && is_blank(text, len))
        return;
    struct batch_line *line = batch_line_new(number, fault ? 0 : len);
    line->fault = fault;
    if (!fault) {
        memcpy(line->text, text, len); /* it is not blank, and so not empty */
        batch_line_read(line);
    }
    TAILQ_INSERT_TAIL(&reader->fresh, line, all);
    reader->fresh_bytes += line->len + LINE_COST;
}

/* Keeps a part of a line for when the rest of it comes. */
static void keep(struct reader *reader, const uint8_t *text, size_t len)
{
    if (len == 0)
        return;
    if (reader->too_long || len > BATCH_LINE_MAX - reader->len) {
        reader->too_long = true;
        reader->len = 0;
        return;
    }
    if (!reader->text || reader->len + len > reader->room) {
        reader->room = 2 * (reader->len + len);
        reader->text = text_resize(reader->text, reader->room);
    }
    memcpy(reader->text + reader->len, text, len);
    reader->len += len;
}

static void end_line(struct reader *reader, const uint8_t *text, size_t len)
{
    if (reader->len == 0 && !reader->too_long && len <= BATCH_LINE_MAX) {
        add_line(reader, text, len, NULL);
        return;
    }
    keep(reader, text, len);
    add_line(reader, reader->text, reader->len,
             reader->too_long ? "longer than 16777216 bytes" : NULL);
    reader->len = 0;
    reader->too_long = false;
    if (reader->room > PIECE) {
        free(reader->text);
        reader->text = NULL;
        reader->room = 0;
    }
}

static void cut(struct reader *reader, const uint8_t *text, size_t len)
{
    while (len > 0) {
        const uint8_t *end = memchr(text, '\n', len);
        size_t n = end ? (size_t)(end - text) : len;
        if (end)
            end_line(reader, text, n);
        else
            keep(reader, text, n);
        n += end != NULL;
        text += n;
        len -= n;
    }
}

/* Hands over what is there, and waits while too much of it is not taken. */
static void publish(struct reader *reader, bool over, int error)
{
    struct batch_input *input = reader->input;
    pthread_mutex_lock(&input->mutex);
    TAILQ_CONCAT(&input->lines, &reader->fresh, all);
    input->bytes += reader->fresh_bytes;
    input->over = over;
    input->error = error;
    reader->fresh_bytes = 0;
    input->notify(input->context);
    while (!over && !input->leaving && input->bytes > AHEAD_MAX)
        pthread_cond_wait(&input->taken, &input->mutex);
    pthread_mutex_unlock(&input->mutex);
}

/* Waits for something to read; false if it is no longer wanted. */
static bool await_input(const struct batch_input *input)
{
    struct pollfd fds[] = {{.fd = STDIN_FILENO, .events = POLLIN},
                           {.fd = input->leave, .events = POLLIN}};
    int n;
    do
        n = poll(fds, 2, -1);
    while (n < 0 && errno == EINTR);
    return fds[1].revents == 0;
}

/* Reads to the end. 0 or an errno. */
static int read_lines(struct reader *reader, uint8_t *piece)
{
    while (await_input(reader->input)) {
        ssize_t n = read(STDIN_FILENO, piece, PIECE);
        if (n == 0)
            break;
        if (n < 0 && errno != EINTR && errno != EAGAIN)
            return errno;
        if (n > 0)
            cut(reader, piece, (size_t)n);
        if (!TAILQ_EMPTY(&reader->fresh))
            publish(reader, false, 0);
    }
    return 0;
}

static void *run(void *context)
{
    struct reader reader = {.input = context, .number = 1};
    uint8_t *piece = text_resize(NULL, PIECE);
    TAILQ_INIT(&reader.fresh);
    int error = read_lines(&reader, piece);
    if (reader.len > 0 || reader.too_long)
        end_line(&reader, NULL, 0);
    free(piece);
    free(reader.text);
    publish(&reader, true, error);
    return NULL;
}

static void free_input(struct batch_input *input)
{
    struct batch_line *line;
    while ((line = TAILQ_FIRST(&input->lines)) != NULL) {
        TAILQ_REMOVE(&input->lines, line, all);
        batch_line_free(line);
    }
    if (input->leave >= 0)
        close(input->leave);
    pthread_cond_destroy(&input->taken);
    pthread_mutex_destroy(&input->mutex);
    free(input);
}

int batch_input_start(struct batch_input **out, void (*notify)(void *context), void *context)
{
    struct batch_input *input = text_resize(NULL, sizeof *input);
    sigset_t all, before;
    memset(input, 0, sizeof *input);
    input->notify = notify;
    input->context = context;
    TAILQ_INIT(&input->lines);
    pthread_mutex_init(&input->mutex, NULL);
    pthread_cond_init(&input->taken, NULL);
    input->leave = eventfd(0, EFD_CLOEXEC);
    int error = input->leave < 0 ? errno : 0;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    if (!error)
        error = pthread_create(&input->thread, NULL, run, input);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (error)
        free_input(input);
    else
        *out = input;
    return error;
}

void batch_input_end(struct batch_input *input)
{
    if (!input)
        return;
    pthread_mutex_lock(&input->mutex);
    input->leaving = true;
    pthread_cond_signal(&input->taken);
    pthread_mutex_unlock(&input->mutex);
    eventfd_write(input->leave, 1);
    pthread_join(input->thread, NULL);
    free_input(input);
}

bool batch_input_take(struct batch_input *input, struct batch_lines *out, int *error)
{
    pthread_mutex_lock(&input->mutex);
    TAILQ_CONCAT(out, &input->lines, all);
    input->bytes = 0;
    bool over = input->over;
    *error = input->error;
    pthread_cond_signal(&input->taken);
    pthread_mutex_unlock(&input->mutex);
    return over;
}
