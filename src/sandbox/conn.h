/* Connections: bytes from the socket to the parser, requests to `serve`, replies back.
 *
 * One request at a time per connection, in order. A request that is complete is served
 * even when its client has gone: that is what a real server does, and what makes an
 * answer that was never read a doubt for the client.
 *
 * A reply does not leave at once: it is put on the host's due list, and conn_flush,
 * called when a turn of the loop has done its reading, commits the ledger first and sends
 * then. */
#ifndef REMESA_SANDBOX_CONN_H
#define REMESA_SANDBOX_CONN_H

#include <uv.h>

#include "sandbox/sandbox.h"

struct conn;

struct host {
    uv_loop_t *loop;
    struct sandbox *sandbox;
    struct conn *conns;                /* all that are open */
    struct conn *due_first, *due_last; /* whose replies wait for the commit */
    char read_buffer[64 * 1024];       /* used inside one callback only */
};

/* Takes the connection that waits at the listener. */
void conn_accept(struct host *h, uv_stream_t *listener);

void conn_flush(struct host *h);

/* Ends all; what waits for a delay is not answered. */
void conn_close_all(struct host *h);

#endif
