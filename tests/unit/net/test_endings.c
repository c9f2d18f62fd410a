/* Every way in which a request may end, on a new connection and on kept ones: what the
 * response says, and how often the server got the request. */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "client.h"
#include "server.h"

#define OK_KEEP "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
#define CREATED "HTTP/1.1 201 Created\r\n"

/* Curl's numbers: evidence only, but they tell which guard acted. */
enum {
    ANY = -1,
    DONE = 0,
    GOT_NOTHING = 52,
    RECV = 56,
    PARTIAL = 18,
    TOO_LONG = 23,
    SLOW = 28
};

struct ending {
    const char *name;
    struct behaviour does;
    bool is_silent; /* no whole header line: on a kept connection curl would send again */
    int sends;      /* on a new connection; ANY: 0 or 1 */
    bool headers_complete, complete;
    int status, code;
};

/* clang-format off */
static const struct ending endings[] = {
    {"closed at accept", {READ_NOTHING, NULL, 0, END_FIN, 0}, true, ANY, false, false, 0, ANY},
    {"reset at accept", {READ_NOTHING, NULL, 0, END_RST, 0}, true, ANY, false, false, 0, ANY},
    {"headers read, reset", {READ_HEAD, NULL, 0, END_RST, 0}, true, 1, false, false, 0, ANY},
    {"headers read, stall", {READ_HEAD, NULL, 0, END_STALL, 0}, false, 1, false, false, 0, SLOW},
    {"all read, closed", {READ_ALL, NULL, 0, END_FIN, 0}, true, 1, false, false, 0, GOT_NOTHING},
    {"all read, reset", {READ_ALL, NULL, 0, END_RST, 0}, true, 1, false, false, 0, RECV},
    {"all read, stall", {READ_ALL, NULL, 0, END_STALL, 0}, false, 1, false, false, 0, SLOW},
    {"part of a status line", {READ_ALL, "HTTP/1.1 20", 0, END_FIN, 0}, true, 1, false, false, 0, ANY},
    {"status line only", {READ_ALL, CREATED, 0, END_FIN, 0}, false, 1, false, false, 201, ANY},
    {"status line only, reset", {READ_ALL, CREATED, 0, END_RST, 0}, false, 1, false, false, 201, ANY},
    {"status and one header", {READ_ALL, CREATED "A: b\r\n", 0, END_FIN, 0}, false, 1, false, false, 201, ANY},
    {"100, then closed", {READ_ALL, "HTTP/1.1 100 Continue\r\n\r\n", 0, END_FIN, 0}, false, 1, false, false, 100, ANY},
    {"103, then closed", {READ_ALL, "HTTP/1.1 103 Early Hints\r\nDate: x\r\n\r\n", 0, END_FIN, 0}, false, 1, false, false, 103, ANY},
    {"103, then stall", {READ_ALL, "HTTP/1.1 103 Early Hints\r\n\r\n", 0, END_STALL, 0}, false, 1, false, false, 103, SLOW},
    {"103, then an answer", {READ_ALL, "HTTP/1.1 103 Early Hints\r\n\r\n" OK_KEEP, 0, END_KEEP, 0}, false, 1, true, true, 200, DONE},
    {"torn body", {READ_ALL, CREATED "Content-Length: 10\r\n\r\nabc", 0, END_FIN, 0}, false, 1, true, false, 201, PARTIAL},
    {"torn body, reset", {READ_ALL, CREATED "Content-Length: 10\r\n\r\nabc", 0, END_RST, 0}, false, 1, true, false, 201, RECV},
    {"body stalls", {READ_ALL, CREATED "Content-Length: 10\r\n\r\nabc", 0, END_STALL, 0}, false, 1, true, false, 201, SLOW},
    {"bad chunk", {READ_ALL, CREATED "Transfer-Encoding: chunked\r\n\r\n5\r\nabcdezz\r\nq", 0, END_FIN, 0}, false, 1, true, false, 201, RECV},
    {"torn chunk", {READ_ALL, CREATED "Transfer-Encoding: chunked\r\n\r\n5\r\nab", 0, END_FIN, 0}, false, 1, true, false, 201, PARTIAL},
    {"no last chunk", {READ_ALL, CREATED "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n", 0, END_FIN, 0}, false, 1, true, false, 201, PARTIAL},
    {"chunks with a trailer", {READ_ALL, CREATED "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\nDate: t\r\n\r\n", 0, END_KEEP, 0}, false, 1, true, true, 201, DONE},
    {"400 kB header", {READ_ALL, CREATED "A: ", 400000, END_FIN, 0}, false, 1, false, false, 201, ANY},
    {"body above the limit", {READ_ALL, CREATED "Content-Length: 9000000\r\n\r\n", 9000000, END_FIN, 0}, false, 1, true, false, 201, TOO_LONG},
    {"body without end", {READ_ALL, "HTTP/1.1 200 OK\r\n\r\n", SIZE_MAX, END_FIN, 0}, false, 1, true, false, 200, TOO_LONG},
    {"not HTTP", {READ_ALL, "220 mail.example ESMTP\r\n", 0, END_FIN, 0}, false, 1, false, false, 0, ANY},
    {"no length, closed", {READ_ALL, "HTTP/1.1 200 OK\r\n\r\nok", 0, END_FIN, 0}, false, 1, true, true, 200, DONE},
    {"whole answer, then reset", {READ_ALL, OK_KEEP, 0, END_RST, 0}, false, 1, true, true, 200, DONE},
    {"204", {READ_ALL, "HTTP/1.1 204 No Content\r\n\r\n", 0, END_KEEP, 0}, false, 1, true, true, 204, DONE},
    {"307 is not followed", {READ_ALL, "HTTP/1.1 307 X\r\nLocation: /api/other\r\nContent-Length: 0\r\n\r\n", 0, END_KEEP, 0}, false, 1, true, true, 307, DONE},
    {"401 is not answered", {READ_ALL, "HTTP/1.1 401 X\r\nWWW-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n", 0, END_KEEP, 0}, false, 1, true, true, 401, DONE},
    {"417 is not repeated", {READ_ALL, "HTTP/1.1 417 X\r\nContent-Length: 0\r\n\r\n", 0, END_KEEP, 0}, false, 1, true, true, 417, DONE},
    {"503", {READ_ALL, "HTTP/1.1 503 X\r\nContent-Length: 0\r\n\r\n", 0, END_FIN, 0}, false, 1, true, true, 503, DONE},
};
/* clang-format on */

