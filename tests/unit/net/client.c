#include "client.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"

#define PATIENCE_NS (15 * UINT64_C(1000000000))

static void keep(void *ctx, int64_t tag, const struct http_response *response)
{
    struct client *c = ctx;
    assert_false(c->is_sending);
    assert_true(c->told < REPLIES_MAX);
    struct reply *reply = &c->replies[c->told++];
    *reply = (struct reply){tag, *response, mem_span(buf_span(&response->body)),
                            response->body.len};
    reply->r.body = (struct buf){0};
    if (c->on_reply)
        c->on_reply(c, tag);
}

static void on_tick(uv_timer_t *timer)
{
    (void)timer; /* only to wake the loop, so that the patience is looked at */
}

void client_open(struct client *c, struct net_options o)
{
    struct err err;
    memset(c, 0, sizeof *c);
    o.connect_timeout_ms = o.connect_timeout_ms ? o.connect_timeout_ms : 5000;
    o.timeout_ms = o.timeout_ms ? o.timeout_ms : 10000;
    o.concurrency = o.concurrency ? o.concurrency : 8;
    o.user_agent = o.user_agent ? o.user_agent : "remesa/test";
    assert_int_equal(uv_loop_init(&c->loop), 0);
    uv_timer_init(&c->loop, &c->tick);
    uv_timer_start(&c->tick, on_tick, 20, 20);
    assert_int_equal(net_open(&c->net, &c->loop, &o, keep, c, &err), 0);
    c->transport = net_transport(c->net);
}

void client_open_on(struct client *c, int port)
{
    char url[64];
    snprintf(url, sizeof url, "http://127.0.0.1:%d/api", port);
    client_open(c, (struct net_options){.base_url = url});
}

void client_send_request(struct client *c, const struct http_request *request,
                         int64_t tag)
{
    c->is_sending = true;
    c->transport->send(c->transport->ctx, request, tag);
    c->is_sending = false;
}

void client_send(struct client *c, const char *method, const char *path, const char *body,
                 int64_t tag)
{
    struct http_request r;
    http_request_init(&r);
    strncpy(r.method, method, sizeof r.method - 1);
    r.path = mem_text(path);
    http_request_header(&r, "Authorization", "canary-key");
    if (body) {
        http_request_header(&r, "Content-Type", "application/vnd.api+json");
        buf_add_text(&r.body, body);
    }
    client_send_request(c, &r, tag);
    http_request_close(&r);
}

void client_wait(struct client *c, int told)
{
    for (uint64_t start = uv_hrtime(); c->told < told;) {
        assert_true(uv_hrtime() - start < PATIENCE_NS);
        uv_run(&c->loop, UV_RUN_ONCE);
    }
    assert_int_equal(c->told, told);
}

void client_pause(struct client *c, int ms)
{
    for (uint64_t start = uv_hrtime(); uv_hrtime() - start < (uint64_t)ms * 1000000;)
        uv_run(&c->loop, UV_RUN_ONCE);
}

const struct reply *client_reply(const struct client *c, int64_t tag)
{
    const struct reply *found = NULL;
    for (int i = 0; i < c->told; i++)
        if (c->replies[i].tag == tag) {
            assert_null(found); /* told once */
            found = &c->replies[i];
        }
    assert_non_null(found);
    return found;
}

static void on_closed(void *ctx)
{
    struct client *c = ctx;
    c->closed = true;
}

void client_close(struct client *c)
{
    net_close(c->net, on_closed, c);
    assert_false(c->closed); /* from the loop, not from inside the call */
    for (uint64_t start = uv_hrtime(); !c->closed;) {
        assert_true(uv_hrtime() - start < PATIENCE_NS);
        uv_run(&c->loop, UV_RUN_ONCE);
    }
    uv_close((uv_handle_t *)&c->tick, NULL);
    uv_run(&c->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&c->loop), 0); /* no handle is left */
    for (int i = 0; i < c->told; i++)
        free(c->replies[i].body);
}
