#include "sandbox/server.h"

#include <signal.h>
#include <string.h>

#include "sandbox/late.h"
#include "sandbox/serve.h"

#define BACKLOG 1024

static void flush_after(uv_check_t *check)
{
    conn_flush(check->data);
}

static void on_late(uv_timer_t *timer)
{
    struct server *s = timer->data;
    serve_late(s->host.sandbox, clock_mono());
}

static void wait_for_late(struct server *s)
{
    int64_t next_us = late_next_us(s->host.sandbox->late);
    if (next_us == LATE_NEVER) {
        uv_timer_stop(&s->late);
        return;
    }
    int64_t wait_us = next_us - clock_mono().us;
    uv_update_time(&s->loop);
    uv_timer_start(&s->late, on_late, wait_us > 0 ? (uint64_t)wait_us / MS_US + 1 : 0, 0);
}

static void flush_before(uv_prepare_t *prepare)
{
    struct server *s = prepare->data;
    conn_flush(&s->host);
    wait_for_late(s);
}

static void close_handle(uv_handle_t *handle, void *ctx)
{
    (void)ctx;
    if (!uv_is_closing(handle))
        uv_close(handle, NULL);
}

static void stop(struct server *s)
{
    if (s->stopping)
        return;
    s->stopping = true;
    conn_flush(&s->host);
    conn_close_all(&s->host);
    uv_walk(&s->loop, close_handle, NULL);
}

static void on_signal(uv_signal_t *handle, int number)
{
    (void)number;
    stop(handle->data);
}

static void on_end(uv_timer_t *timer)
{
    stop(timer->data);
}

static void on_connection(uv_stream_t *listener, int status)
{
    struct server *s = listener->data;
    if (status == 0 && !s->stopping)
        conn_accept(&s->host, listener);
}

static int bound_port(const uv_tcp_t *listener)
{
    struct sockaddr_in at = {0};
    int len = sizeof(at);
    uv_tcp_getsockname(listener, (struct sockaddr *)&at, &len);
    return ntohs(at.sin_port);
}

static int listen_at(struct server *s, int port, struct err *err)
{
    struct sockaddr_in at;
    uv_ip4_addr("127.0.0.1", port, &at);
    int code = uv_tcp_bind(&s->listener, (const struct sockaddr *)&at, 0);
    if (code == 0)
        code = uv_listen((uv_stream_t *)&s->listener, BACKLOG, on_connection);
    if (code == 0)
        return 0;
    return err_set(err, ERR_UNAVAILABLE, "127.0.0.1:%d: %s", port, uv_strerror(code));
}

static void watch(struct server *s, const struct options *o)
{
    uv_check_start(&s->after_poll, flush_after);
    uv_prepare_start(&s->before_poll, flush_before);
    uv_signal_start(&s->interrupt, on_signal, SIGINT);
    uv_signal_start(&s->terminate, on_signal, SIGTERM);
    if (o->max_seconds > 0)
        uv_timer_start(&s->end, on_end, (uint64_t)o->max_seconds * 1000, 0);
}

int server_open(struct server *s, struct sandbox *sandbox, int *port, struct err *err)
{
    memset(s, 0, sizeof(*s));
    signal(SIGPIPE, SIG_IGN);
    uv_loop_init(&s->loop);
    s->host.loop = &s->loop;
    s->host.sandbox = sandbox;
    uv_tcp_init(&s->loop, &s->listener);
    uv_check_init(&s->loop, &s->after_poll);
    uv_prepare_init(&s->loop, &s->before_poll);
    uv_signal_init(&s->loop, &s->interrupt);
    uv_signal_init(&s->loop, &s->terminate);
    uv_timer_init(&s->loop, &s->end);
    uv_timer_init(&s->loop, &s->late);
    s->after_poll.data = &s->host;
    s->before_poll.data = s->late.data = s->listener.data = s->interrupt.data =
        s->terminate.data = s->end.data = s;
    if (listen_at(s, *port, err))
        return -1;
    *port = bound_port(&s->listener);
    watch(s, sandbox->options);
    return 0;
}

void server_run(struct server *s)
{
    uv_run(&s->loop, UV_RUN_DEFAULT);
}

void server_close(struct server *s)
{
    stop(s);
    uv_run(&s->loop, UV_RUN_DEFAULT);
    uv_loop_close(&s->loop);
}
