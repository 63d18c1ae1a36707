#include "shared/paths.h"

#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shared/exit.h"
#include "shared/report.h"
#include "shared/text.h"

/* NULL if there is none. */
static const char *find_home(void)
{
    const char *path = getenv("HOME");
    if (path && *path)
        return path;
    const struct passwd *user = getpwuid(getuid());
    return user && user->pw_dir && *user->pw_dir ? user->pw_dir : NULL;
}

static const char *home(const char *variable)
{
    const char *path = find_home();
    if (path)
        return path;
    exit(report_local(EXIT_USAGE, NULL, NULL, "neither %s nor HOME is set", variable));
}

/* A relative path there is to be ignored (XDG Base Directory Specification). */
static char *under(const char *variable, const char *fallback, const char *rest)
{
    const char *base = getenv(variable);
    if (base && *base == '/')
        return text_format("%s/nectar-net/%s", base, rest);
    return text_format("%s/%s/nectar-net/%s", home(variable), fallback, rest);
}

char *path_data(const char *rest)
{
    return under("XDG_DATA_HOME", ".local/share", rest);
}

char *path_config(const char *rest)
{
    return under("XDG_CONFIG_HOME", ".config", rest);
}

char *path_state(const char *rest)
{
    return under("XDG_STATE_HOME", ".local/state", rest);
}

char *path_cache(void)
{
    const char *base = getenv("XDG_CACHE_HOME");
    if (base && *base == '/')
        return text_format("%s/nectar-net", base);
    base = find_home();
    return base ? text_format("%s/.cache/nectar-net", base) : NULL;
}

bool path_make_parents(const char *path)
{
    char *folder = text_copy(path);
    bool made = true;
    for (char *slash = strchr(folder + 1, '/'); slash && made; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        made = mkdir(folder, 0700) == 0 || errno == EEXIST;
        *slash = '/';
    }
    free(folder);
    return made;
}

char *path_of_program(void)
{
    char path[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);
    if (n <= 0)
        return NULL;
    path[n] = '\0';
    char *slash = strrchr(path, '/');
    if (!slash)
        return NULL;
    *slash = '\0';
    return text_copy(path);
}
