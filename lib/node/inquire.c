#include "node/inquire.h"

#include <stdlib.h>

#include <nectar/error.h>

#include "base/text.h"
#include "node/node.h"
#include "pki/name.h"

void node_inquiries_init(struct node_inquiries *inquiries)
{
    TAILQ_INIT(&inquiries->waiting);
    TAILQ_INIT(&inquiries->ended);
}

static void on_found(void *context, const struct nectar_found *found)
{
    struct node_inquiry *inquiry = context;
    struct node_inquiries *inquiries = &inquiry->node->inquiries;

    inquiry->ask = NULL;
    inquiry->found = *found;
    inquiry->found.name = inquiry->name;
    TAILQ_REMOVE(&inquiries->waiting, inquiry, all);
    TAILQ_INSERT_TAIL(&inquiries->ended, inquiry, all);
}

static void begin(struct node_inquiry *inquiry, bool fresh)
{
    struct nectar_node *node = inquiry->node;
    const struct node_query query = {
        .name = inquiry->name,
        .fresh = fresh,
        .anew = true,
        .done = on_found,
        .context = inquiry,
    };

    if (node_resolve(&inquiry->found, &inquiry->ask, node, &query))
        TAILQ_INSERT_TAIL(&node->inquiries.ended, inquiry, all);
    else
        TAILQ_INSERT_TAIL(&node->inquiries.waiting, inquiry, all);
}

int nectar_node_lookup(struct nectar_node *node, const char *name, bool fresh, uint64_t *id)
{
    struct node_inquiries *inquiries = &node->inquiries;
    struct node_inquiry *inquiry;
    int error = name_check_full(name);

    if (error)
        return error;
    if (inquiries->count >= NECTAR_LOOKUPS_MAX)
        return NECTAR_EFULL;
    inquiry = calloc(1, sizeof *inquiry);
    if (!inquiry)
        return NECTAR_ENOMEM;
    inquiries->count++;
    inquiry->node = node;
    inquiry->id = *id = ++inquiries->serial;
    text_copy(inquiry->name, sizeof inquiry->name, name);
    begin(inquiry, fresh);
    return 0;
}

bool node_inquiry_tell(struct node_inquiries *inquiries, struct nectar_node_event *event)
{
    struct node_inquiry *inquiry = TAILQ_FIRST(&inquiries->ended);

    if (!inquiry)
        return false;
    TAILQ_REMOVE(&inquiries->ended, inquiry, all);
    inquiries->count--;
    inquiries->shown = inquiry;
    *event = (struct nectar_node_event){
        .type = NECTAR_NODE_FOUND,
        .id = inquiry->id,
        .found = &inquiry->found,
    };
    return true;
}

void node_inquiry_told(struct node_inquiries *inquiries)
{
    free(inquiries->shown);
    inquiries->shown = NULL;
}

static void free_all(struct node_inquiry_list *list)
{
    struct node_inquiry *inquiry;

    while ((inquiry = TAILQ_FIRST(list))) {
        TAILQ_REMOVE(list, inquiry, all);
        node_ask_free(inquiry->ask);
        free(inquiry);
    }
}

void node_inquiries_free(struct node_inquiries *inquiries)
{
    node_inquiry_told(inquiries);
    free_all(&inquiries->waiting);
    free_all(&inquiries->ended);
}