static void open_client(struct client *c, struct server *s)
{
    char url[64];
    snprintf(url, sizeof url, "http://127.0.0.1:%d/api", server_port(s));
    client_open(c, (struct net_options){.base_url = url, .timeout_ms = 400});
}

/* So many connections, all idle and alive. */
static void warm_up(struct client *c, struct server *s, int connections)
{
    server_behave(s, (struct behaviour){READ_ALL, OK_KEEP, 0, END_KEEP, connections});
    for (int i = 0; i < connections; i++)
        client_send(c, "POST", "/warm", "{}", i);
    client_wait(c, connections);
    assert_int_equal(server_contacts(s), connections);
}

static void check(const struct ending *e, const struct reply *got, bool is_kept)
{
    int sends = is_kept && e->is_silent ? 2 : e->sends;
    if (sends == ANY)
        assert_in_range(got->r.sends, 0, 1);
    else
        assert_int_equal(got->r.sends, sends);
    if (!(is_kept && e->is_silent) && e->code != ANY)
        assert_int_equal(got->r.transport_code, e->code);
    assert_int_equal(got->r.headers_complete, e->headers_complete);
    assert_int_equal(got->r.complete, e->complete);
    assert_int_equal(got->r.status, e->status);
    assert_int_equal(got->r.transport_text[0] != '\0', got->r.transport_code != 0);
    assert_true(got->body_len <= HTTP_BODY_MAX);
    assert_false(got->r.hopeless);
}

static void run_ending(const struct ending *e, const char *method, const char *body,
                       int kept)
{
    print_message("    %s, %d kept\n", e->name, kept); /* so that a failure has a name */
    struct client c;
    struct server *s = server_open();
    open_client(&c, s);
    if (kept)
        warm_up(&c, s, kept);
    server_behave(s, e->does);
    client_send(&c, method, "/money", body, 1000);
    client_wait(&c, kept + 1);
    check(e, client_reply(&c, 1000), kept > 0);
    client_close(&c);
    server_close(s);
}

/* The server got it once, while curl tried to send it again. */
static void check_one_copy(const struct ending *e, const char *method, const char *body,
                           int kept)
{
    struct client c;
    struct server *s = server_open();
    open_client(&c, s);
    warm_up(&c, s, kept);
    server_behave(s, e->does);
    client_send(&c, method, "/money", body, 1000);
    client_wait(&c, kept + 1);
    client_pause(&c, 30);
    assert_int_equal(server_copies(s, "/api/money"), 1);
    assert_int_equal(client_reply(&c, 1000)->r.sends, 2);
    client_close(&c);
    server_close(s);
}

static void run_all(int kept)
{
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++)
        if (!kept || endings[i].does.read != READ_NOTHING)
            run_ending(&endings[i], "POST", "{\"amount\":\"1.00\"}", kept);
}

static void endings_on_a_new_connection(void **state)
{
    (void)state;
    run_all(0);
}

static void endings_on_one_kept_connection(void **state)
{
    (void)state;
    run_all(1);
}

