/* What goes on the wire, what comes back, and how sending, aborting and closing may be
 * mixed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <cmocka.h>

#include "base/mem.h"
#include "client.h"
#include "net/pool.h"
#include "server.h"

#define OK_KEEP "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

static const struct behaviour answers = {READ_ALL, OK_KEEP, 0, END_KEEP, 0};
static const struct behaviour stalls = {READ_ALL, NULL, 0, END_STALL, 0};

/* The request */

static int header_count(const char *request)
{
    int lines = 0;
    for (const char *at = request;
         (at = strstr(at, "\r\n")) && strncmp(at, "\r\n\r\n", 4) != 0; at += 2)
        lines++;
    return lines;
}

static void methods_and_bodies_go_as_they_are(void **state)
{
    (void)state;
    static const struct {
        const char *method, *body, *line, *length, *end;
        int headers;
    } cases[] = {
        {"GET", NULL, "GET /api/x?y=1 HTTP/1.1\r\n", NULL, "\r\n\r\n", 4},
        {"POST", "{\"a\":1}", "POST /api/x?y=1 HTTP/1.1\r\n", "\r\nContent-Length: 7\r\n",
         "\r\n\r\n{\"a\":1}", 6},
        {"POST", NULL, "POST /api/x?y=1 HTTP/1.1\r\n", "\r\nContent-Length: 0\r\n",
         "\r\n\r\n", 5},
        {"PUT", "{}", "PUT /api/x?y=1 HTTP/1.1\r\n", "\r\nContent-Length: 2\r\n",
         "\r\n\r\n{}", 6},
        {"PATCH", "{}", "PATCH /api/x?y=1 HTTP/1.1\r\n", "\r\nContent-Length: 2\r\n",
         "\r\n\r\n{}", 6},
        {"DELETE", NULL, "DELETE /api/x?y=1 HTTP/1.1\r\n", NULL, "\r\n\r\n", 4},
        {"DELETE", "{}", "DELETE /api/x?y=1 HTTP/1.1\r\n", "\r\nContent-Length: 2\r\n",
         "\r\n\r\n{}", 6},
    };
    struct client c;
    struct server *s = server_open();
    client_open_on(&c, server_port(s));
    server_behave(s, answers);
    for (int i = 0; i < (int)(sizeof cases / sizeof cases[0]); i++) {
        client_send(&c, cases[i].method, "/x?y=1", cases[i].body, i);
        client_wait(&c, i + 1);
        char *got = server_last(s);
        print_message("    %s %s\n", cases[i].method, cases[i].body ? cases[i].body : "");
        assert_memory_equal(got, cases[i].line, strlen(cases[i].line));
        assert_non_null(strstr(got, "\r\nAuthorization: canary-key\r\n"));
        assert_non_null(strstr(got, "\r\nUser-Agent: remesa/test\r\n"));
        if (cases[i].length)
            assert_non_null(strstr(got, cases[i].length));
        assert_string_equal(strstr(got, "\r\n\r\n"), cases[i].end);
        assert_int_equal(header_count(got),
                         cases[i].headers); /* Host and Accept are the others */
        free(got);
    }
    client_close(&c);
    server_close(s);
}

static void a_large_body_goes_at_once_and_whole(void **state)
{
    (void)state;
    struct client c;
    struct server *s = server_open();
    client_open_on(&c, server_port(s));
    server_behave(s, answers);
    char *body = mem_zero(900001, 1);
    memset(body, 'b', 900000);
    client_send(&c, "POST", "/large", body, 1);
    client_wait(&c, 1);
    assert_true(client_reply(&c, 1)->r.complete);
    assert_int_equal(client_reply(&c, 1)->r.sends, 1);
    char *got = server_last(s);
    assert_null(strstr(got, "Expect"));
    assert_null(strstr(got, "chunked"));
    assert_string_equal(strstr(got, "\r\n\r\n") + 4, body);
    free(got);
    free(body);
    client_close(&c);
    server_close(s);
}

