#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sandbox/http.h"

/* What the parser makes of some bytes, one line an event. */
static void write_event(struct buf *out, const struct http_reader *r,
                        enum http_event event)
{
    const struct http_request *q = &r->request;
    if (event == HTTP_BAD)
        buf_printf(out, "bad %d", r->status);
    else if (event == HTTP_CONTINUE)
        buf_printf(out, "continue\n");
    else if (event == HTTP_REQUEST)
        buf_printf(out, "%s %s auth=%s%s type=%s %s [%s]\n", q->method.data,
                   q->target.data, q->authorized ? "" : "none", q->authorization.data,
                   q->content_type.data, q->keep_alive ? "keep" : "close", q->body.data);
}

/* Feeds one piece; false after a bad request. */
static bool feed(struct http_reader *r, struct span piece, struct buf *out)
{
    while (piece.len > 0) {
        enum http_event event = http_feed(r, &piece);
        write_event(out, r, event);
        if (event == HTTP_BAD)
            return false;
        if (event == HTTP_REQUEST)
            http_next(r);
    }
    return true;
}

/* Two cuts; equal ones, or one at an end, make fewer pieces. */
static void feed_cut(struct span bytes, size_t a, size_t b, struct buf *out)
{
    struct http_reader r;
    http_init(&r);
    buf_clear(out);
    (void)(feed(&r, (struct span){bytes.ptr, a}, out) &&
           feed(&r, (struct span){bytes.ptr + a, b - a}, out) &&
           feed(&r, (struct span){bytes.ptr + b, bytes.len - b}, out));
    http_close(&r);
}

static void feed_bytewise(struct span bytes, struct buf *out)
{
    struct http_reader r;
    bool ok = true;
    http_init(&r);
    buf_clear(out);
    for (size_t i = 0; ok && i < bytes.len; i++)
        ok = feed(&r, (struct span){bytes.ptr + i, 1}, out);
    http_close(&r);
}

#define H "Host: a\r\n"