static void endings_on_six_kept_connections(void **state)
{
    (void)state;
    run_all(6);
}

/* The fault that makes a batch payer pay twice. */
static void a_request_reaches_the_server_once_whatever_dies(void **state)
{
    (void)state;
    static const struct {
        const char *method, *body;
    } requests[] = {{"POST", "{\"amount\":\"1.00\"}"},
                    {"POST", ""},
                    {"PUT", "{}"},
                    {"PATCH", "{}"},
                    {"DELETE", NULL},
                    {"DELETE", "{}"}};
    static const int pools[] = {1, 2, 6};
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        if (!endings[i].is_silent || endings[i].does.read != READ_ALL)
            continue;
        for (size_t r = 0; r < sizeof requests / sizeof requests[0]; r++)
            for (size_t p = 0; p < sizeof pools / sizeof pools[0]; p++)
                check_one_copy(&endings[i], requests[r].method, requests[r].body,
                               pools[p]);
    }
}

static void a_look_up_is_not_repeated_either(void **state)
{
    (void)state;
    struct client c;
    struct server *s = server_open();
    open_client(&c, s);
    server_behave(s, (struct behaviour){READ_ALL, OK_KEEP, 0, END_KEEP, 2});
    client_send(&c, "GET", "/warm", NULL, 0);
    client_send(&c, "GET", "/warm", NULL, 1);
    client_wait(&c, 2);
    server_behave(s, (struct behaviour){READ_ALL, NULL, 0, END_FIN, 0});
    client_send(&c, "GET", "/list", NULL, 2);
    client_wait(&c, 3);
    assert_int_equal(client_reply(&c, 2)->r.sends, 2);
    assert_int_equal(server_copies(s, "/api/list"), 1);
    client_close(&c);
    server_close(s);
}

static void a_refused_connection_is_not_sent(void **state)
{
    (void)state;
    struct server *s = server_open();
    int port = server_port(s);
    server_close(s);
    struct client c;
    client_open_on(&c, port);
    client_send(&c, "POST", "/money", "{}", 1);
    client_wait(&c, 1);
    const struct reply *got = client_reply(&c, 1);
    assert_int_equal(got->r.sends, 0);
    assert_int_equal(got->r.transport_code, 7);
    assert_false(got->r.complete || got->r.headers_complete || got->r.hopeless);
    client_close(&c);
}

/* A port that neither takes nor refuses connections: the queue of those that wait is full. */
struct hole {
    int fds[4];
    int port;
};

static struct hole hole_open(void)
{
    struct hole h;
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof a;
    for (size_t i = 0; i < 4; i++)
        h.fds[i] = socket(AF_INET, SOCK_STREAM | (i ? SOCK_NONBLOCK : 0), 0);
    assert_int_equal(bind(h.fds[0], (struct sockaddr *)&a, len), 0);
    assert_int_equal(listen(h.fds[0], 0), 0);
    assert_int_equal(getsockname(h.fds[0], (struct sockaddr *)&a, &len), 0);
    for (size_t i = 1; i < 4; i++)
        connect(h.fds[i], (struct sockaddr *)&a, len);
    h.port = ntohs(a.sin_port);
    return h;
}

static void hole_close(struct hole h)
{
    for (size_t i = 0; i < 4; i++)
        close(h.fds[i]);
}

/* client_close looks whether a handle is left. */
static void a_connection_that_hangs_is_not_sent_and_leaves_nothing(void **state)
{
    (void)state;
    struct hole h = hole_open();
    struct client c;
    char url[64];
    snprintf(url, sizeof url, "http://127.0.0.1:%d/api", h.port);
    client_open(&c, (struct net_options){.base_url = url, .connect_timeout_ms = 100});
    for (int i = 0; i < 3; i++) {
        client_send(&c, i == 1 ? "GET" : "POST", "/money", i == 1 ? NULL : "{}", i);
        client_wait(&c, i + 1);
        const struct reply *got = client_reply(&c, i);
        assert_int_equal(got->r.sends, 0);
        assert_int_equal(got->r.transport_code, SLOW);
        assert_false(got->r.hopeless);
    }
    client_send(&c, "POST", "/money", "{}", 3); /* given up by client_close */
    client_pause(&c, 30);
    client_close(&c);
    hole_close(h);
}

static void many_small_headers_are_torn_at_the_limit(void **state)
{
    (void)state;
    struct buf say;
    buf_init(&say, 1 << 20);
    buf_add_text(&say, CREATED);
    for (int i = 0; i < 2000; i++)
        buf_add_text(&say, "X-Filler: 0123456789012345678901234567890123456789\r\n");
    buf_add_text(&say, "Content-Length: 0\r\n\r\n");
    struct ending e = {.name = "header flood",
                       .does = {READ_ALL, say.data, 0, END_KEEP, 0},
                       .sends = 1,
                       .status = 201,
                       .code = TOO_LONG};
    run_ending(&e, "POST", "{}", 0);
    buf_close(&say);
}

