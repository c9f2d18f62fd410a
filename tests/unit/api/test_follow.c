#include "api/follow.h"

#include <stdlib.h>

#include "base/mem.h"
#include "lib/check.h"
#include "unit/api/built_in.h"

#define SENT_AT INT64_C(1547063257000) /* 2019-01-09T19:47:37Z */

static bool look_up(void *ctx, struct span ref, const char **remote_id,
                    const char **answer)
{
    (void)ctx;
    *remote_id = span_is(ref, "req") ? "12" : span_is(ref, "u1") ? "594" : NULL;
    *answer = NULL;
    return *remote_id != NULL;
}

/* `cells`: "amount=5 fiat_code=ars". */
static int question(struct follow_question *q, const char *action, const char *actor,
                    const char *cells, struct err *err)
{
    struct params params;
    params_init(&params);
    for (const char *at = cells; *at; at += strspn(at, " ")) {
        size_t name = strcspn(at, "="), value = strcspn(at + name + 1, " ");
        params_add(&params, (struct span){at, name}, (struct span){at + name + 1, value});
        at += name + 1 + value;
    }
    const struct follow_job job = {
        {built_in_action(action), &params, actor}, "77", {SENT_AT}};
    int rc = follow_question_init(q, &job, look_up, NULL, err);
    params_close(&params);
    return rc;
}

#define OUTPUT "request=@req user=@u1 port_code=ar_ars amount=5 withdrawal_instruction=9"
#define CASH   "amount=5 fiat_code=ars withdrawal_instruction=9"

static void what_is_asked(void **state)
{
    (void)state;
    static const struct {
        const char *action, *actor, *cells, *one, *list, *scope;
    } rows[] = {
        {"create_cash_withdrawal", "u1", CASH, "/cash_withdrawals/77",
         "/cash_withdrawals?filter[from]=2019-01-08",
         "user=594 /cash_withdrawals?filter[from]=2019-01-08 version 2.1"},
        {"create_concierge_request_output", NULL, OUTPUT, "/concierge_request_outputs/77",
         "/concierge_request_outputs?filter[request_id]=12",
         "master /concierge_request_outputs?filter[request_id]=12 version 2.1"},
        {"accept_quote", NULL, "id=12", "/concierge_requests/77", "/concierge_requests",
         "master /concierge_requests version 2.1"},
        {"await_user", NULL, "id=@u1", "/users/77", "/users",
         "master /users version 2.1"},
        {"complete_issue", "u1", "id=12", "/issues/77", "/issues?page[per_page]=100",
         "master /issues?page[per_page]=100 version 2.0"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct follow_question q;
        struct err err = {0};
        if (question(&q, rows[i].action, rows[i].actor, rows[i].cells, &err))
            fail_msg("%s: %s", rows[i].action, err.text);
        assert_string_equal(q.one, rows[i].one);
        assert_string_equal(q.list, rows[i].list);
        assert_string_equal(q.scope, rows[i].scope);
        assert_true((q.actor == NULL) == (strncmp(q.scope, "master ", 7) == 0));
        follow_question_close(&q);
    }
}

static void what_cannot_be_asked(void **state)
{
    (void)state;
    struct follow_question q;
    struct err err;
    assert_int_equal(question(&q, "create_user", NULL, "", &err), -1);
    assert_non_null(strstr(err.text, "does not say how to ask"));
    assert_int_equal(question(&q, "create_cash_withdrawal", "gone", CASH, &err), -1);
}

/* ---- answers ---- */

static void answer_with(struct http_response *r, int status, const char *type,
                        const char *body)
{
    http_response_init(r);
    r->sends = 1;
    r->headers_complete = r->complete = true;
    r->status = status;
    snprintf(r->content_type, sizeof(r->content_type), "%s", type);
    buf_add_text(&r->body, body);
}

#define JSON "application/vnd.api+json; charset=utf-8"
#define ROW  "{\"id\":\"1\",\"type\":\"bids\",\"attributes\":{\"status\":\"executing\"}}"

static void an_answer_is_judged(void **state)
{
    (void)state;
    static const struct {
        bool alone;
        int status;
        const char *type, *body;
        bool usable;
        int rows;
    } rows[] = {
        {false, 200, JSON, "{\"data\":[" ROW "," ROW "]}", true, 2},
        {false, 200, JSON, "{\"data\":[]}", true, 0},
        {false, 200, JSON, "{\"data\":" ROW "}", false, 0},
        {true, 200, JSON, "{\"data\":" ROW "}", true, 1},
        {true, 404, JSON, "{\"errors\":[{\"code\":\"not_found\"}]}", true, 0},
        {true, 404, "text/html", "<html>", false, 0},
        {false, 404, JSON, "{\"errors\":[{\"code\":\"not_found\"}]}", false, 0},
        {true, 500, JSON, "{\"errors\":[]}", false, 0},
        {true, 200, JSON, "{\"data\":", false, 0},
    };
    struct table t = {0};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct http_response r;
        struct find_page page;
        answer_with(&r, rows[i].status, rows[i].type, rows[i].body);
        follow_read_answer(&page, rows[i].alone, &r, (struct wall){SENT_AT});
        table_want(&t, page.usable == rows[i].usable && page.rows == rows[i].rows,
                   "row %d: %d, %d rows", (int)i, page.usable, page.rows);
        table_want(&t, page.usable == (page.outcome == OUTCOME_ACCEPTED), "row %d",
                   (int)i);
        find_page_close(&page);
        http_response_close(&r);
    }
    table_end(&t);
}