static const struct {
    const char *name, *bytes, *want;
} table[] = {
    {"a plain GET", "GET /api/users HTTP/1.1\r\n" H "\r\n",
     "GET /api/users auth=none type= keep []\n"},
    {"a body by length",
     "POST /x HTTP/1.1\r\n" H "Content-Length: 5\r\nContent-Type: a/json\r\n\r\nhello",
     "POST /x auth=none type=a/json keep [hello]\n"},
    {"header names in any case, values without blanks around them",
     "POST /x HTTP/1.1\r\nhOST:a\r\nAUTHORIZATION: \t k; user=7 "
     "\r\ncontent-LENGTH:1\r\n\r\nz",
     "POST /x auth=k; user=7 type= keep [z]\n"},
    {"an empty Authorization is one", "GET /x HTTP/1.1\r\n" H "Authorization:\r\n\r\n",
     "GET /x auth= type= keep []\n"},
    {"chunks, an extension and a trailer",
     "POST /x HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n"
     "3\r\nabc\r\nA;q=1\r\n0123456789\r\n0\r\nT: x\r\n\r\n",
     "POST /x auth=none type= keep [abc0123456789]\n"},
    {"two on one connection, nothing of the first in the second",
     "POST /1 HTTP/1.1\r\n" H "Authorization: k\r\nContent-Length: 1\r\n\r\na"
     "GET /2 HTTP/1.1\r\n" H "Connection: close\r\n\r\n",
     "POST /1 auth=k type= keep [a]\nGET /2 auth=none type= close []\n"},
    {"an empty line before a request", "\r\nGET /x HTTP/1.1\r\n" H "\r\n",
     "GET /x auth=none type= keep []\n"},
    {"HTTP/1.0 closes and needs no Host", "GET /x HTTP/1.0\r\n\r\n",
     "GET /x auth=none type= close []\n"},
    {"HTTP/1.0 may ask to stay", "GET /x HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n",
     "GET /x auth=none type= keep []\n"},
    {"a client that waits before its body",
     "PUT /x HTTP/1.1\r\n" H "Expect: 100-Continue\r\nContent-Length: 2\r\n\r\nok",
     "continue\nPUT /x auth=none type= keep [ok]\n"},
    {"a client that waits before its chunks",
     "PUT /x HTTP/1.1\r\n" H
     "Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nk\r\n0\r\n\r\n",
     "continue\nPUT /x auth=none type= keep [k]\n"},
    {"a client that waits and has no body",
     "PUT /x HTTP/1.1\r\n" H "Expect: 100-continue\r\n\r\n",
     "PUT /x auth=none type= keep []\n"},
    {"a request cut off gives nothing",
     "POST /x HTTP/1.1\r\n" H "Content-Length: 5\r\n\r\nhell", ""},

    {"no version", "GET /x\r\n\r\n", "bad 400"},
    {"two parts and no target", "GET HTTP/1.1\r\n\r\n", "bad 400"},
    {"a blank in the target", "GET /a b HTTP/1.1\r\n\r\n", "bad 400"},
    {"a target that is no path", "GET x HTTP/1.1\r\n\r\n", "bad 400"},
    {"a whole URL as target", "GET http://a/x HTTP/1.1\r\n\r\n", "bad 400"},
    {"a byte above ASCII in the target", "GET /\xc3\xa9 HTTP/1.1\r\n\r\n", "bad 400"},
    {"a method that is no word", "G@T /x HTTP/1.1\r\n\r\n", "bad 400"},
    {"a method too long", "ABCDEFGHIJABCDEFGHIJABCDEFGHIJABC /x HTTP/1.1\r\n\r\n",
     "bad 400"},
    {"HTTP/2", "GET /x HTTP/2.0\r\n\r\n", "bad 505"},
    {"another protocol", "GET /x SPDY/1.1\r\n\r\n", "bad 400"},
    {"a line without CR", "GET /x HTTP/1.1\n", "bad 400"},
    {"a CR inside a line", "GET /x HTTP/1.1\r\n" H "A: b\rc\r\n\r\n", "bad 400"},
    {"a CR inside a chunk's line",
     "GET /x HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n1;a\rb\r\n", "bad 400"},
    {"no Host", "GET /x HTTP/1.1\r\nA: b\r\n\r\n", "bad 400"},
    {"an empty Host", "GET /x HTTP/1.1\r\nHost:\r\n\r\n", "bad 400"},
    {"two Hosts", "GET /x HTTP/1.1\r\n" H H "\r\n", "bad 400"},
    {"two keys, as from an injected line break",
     "GET /x HTTP/1.1\r\n" H "Authorization: k\r\nAuthorization: k; user=1\r\n\r\n",
     "bad 400"},
    {"a header without colon", "GET /x HTTP/1.1\r\n" H "nonsense\r\n\r\n", "bad 400"},
    {"a blank before the colon", "GET /x HTTP/1.1\r\nHost : a\r\n\r\n", "bad 400"},
    {"a folded line", "GET /x HTTP/1.1\r\n" H "A: b\r\n c\r\n\r\n", "bad 400"},
    {"a control character in a value", "GET /x HTTP/1.1\r\n" H "A: \x01\r\n\r\n",
     "bad 400"},
    {"a length that is no number", "GET /x HTTP/1.1\r\n" H "Content-Length: +5\r\n\r\n",
     "bad 400"},
    {"an empty length", "GET /x HTTP/1.1\r\n" H "Content-Length:\r\n\r\n", "bad 400"},
    {"a length twice",
     "GET /x HTTP/1.1\r\n" H "Content-Length: 1\r\nContent-Length: 1\r\n\r\n", "bad 400"},
    {"length and chunks",
     "GET /x HTTP/1.1\r\n" H "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
     "bad 400"},
    {"a body too long by its length",
     "GET /x HTTP/1.1\r\n" H "Content-Length: 16777217\r\n\r\n", "bad 413"},
    {"a body too long by its chunk",
     "GET /x HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n1000001\r\n", "bad 413"},
    {"gzip", "GET /x HTTP/1.1\r\n" H "Transfer-Encoding: gzip\r\n\r\n", "bad 501"},
    {"chunks in HTTP/1.0", "GET /x HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
     "bad 400"},
    {"an unknown expectation", "GET /x HTTP/1.1\r\n" H "Expect: luck\r\n\r\n", "bad 417"},
    {"a chunk size that is none",
     "GET /x HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\nx\r\n", "bad 400"},
    {"a chunk size with something after it",
     "GET /x HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n1 \r\n", "bad 400"},
    {"a chunk longer than its size",
     "GET /x HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n", "bad 400"},
};

#define TABLE_LEN (sizeof(table) / sizeof(*table))

static void requests_are_read_as_told(void **state)
{
    (void)state;
    struct buf got;
    buf_init(&got, 1 << 16);
    for (size_t i = 0; i < TABLE_LEN; i++) {
        feed_cut(span_of(table[i].bytes), 0, 0, &got);
        if (strcmp(got.data, table[i].want) != 0)
            fail_msg("%s: got \"%s\"", table[i].name, got.data);
    }
    buf_close(&got);
}

