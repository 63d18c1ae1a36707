#include "msg/address.h"

#include <string.h>

#include "base/view.h"

bool msg_address_parse(struct msg_address *out, struct nectar_view text)
{
    size_t process = 0; /* where it begins; 0 before the '@' */
    size_t part = 0;    /* where the part being read begins */
    size_t colons = 0;

    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.data[i];

        if (c != '@' && (c != ':' || process == 0))
            continue;
        if (i == part || (c == '@' && process > 0))
            return false;
        part = i + 1;
        if (c == '@')
            process = part;
        else
            colons++;
    }
    if (colons != 2 || part == text.len)
        return false;
    out->node = (struct nectar_view){text.data, process - 1};
    out->process = (struct nectar_view){text.data + process, text.len - process};
    return true;
}

bool msg_address_on(struct nectar_view *process, struct nectar_view text, const char *node)
{
    size_t len = strlen(node);

    if (text.len <= len || memcmp(text.data, node, len) != 0 || text.data[len] != '@')
        return false;
    *process = (struct nectar_view){text.data + len + 1, text.len - len - 1};
    return true;
}

/* Is it one or more of a-z, 0-9, '-' and also? */
static bool part_valid(struct nectar_view part, char also)
{
    for (size_t i = 0; i < part.len; i++) {
        uint8_t c = part.data[i];

        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-' && c != also)
            return false;
    }
    return part.len > 0;
}

bool msg_process_valid(struct nectar_view process)
{
    struct nectar_view name;
    struct nectar_view package;
    struct nectar_view publisher;
    struct nectar_view rest;

    return view_split(process, ':', &name, &rest) && view_split(rest, ':', &package, &publisher) &&
           part_valid(name, '-') && part_valid(package, '-') && part_valid(publisher, '.');
}
