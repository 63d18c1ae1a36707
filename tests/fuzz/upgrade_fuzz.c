/*
 * Both sides of the HTTP upgrade. Input: side and way of cutting in a byte each, then the stream.
 * Whatever the cuts, the verdict is the same.
 */
#include <stdlib.h>
#include <string.h>

#include <nectar/error.h>

#include "fuzz/shared/fuzz.h"
#include "ws/upgrade.h"

enum { ANSWER_MAX = 1024, HEAP_MAX = 4 * WS_UPGRADE_MAX + 4 * ANSWER_MAX };

static const uint8_t NONCE[WS_NONCE_BYTES] = "nectar-net nonce";

struct outcome {
    int error;
    bool done;
    size_t used;
    struct bytes answer;
    char reason[WS_REASON_SIZE];
};

static void check_answer(const struct outcome *o, bool server)
{
    const char *begin = o->done ? "HTTP/1.1 101" : "HTTP/1.1 4";

    fuzz_assert((o->answer.len > 0) == (server && (o->error || o->done)));
    if (o->answer.len > 0)
        fuzz_assert(o->answer.len > 12 && memcmp(o->answer.data, begin, strlen(begin)) == 0);
}

static void check(const struct outcome *o, const struct bytes *head, bool server)
{
    fuzz_assert(head->len <= WS_UPGRADE_MAX);
    fuzz_assert(!o->error || o->error == NECTAR_EUPGRADE || o->error == NECTAR_ETOOBIG);
    fuzz_assert(!(o->error && o->done));
    /* Empty where a server's status line is. */
    fuzz_assert(!o->reason[0] || (o->error && fuzz_printable(o->reason)));
    fuzz_assert(!(server && o->error) || o->reason[0]);
    fuzz_assert(!(o->error || o->done) || (!head->data && head->len == 0));
    check_answer(o, server);
}

static void run(struct outcome *o, bool server, struct nectar_view in, uint8_t how)
{
    struct bytes head;

    *o = (struct outcome){.error = 0};
    bytes_init(&head, WS_UPGRADE_MAX);
    bytes_init(&o->answer, ANSWER_MAX);
    for (size_t nth = 0; in.len > 0 && !o->error && !o->done; nth++) {
        struct nectar_view piece = fuzz_take(&in, fuzz_piece(how, nth, in.len));
        uint8_t *copy = fuzz_copy(piece);
        size_t used = 0;

        if (server)
            o->error =
                ws_upgrade_accept(&head, copy, piece.len, &used, &o->done, &o->answer, o->reason);
        else
            o->error =
                ws_upgrade_confirm(&head, copy, piece.len, &used, &o->done, NONCE, o->reason);
        free(copy);
        fuzz_assert(used <= piece.len);
        fuzz_assert(o->error || o->done || used == piece.len);
        o->used += used;
        check(o, &head, server);
    }
    bytes_free(&head);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct nectar_view in = {data, len};
    bool server = fuzz_byte(&in) & 1;
    uint8_t how = fuzz_byte(&in);
    struct outcome whole, cut;

    fuzz_heap_begin();
    run(&whole, server, in, 0);
    run(&cut, server, in, how);
    fuzz_assert(fuzz_heap_peak() <= HEAP_MAX);
    fuzz_assert(whole.done == cut.done);
    if (in.len > 0 && memmem(in.data, in.len, "\r\n\r\n", 4))
        fuzz_assert(whole.done || whole.error);
    /* A client judges the status line as soon as it has it, and no byte behind it. */
    fuzz_assert(!server || whole.error == cut.error);
    fuzz_assert((whole.error != 0) == (cut.error != 0));
    if (server || whole.done) {
        fuzz_assert(whole.used == cut.used);
        fuzz_assert(strcmp(whole.reason, cut.reason) == 0);
        fuzz_assert(fuzz_same((struct nectar_view){whole.answer.data, whole.answer.len},
                              (struct nectar_view){cut.answer.data, cut.answer.len}));
    }
    bytes_free(&whole.answer);
    bytes_free(&cut.answer);
    return 0;
}
