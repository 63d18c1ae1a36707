#include "ws/head.h"

#include <string.h>

#include <nectar/error.h>
#include <nectar/text.h>

#include "base/view.h"
#include "crypto/sha1.h"
#include "ws/upgrade.h"

/* May c follow previous in a head? */
static bool fits(uint8_t previous, uint8_t c)
{
    if ((previous == '\r') != (c == '\n'))
        return false;
    return c >= ' ' ? c != 0x7f : c == '\r' || c == '\n' || c == '\t';
}

/* The last four bytes of what there is, the last one lowest. */
static uint32_t tail_of(const struct bytes *head)
{
    uint32_t tail = 0;

    for (size_t at = head->len > 4 ? head->len - 4 : 0; at < head->len; at++)
        tail = tail << 8 | head->data[at];
    return tail;
}

int head_collect(struct bytes *head, const uint8_t *data, size_t len, size_t *used, bool *whole)
{
    const uint32_t end = 0x0d0a0d0a; /* CR LF CR LF */
    size_t room = WS_UPGRADE_MAX - head->len;
    uint32_t tail = tail_of(head);

    *whole = false;
    for (*used = 0; *used < len && !*whole; ++*used) {
        uint8_t c = data[*used];

        if (!fits((uint8_t)tail, c))
            return NECTAR_EUPGRADE;
        if (*used == room)
            return NECTAR_ETOOBIG;
        tail = tail << 8 | c;
        *whole = tail == end;
    }
    return bytes_append(head, data, *used);
}

bool head_line(struct nectar_view *rest, struct nectar_view *line)
{
    if (!view_split(*rest, '\n', line, rest))
        return false;
    line->len--; /* the CR that head_collect saw to */
    return true;
}

/* RFC 9110, section 5.6.2: what names are made of. */
static bool is_token(struct nectar_view text)
{
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.data[i];
        bool alphanumeric =
            (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');

        if (!alphanumeric && (c == 0 || !strchr("!#$%&'*+-.^_`|~", c)))
            return false;
    }
    return text.len > 0;
}

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t';
}

static struct nectar_view trimmed(struct nectar_view text)
{
    while (text.len > 0 && is_blank(text.data[0])) {
        text.data++;
        text.len--;
    }
    while (text.len > 0 && is_blank(text.data[text.len - 1]))
        text.len--;
    return text;
}

bool head_field(struct nectar_view line, struct nectar_view *name, struct nectar_view *value)
{
    if (!view_split(line, ':', name, value) || !is_token(*name))
        return false;
    *value = trimmed(*value);
    return true;
}

static uint8_t lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c + ('a' - 'A')) : c;
}

bool head_same(struct nectar_view text, const char *other)
{
    if (text.len != strlen(other))
        return false;
    for (size_t i = 0; i < text.len; i++)
        if (lower(text.data[i]) != lower((uint8_t)other[i]))
            return false;
    return true;
}

bool head_lists(struct nectar_view list, const char *token)
{
    struct nectar_view item;

    while (view_split(list, ',', &item, &list))
        if (head_same(trimmed(item), token))
            return true;
    return head_same(trimmed(list), token);
}

void head_answer(char out[HEAD_ANSWER_SIZE], const char key[HEAD_KEY_LENGTH])
{
    static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    uint8_t text[HEAD_KEY_LENGTH + sizeof guid - 1];
    uint8_t hash[SHA1_BYTES];

    memcpy(text, key, HEAD_KEY_LENGTH);
    memcpy(text + HEAD_KEY_LENGTH, guid, sizeof guid - 1);
    sha1_hash(hash, text, sizeof text);
    nectar_base64_encode(out, hash, sizeof hash);
}
