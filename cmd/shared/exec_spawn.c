/* Starting a command: its descriptors, its environment, its limits. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "shared/exec_guard.h"
#include "shared/exec_run.h"
#include "shared/target.h"
#include "shared/text.h"

#define SHELL "/bin/sh"

/* What the command gets; made before the fork, behind which no memory may be asked for. */
struct birth {
    const struct exec *exec;
    int in, out[2];
    pid_t parent;
    char **environment;
    char *own[3]; /* of it, those that are ours to free */
};

/* Not for the command: it is no part of the service, and opens no key. */
static bool is_withheld(const char *variable)
{
    static const char *const names[] = {"NECTAR_PASSPHRASE_FILE", "NOTIFY_SOCKET", "NECTAR_FROM",
                                        "NECTAR_ID", "NECTAR_TARGET"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        size_t n = strlen(names[i]);
        if (strncmp(variable, names[i], n) == 0 && variable[n] == '=')
            return true;
    }
    return false;
}

/* Only a process that is one: no other byte of a peer's gets into the environment. */
static char *target_variable(struct nectar_view target)
{
    char *text = text_format("NECTAR_TARGET=%.*s", (int)target.len, (const char *)target.data);
    const char *at = strchr(text, '@');
    if (strlen(text) == strlen("NECTAR_TARGET=") + target.len && at && target_is_process(at + 1))
        return text;
    free(text);
    return NULL;
}

static void make_environment(struct birth *birth, const struct exec_job *job)
{
    size_t count = 0, n = 0;
    while (environ[count])
        count++;
    birth->environment = text_resize(NULL, (count + 4) * sizeof *birth->environment);
    for (size_t i = 0; i < count; i++) {
        if (!is_withheld(environ[i]))
            birth->environment[n++] = environ[i];
    }
    birth->own[0] = text_format("NECTAR_FROM=%s", job->peer);
    birth->own[1] = text_format("NECTAR_ID=%" PRIu64, job->request.id);
    birth->own[2] = target_variable(job->request.target);
    for (size_t i = 0; i < 3 && birth->own[i]; i++)
        birth->environment[n++] = birth->own[i];
    birth->environment[n] = NULL;
}

/* The body as a file without a name: a command that does not read it blocks nobody. */
static int make_input(int *out, const struct exec_job *job)
{
    size_t at = 0;
    int fd = memfd_create("message", MFD_CLOEXEC);
    if (fd < 0)
        return errno;
    while (at < job->body_len) {
        ssize_t n = write(fd, job->data + at, job->body_len - at);
        if (n < 0 && errno != EINTR) {
            int error = errno;
            close(fd);
            return error;
        }
        at += n > 0 ? (size_t)n : 0;
    }
    if (lseek(fd, 0, SEEK_SET) != 0) {
        close(fd);
        return EIO;
    }
    *out = fd;
    return 0;
}

/* Out of the way of 0, 1 and 2, should the listener have been started without them. */
static int clear_of_standard(int *fd)
{
    int moved;
    if (*fd > STDERR_FILENO)
        return 0;
    moved = fcntl(*fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    if (moved < 0)
        return errno;
    close(*fd);
    *fd = moved;
    return 0;
}

static int make_descriptors(struct birth *birth, const struct exec_job *job)
{
    int error = make_input(&birth->in, job);
    if (!error && pipe2(birth->out, O_CLOEXEC) != 0)
        error = errno;
    if (!error)
        error = clear_of_standard(&birth->in);
    if (!error)
        error = clear_of_standard(&birth->out[1]);
    if (!error && fcntl(birth->out[0], F_SETFL, O_NONBLOCK) != 0)
        error = errno;
    return error;
}

static void close_all(struct birth *birth)
{
    const int fds[] = {birth->in, birth->out[0], birth->out[1]};
    for (size_t i = 0; i < sizeof fds / sizeof fds[0]; i++) {
        if (fds[i] >= 0)
            close(fds[i]);
    }
    for (size_t i = 0; i < 3; i++)
        free(birth->own[i]);
    free(birth->environment);
}

/* In the child, where nothing but calls of the system may be made. */
static _Noreturn void become(const struct birth *birth)
{
    const char *const arguments[] = {"sh", "-c", birth->exec->config.command, NULL};
    const struct sigaction as_usual = {.sa_handler = SIG_DFL};
    sigset_t none;
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    exec_guard_begun(birth->exec->guard, getpid());
    if (getppid() != birth->parent)
        _exit(127);
    for (int i = 1; i < NSIG; i++)
        sigaction(i, &as_usual, NULL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    setrlimit(RLIMIT_NOFILE, &birth->exec->files);
    if (dup2(birth->in, STDIN_FILENO) < 0 || dup2(birth->out[1], STDOUT_FILENO) < 0 ||
        close_range(STDERR_FILENO + 1, ~0u, 0) != 0)
        _exit(127);
    execve(SHELL, (char *const *)(uintptr_t)arguments, birth->environment);
    _exit(127);
}

int exec_spawn(struct exec_job *job, const struct exec *exec)
{
    struct birth birth = {.exec = exec, .in = -1, .out = {-1, -1}, .parent = getpid()};
    int error = make_descriptors(&birth, job);
    if (!error) {
        make_environment(&birth, job);
        job->pid = fork();
        if (job->pid == 0)
            become(&birth);
        error = job->pid < 0 ? errno : 0;
    }
    if (!error) {
        setpgid(job->pid, job->pid); /* whoever of us comes first */
        job->watch = pidfd_open(job->pid, 0);
        if (job->watch < 0) {
            error = errno;
            kill(job->pid, SIGKILL);
            exec_guard_over(exec->guard, job->pid);
            while (waitpid(job->pid, NULL, 0) < 0 && errno == EINTR)
                continue;
        }
    }
    if (!error) {
        job->out = birth.out[0];
        birth.out[0] = -1;
    }
    close_all(&birth);
    return error;
}
