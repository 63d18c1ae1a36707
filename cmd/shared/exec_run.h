/* The thread that starts and watches the commands of `listen --exec`. */
#ifndef SHARED_EXEC_RUN_H
#define SHARED_EXEC_RUN_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>
#include <sys/resource.h>
#include <sys/types.h>

#include <nectar/identity.h>
#include <nectar/message.h>
#include <nectar/node.h>

#include "shared/exec.h"

enum exec_end_kind {
    EXEC_EXITED,   /* status, as waitpid gives it */
    EXEC_LATE,     /* it took too long, and was ended */
    EXEC_TOO_MUCH, /* it wrote more than a message can hold, and was ended */
    EXEC_FAILED,   /* it could not be started: status is errno */
    EXEC_STOPPED,  /* the listener ended before it */
};

/* A message, and the command that handles it. */
struct exec_job {
    TAILQ_ENTRY(exec_job) all;
    uint64_t connection;
    struct nectar_message request; /* its views point into data */
    bool wants_answer;
    char peer[NECTAR_NAME_MAX + 1];
    uint64_t due;     /* clock_now: it is ended then */
    uint64_t give_up; /* clock_now: its reply is dropped then; 0: there is none yet */
    size_t body_len;
    uint8_t *data; /* the body first; freed when it has been handed over */
    size_t bytes;  /* of data */
    uint8_t *reply;
    size_t reply_len, reply_room;
    enum exec_end_kind end;
    int status;
    /* the thread's alone */
    pid_t pid;
    int watch; /* a pidfd */
    int out;   /* its standard output; -1 once it has ended */
    bool terminated;
};

TAILQ_HEAD(exec_jobs, exec_job);

struct exec {
    struct exec_config config;
    struct nectar_node *node;
    uint64_t patience;   /* us: for what says not how long it waits */
    struct rlimit files; /* as it was before it was raised */
    int guard;           /* its pipe */
    pid_t guard_pid;
    pthread_t thread;
    bool has_thread;
    int wake;               /* eventfd: there is something to do for the thread */
    pthread_mutex_t mutex;  /* what follows is shared */
    pthread_cond_t is_idle; /* a job has ended */
    struct exec_jobs waiting;
    struct exec_jobs done;
    size_t slots; /* taken: running, or done and not yet answered */
    size_t held;  /* jobs there are */
    size_t bytes; /* of them */
    bool stopping;
    /* the main thread's */
    struct exec_jobs blocked; /* done, but the peer does not read */
    bool is_over;             /* the node has wound up: nothing is answered any more */
};

/* Starts the thread. 0 or an errno. */
int exec_run_start(struct exec *exec);

/* Ends what runs, then the thread. */
void exec_run_stop(struct exec *exec);

/* The thread has something to do. */
void exec_run_wake(struct exec *exec);

/* exec_spawn: starts a job's command. 0 or an errno. */
int exec_spawn(struct exec_job *job, const struct exec *exec);

#endif
