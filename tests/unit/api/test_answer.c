#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/answer.h"
#include "api/retry_after.h"
#include "base/buf.h"

/* ---- Retry-After ---- */

#define NOW  INT64_C(1445412000000) /* Wed, 21 Oct 2015 07:20:00 GMT */
#define HOUR INT64_C(3600000)

static const struct {
    const char *retry_after, *date;
    int64_t want;
} waits[] = {
    {"", "", -1},
    {"0", "", 0},
    {"1", "", 1000},
    {"120", "", 120000},
    {" 120 ", "", 120000},
    {"007", "", 7000},
    {"3600", "", HOUR},
    {"3601", "", HOUR},
    {"99999999999", "", HOUR},
    {"99999999999999999999999999", "", HOUR},
    {"-1", "", -1},
    {"+1", "", -1},
    {"1.5", "", -1},
    {"1s", "", -1},
    {"soon", "", -1},
    {"1,2", "", -1},
    {"0x10", "", -1},
    /* a date counts from the answer's own clock */
    {"Wed, 21 Oct 2015 07:28:00 GMT", "Wed, 21 Oct 2015 07:27:30 GMT", 30000},
    {"Wed, 21 Oct 2015 07:28:00 GMT", "Wed, 21 Oct 2015 07:28:00 GMT", 0},
    {"Wed, 21 Oct 2015 07:28:00 GMT", "Wed, 21 Oct 2015 07:28:01 GMT", -1},
    {"Wed, 21 Oct 2015 07:28:00 GMT", "", 8 * 60 * 1000},
    {"Wed, 21 Oct 2015 07:28:00 GMT", "yesterday", 8 * 60 * 1000},
    {"Wed, 21 Oct 2015 07:19:59 GMT", "", -1},
    {"Thu, 22 Oct 2015 07:28:00 GMT", "", HOUR},
    {"Fri, 31 Dec 9999 23:59:59 GMT", "", HOUR},
    {"Tue, 19 Jan 2038 03:14:08 GMT", "Tue, 19 Jan 2038 03:14:07 GMT", 1000},
    {"Mon, 29 Feb 2016 00:00:01 GMT", "Sun, 28 Feb 2016 23:59:59 GMT", 2000},
    {"Tue, 01 Mar 2016 00:00:01 GMT", "Mon, 29 Feb 2016 23:59:59 GMT", 2000},
    {"Wednesday, 21-Oct-15 07:20:05 GMT", "", 5000},
    {"Sunday, 06-Nov-94 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:30 GMT", 7000},
    {"Wed Oct 21 07:20:09 2015", "", 9000},
    {"Sun Nov  6 08:49:37 1994", "Sun, 06 Nov 1994 08:49:35 GMT", 2000},
    /* no date at all */
    {"Wed, 21 Oct 2015 07:28:00", "", -1},
    {"Wed, 21 Oct 2015 07:28:00 PST", "", -1},
    {"Wed, 21 Oct 2015 07:28:00 GMT x", "", -1},
    {"Wed, 21 Okt 2015 07:28:00 GMT", "", -1},
    {"Wed, 21 ctN 2015 07:28:00 GMT", "", -1},
    {"Wed, 00 Oct 2015 07:28:00 GMT", "", -1},
    {"Wed, 32 Oct 2015 07:28:00 GMT", "", -1},
    {"Wed, 21 Oct 2015 24:28:00 GMT", "", -1},
    {"Wed, 21 Oct 2015 07:60:00 GMT", "", -1},
    {"Wed, 21 Oct 2015 07:-1:00 GMT", "", -1},
    {"Wed, 21 Oct 2015 07:28:61 GMT", "", -1},
    {"2015-10-21T07:28:00Z", "", -1},
};

static void retry_after_is_seconds_or_a_date_up_to_an_hour(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(waits) / sizeof(*waits); i++) {
        struct http_response r;
        http_response_init(&r);
        strcpy(r.retry_after, waits[i].retry_after);
        strcpy(r.date, waits[i].date);
        int64_t got = retry_after_ms(&r, (struct wall){NOW});
        if (got != waits[i].want)
            fail_msg("'%s' from '%s': %lld, want %lld", waits[i].retry_after,
                     waits[i].date, (long long)got, (long long)waits[i].want);
        http_response_close(&r);
    }
}

/* ---- words ---- */

static char *words_of(int status, const char *type, struct span body)
{
    struct http_response r;
    http_response_init(&r);
    r.status = status;
    strcpy(r.content_type, type);
    assert_true(buf_add_span(&r.body, body));
    char *words = answer_words(&r, answer_kind(&r));
    http_response_close(&r);
    return words;
}

#define JSON "application/vnd.api+json"

