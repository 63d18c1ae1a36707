/* What arrives on one leg goes out on the other (ws/forward). */
#include <nectar/error.h>

#include "node/passage.h"

enum { RELAY_KEEP = 4096 }; /* bytes of buffer that an idle leg may keep */

static size_t pending(const struct leg *leg)
{
    return leg->out.len - leg->gone;
}

/* Takes a control frame that came from this leg. False if it was a Close, and all is over. */
static bool take_control(struct leg *mine, struct leg *other, const struct ws_message *frame)
{
    if (frame->opcode == WS_PING)
        ws_forward_control(&other->forward, &mine->out, WS_PONG, frame->data, frame->len);
    return frame->opcode != WS_CLOSE;
}

/* Passes input on as far as there is room. False if the passage has ended over it. */
static bool pass(struct node_conn *conn)
{
    struct leg *mine = leg_of(conn), *other = other_leg(conn);
    struct ws_message frame = {.opcode = WS_NONE};
    size_t used;

    do {
        size_t room = pending(other) < RELAY_ROOM ? RELAY_ROOM - pending(other) : 0;
        int error;

        if (other->gone > 0) {
            bytes_consume(&other->out, other->gone);
            other->gone = 0;
        }
        error = ws_forward(&mine->forward, conn->input.data, conn->input.len, &used, &other->out,
                           room, &frame);
        mine->bytes += used;
        conn->input.data += used;
        conn->input.len -= used;
        if (error || !take_control(mine, other, &frame)) {
            node_passage_lost(conn, error ? nectar_error_text(error) : "closed");
            return false;
        }
    } while (frame.opcode != WS_NONE);
    return true;
}

void node_relay_receive(struct node_conn *conn)
{
    struct node_passage *passage = conn->passage;

    if (!passage->open) {
        node_passage_end(passage, "it has not waited");
        return;
    }
    if (passage->ending) {
        /* Thrown away: closing a socket with unread input would take back what was written. */
        if (node_receive_begin(conn))
            node_receive_end(conn, false);
        return;
    }
    if (!node_receive_begin(conn) || !pass(conn))
        return;
    node_conn_touch(other_leg(conn)->conn);
    node_receive_end(conn, conn->input.len > 0);
}

/* Writes what the socket takes; false if that has failed. */
static bool write_leg(struct leg *leg)
{
    struct node_conn *conn = leg->conn;
    size_t n = 1;

    while (pending(leg) > 0 && !conn->stuck && n > 0) {
        if (net_stream_write(conn->stream, leg->out.data + leg->gone, pending(leg), &n))
            return false;
        conn->stuck = n < pending(leg);
        if (n > 0 || !conn->was_stuck)
            conn->stuck_at = net_loop_now(conn->node->loop);
        conn->was_stuck = conn->stuck;
        leg->gone += n;
    }
    if (pending(leg) > 0)
        return true;
    bytes_clear(&leg->out);
    leg->gone = 0;
    if (leg->out.cap > RELAY_KEEP)
        bytes_free(&leg->out);
    return true;
}

void node_relay_flush(struct node_conn *conn)
{
    struct node_passage *passage = conn->passage;
    struct leg *mine = leg_of(conn), *other = other_leg(conn);

    if (!write_leg(mine)) {
        node_passage_lost(conn, "connection lost");
        return;
    }
    if (passage->ending && pending(mine) == 0)
        net_stream_finish(conn->stream);
    if (other->conn && other->conn->is_parked && pending(mine) < RELAY_ROOM / 2)
        node_conn_resume(other->conn);
    /* One who waits is read no further, but may leave. */
    if (passage->open)
        net_stream_watch(conn->stream, !conn->is_parked || passage->ending, conn->stuck);
    else
        net_stream_watch_end(conn->stream, conn->stuck);
    node_conn_rearm(conn);
}
