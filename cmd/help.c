/* nectar-net help: opens the manual page of a verb, or its --help where there is no man. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shared/cli.h"
#include "shared/exit.h"
#include "shared/paths.h"
#include "shared/report.h"
#include "shared/text.h"

static const struct cli cli = {
    .verb = "help",
    .operands = "[VERB]",
    .max_operands = 1,
    .no_settings = true,
};

/* A page in a folder, as it stands in the source tree or as it is installed; NULL if none is. */
static char *page_in(const char *folder, const char *page)
{
    for (const char *section = "1753"; *section; section++) {
        char *paths[] = {
            text_format("%s/%s.%c", folder, page, *section),
            text_format("%s/man%c/%s.%c", folder, *section, page, *section),
            text_format("%s/man%c/%s.%c.gz", folder, *section, page, *section),
        };
        char *found = NULL;
        for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
            if (!found && access(paths[i], R_OK) == 0)
                found = paths[i];
            else
                free(paths[i]);
        }
        if (found)
            return found;
    }
    return NULL;
}

/* Beside the programs: the source tree's man, or the manual of the prefix. */
static char *find_page(const char *folder, const char *page)
{
    static const char *const places[] = {"../../man", "../../../man", "../../share/man"};
    char *found = NULL;
    for (size_t i = 0; folder && !found && i < sizeof places / sizeof *places; i++) {
        char *place = text_format("%s/%s", folder, places[i]);
        found = page_in(place, page);
        free(place);
    }
    return found;
}

/* What has no page can still tell of itself. */
static int ask_the_program(const char *folder, const char *topic)
{
    char *name = text_format("nectar-net%s%s", topic ? "-" : "", topic ? topic : "");
    char *beside = text_format("%s/%s", folder ? folder : ".", name);
    execl(beside, name, "--help", (char *)NULL);
    execlp(name, name, "--help", (char *)NULL);
    free(beside);
    free(name);
    return report_local(EXIT_USAGE, topic, "nectar-net -h lists the verbs", "no such verb");
}

int main(int argc, char **argv)
{
    static struct text_list operands;
    cli_start(&cli, argc, argv, &operands);
    const char *topic = operands.count ? operands.items[0] : NULL;
    if (topic && (strchr(topic, '/') || *topic == '.' || !*topic))
        return cli_usage_error("not a verb: %s", topic);
    char *folder = path_of_program();
    char *name = text_format("nectar-net%s%s", topic ? "-" : "", topic ? topic : "");
    char *page = find_page(folder, name);
    if (!page && topic)
        page = find_page(folder, topic);
    if (page)
        execlp("man", "man", "-l", page, (char *)NULL);
    /* Still here: no page, or no man on this machine. */
    int status = ask_the_program(folder, topic);
    free(page);
    free(name);
    free(folder);
    return status;
}
