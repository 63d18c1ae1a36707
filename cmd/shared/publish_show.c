#include <stdio.h>
#include <stdlib.h>

#include <nectar/error.h>

#include "shared/common.h"
#include "shared/exit.h"
#include "shared/output.h"
#include "shared/publish.h"
#include "shared/report.h"

static int failed(int error)
{
    return error ? report_local(exit_of_error(error), NULL, NULL, "%s", nectar_error_text(error))
                 : 0;
}

static int print_record(const char *before, const struct nectar_record *record)
{
    char *text = NULL;
    int error = nectar_record_format(&text, record);
    if (error)
        return failed(error);
    printf("%s%s\n", before, text);
    free(text);
    output_flush();
    return 0;
}

int publish_show_open(struct json *json, const struct nectar_record *before,
                      const struct nectar_record *after, bool same)
{
    char *old = NULL;
    char *new = NULL;
    int error = nectar_record_format(&new, after);
    if (!error && *before->name)
        error = nectar_record_format(&old, before);
    if (!error) {
        output_open(json, "change");
        json_text(json, "name", after->name);
        json_raw(json, "old", old ? old : "null");
        json_raw(json, "new", new);
        json_bool(json, "unchanged", same);
    }
    free(old);
    free(new);
    return failed(error);
}

int publish_show(const struct nectar_record *before, const struct nectar_record *after, bool same)
{
    int status = 0;
    if (same)
        return print_record("  ", after);
    if (*before->name)
        status = print_record("- ", before);
    return status ? status : print_record("+ ", after);
}