static void cuts_anywhere_change_nothing(void **state)
{
    (void)state;
    struct buf got;
    buf_init(&got, 1 << 16);
    for (size_t i = 0; i < TABLE_LEN; i++) {
        struct span bytes = span_of(table[i].bytes);
        for (size_t a = 0; a <= bytes.len; a++)
            for (size_t b = a; b <= bytes.len; b++) {
                feed_cut(bytes, a, b, &got);
                if (strcmp(got.data, table[i].want) != 0)
                    fail_msg("%s, cut at %zu and %zu: got \"%s\"", table[i].name, a, b,
                             got.data);
            }
        feed_bytewise(bytes, &got);
        if (strcmp(got.data, table[i].want) != 0)
            fail_msg("%s, byte by byte: got \"%s\"", table[i].name, got.data);
    }
    buf_close(&got);
}

static void add_many(struct buf *b, const char *text, int times)
{
    for (int i = 0; i < times; i++)
        buf_add_text(b, text);
}

static void heads_are_bounded(void **state)
{
    (void)state;
    struct buf bytes, got;
    buf_init(&bytes, 1 << 20);
    buf_init(&got, 1 << 20);
    add_many(&bytes, "GET /", 1);
    add_many(&bytes, "a", HTTP_HEAD_MAX);
    feed_bytewise(buf_span(&bytes), &got);
    assert_string_equal(got.data, "bad 414");

    buf_clear(&bytes);
    add_many(&bytes, "GET / HTTP/1.1\r\nA: ", 1);
    add_many(&bytes, "a", HTTP_HEAD_MAX);
    feed_bytewise(buf_span(&bytes), &got);
    assert_string_equal(got.data, "bad 431");

    buf_clear(&bytes);
    add_many(&bytes, "GET / HTTP/1.1\r\n" H, 1);
    add_many(&bytes, "A: b\r\n", HTTP_HEADERS_MAX - 1);
    buf_add_text(&bytes, "\r\n");
    feed_bytewise(buf_span(&bytes), &got);
    assert_string_equal(got.data, "GET / auth=none type= keep []\n");

    buf_clear(&bytes);
    add_many(&bytes, "GET / HTTP/1.1\r\n" H, 1);
    add_many(&bytes, "A: b\r\n", HTTP_HEADERS_MAX);
    feed_bytewise(buf_span(&bytes), &got);
    assert_string_equal(got.data, "bad 431");
    buf_close(&bytes);
    buf_close(&got);
}

static void many_small_chunks_are_no_long_head(void **state)
{
    (void)state;
    struct buf bytes, got;
    buf_init(&bytes, 1 << 20);
    buf_init(&got, 1 << 20);
    buf_add_text(&bytes, "PUT / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n");
    add_many(&bytes, "1\r\na\r\n", HTTP_HEAD_MAX);
    buf_add_text(&bytes, "0\r\n\r\n");
    feed_cut(buf_span(&bytes), 0, 0, &got);
    assert_int_equal(got.len, strlen("PUT / auth=none type= keep []\n") + HTTP_HEAD_MAX);
    buf_close(&bytes);
    buf_close(&got);
}

static void chunks_together_are_bounded(void **state)
{
    (void)state;
    struct http_reader r;
    enum http_event event = HTTP_MORE;
    struct buf chunk;
    struct span head =
        span_of("PUT / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n");
    http_init(&r);
    buf_init(&chunk, 1 << 21);
    buf_add_text(&chunk, "100000\r\n");
    add_many(&chunk, "0123456789abcdef", 1 << 16);
    buf_add_text(&chunk, "\r\n");
    http_feed(&r, &head);
    for (int i = 0; i < 17 && event == HTTP_MORE; i++) {
        struct span bytes = buf_span(&chunk);
        event = http_feed(&r, &bytes);
    }
    assert_int_equal(event, HTTP_BAD);
    assert_int_equal(r.status, 413);
    assert_int_equal(r.request.body.len, HTTP_BODY_MAX);
    buf_close(&chunk);
    http_close(&r);
}

static void what_follows_a_request_is_left(void **state)
{
    (void)state;
    struct http_reader r;
    struct span bytes = span_of("GET /1 HTTP/1.0\r\n\r\nGET /2 HTTP/1.0\r\n\r\n");
    http_init(&r);
    assert_int_equal(http_feed(&r, &bytes), HTTP_REQUEST);
    assert_string_equal(bytes.ptr, "GET /2 HTTP/1.0\r\n\r\n");
    http_close(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_are_read_as_told),
        cmocka_unit_test(cuts_anywhere_change_nothing),
        cmocka_unit_test(heads_are_bounded),
        cmocka_unit_test(many_small_chunks_are_no_long_head),
        cmocka_unit_test(chunks_together_are_bounded),
        cmocka_unit_test(what_follows_a_request_is_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