static void send_odd(struct client *c, const char *method, const char *path,
                     const char *name, const char *value, int64_t tag)
{
    struct http_request r;
    http_request_init(&r);
    memcpy(r.method, method, strlen(method));
    r.path = mem_text(path);
    http_request_header(&r, name, value);
    client_send_request(c, &r, tag);
    http_request_close(&r);
}

static void what_must_not_be_sent_is_told_from_the_loop_and_is_hopeless(void **state)
{
    (void)state;
    static const struct {
        const char *method, *path, *name, *value;
    } cases[] = {
        {"POST", "/users/../admin", "A", "b"},
        {"POST", "users", "A", "b"},
        {"POST", "/x", "A", "b\r\nAuthorization: other"},
        {"POST", "/x", "A", "b\nX: y"},
        {"POST", "/x", "A:", "b"},
        {"POST", "/x", "", "b"},
        {"TRACE", "/x", "A", "b"},
        {"get", "/x", "A", "b"},
        {"", "/x", "A", "b"},
        {"G\r\nX:", "/x", "A", "b"},
    };
    struct client c;
    struct server *s = server_open();
    client_open_on(&c, server_port(s));
    server_behave(s, answers);
    int count = (int)(sizeof cases / sizeof cases[0]);
    for (int i = 0; i < count; i++)
        send_odd(&c, cases[i].method, cases[i].path, cases[i].name, cases[i].value, i);
    assert_int_equal(c.told, 0);
    client_wait(&c, count);
    for (int i = 0; i < count; i++) {
        const struct reply *got = client_reply(&c, i);
        assert_int_equal(got->r.sends, 0);
        assert_true(got->r.hopeless);
        assert_true(got->r.transport_code != 0);
        assert_true(got->r.transport_text[0]);
    }
    send_odd(&c, "POST", "/x", "X-Empty", "", 100);
    client_wait(&c, count + 1);
    char *last = server_last(s);
    assert_non_null(strstr(last, "\r\nX-Empty:\r\n"));
    assert_int_equal(server_contacts(s), 1);
    free(last);
    client_close(&c);
    server_close(s);
}

/* The response */

static void evidence_is_taken_from_the_final_head_only(void **state)
{
    (void)state;
    static const struct {
        const char *say, *type, *id, *retry, *date, *quota, *left, *reset;
    } cases[] = {
        {"Content-Type: application/vnd.api+json\r\nX-Request-Id: r1\r\nCf-Ray: "
         "c1\r\nDate: D\r\n",
         "application/vnd.api+json", "r1", "", "D", "", "", ""},
        {"cf-ray:  c1 \r\nRETRY-AFTER: 120\r\n", "", "c1", "120", "", "", "", ""},
        {"X-Request-Id: first\r\nX-Request-Id: second\r\n", "", "first", "", "", "", "",
         ""},
        {"X-Request-Id: \x1b[31m\r\nCf-Ray: ok\r\nDate: caf\xc3\xa9\r\n", "", "ok", "",
         "", "", "", ""},
        {"X-Request-Idx: no\r\nRequest-Id: no\r\n", "", "", "", "", "", "", ""},
        {"RateLimit: \"a\";r=0;t=5\r\nRateLimit-Remaining: 1\r\nRateLimit-Reset: 2\r\n",
         "", "", "", "", "\"a\";r=0;t=5", "1", "2"},
        {"x-ratelimit-remaining: 3\r\nX-RateLimit-Reset: 4\r\nX-RateLimit-Limit: 9\r\n",
         "", "", "", "", "", "3", "4"},
    };
    struct client c;
    struct server *s = server_open();
    client_open_on(&c, server_port(s));
    for (int i = 0; i < (int)(sizeof cases / sizeof cases[0]); i++) {
        char *say =
            mem_printf("HTTP/1.1 103 Hints\r\nX-Request-Id: interim\r\nDate: interim\r\n"
                       "RateLimit: interim\r\nRateLimit-Remaining: interim\r\n"
                       "RateLimit-Reset: interim\r\n\r\n"
                       "HTTP/1.1 429 Slow\r\n%sContent-Length: 2\r\n\r\nok",
                       cases[i].say);
        server_behave(s, (struct behaviour){READ_ALL, say, 0, END_KEEP, 0});
        client_send(&c, "GET", "/x", NULL, i);
        client_wait(&c, i + 1);
        const struct http_response *r = &client_reply(&c, i)->r;
        assert_int_equal(r->status, 429);
        assert_string_equal(r->content_type, cases[i].type);
        assert_string_equal(r->request_id, cases[i].id);
        assert_string_equal(r->retry_after, cases[i].retry);
        assert_string_equal(r->date, cases[i].date);
        assert_string_equal(r->rate_limit, cases[i].quota);
        assert_string_equal(r->rate_limit_remaining, cases[i].left);
        assert_string_equal(r->rate_limit_reset, cases[i].reset);
        assert_string_equal(client_reply(&c, i)->body, "ok");
        assert_in_range(r->elapsed_us, 1, 5000000);
        assert_string_equal(r->transport_text, "");
        free(say);
    }
    client_close(&c);
    server_close(s);
}

