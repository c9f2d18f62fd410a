/* What is held against a limit, a state and a time before a job is sent. */
#include "api/guard.h"

#include "lib/check.h"
#include "unit/api/built_in.h"

#define NOW INT64_C(1547063257000) /* 2019-01-09T19:47:37Z */

static const char *quote_answer;

static bool look_up(void *ctx, struct span ref, const char **remote_id,
                    const char **answer)
{
    (void)ctx;
    *remote_id = "12";
    *answer = span_is(ref, "quote") ? quote_answer : NULL;
    return span_is(ref, "quote");
}

/* NULL: it holds. */
static const char *check(const char *id, const char *limit, const char *answer,
                         struct err *err)
{
    struct params params;
    params_init(&params);
    params_add(&params, span_of("id"), span_of(id));
    if (limit)
        params_add(&params, span_of("limit"), span_of(limit));
    const struct request_job job = {built_in_action("accept_quote"), &params, NULL};
    quote_answer = answer;
    int rc = guard_check(&job, look_up, NULL, (struct wall){NOW}, err);
    params_close(&params);
    return rc ? err->text : NULL;
}

#define QUOTE(state, total, until)                                                       \
    "{\"attributes\":{\"state\":\"" state "\",\"total_to_spend\":" total                 \
    ",\"accept_quote_before\":" until "}}"
#define AHEAD "\"2019-01-09T19:47:38Z\""

static void what_holds_and_what_does_not(void **state)
{
    (void)state;
    static const struct {
        const char *id, *limit, *answer,
            *want; /* a piece of the message; NULL: it holds */
    } rows[] = {
        {"@quote", "100.50", QUOTE("quoted", "100.5", AHEAD), NULL},
        {"@quote", "100.50", QUOTE("quoted", "\"100.50\"", AHEAD), NULL},
        {"@quote", "100.49", QUOTE("quoted", "100.5", AHEAD),
         "/attributes/total_to_spend is 100.5, more than limit allows: 100.49"},
        {"@quote", "100", QUOTE("quoted", "100.00000001", AHEAD),
         "more than limit allows"},
        {"@quote", "9007199254740993", QUOTE("quoted", "9007199254740993.01", AHEAD),
         "more than limit allows"},
        {"@quote", "1", QUOTE("quoted", "1e1", AHEAD), "more than limit allows"},
        {"@quote", "100", QUOTE("quoted", "null", AHEAD),
         "is no number that limit could"},
        {"@quote", "100", QUOTE("quoted", "\"much\"", AHEAD),
         "no number that limit could"},
        {"@quote", NULL, QUOTE("quoted", "100.5", AHEAD), NULL},
        {"@quote", "", QUOTE("quoted", "100.5", AHEAD), NULL},
        {"@quote", "200", QUOTE("cancelled", "100.5", AHEAD),
         "/attributes/state is 'cancelled', and must be 'quoted'"},
        {"@quote", "200", QUOTE("quote_requested", "null", "null"), "must be 'quoted'"},
        {"@quote", "200", "{\"attributes\":{}}", "is '(nothing)', and must be"},
        {"@quote", "200", QUOTE("quoted", "1", "\"2019-01-09T19:47:37Z\""),
         "and is over"},
        {"@quote", NULL, QUOTE("quoted", "1", "\"2019-01-09T19:47:36Z\""), "and is over"},
        {"@quote", NULL, QUOTE("quoted", "1", "\"soon\""), "and is over"},
        {"@quote", NULL, QUOTE("quoted", "1", "null"), NULL},
        {"@quote", "1", NULL, "id: nothing is known of what @quote got"},
        {"@other", NULL, "{}", "id: nothing is known of what @other got"},
        {"12", NULL, NULL, NULL}, /* a person's own affair */
        {"12", "100", NULL, "id must be the @ref"},
        {"@@12", "100", NULL, "id must be the @ref"},
        {"@quote/attributes/other", "100", "{}", "id must be the @ref"},
    };
    struct table t = {0};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct err err = {0};
        const char *got = check(rows[i].id, rows[i].limit, rows[i].answer, &err);
        bool same = rows[i].want ? got && strstr(got, rows[i].want) : !got;
        table_want(&t, same, "row %d: %s", (int)i, got ? got : "it holds");
    }
    table_end(&t);
}

static void an_action_without_any_is_never_held_back(void **state)
{
    (void)state;
    struct params params;
    struct err err;
    params_init(&params);
    const struct request_job job = {built_in_action("create_user"), &params, NULL};
    assert_int_equal(guard_check(&job, look_up, NULL, (struct wall){NOW}, &err), 0);
    params_close(&params);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_holds_and_what_does_not),
        cmocka_unit_test(an_action_without_any_is_never_held_back),
    };
    return cmocka_run_group_tests_name("guard", tests, open_built_in, close_built_in);
}
