/* Is it the same that two sides have seen? */
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/view.h"
#include "wire/shared/side.h"

static void assert_view(struct nectar_view got, struct nectar_view want)
{
    assert_int_equal(got.data == NULL, want.data == NULL);
    assert_int_equal(got.len, want.len);
    assert_true(view_equal(got, want));
}

void side_assert_same(const struct nectar_message *got, const struct nectar_message *want)
{
    static const uint8_t none[] = {0x90};
    struct nectar_view capabilities = want->capabilities;

    if (!capabilities.data)
        capabilities = (struct nectar_view){none, sizeof none};
    assert_true(got->id == want->id);
    assert_int_equal(got->kind, want->kind);
    assert_view(got->source, want->source);
    assert_view(got->target, want->target);
    assert_view(got->rsvp, want->rsvp);
    assert_int_equal(got->inherit, want->inherit);
    assert_int_equal(got->expects_response, want->expects_response);
    assert_true(got->expects_s == want->expects_s);
    assert_true(view_equal(got->body, want->body));
    assert_view(got->metadata, want->metadata);
    assert_view(got->capabilities, capabilities);
    assert_view(got->context, want->context);
    assert_view(got->blob, want->blob);
    assert_view(got->mime, want->mime);
}

void side_assert_same_notes(const struct side *side, const struct side *other, size_t count)
{
    assert_true(count <= side->note_count && count <= other->note_count);
    for (size_t i = 0; i < count; i++) {
        const struct side_note *a = &side->notes[i], *b = &other->notes[i];

        assert_int_equal(a->type, b->type);
        assert_int_equal(a->fresh, b->fresh);
        assert_int_equal(a->proxy_request, b->proxy_request);
        assert_int_equal(a->code, b->code);
        assert_string_equal(a->text, b->text);
        assert_string_equal(a->target, b->target);
        assert_memory_equal(a->signature, b->signature, sizeof a->signature);
        if (a->type == NECTAR_LINK_MESSAGE)
            side_assert_same(&a->message, &b->message);
    }
}