static void a_long_value_is_cut_and_trailers_are_no_evidence(void **state)
{
    (void)state;
    struct client c;
    struct server *s = server_open();
    client_open_on(&c, server_port(s));
    char *say = mem_printf(
        "HTTP/1.1 200 OK\r\nX-Request-Id: %0200d\r\nTransfer-Encoding: chunked\r\n\r\n"
        "2\r\nok\r\n0\r\nDate: trailer\r\n\r\n",
        7);
    server_behave(s, (struct behaviour){READ_ALL, say, 0, END_KEEP, 0});
    client_send(&c, "GET", "/x", NULL, 1);
    client_wait(&c, 1);
    assert_int_equal(strlen(client_reply(&c, 1)->r.request_id), HTTP_TEXT_MAX - 1);
    assert_string_equal(client_reply(&c, 1)->r.date, "");
    assert_true(client_reply(&c, 1)->r.complete);
    free(say);
    client_close(&c);
    server_close(s);
}

static void a_body_of_the_limit_is_whole(void **state)
{
    (void)state;
    struct client c;
    struct server *s = server_open();
    client_open_on(&c, server_port(s));
    server_behave(s, (struct behaviour){
                         READ_ALL, "HTTP/1.1 200 OK\r\nContent-Length: 8388608\r\n\r\n",
                         HTTP_BODY_MAX, END_KEEP, 0});
    client_send(&c, "GET", "/x", NULL, 1);
    client_wait(&c, 1);
    assert_true(client_reply(&c, 1)->r.complete);
    assert_int_equal(client_reply(&c, 1)->body_len, HTTP_BODY_MAX);
    client_close(&c);
    server_close(s);
}

/* A pooled transfer starts clean. */
static void nothing_of_one_request_is_left_in_the_next(void **state)
{
    (void)state;
    struct client c;
    struct server *s = server_open();
    client_open_on(&c, server_port(s));
    server_behave(s, (struct behaviour){
                         READ_ALL,
                         "HTTP/1.1 201 C\r\nX-Request-Id: r\r\nCf-Ray: c\r\nDate: d\r\n"
                         "Content-Length: 5\r\n\r\nfirst",
                         0, END_KEEP, 0});
    client_send(&c, "PATCH", "/x", "{\"secret\":1}", 1);
    client_wait(&c, 1);
    server_behave(s,
                  (struct behaviour){READ_ALL, "HTTP/1.1 204 N\r\n\r\n", 0, END_KEEP, 0});
    send_odd(&c, "DELETE", "/y", "A", "b", 2);
    client_wait(&c, 2);
    char *got = server_last(s);
    assert_memory_equal(got, "DELETE /api/y HTTP/1.1\r\n", 24);
    assert_null(strstr(got, "secret"));
    assert_null(strstr(got, "Content-"));
    assert_null(strstr(got, "canary-key"));
    free(got);
    const struct reply *second = client_reply(&c, 2);
    assert_int_equal(second->r.status, 204);
    assert_int_equal(second->body_len, 0);
    assert_string_equal(second->r.request_id, "");
    assert_string_equal(second->r.date, "");
    client_close(&c);
    server_close(s);
}

/* Connections */

