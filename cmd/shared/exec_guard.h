/*
 * Whoever kills the listener shall not leave its commands behind: a process that waits for the end
 * of a pipe which the listener alone holds, and then ends the process groups it has been told of.
 * It is there before any key is read, and is no child of the shell's terminal.
 */
#ifndef SHARED_EXEC_GUARD_H
#define SHARED_EXEC_GUARD_H

#include <sys/types.h>

/* *pipe_fd is closed on exec. 0 or an errno. */
int exec_guard_start(int *pipe_fd, pid_t *pid);

/* The group of that process has begun, or is at its end: before it is waited for, so that the
 * number cannot be another's yet. Both may be called behind fork. */
void exec_guard_begun(int pipe_fd, pid_t group);
void exec_guard_over(int pipe_fd, pid_t group);

#endif
