#include "shared/batch_input.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shared/text.h"

/* Bytes read ahead, and as much again while one read is cut into lines. A longer line is read on
 * all the same. */
#define AHEAD_MAX ((size_t)4 << 20)
#define PIECE     ((size_t)256 << 10)

/* What a line takes beside its text. */
#define LINE_COST sizeof(struct batch_line)

struct batch_input {
    pthread_mutex_t mutex;         /* what follows is shared */
    void (*notify)(void *context); /* NULL: nobody listens any more */
    void *context;
    pthread_cond_t taken;
    struct batch_lines lines;
    size_t bytes;
    bool over;
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
        memcpy(line->text, text, len);
        batch_line_read(line);
    }
    TAILQ_INSERT_TAIL(&reader->fresh, line, all);
    reader->fresh_bytes += line->len + LINE_COST;
}

/* Keeps a part of a line for when the rest of it comes. */
static void keep(struct reader *reader, const uint8_t *text, size_t len)
{
    if (reader->too_long || len > BATCH_LINE_MAX - reader->len) {
        reader->too_long = true;
        reader->len = 0;
        return;
    }
    if (reader->len + len > reader->room) {
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
    if (input->notify)
        input->notify(input->context);
    while (!over && input->bytes > AHEAD_MAX)
        pthread_cond_wait(&input->taken, &input->mutex);
    pthread_mutex_unlock(&input->mutex);
}

static void *read_all(void *context)
{
    struct reader reader = {.input = context, .number = 1};
    uint8_t *piece = text_resize(NULL, PIECE);
    ssize_t n;
    TAILQ_INIT(&reader.fresh);
    for (;;) {
        n = read(STDIN_FILENO, piece, PIECE);
        if (n == 0 || (n < 0 && errno != EINTR))
            break;
        if (n < 0)
            continue;
        cut(&reader, piece, (size_t)n);
        if (!TAILQ_EMPTY(&reader.fresh))
            publish(&reader, false, 0);
    }
    int error = n < 0 ? errno : 0;
    if (reader.len > 0 || reader.too_long)
        end_line(&reader, NULL, 0);
    free(piece);
    free(reader.text);
    publish(&reader, true, error);
    return NULL;
}

int batch_input_start(struct batch_input **out, void (*notify)(void *context), void *context)
{
    struct batch_input *input = text_resize(NULL, sizeof *input);
    sigset_t all, before;
    pthread_t thread;
    memset(input, 0, sizeof *input);
    input->notify = notify;
    input->context = context;
    TAILQ_INIT(&input->lines);
    pthread_mutex_init(&input->mutex, NULL);
    pthread_cond_init(&input->taken, NULL);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int error = pthread_create(&thread, NULL, read_all, input);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (error) {
        free(input);
        return error;
    }
    pthread_detach(thread);
    *out = input;
    return 0;
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

void batch_input_leave(struct batch_input *input)
{
    pthread_mutex_lock(&input->mutex);
    input->notify = NULL;
    pthread_mutex_unlock(&input->mutex);
}