static void requests_in_a_row_share_a_connection_and_reads_have_their_own(void **state)
{
    (void)state;
    struct client c;
    struct server *s = server_open();
    client_open_on(&c, server_port(s));
    server_behave(s, answers);
    for (int i = 0; i < 10; i++) {
        client_send(&c, "POST", "/x", "{}", i);
        client_wait(&c, i + 1);
    }
    assert_int_equal(server_contacts(s), 1);
    for (int i = 10; i < 20; i++) {
        client_send(&c, "GET", "/x", NULL, i);
        client_wait(&c, i + 1);
    }
    assert_int_equal(server_contacts(s), 2);
    client_close(&c);
    server_close(s);
}

static void fresh_connections_are_for_what_is_not_a_get(void **state)
{
    (void)state;
    char url[64];
    struct client c;
    struct server *s = server_open();
    snprintf(url, sizeof url, "http://127.0.0.1:%d/api", server_port(s));
    client_open(&c, (struct net_options){.base_url = url, .fresh_connections = true});
    server_behave(s, answers);
    for (int i = 0; i < 6; i++) {
        client_send(&c, i < 3 ? "POST" : "GET", "/x", NULL, i);
        client_wait(&c, i + 1);
    }
    assert_int_equal(server_contacts(s), 3 + 1);
    client_close(&c);
    server_close(s);
}

static void sixty_four_requests_are_in_flight_at_once(void **state)
{
    (void)state;
    char url[64];
    struct client c;
    struct server *s = server_open();
    snprintf(url, sizeof url, "http://localhost:%d/api/", server_port(s));
    client_open(&c, (struct net_options){.base_url = url, .concurrency = 64});
    server_behave(
        s, (struct behaviour){READ_ALL, OK_KEEP, 0, END_KEEP, 64}); /* all or none */
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 64; i++)
            client_send(&c, "POST", "/x", "{}", round * 64 + i);
        client_wait(&c, round * 64 + 64);
    }
    for (int i = 0; i < 128; i++)
        assert_true(client_reply(&c, i)->r.complete && client_reply(&c, i)->r.sends == 1);
    assert_int_equal(server_copies(s, "POST /api/x"), 128);
    assert_int_equal(server_contacts(s), 64); /* kept by all multis of the pool */
    client_close(&c);
    server_close(s);
}

static void more_than_the_pool_was_made_for_still_goes(void **state)
{
    (void)state;
    char url[64];
    struct client c;
    struct server *s = server_open();
    snprintf(url, sizeof url, "http://127.0.0.1:%d/api", server_port(s));
    client_open(&c, (struct net_options){.base_url = url, .concurrency = 1});
    server_behave(s, (struct behaviour){READ_ALL, OK_KEEP, 0, END_KEEP, 100});
    for (int i = 0; i < 100; i++)
        client_send(&c, i % 2 ? "POST" : "GET", "/x", NULL, i);
    client_wait(&c, 100);
    client_close(&c);
    server_close(s);
}

static void never_told(void *ctx, CURL *easy, CURLcode code)
{
    (void)ctx;
    (void)easy;
    (void)code;
    fail();
}

static void on_pool_closed(void *ctx)
{
    *(bool *)ctx = true;
}

/* A multi scans its connections for every request: 32 of them are enough for one. */
static void a_full_multi_makes_room_for_the_next(void **state)
{
    (void)state;
    enum { COUNT = 70 };
    struct err err;
    uv_loop_t loop;
    bool closed = false;
    CURL *easies[COUNT];
    struct multi *multis[COUNT];
    assert_int_equal(uv_loop_init(&loop), 0);
    struct pool *p = pool_open(&loop, 64, never_told, NULL, &err);
    for (int i = 0; i < COUNT; i++) {
        easies[i] = curl_easy_init();
        multis[i] = pool_pick(p, false);
        assert_true(multi_add(multis[i], easies[i]));
        assert_true(multis[i] != pool_pick(p, true));
    }
    for (int i = 0; i < 64; i++)
        assert_ptr_equal(multis[i], multis[i < 32 ? 0 : 32]);
    assert_ptr_not_equal(multis[0], multis[32]);
    assert_ptr_not_equal(multis[64], multis[65]); /* all full: in turn */
    for (int i = 0; i < COUNT; i++) {
        multi_remove(multis[i], easies[i]);
        curl_easy_cleanup(easies[i]);
    }
    assert_ptr_equal(pool_pick(p, false), multis[0]);
    pool_close(p, on_pool_closed, &closed);
    assert_false(closed);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_true(closed);
    assert_int_equal(uv_loop_close(&loop), 0);
}

