#include "shared/reply.h"

#include "shared/common.h"
#include "shared/output.h"

void reply_fields(struct json *json, const struct nectar_node_event *event)
{
    json_id(json, "id", event->id);
    json_text(json, "from", event->peer);
    json_body(json, "body", event->message->body);
    json_ms(json, "rtt_ms", event->rtt);
    if (event->via)
        json_text(json, "via", event->via);
    if (event->retried)
        json_bool(json, "retried", true);
}

void reply_print(const struct nectar_node_event *event)
{
    struct json json;
    if (!common.json) {
        output_body(event->message->body, false);
        return;
    }
    output_open(&json, "reply");
    reply_fields(&json, event);
    output_close(&json);
}