/* A server that ends the connection properly between two requests: nothing is in doubt.
 */
static void an_idle_connection_that_was_closed_is_not_used(void **state)
{
    (void)state;
    struct client c;
    struct server *s = server_open();
    open_client(&c, s);
    warm_up(&c, s, 2);
    server_end_all(s);
    client_pause(&c, 30);
    server_behave(s, (struct behaviour){READ_ALL, OK_KEEP, 0, END_KEEP, 0});
    client_send(&c, "POST", "/money", "{}", 1000);
    client_wait(&c, 3);
    assert_int_equal(client_reply(&c, 1000)->r.sends, 1);
    assert_true(client_reply(&c, 1000)->r.complete);
    assert_int_equal(server_copies(s, "/api/money"), 1);
    client_close(&c);
    server_close(s);
}

/* Servers end idle connections: the longer one was idle, the likelier the request meets its
 * end. */
static void a_connection_idle_for_more_than_ten_seconds_is_not_used(void **state)
{
    (void)state;
    struct client c;
    struct server *s = server_open();
    open_client(&c, s);
    warm_up(&c, s, 1);
    client_pause(&c, 11500);
    server_behave(s, (struct behaviour){READ_ALL, OK_KEEP, 0, END_KEEP, 0});
    client_send(&c, "POST", "/money", "{}", 1000);
    client_wait(&c, 2);
    assert_int_equal(server_contacts(s), 2);
    client_close(&c);
    server_close(s);
}

/* Bytes that wait on an idle connection would pass for the answer to the next request. */
static void an_answer_nobody_asked_for_is_not_taken(void **state)
{
    (void)state;
    static const char *const early[] = {
        "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 422 Stale\r\nContent-Length: 5\r\n\r\nstale",
        "x",
    };
    for (size_t i = 0; i < sizeof early / sizeof early[0]; i++) {
        struct client c;
        struct server *s = server_open();
        open_client(&c, s);
        warm_up(&c, s, 2);
        server_say_to_all(s, early[i]);
        client_pause(&c, 30);
        server_behave(s, (struct behaviour){READ_ALL, OK_KEEP, 0, END_KEEP, 0});
        client_send(&c, "POST", "/money", "{}", 1000);
        client_wait(&c, 3);
        assert_int_equal(client_reply(&c, 1000)->r.status, 200);
        assert_int_equal(client_reply(&c, 1000)->r.sends, 1);
        assert_string_equal(client_reply(&c, 1000)->body, "ok");
        assert_int_equal(server_copies(s, "/api/money"), 1);
        assert_int_equal(server_contacts(s), 3);
        client_close(&c);
        server_close(s);
    }
}

static void of_two_answers_the_second_is_not_kept_for_the_next_request(void **state)
{
    (void)state;
    struct client c;
    struct server *s = server_open();
    open_client(&c, s);
    server_behave(s, (struct behaviour){
                         READ_ALL, OK_KEEP "HTTP/1.1 422 S\r\nContent-Length: 0\r\n\r\n",
                         0, END_KEEP, 0});
    client_send(&c, "POST", "/one", "{}", 1);
    client_wait(&c, 1);
    server_behave(s, (struct behaviour){READ_ALL, OK_KEEP, 0, END_KEEP, 0});
    client_send(&c, "POST", "/two", "{}", 2);
    client_wait(&c, 2);
    assert_int_equal(client_reply(&c, 1)->r.status, 200);
    assert_int_equal(client_reply(&c, 2)->r.status, 200);
    client_close(&c);
    server_close(s);
}

int main(void)
{
    struct err err;
    if (net_global_setup(&err) != 0)
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(endings_on_a_new_connection),
        cmocka_unit_test(endings_on_one_kept_connection),
        cmocka_unit_test(endings_on_six_kept_connections),
        cmocka_unit_test(a_request_reaches_the_server_once_whatever_dies),
        cmocka_unit_test(a_look_up_is_not_repeated_either),
        cmocka_unit_test(a_refused_connection_is_not_sent),
        cmocka_unit_test(a_connection_that_hangs_is_not_sent_and_leaves_nothing),
        cmocka_unit_test(many_small_headers_are_torn_at_the_limit),
        cmocka_unit_test(an_idle_connection_that_was_closed_is_not_used),
        cmocka_unit_test(a_connection_idle_for_more_than_ten_seconds_is_not_used),
        cmocka_unit_test(an_answer_nobody_asked_for_is_not_taken),
        cmocka_unit_test(of_two_answers_the_second_is_not_kept_for_the_next_request),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