/* Sending, aborting and closing from everywhere */

static void send_another(struct client *c, int64_t tag)
{
    if (tag < 20)
        client_send(c, "POST", tag % 3 ? "/x" : "/../refused", "{}", tag + 1);
}

static void a_receiver_may_send_again(void **state)
{
    (void)state;
    struct client c;
    struct server *s = server_open();
    client_open_on(&c, server_port(s));
    server_behave(s, answers);
    c.on_reply = send_another;
    client_send(&c, "POST", "/x", "{}", 1);
    client_wait(&c, 20);
    for (int i = 1; i <= 20; i++)
        assert_int_equal(client_reply(&c, i)->r.sends, i > 1 && (i - 1) % 3 == 0 ? 0 : 1);
    client_close(&c);
    server_close(s);
}

static void check_torn(const struct client *c, int64_t tag, int sends)
{
    const struct reply *got = client_reply(c, tag);
    assert_int_equal(got->r.sends, sends);
    assert_false(got->r.complete || got->r.hopeless);
    assert_true(got->r.transport_code != 0 && got->r.transport_text[0]);
}

static void abort_tells_each_as_torn_with_what_is_known_of_it(void **state)
{
    (void)state;
    struct client c;
    struct server *s = server_open();
    client_open_on(&c, server_port(s));
    server_behave(s, (struct behaviour){READ_ALL,
                                        "HTTP/1.1 201 C\r\nContent-Length: 9\r\n\r\n{", 0,
                                        END_STALL, 0});
    for (int i = 0; i < 5; i++)
        client_send(&c, "POST", "/x", "{}", i);
    client_pause(&c, 150);
    client_send(&c, "POST", "/late", "{}", 5); /* in flight, but the loop has not run */
    send_odd(&c, "POST", "/..", "A", "b", 6);
    assert_int_equal(c.told, 0);
    c.transport->abort(c.transport->ctx);
    assert_int_equal(c.told, 7);
    for (int i = 0; i < 5; i++) {
        check_torn(&c, i, 1);
        assert_true(client_reply(&c, i)->r.headers_complete);
        assert_int_equal(client_reply(&c, i)->r.status, 201);
        assert_in_range(client_reply(&c, i)->r.elapsed_us, 0, 5000000);
    }
    check_torn(&c, 5, 0);
    assert_int_equal(client_reply(&c, 6)->r.sends, 0);
    assert_true(client_reply(&c, 6)->r.hopeless);
    server_behave(s, answers);
    client_send(&c, "POST", "/after", "{}", 7);
    client_wait(&c, 8);
    assert_true(client_reply(&c, 7)->r.complete);
    assert_int_equal(server_copies(s, "/api/late"), 0);
    client_close(&c);
    server_close(s);
}

static void abort_once(struct client *c, int64_t tag)
{
    if (tag == 0)
        c->transport->abort(c->transport->ctx);
}

static void a_receiver_may_abort(void **state)
{
    (void)state;
    struct client c;
    struct server *s = server_open();
    client_open_on(&c, server_port(s));
    server_behave(s, stalls);
    for (int i = 1; i < 5; i++)
        client_send(&c, "POST", "/x", "{}", i);
    client_pause(&c, 100);
    server_behave(s, answers);
    c.on_reply = abort_once;
    client_send(&c, "POST", "/x", "{}", 0);
    client_wait(&c, 5);
    assert_true(client_reply(&c, 0)->r.complete);
    for (int i = 1; i < 5; i++)
        check_torn(&c, i, 1);
    client_close(&c);
    server_close(s);
}

static void send_when_torn(struct client *c, int64_t tag)
{
    if (tag < 3)
        client_send(c, "POST", "/again", "{}", tag + 100);
}