static const struct {
    int status;
    const char *type, *body, *want;
} sayings[] = {
    {422, JSON,
     "{\"errors\":[{\"detail\":\"La orden es muy peque\xc3\xb1"
     "a\","
     "\"source\":{\"pointer\":\"/data/attributes/base\"}}]}",
     "HTTP 422: /data/attributes/base: La orden es muy peque\xc3\xb1"
     "a"},
    {422, JSON,
     "{\"errors\":[{\"title\":\"a\"},{\"detail\":null,\"code\":\"c\"},{\"source\":{"
     "\"pointer\":\"/p\"}},{\"detail\":\"d\",\"title\":\"t\"}]}",
     "HTTP 422: a; c; /p; d"},
    {422, JSON, "{\"errors\":[{\"detail\":\"x\"},7,{},{\"detail\":\"y\"}]}",
     "HTTP 422: x; y"},
    {401, JSON, "{\"error\":\"Not enough permissions\"}",
     "HTTP 401: Not enough permissions"},
    {404, JSON, "{\"errors\":[{\"code\":null,\"detail\":null}]}",
     "HTTP 404: not there, or not yours"},
    {422, JSON, "{\"error\":\"\"}", "HTTP 422: the API gives no reason"},
    {403, "text/html", "<html>", "HTTP 403 with a page that is not JSON (text/html)"},
    {502, "", "bad gateway", "HTTP 502 with a page that is not JSON (of no stated type)"},
    {500, JSON, "", "HTTP 500 with no body"},
    {500, JSON, " \n", "HTTP 500 with no body"},
    {500, JSON, "{\"a\":", "HTTP 500: JSON that is broken"},
    {400, JSON, "{\"a\":1}", "HTTP 400: JSON that was not expected"},
    {422, JSON, "{\"error\":\"a\\r\\nb\\u001b[2J\\u202ec\"}",
     "HTTP 422: a\\x0d\\x0ab\\x1b[2J\\u{202e}c"},
    {403, "text/html\x1b[2J", "<html>",
     "HTTP 403 with a page that is not JSON (text/html\\x1b[2J)"},
};

static void an_answer_is_told_in_one_line(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(sayings) / sizeof(*sayings); i++) {
        char *got =
            words_of(sayings[i].status, sayings[i].type, span_of(sayings[i].body));
        assert_string_equal(got, sayings[i].want);
        free(got);
    }
}

static void long_words_are_cut_between_characters(void **state)
{
    (void)state;
    for (size_t shift = 0; shift < 3; shift++) {
        struct buf body;
        buf_init(&body, HTTP_BODY_MAX);
        buf_add_text(&body, "{\"error\":\"");
        buf_add(&body, "xx", shift);
        for (int i = 0; i < 100000; i++)
            buf_add_text(&body, "\xe2\x82\xac"); /* three bytes each */
        buf_add_text(&body, "\"}");
        char *got = words_of(422, JSON, buf_span(&body));
        size_t n = strlen(got);
        assert_true(n > ANSWER_WORDS_MAX - 20 && n <= ANSWER_WORDS_MAX);
        assert_null(strstr(got, "\\x")); /* no piece of a character */
        assert_memory_equal(got + n - 3, "\xe2\x82\xac", 3);
        free(got);
        buf_close(&body);
    }
}

static void many_errors_are_joined_up_to_the_cap(void **state)
{
    (void)state;
    struct buf body;
    buf_init(&body, HTTP_BODY_MAX);
    buf_add_text(&body, "{\"errors\":[{\"detail\":\"first\"}");
    for (int i = 0; i < 5000; i++)
        buf_printf(&body, ",{\"detail\":\"number %d\"}", i);
    buf_add_text(&body, "]}");
    char *got = words_of(422, JSON, buf_span(&body));
    assert_ptr_equal(strstr(got, "HTTP 422: first; number 0; number 1; "), got);
    assert_int_equal(strlen(got), ANSWER_WORDS_MAX);
    free(got);
    buf_close(&body);
}

/* `value` with so many blanks in it. */
static void add_long(struct buf *out, const char *front, int blanks)
{
    buf_add_text(out, front);
    for (int i = 0; i < blanks; i++)
        buf_add_char(out, ' ');
}

#define HEAD "{\"type\":\"xs\",\"id\":\"7\""

static void what_is_kept_of_a_long_resource_is_what_jobs_use(void **state)
{
    (void)state;
    static const struct {
        int in_attributes, in_relationships;
        const char *want; /* NULL: all of it */
    } rows[] = {
        {0, 0, NULL},
        {0, ANSWER_KEPT_MAX, HEAD ",\"attributes\":{\"state\":\"quoted\"}}"},
        {ANSWER_KEPT_MAX, 0, HEAD "}"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct buf resource;
        buf_init(&resource, 4 * ANSWER_KEPT_MAX);
        buf_add_text(&resource, HEAD);
        add_long(&resource, ",\"attributes\":{", rows[i].in_attributes);
        add_long(&resource, "\"state\":\"quoted\"},\"relationships\":{",
                 rows[i].in_relationships);
        buf_add_text(&resource, "}}");
        char *kept = answer_kept(buf_span(&resource), "7");
        assert_string_equal(kept, rows[i].want ? rows[i].want : resource.data);
        free(kept);
        buf_close(&resource);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(retry_after_is_seconds_or_a_date_up_to_an_hour),
        cmocka_unit_test(an_answer_is_told_in_one_line),
        cmocka_unit_test(long_words_are_cut_between_characters),
        cmocka_unit_test(many_errors_are_joined_up_to_the_cap),
        cmocka_unit_test(what_is_kept_of_a_long_resource_is_what_jobs_use),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
