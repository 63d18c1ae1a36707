#include "msg/address.h"

#include <string.h>

#include "base/view.h"

static bool holds(struct nectar_view view, char byte)
{
    return view.len > 0 && memchr(view.data, byte, view.len);
}

bool msg_address_parse(struct msg_address *out, struct nectar_view text)
{
    struct nectar_view node;
    struct nectar_view process;
    struct nectar_view name;
    struct nectar_view package;
    struct nectar_view publisher;
    struct nectar_view rest;

    if (!view_split(text, '@', &node, &process) || holds(process, '@'))
        return false;
    if (!view_split(process, ':', &name, &rest) || !view_split(rest, ':', &package, &publisher) ||
        holds(publisher, ':'))
        return false;
    if (node.len == 0 || name.len == 0 || package.len == 0 || publisher.len == 0)
        return false;
    *out = (struct msg_address){.node = node, .process = process};
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
