#include "net/net.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <uv.h>

#include "base/mem.h"
#include "net/pool.h"
#include "net/transfer.h"
#include "net/url.h"

struct net {
    struct transport transport;
    struct transfer_common common;
    transport_done_fn *done;
    void *done_ctx;
    struct transfer *flying, *last_flying; /* oldest first */
    struct transfer *resting;
    struct transfer *told; /* while the receiver looks at it */
    uint64_t serial;
    uv_idle_t
        refusals; /* runs while a request that could not be started waits to be told */
    bool is_closing;
    void (*closed)(void *ctx);
    void *closed_ctx;
};

/* Once per process */

/* 7.80 brought the callback before each sending, 7.85 the names of protocols. */
#define VERSION_NEEDED (LIBCURL_VERSION_NUM >= 0x075500 ? 0x075500u : 0x075000u)

/* With memory of ours: curl has words of its own for the lack of it (a bad URL, a request
 * that was not sent), which would be taken at their word. */
int net_global_setup(struct err *err)
{
    unsetenv("SSLKEYLOGFILE"); /* curl looks at it once, in the next call */
    if (curl_global_init_mem(CURL_GLOBAL_DEFAULT, mem_malloc, free, mem_realloc, mem_text,
                             mem_zero) != CURLE_OK)
        return err_set(err, ERR_SOFTWARE, "libcurl does not start");
    const curl_version_info_data *v = curl_version_info(CURLVERSION_NOW);
    if (v->version_num < VERSION_NEEDED)
        return err_set(err, ERR_CONFIG,
                       "libcurl %s is too old: it may send a payment twice; %d.%d or "
                       "later is needed",
                       v->version, VERSION_NEEDED >> 16, VERSION_NEEDED >> 8 & 0xff);
    return 0;
}

const char *net_libraries(char *out, size_t room)
{
    const curl_version_info_data *v = curl_version_info(CURLVERSION_NOW);
    snprintf(out, room,
             "libcurl %s (built with " LIBCURL_VERSION
             "; %s), libuv %s (built with %d.%d.%d)",
             v->version, v->ssl_version ? v->ssl_version : "no TLS", uv_version_string(),
             UV_VERSION_MAJOR, UV_VERSION_MINOR, UV_VERSION_PATCH);
    return out;
}

/* Transfers in flight */

static void fly(struct net *net, struct transfer *t)
{
    t->serial = ++net->serial;
    t->prev = net->last_flying;
    t->next = NULL;
    *(t->prev ? &t->prev->next : &net->flying) = t;
    net->last_flying = t;
}

static void land(struct net *net, struct transfer *t)
{
    *(t->prev ? &t->prev->next : &net->flying) = t->next;
    *(t->next ? &t->next->prev : &net->last_flying) = t->prev;
}

/* Off every list while the receiver looks at it, so that it may send and abort. */
static void tell(struct net *net, struct transfer *t, CURLcode code, const char *why)
{
    land(net, t);
    transfer_finish(t, code, why);
    net->told = t;
    net->done(net->done_ctx, t->tag, &t->answer.response);
    net->told = NULL;
    transfer_clear(t);
    t->next = net->resting;
    net->resting = t;
}

static void on_done(void *ctx, CURL *easy, CURLcode code)
{
    struct transfer *t = NULL;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &t);
    if (transfer_take_second_start(t, code) && multi_add(t->multi, easy))
        return;
    tell(ctx, t, code, NULL);
}

/* Those there are now: a receiver that sends another one like it is told on the next
 * turn. */
static void tell_refused(uv_idle_t *idle)
{
    struct net *net = idle->data;
    uv_idle_stop(idle);
    uint64_t last = net->serial;
    struct transfer *t = net->flying;
    while (t && t->serial <= last) {
        if (t->refused == CURLE_OK) {
            t = t->next;
            continue;
        }
        tell(net, t, t->refused, NULL);
        t = net->flying; /* the receiver may have ended any of them */
    }
}

/* The transport */

static struct transfer *take_resting(struct net *net)
{
    struct transfer *t = net->resting;
    if (t)
        net->resting = t->next;
    else
        t = transfer_open();
    if (!t)
        mem_gone();
    return t;
}