static void what_is_sent_from_inside_an_abort_is_not_aborted(void **state)
{
    (void)state;
    struct client c;
    struct server *s = server_open();
    client_open_on(&c, server_port(s));
    server_behave(s, stalls);
    for (int i = 0; i < 3; i++)
        client_send(&c, "POST", "/x", "{}", i);
    client_pause(&c, 100);
    server_behave(s, answers);
    c.on_reply = send_when_torn;
    c.transport->abort(c.transport->ctx);
    assert_int_equal(c.told, 3);
    client_wait(&c, 6);
    for (int i = 100; i < 103; i++)
        assert_true(client_reply(&c, i)->r.complete);
    client_close(&c);
    server_close(s);
}

static void close_tells_what_is_in_flight(void **state)
{
    (void)state;
    struct client c;
    struct server *s = server_open();
    client_open_on(&c, server_port(s));
    server_behave(s, stalls);
    for (int i = 0; i < 10; i++)
        client_send(&c, i % 2 ? "POST" : "GET", "/x", NULL, i);
    client_pause(&c, 100);
    client_send(&c, "POST", "/x", "{}", 10);
    send_odd(&c, "POST", "/..", "A", "b", 11);
    client_close(&c);
    assert_int_equal(c.told, 12);
    server_close(s);
}

static void on_early_close(void *ctx)
{
    struct client *c = ctx;
    c->closed = true;
}

static void close_now(struct client *c, int64_t tag)
{
    if (tag == 0)
        net_close(c->net, on_early_close, c);
}

/* From done, that is from inside the multi's own turn. */
static void a_receiver_may_close(void **state)
{
    (void)state;
    static const char *const paths[] = {"/x", "/../refused"};
    for (int i = 0; i < 2; i++) {
        struct client c;
        struct server *s = server_open();
        client_open_on(&c, server_port(s));
        server_behave(s, stalls);
        client_send(&c, "POST", "/x", "{}", 1);
        client_pause(&c, 100);
        server_behave(s, answers);
        c.on_reply = close_now;
        client_send(&c, "POST", paths[i], "{}", 0);
        client_wait(&c, 2);
        check_torn(&c, 1, 1);
        while (!c.closed)
            uv_run(&c.loop, UV_RUN_ONCE);
        uv_close((uv_handle_t *)&c.tick, NULL);
        uv_run(&c.loop, UV_RUN_DEFAULT);
        assert_int_equal(uv_loop_close(&c.loop), 0);
        for (int k = 0; k < c.told; k++)
            free(c.replies[k].body);
        server_close(s);
    }
}

/* An idle net keeps no loop alive and takes no turns of it. */
static void an_idle_net_lets_the_loop_end(void **state)
{
    (void)state;
    struct client c;
    struct server *s = server_open();
    client_open_on(&c, server_port(s));
    server_behave(s, answers);
    client_send(&c, "POST", "/x", "{}", 1);
    client_wait(&c, 1);
    uv_timer_stop(&c.tick);
    uv_run(&c.loop, UV_RUN_DEFAULT);
    assert_false(uv_loop_alive(&c.loop));
    client_close(&c);
    server_close(s);
}

static unsigned long turns;

static void count_turn(uv_check_t *check)
{
    (void)check;
    turns++;
}

/* The 0 ms trap of libuv 1.44, and its cousin: an idle handle that never stops. */
static void waiting_for_an_answer_does_not_spin(void **state)
{
    (void)state;
    uv_check_t check;
    struct client c;
    struct server *s = server_open();
    client_open_on(&c, server_port(s));
    server_behave(s, stalls);
    uv_check_init(&c.loop, &check);
    uv_check_start(&check, count_turn);
    client_send(&c, "POST", "/x", "{}", 1);
    client_pause(&c, 50);
    turns = 0;
    client_pause(&c, 500); /* the tick of the harness alone: 25 */
    assert_in_range(turns, 20, 60);
    uv_close((uv_handle_t *)&check, NULL);
    client_close(&c);
    server_close(s);
}

