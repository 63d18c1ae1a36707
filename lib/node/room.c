/*
 * Room for messages half received, of all peers together. One that begins takes as much as it says
 * it will be; where there is not so much, its connection is not read until others have ended.
 */
#include "node/node.h"
#include "node/trim.h"

/* The largest message passes even where the limit is smaller, alone. */
static bool fits(const struct nectar_node *node, size_t size)
{
    return node->partial == 0 || node->partial + size <= node->max_partial;
}

static void admit(struct node_conn *conn, size_t size)
{
    conn->node->partial += size;
    conn->room = size;
}

/* Those that wait go on, the longest waiting first, as far as there is room now. */
static void wake(struct nectar_node *node)
{
    struct node_conn *conn;

    while ((conn = TAILQ_FIRST(&node->crowded))) {
        size_t size = nectar_link_expects(conn->link);

        if (!fits(node, size))
            return;
        TAILQ_REMOVE(&node->crowded, conn, crowded);
        conn->is_crowded = false;
        admit(conn, size);
        node_conn_resume(conn);
    }
}

static void give_back(struct node_conn *conn)
{
    if (conn->room == 0)
        return;
    conn->node->partial -= conn->room;
    node_trim_note(conn->node, conn->room);
    conn->room = 0;
    wake(conn->node);
}

bool node_room_take(struct node_conn *conn)
{
    struct nectar_node *node = conn->node;
    size_t begun = nectar_link_expects(conn->link);
    size_t size = begun ? begun : nectar_link_keeps(conn->link);

    if (conn->is_crowded)
        return false;
    if (size == conn->room)
        return true;
    give_back(conn);
    /* What is kept of a message that has ended is there already: it only counts. */
    if (!begun || (TAILQ_EMPTY(&node->crowded) && fits(node, size))) {
        admit(conn, size);
        return true;
    }
    node_warn(conn, "waits: too much is half received from all peers together");
    conn->is_crowded = true;
    TAILQ_INSERT_TAIL(&node->crowded, conn, crowded);
    return false;
}

void node_room_leave(struct node_conn *conn)
{
    if (conn->is_crowded)
        TAILQ_REMOVE(&conn->node->crowded, conn, crowded);
    conn->is_crowded = false;
    give_back(conn);
}