static void net_send(void *ctx, const struct http_request *request, int64_t tag)
{
    struct net *net = ctx;
    if (net->is_closing)
        abort();
    struct transfer *t = take_resting(net);
    t->tag = tag;
    fly(net, t);
    t->refused = transfer_prepare(t, &net->common, request);
    if (t->refused == CURLE_OK) {
        t->multi = pool_pick(net->common.pool, strcmp(request->method, "GET") == 0);
        if (multi_add(t->multi, t->easy))
            return;
        t->multi = NULL;
        t->refused = CURLE_FAILED_INIT;
    }
    uv_idle_start(&net->refusals, tell_refused);
}

static void net_abort(void *ctx)
{
    struct net *net = ctx;
    uint64_t last = net->serial;
    for (struct transfer *t; (t = net->flying) && t->serial <= last;) {
        if (t->multi)
            multi_remove(t->multi, t->easy);
        if (t->refused == CURLE_OK)
            tell(net, t, CURLE_ABORTED_BY_CALLBACK,
                 "given up here while it was on its way");
        else
            tell(net, t, t->refused, NULL);
    }
}

static void net_distrust(void *ctx)
{
    const struct transfer *t = ((struct net *)ctx)->told;
    if (t && t->multi)
        multi_distrust(t->multi, t->port);
}

const struct transport *net_transport(struct net *net)
{
    return &net->transport;
}

/* Life */

static int open_share(struct net *net, struct err *err)
{
    net->common.share = curl_share_init();
    if (!net->common.share)
        return err_set(err, ERR_SOFTWARE, "libcurl gave no share handle");
    curl_share_setopt(net->common.share, CURLSHOPT_SHARE, CURL_LOCK_DATA_DNS);
    curl_share_setopt(net->common.share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
    return 0;
}

static void free_net(struct net *net)
{
    for (struct transfer *t = net->resting; t;) {
        struct transfer *next = t->next;
        transfer_close(t);
        t = next;
    }
    curl_share_cleanup(net->common.share); /* after all that used it */
    url_base_close(&net->common.base);
    free(net->common.ca_file);
    free(net->common.user_agent);
    free(net);
}

static int setup(struct net *net, uv_loop_t *loop, const struct net_options *o,
                 struct err *err)
{
    if (o->ca_file && access(o->ca_file, R_OK) != 0)
        return err_set(err, ERR_CONFIG, "ca_file \"%s\" cannot be read", o->ca_file);
    if (url_base_open(&net->common.base, o->base_url, err) != 0 ||
        open_share(net, err) != 0)
        return -1;
    net->common.pool = pool_open(loop, o->concurrency, on_done, net, err);
    return net->common.pool ? 0 : -1;
}

int net_open(struct net **out, struct uv_loop_s *loop, const struct net_options *o,
             transport_done_fn *done, void *done_ctx, struct err *err)
{
    struct net *net = mem_zero(1, sizeof *net);
    if (setup(net, loop, o, err) != 0) {
        free_net(net);
        return -1;
    }
    net->transport = (struct transport){net, net_send, net_abort, net_distrust};
    net->done = done;
    net->done_ctx = done_ctx;
    net->common.ca_file = mem_text(o->ca_file);
    net->common.user_agent = mem_text(o->user_agent);
    net->common.connect_timeout_ms = (long)o->connect_timeout_ms;
    net->common.timeout_ms = (long)o->timeout_ms;
    net->common.fresh_connections = o->fresh_connections;
    uv_idle_init(loop, &net->refusals);
    net->refusals.data = net;
    *out = net;
    return 0;
}

static void on_pool_closed(void *ctx)
{
    struct net *net = ctx;
    void (*closed)(void *) = net->closed;
    void *closed_ctx = net->closed_ctx;
    free_net(net);
    closed(closed_ctx);
}

static void on_refusals_closed(uv_handle_t *handle)
{
    struct net *net = handle->data;
    pool_close(net->common.pool, on_pool_closed, net);
}

void net_close(struct net *net, void (*closed)(void *ctx), void *ctx)
{
    net->is_closing = true;
    net->closed = closed;
    net->closed_ctx = ctx;
    net_abort(net);
    uv_close((uv_handle_t *)&net->refusals, on_refusals_closed);
}
