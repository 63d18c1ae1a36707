#include "shared/record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nectar/error.h>
#include <nectar/text.h>

#include "shared/common.h"
#include "shared/exit.h"
#include "shared/output.h"
#include "shared/report.h"
#include "shared/text.h"

/* The owner, where it is not what the record says anyway; else NULL. */
static const char *other_owner(const struct nectar_listing *listing)
{
    char hex[2 * NECTAR_PUBLIC_BYTES + 1] = "";
    if (listing->record.has_key)
        nectar_hex_encode(hex, listing->record.key, sizeof listing->record.key);
    return *listing->owner && strcmp(listing->owner, hex) != 0 ? listing->owner : NULL;
}

static void print_json(const char *text, const struct nectar_listing *listing,
                       const struct nectar_answer *answer)
{
    const char *owner = other_owner(listing);
    uint64_t block = listing->block ? listing->block : answer->block;
    struct json json;
    output_open(&json, "record");
    json_merge(&json, text);
    if (owner)
        json_text(&json, "owner", owner);
    json_text(&json, "source", answer->source);
    if (block)
        json_id(&json, "block", block);
    if (answer->cached)
        json_bool(&json, "cached", true);
    json_real(&json, "age_s", answer->age_s);
    output_close(&json);
}

static void print_plain(const char *text, const char *owner)
{
    if (!owner) {
        output_line(text);
        return;
    }
    char *line = text_format("%.*s,\"owner\":\"%s\"}", (int)strlen(text) - 1, text, owner);
    output_line(line);
    free(line);
}

int record_print(const struct nectar_listing *listing, const struct nectar_answer *answer)
{
    char *text = NULL;
    int error = nectar_record_format(&text, &listing->record);
    if (error)
        return report_local(exit_of_error(error), NULL, NULL, "%s", nectar_error_text(error));
    if (common.json)
        print_json(text, listing, answer);
    else
        print_plain(text, other_owner(listing));
    free(text);
    return 0;
}
