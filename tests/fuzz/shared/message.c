#include "fuzz/shared/message.h"

#include <nectar/text.h>

#include "fuzz/shared/fuzz.h"
#include "msg/address.h"

static void check_address(struct nectar_view text)
{
    struct msg_address address;

    fuzz_assert(msg_address_parse(&address, text));
    fuzz_assert(address.node.len > 0 && address.process.len >= 5);
    fuzz_assert(fuzz_within(address.node, text.data, text.len));
    fuzz_assert(fuzz_within(address.process, text.data, text.len));
    fuzz_assert(address.node.len + 1 + address.process.len == text.len);
    (void)msg_process_valid(address.process);
}

void message_check_within(const struct nectar_message *message, const uint8_t *data, size_t len)
{
    const struct nectar_view views[] = {message->source,   message->target,       message->rsvp,
                                        message->metadata, message->mime,         message->body,
                                        message->context,  message->capabilities, message->blob};

    for (size_t i = 0; i < sizeof views / sizeof views[0]; i++)
        fuzz_assert(fuzz_within(views[i], data, len));
}

/* Every byte can be read, which a sanitizer sees. */
static void touch(struct nectar_view view)
{
    volatile uint8_t sum = 0;

    for (size_t i = 0; i < view.len; i++)
        sum = (uint8_t)(sum + view.data[i]);
}

void message_check(const struct nectar_message *message)
{
    const struct nectar_view texts[] = {message->source, message->target, message->rsvp,
                                        message->metadata, message->mime};

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        fuzz_assert(nectar_utf8_valid(texts[i]));
    touch(message->body);
    touch(message->context);
    touch(message->capabilities);
    touch(message->blob);
    fuzz_assert(message->body.data && message->capabilities.len > 0);
    fuzz_assert(message->blob.data || !message->mime.data);
    if (message->kind == NECTAR_REQUEST)
        fuzz_assert(!message->context.data);
    else
        fuzz_assert(message->kind == NECTAR_RESPONSE && !message->expects_response);
    fuzz_assert(message->form == NECTAR_FORM_BIN || message->form == NECTAR_FORM_ARRAY);
    check_address(message->source);
    check_address(message->target);
    if (message->rsvp.data)
        check_address(message->rsvp);
}

void message_assert_same(const struct nectar_message *a, const struct nectar_message *b)
{
    fuzz_assert(a->id == b->id && a->kind == b->kind && a->inherit == b->inherit);
    fuzz_assert(a->expects_response == b->expects_response && a->expects_s == b->expects_s);
    fuzz_assert(fuzz_same(a->source, b->source) && fuzz_same(a->target, b->target));
    fuzz_assert(fuzz_same(a->rsvp, b->rsvp) && fuzz_same(a->metadata, b->metadata));
    fuzz_assert(fuzz_same(a->body, b->body) && fuzz_same(a->capabilities, b->capabilities));
    fuzz_assert(fuzz_same(a->context, b->context) && fuzz_same(a->blob, b->blob));
    fuzz_assert(fuzz_same(a->mime, b->mime));
}
