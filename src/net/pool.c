#include "net/pool.h"

#include <stdlib.h>
#include <uv.h>

#include "base/mem.h"
#include "net/watch.h"

#define SHARE_MAX  32 /* requests at once on a multi before the next one is used */
#define WRITES_MAX 8

struct multi {
    struct pool *pool;
    CURLM *curl;
    uv_timer_t timer;
    uv_idle_t knock; /* the timer of 0 ms */
    int busy;
};

struct pool {
    uv_loop_t *loop;
    pool_done_fn *done;
    void *ctx;
    struct watches watches;
    int handles; /* timers and knocks, open or closing */
    bool is_closing;
    void (*closed)(void *ctx);
    void *closed_ctx;
    int multi_count; /* the first is for reads */
    struct multi multis[1 + WRITES_MAX];
};

/* From libuv to curl */

/* After every action, not only those of sockets: the last transfer may end by its
 * time-out. */
static void drain(struct multi *m)
{
    int left;
    for (CURLMsg *msg; (msg = curl_multi_info_read(m->curl, &left));) {
        CURL *easy = msg->easy_handle;
        CURLcode code = msg->data.result;
        multi_remove(m, easy);
        m->pool->done(m->pool->ctx, easy, code);
    }
}

/* Curl answers anything but OK only when it was called wrongly. Then no transfer of this
 * multi would ever be told: better the open attempts are found at the next start. */
static void act(struct multi *m, curl_socket_t s, int what)
{
    int running;
    if (curl_multi_socket_action(m->curl, s, what, &running) != CURLM_OK)
        abort();
    drain(m);
}

static void on_time(uv_timer_t *timer)
{
    act(timer->data, CURL_SOCKET_TIMEOUT, 0);
}

static void on_knock(uv_idle_t *idle)
{
    uv_idle_stop(idle);
    act(idle->data, CURL_SOCKET_TIMEOUT, 0);
}

static void on_event(struct watch *w, int what)
{
    act(w->user, w->fd, what);
}

/* From curl to libuv */

static int on_socket(CURL *easy, curl_socket_t s, int what, void *ctx, void *unused)
{
    (void)easy;
    (void)unused;
    struct multi *m = ctx;
    watch_listen(&m->pool->watches, s, what, m);
    return 0;
}

/* 0 ms is an idle handle: it runs once on the next turn. As a timer started from a timer
 * it would, on libuv 1.44, fire again before the loop looks at a socket, and could do so
 * for ever. */
static int on_timer(CURLM *curl, long ms, void *ctx)
{
    (void)curl;
    struct multi *m = ctx;
    if (m->pool->is_closing)
        return 0;
    uv_timer_stop(&m->timer);
    uv_idle_stop(&m->knock);
    if (ms == 0)
        uv_idle_start(&m->knock, on_knock);
    else if (ms > 0)
        uv_timer_start(&m->timer, on_time, (uint64_t)ms, 0);
    return 0;
}

curl_socket_t pool_open_socket(void *pool, curlsocktype purpose, struct curl_sockaddr *a)
{
    (void)purpose;
    struct pool *p = pool;
    return watch_open_socket(&p->watches, a->family, a->socktype, a->protocol);
}

int pool_close_socket(void *pool, curl_socket_t s)
{
    struct pool *p = pool;
    return watch_close_socket(&p->watches, s);
}

bool multi_is_stale(const struct multi *m, int port)
{
    return watches_have_stale(&m->pool->watches, m, port);
}

void multi_distrust(const struct multi *m, int port)
{
    watches_spoil(&m->pool->watches, m, port);
}

/* Requests */

/* The lowest with room, so that few requests find warm connections; when all are full,
 * the least busy. */
struct multi *pool_pick(struct pool *p, bool is_read)
{
    if (is_read)
        return &p->multis[0];
    struct multi *best = &p->multis[1];
    for (int i = 1; i < p->multi_count && best->busy >= SHARE_MAX; i++)
        if (p->multis[i].busy < best->busy)
            best = &p->multis[i];
    return best;
}

bool multi_add(struct multi *m, CURL *easy)
{
    if (curl_multi_add_handle(m->curl, easy) != CURLM_OK)
        return false;
    m->busy++;
    return true;
}

void multi_remove(struct multi *m, CURL *easy)
{
    curl_multi_remove_handle(m->curl, easy);
    m->busy--;
}

/* Life */

/* Two steps, because close may be called from inside a multi's own drain: timers and
 * knocks say goodbye from the loop, and only then are the multis cleaned up, which closes
 * the idle connections and their watches. */
static void free_when_empty(void *ctx)
{
    struct pool *p = ctx;
    if (!p->is_closing || p->handles > 0 || p->watches.count > 0)
        return;
    void (*closed)(void *) = p->closed;
    void *closed_ctx = p->closed_ctx;
    watches_close(&p->watches);
    free(p);
    closed(closed_ctx);
}

static void multi_setup(struct multi *m, struct pool *p, int connections)
{
    m->pool = p;
    m->timer.data = m->knock.data = m;
    uv_timer_init(p->loop, &m->timer);
    uv_idle_init(p->loop, &m->knock);
    p->handles += 2;
    curl_multi_setopt(m->curl, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(m->curl, CURLMOPT_SOCKETDATA, m);
    curl_multi_setopt(m->curl, CURLMOPT_TIMERFUNCTION, on_timer);
    curl_multi_setopt(m->curl, CURLMOPT_TIMERDATA, m);
    curl_multi_setopt(m->curl, CURLMOPT_PIPELINING, CURLPIPE_NOTHING);
    curl_multi_setopt(m->curl, CURLMOPT_MAXCONNECTS, (long)connections);
}

static int multis_for(int concurrency)
{
    int writes = (concurrency + SHARE_MAX - 1) / SHARE_MAX;
    return 1 + (writes < 1 ? 1 : writes > WRITES_MAX ? WRITES_MAX : writes);
}

struct pool *pool_open(struct uv_loop_s *loop, int concurrency, pool_done_fn *done,
                       void *ctx, struct err *err)
{
    struct pool *p = mem_zero(1, sizeof *p);
    *p = (struct pool){.loop = loop, .done = done, .ctx = ctx};
    p->multi_count = multis_for(concurrency);
    for (int i = 0; i < p->multi_count; i++) {
        p->multis[i].curl = curl_multi_init();
        if (p->multis[i].curl)
            continue;
        while (i-- > 0)
            curl_multi_cleanup(p->multis[i].curl);
        free(p);
        err_set(err, ERR_SOFTWARE, "libcurl gave no multi handle");
        return NULL;
    }
    int most = concurrency > SHARE_MAX ? concurrency : SHARE_MAX;
    watches_init(&p->watches, loop, on_event, free_when_empty, p);
    for (int i = 0; i < p->multi_count; i++)
        multi_setup(&p->multis[i], p, most);
    return p;
}

static void on_handle_closed(uv_handle_t *handle)
{
    struct multi *m = handle->data;
    if (handle == (uv_handle_t *)&m->knock)
        curl_multi_cleanup(m->curl);
    m->pool->handles--;
    free_when_empty(m->pool);
}

void pool_close(struct pool *p, void (*closed)(void *ctx), void *ctx)
{
    p->is_closing = true;
    p->closed = closed;
    p->closed_ctx = ctx;
    for (int i = 0; i < p->multi_count; i++) {
        uv_close((uv_handle_t *)&p->multis[i].timer, on_handle_closed);
        uv_close((uv_handle_t *)&p->multis[i].knock, on_handle_closed);
    }
}
