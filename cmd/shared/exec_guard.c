#include "shared/exec_guard.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "shared/exec.h"

/* Groups told of at once; twice what can run, since an end may be told late. */
#define GROUPS_MAX (2 * EXEC_CHILDREN_MAX)

static pid_t groups[GROUPS_MAX];

/* A number that is 0 stands for a free place. */
static void replace(pid_t old, pid_t fresh)
{
    for (size_t i = 0; i < GROUPS_MAX; i++) {
        if (groups[i] == old) {
            groups[i] = fresh;
            return;
        }
    }
}

static _Noreturn void watch(int from)
{
    pid_t word;
    ssize_t n;
    do {
        n = read(from, &word, sizeof word);
        if (n != (ssize_t)sizeof word || word == 0)
            continue;
        if (word > 0)
            replace(0, word);
        else
            replace(-word, 0);
    } while (n > 0 || (n < 0 && errno == EINTR));
    for (size_t i = 0; i < GROUPS_MAX; i++) {
        if (groups[i] > 1)
            kill(-groups[i], SIGKILL);
    }
    _exit(0);
}

/* What ends the listener politely is not for us: it has yet to tell what is over. */
static void settle(int from)
{
    static const int polite[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGALRM, SIGPIPE};
    for (size_t i = 0; i < sizeof polite / sizeof polite[0]; i++)
        signal(polite[i], SIG_IGN);
    setsid();
    prctl(PR_SET_NAME, "nectar-guard");
    if (dup2(from, 0) < 0 || chdir("/") != 0)
        _exit(1);
    close_range(1, ~0u, 0);
}

int exec_guard_start(int *pipe_fd, pid_t *pid)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return errno;
    *pid = fork();
    if (*pid == 0) {
        settle(ends[0]);
        watch(0);
    }
    int error = *pid < 0 ? errno : 0;
    close(ends[0]);
    if (error)
        close(ends[1]);
    else
        *pipe_fd = ends[1];
    return error;
}

/* A word is written whole or not at all. */
static void tell(int pipe_fd, pid_t word)
{
    ssize_t n;
    do
        n = write(pipe_fd, &word, sizeof word);
    while (n < 0 && errno == EINTR);
}

void exec_guard_begun(int pipe_fd, pid_t group)
{
    tell(pipe_fd, group);
}

void exec_guard_over(int pipe_fd, pid_t group)
{
    tell(pipe_fd, -group);
}
