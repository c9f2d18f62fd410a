#include "sandbox/conn.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "sandbox/http.h"
#include "sandbox/serve.h"

#define IN_MAX     (64 * 1024 * 1024) /* bytes read and not yet parsed */
#define OUT_MAX    (600u * 1024 * 1024)
#define LINGER_MS  1000 /* how long a closed sending side waits for the client's end */
#define LONG_EXTRA 64   /* bytes that WIRE_LONG promises and never sends */

enum after { AFTER_NEXT, AFTER_CLOSE, AFTER_HANG };

struct conn {
    uv_tcp_t tcp;
    uv_timer_t timer;
    uv_write_t write;
    uv_shutdown_t shutdown;
    struct host *host;
    struct conn *prev, *next;
    struct conn *due_next;
    struct http_reader reader;
    struct reply reply;
    struct buf in, out;
    enum after after;
    int handles;     /* not closed yet */
    bool busy;       /* from a complete request to its sent answer */
    bool deaf;       /* what comes is thrown away */
    bool eof;        /* nothing more comes */
    bool keep_alive; /* wish of the request */
    bool closing;
};

/* ---- the end of a connection ---- */

static void on_closed(uv_handle_t *handle)
{
    struct conn *c = handle->data;
    if (--c->handles > 0)
        return;
    http_close(&c->reader);
    reply_close(&c->reply);
    buf_close(&c->in);
    buf_close(&c->out);
    free(c);
}

static void unlink_conn(struct conn *c)
{
    if (c->prev)
        c->prev->next = c->next;
    else
        c->host->conns = c->next;
    if (c->next)
        c->next->prev = c->prev;
}

static void end_conn(struct conn *c, bool reset)
{
    if (c->closing)
        return;
    c->closing = true;
    unlink_conn(c);
    if (!reset || uv_tcp_close_reset(&c->tcp, on_closed) != 0)
        uv_close((uv_handle_t *)&c->tcp, on_closed);
    uv_close((uv_handle_t *)&c->timer, on_closed);
}

static void on_lingered(uv_timer_t *timer)
{
    end_conn(timer->data, false);
}

/* Closing a socket with unread bytes sends RST, which can take the answer away from the
 * client: so the sending side is closed first, and the rest is read and thrown away. */
static void linger(struct conn *c)
{
    c->busy = false;
    c->deaf = true;
    if (c->eof || uv_shutdown(&c->shutdown, (uv_stream_t *)&c->tcp, NULL) != 0)
        end_conn(c, false);
    else
        uv_timer_start(&c->timer, on_lingered, LINGER_MS, 0);
}

/* ---- bytes to requests ---- */

static void on_delay(uv_timer_t *timer);

static void put_due(struct conn *c)
{
    struct host *h = c->host;
    c->due_next = NULL;
    if (h->due_last)
        h->due_last->due_next = c;
    else
        h->due_first = c;
    h->due_last = c;
}

static void begin(struct conn *c, enum http_event event)
{
    struct sandbox *s = c->host->sandbox;
    struct mono now = clock_mono();
    c->busy = true;
    c->keep_alive = event == HTTP_REQUEST && c->reader.request.keep_alive;
    if (event == HTTP_REQUEST)
        serve(s, &c->reader.request, now, &c->reply);
    else
        serve_bad(s, &c->reader, now, &c->reply);
    if (c->reply.delay_ms == 0 && !c->reply.last) {
        put_due(c);
        return;
    }
    uv_read_stop((uv_stream_t *)&c->tcp);
    uv_update_time(c->host->loop);
    uv_timer_start(&c->timer, on_delay, (uint64_t)c->reply.delay_ms, 0);
}

static void on_delay(uv_timer_t *timer)
{
    struct conn *c = timer->data;
    if (c->reply.last)
        serve_last(c->host->sandbox, &c->reader.request, clock_mono(), &c->reply);
    put_due(c);
}

static void say_continue(struct conn *c)
{
    static char text[] = "HTTP/1.1 100 Continue\r\n\r\n";
    uv_buf_t bytes = uv_buf_init(text, sizeof(text) - 1);
    uv_try_write((uv_stream_t *)&c->tcp, &bytes, 1);
}

static void drop_front(struct buf *b, size_t n)
{
    memmove(b->data, b->data + n, b->len - n + 1);
    b->len -= n;
}

static void drive(struct conn *c)
{
    struct span bytes = buf_span(&c->in);
    while (!c->busy && bytes.len > 0) {
        enum http_event event = http_feed(&c->reader, &bytes);
        if (event == HTTP_CONTINUE)
            say_continue(c);
        else if (event != HTTP_MORE)
            begin(c, event);
    }
    drop_front(&c->in, c->in.len - bytes.len);
}

