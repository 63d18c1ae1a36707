/* A TCP connection: read and write without blocking, and be told when that will do something. */
#ifndef NET_STREAM_H
#define NET_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/loop.h"

struct net_stream;

/* Called from net_loop_run. Both are true on an error, which the next read or write tells. */
typedef void net_stream_ready(void *context, bool readable, bool writable);

/* Takes over a socket that does not block (it is closed on failure too), and watches nothing yet.
 * NECTAR_ENOMEM. */
int net_stream_new(struct net_stream **out, struct net_loop *loop, int fd);

/* How TCP is to treat what we send. Those that a listening socket accepts have it from that. */
void net_stream_tune(struct net_stream *stream);

/* Closes the socket at once. NULL is allowed. */
void net_stream_free(struct net_stream *stream);

/* Who is told, from now on. */
void net_stream_attach(struct net_stream *stream, net_stream_ready *ready, void *context);

/* What to be told of. */
void net_stream_watch(struct net_stream *stream, bool readable, bool writable);

/* Of what can be read, only the end is to be told of, as readable, however much there is to read
 * before it. */
void net_stream_watch_end(struct net_stream *stream, bool writable);

/* Bounds what the system keeps for it of either way: for one who only passes on what comes. */
void net_stream_narrow(struct net_stream *stream);

/*
 * Reads what is there. *n 0: nothing yet. NECTAR_ECLOSED the peer has ended the stream; NECTAR_EIO
 * (errno set).
 */
int net_stream_read(struct net_stream *stream, uint8_t *data, size_t len, size_t *n);

/* Writes what can be written. *n 0: nothing now. NECTAR_EIO (errno set). */
int net_stream_write(struct net_stream *stream, const uint8_t *data, size_t len, size_t *n);

/* Has the other end's system taken all that was written? Where it ended the stream without being
 * reset, its program has then read it, too. */
bool net_stream_taken(const struct net_stream *stream);

/* Nothing more will be written: the peer reads the end of the stream behind what was. */
void net_stream_finish(struct net_stream *stream);

/* The socket. */
int net_stream_fd(const struct net_stream *stream);

#endif