static void note(void *ctx, const char *id, struct span row)
{
    struct buf *seen = ctx;
    char *state = follow_state(built_in_action("create_bid"), row);
    buf_printf(seen, "%s %s;", id, state ? state : "-");
    free(state);
}

static void rows_of_the_action_s_type_are_told(void **state)
{
    (void)state;
    static const struct {
        const char *body, *want;
    } rows[] = {
        {"{\"data\":[" ROW ",{\"id\":\"2\",\"type\":\"asks\",\"attributes\":{}},"
         "{\"type\":\"bids\"},{\"id\":\"3\",\"type\":\"bids\",\"attributes\":{}}]}",
         "1 executing;3 -;"},
        {"{\"data\":" ROW "}", "1 executing;"},
        {"{\"data\":null}", ""},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buf seen;
        buf_init(&seen, 256);
        follow_rows(built_in_action("create_bid"), span_of(rows[i].body), note, &seen);
        assert_string_equal(seen.data, rows[i].want);
        buf_close(&seen);
    }
}

static void a_reason_is_the_api_s_own_word(void **state)
{
    (void)state;
    const char *row =
        "{\"attributes\":{\"cancellation_reason\":\"payment_not_received\"}}";
    char *why = follow_reason(built_in_action("accept_quote"), span_of(row));
    assert_string_equal(why, "payment_not_received");
    free(why);
    assert_null(follow_reason(built_in_action("create_bid"), span_of(row)));
}

static void the_waits_double_to_their_bound(void **state)
{
    (void)state;
    static const struct action_follow f = {.first_ms = 60000, .most_ms = 300000};
    static const int64_t want[] = {60, 120, 240, 300, 300};
    for (int i = 0; i < (int)COUNT_OF(want); i++)
        assert_int_equal(follow_wait_ms(&f, i), want[i] * 1000);
    assert_int_equal(follow_wait_ms(&f, 100000), 300000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_asked),
        cmocka_unit_test(what_cannot_be_asked),
        cmocka_unit_test(an_answer_is_judged),
        cmocka_unit_test(rows_of_the_action_s_type_are_told),
        cmocka_unit_test(a_reason_is_the_api_s_own_word),
        cmocka_unit_test(the_waits_double_to_their_bound),
    };
    return cmocka_run_group_tests_name("follow", tests, open_built_in, close_built_in);
}