static void on_alloc(uv_handle_t *handle, size_t wanted, uv_buf_t *out)
{
    struct conn *c = handle->data;
    (void)wanted;
    *out = uv_buf_init(c->host->read_buffer, sizeof(c->host->read_buffer));
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *bytes)
{
    struct conn *c = stream->data;
    if (n < 0) {
        c->eof = true;
        if (!c->busy)
            end_conn(c, false);
        return;
    }
    if (c->deaf)
        return;
    if (buf_add(&c->in, bytes->base, (size_t)n))
        drive(c);
    else
        end_conn(c, true);
}

static void listen_on(struct conn *c)
{
    if (!c->eof)
        uv_read_start((uv_stream_t *)&c->tcp, on_alloc, on_read);
}

/* ---- replies to bytes ---- */

static void go_on(struct conn *c)
{
    c->busy = false;
    http_next(&c->reader);
    listen_on(c);
    drive(c);
    if (c->eof && !c->busy)
        end_conn(c, false);
}

static void hang(struct conn *c)
{
    c->busy = false;
    c->deaf = true;
    if (c->eof)
        end_conn(c, false);
    else
        listen_on(c);
}

static void sent(struct conn *c)
{
    if (c->after == AFTER_NEXT)
        go_on(c);
    else if (c->after == AFTER_HANG)
        hang(c);
    else
        linger(c);
}

static void on_written(uv_write_t *write, int status)
{
    struct conn *c = write->data;
    if (c->closing)
        return;
    if (status < 0)
        end_conn(c, false);
    else
        sent(c);
}

static void send_out(struct conn *c)
{
    uv_stream_t *stream = (uv_stream_t *)&c->tcp;
    uv_buf_t bytes = uv_buf_init(c->out.data, (unsigned)c->out.len);
    int n = uv_try_write(stream, &bytes, 1);
    if (n == (int)c->out.len) {
        sent(c);
        return;
    }
    if (n > 0) {
        bytes.base += n;
        bytes.len -= (size_t)n;
    }
    c->write.data = c;
    if ((n < 0 && n != UV_EAGAIN) || uv_write(&c->write, stream, &bytes, 1, on_written))
        end_conn(c, false);
}

/* What is sent, and what Content-Length says of it. */
static void make_answer(struct conn *c)
{
    struct reply *r = &c->reply;
    struct span body = buf_span(&r->answer.body);
    size_t half = body.len / 2;
    size_t promised = r->wire == WIRE_SHORT  ? half
                      : r->wire == WIRE_LONG ? body.len + LONG_EXTRA
                                             : body.len;
    bool halved = r->wire == WIRE_HALF || r->wire == WIRE_SHORT;
    bool head_only = span_is(buf_span(&c->reader.request.method), "HEAD");
    buf_clear(&c->out);
    answer_head(&r->answer, promised, c->keep_alive, clock_wall(),
                clock_mono().us - r->arrived.us, &c->out);
    if (halved && body.len == 0) /* no body to halve: then the head */
        c->out.len /= 2;
    if (!head_only)
        buf_add(&c->out, body.ptr, halved ? half : body.len);
}

static void reply_now(struct conn *c)
{
    enum fault_wire wire = c->reply.wire;
    bool cut = wire == WIRE_HALF || wire == WIRE_SHORT;
    if (wire == WIRE_CLOSE || wire == WIRE_RESET) {
        end_conn(c, wire == WIRE_RESET);
        return;
    }
    if (wire == WIRE_HANG) {
        hang(c);
        return;
    }
    c->after = wire == WIRE_LONG       ? AFTER_HANG
               : cut || !c->keep_alive ? AFTER_CLOSE
                                       : AFTER_NEXT;
    make_answer(c);
    send_out(c);
}

void conn_flush(struct host *h)
{
    sql_commit(&h->sandbox->sql);
    while (h->due_first) {
        struct conn *c = h->due_first;
        h->due_first = h->due_last = NULL;
        sql_commit(&h->sandbox->sql);
        while (c) {
            struct conn *next = c->due_next;
            reply_now(c); /* may read on and put new ones on the list */
            c = next;
        }
    }
}

/* ---- the beginning ---- */

void conn_accept(struct host *h, uv_stream_t *listener)
{
    struct conn *c = mem_zero(1, sizeof(*c));
    c->host = h;
    c->handles = 2;
    http_init(&c->reader);
    reply_init(&c->reply);
    buf_init(&c->in, IN_MAX);
    buf_init(&c->out, OUT_MAX);
    uv_tcp_init(h->loop, &c->tcp);
    uv_timer_init(h->loop, &c->timer);
    c->tcp.data = c->timer.data = c;
    c->next = h->conns;
    if (h->conns)
        h->conns->prev = c;
    h->conns = c;
    if (uv_accept(listener, (uv_stream_t *)&c->tcp) != 0) {
        end_conn(c, false);
        return;
    }
    uv_tcp_nodelay(&c->tcp, 1);
    listen_on(c);
}

void conn_close_all(struct host *h)
{
    h->due_first = h->due_last = NULL;
    while (h->conns)
        end_conn(h->conns, false);
}
