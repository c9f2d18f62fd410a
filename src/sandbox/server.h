/* The loop: listener on loopback, signals, the end after a while, and the moment in each
 * turn when the ledger is committed and the replies leave. */
#ifndef REMESA_SANDBOX_SERVER_H
#define REMESA_SANDBOX_SERVER_H

#include <uv.h>

#include "base/err.h"
#include "sandbox/conn.h"

struct server {
    uv_loop_t loop;
    uv_tcp_t listener;
    uv_check_t after_poll;    /* replies to what was read */
    uv_prepare_t before_poll; /* replies that waited for a timer, and the next timer */
    uv_signal_t interrupt, terminate;
    uv_timer_t end;
    uv_timer_t late; /* when the next of the late requests takes effect */
    struct host host;
    bool stopping;
};

/* Listens; *port is where. ERR_UNAVAILABLE. server_close in either case. */
int server_open(struct server *s, struct sandbox *sandbox, int *port, struct err *err);
void server_run(struct server *s); /* until a signal or --max-seconds */
void server_close(struct server *s);

#endif