static void bad_options_are_refused(void **state)
{
    (void)state;
    struct err err;
    struct net *net = NULL;
    uv_loop_t loop;
    assert_int_equal(uv_loop_init(&loop), 0);
    const struct net_options url = {.base_url = "http://example.com", .concurrency = 1};
    assert_int_equal(net_open(&net, &loop, &url, NULL, NULL, &err), -1);
    assert_int_equal(err.code, ERR_CONFIG);
    const struct net_options ca = {.base_url = "https://h", .ca_file = "/nowhere/ca.pem"};
    assert_int_equal(net_open(&net, &loop, &ca, NULL, NULL, &err), -1);
    assert_int_equal(err.code, ERR_CONFIG);
    assert_non_null(strstr(err.text, "/nowhere/ca.pem"));
    assert_null(net);
    assert_int_equal(uv_loop_close(&loop), 0);
}

/* The environment */

static void proxies_and_netrc_of_the_environment_are_ignored(void **state)
{
    (void)state;
    static const char *const names[] = {"http_proxy",  "HTTP_PROXY", "https_proxy",
                                        "HTTPS_PROXY", "all_proxy",  "ALL_PROXY"};
    struct client c;
    struct server *s = server_open(), *proxy = server_open();
    char url[64], dir[] = "/tmp/remesa-net-XXXXXX", path[64];
    snprintf(url, sizeof url, "http://127.0.0.1:%d", server_port(proxy));
    unsetenv("no_proxy");
    unsetenv("NO_PROXY");
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        setenv(names[i], url, 1);
    assert_non_null(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/.netrc", dir);
    FILE *netrc = fopen(path, "w");
    fputs("machine 127.0.0.1 login somebody password secret\n", netrc);
    fclose(netrc);
    char *home = mem_text(getenv("HOME"));
    setenv("HOME", dir, 1);

    client_open_on(&c, server_port(s));
    server_behave(s, answers);
    server_behave(proxy, answers);
    send_odd(&c, "POST", "/x", "A", "b", 1);
    client_wait(&c, 1);
    assert_true(client_reply(&c, 1)->r.complete);
    assert_int_equal(server_contacts(proxy), 0);
    assert_int_equal(server_contacts(s), 1);
    assert_int_equal(server_copies(s, "Authorization"), 0);

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        unsetenv(names[i]);
    if (home)
        setenv("HOME", home, 1);
    free(home);
    remove(path);
    remove(dir);
    client_close(&c);
    server_close(s);
    server_close(proxy);
}

int main(void)
{
    struct err err;
    if (net_global_setup(&err) != 0)
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(methods_and_bodies_go_as_they_are),
        cmocka_unit_test(a_large_body_goes_at_once_and_whole),
        cmocka_unit_test(what_must_not_be_sent_is_told_from_the_loop_and_is_hopeless),
        cmocka_unit_test(evidence_is_taken_from_the_final_head_only),
        cmocka_unit_test(a_long_value_is_cut_and_trailers_are_no_evidence),
        cmocka_unit_test(a_body_of_the_limit_is_whole),
        cmocka_unit_test(nothing_of_one_request_is_left_in_the_next),
        cmocka_unit_test(requests_in_a_row_share_a_connection_and_reads_have_their_own),
        cmocka_unit_test(fresh_connections_are_for_what_is_not_a_get),
        cmocka_unit_test(sixty_four_requests_are_in_flight_at_once),
        cmocka_unit_test(more_than_the_pool_was_made_for_still_goes),
        cmocka_unit_test(a_full_multi_makes_room_for_the_next),
        cmocka_unit_test(a_receiver_may_send_again),
        cmocka_unit_test(abort_tells_each_as_torn_with_what_is_known_of_it),
        cmocka_unit_test(a_receiver_may_abort),
        cmocka_unit_test(what_is_sent_from_inside_an_abort_is_not_aborted),
        cmocka_unit_test(close_tells_what_is_in_flight),
        cmocka_unit_test(a_receiver_may_close),
        cmocka_unit_test(an_idle_net_lets_the_loop_end),
        cmocka_unit_test(waiting_for_an_answer_does_not_spin),
        cmocka_unit_test(bad_options_are_refused),
        cmocka_unit_test(proxies_and_netrc_of_the_environment_are_ignored),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
