/* A run that sends nothing: what it tells of, in order, and when. */
#include "engine/run/foresee.h"

#include "api/catalogue.h"
#include "store/holds.h"
#include "unit/run/stage.h"

#define ANSWER_US 30000
#define SECOND_US INT64_C(1000000)

static struct stage stage;
static struct foresight sight;
static struct foresaw saw;
static struct buf told; /* "send u1 at 0 ms: POST /users\n" */
static struct otp mask;

static int set_up(void **state)
{
    (void)state;
    stage_open(&stage);
    stage.options.store = stage.desk.store;
    buf_init(&told, 1024 * 1024);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    buf_close(&told);
    stage_close(&stage);
    return 0;
}

#define take_in(...)                                                                     \
    desk_import(&stage.desk, NULL, (const struct line[]){__VA_ARGS__},                   \
                COUNT_OF(((const struct line[]){__VA_ARGS__})))

#define assert_is(ref, state) assert_true(desk_is(&stage.desk, (ref), (state)))

#define USER(n)                                                                          \
    {                                                                                    \
        "u" n, "create_user", .params = "email=u" n "@example.com"                       \
    }
#define PAYEE(n)                                                                         \
    USER(n), {"i" n, "create_withdrawal_instruction", "u" n, .params = "label=i" n},     \
    {                                                                                    \
        "p" n, "create_cash_withdrawal", "u" n, "i" n, 1250,                             \
            .params = "amount=12.50 fiat_code=usd withdrawal_instruction=@i" n           \
    }

static void tell(void *ctx, const struct foreseen *f)
{
    static const char *const kinds[] = {"send", "look_up", "poll"};
    (void)ctx;
    buf_printf(&told, "%s %s of %d at %lld ms: %s %s\n", kinds[f->kind], f->ref, f->jobs,
               (long long)f->after_us / 1000, f->request->method, f->request->path);
}

static void foresee(void)
{
    struct err err;
    sight = (struct foresight){
        .begins = stage.desk.now, .answer_after_us = ANSWER_US, .each = tell};
    buf_clear(&told);
    if (run_foresee(&sight, &stage.options, &saw, &err))
        fail_msg("%s", err.text);
    assert_int_equal(stage.fake.count, 0);
    assert_true(desk_is_sound(&stage.desk));
}

static bool tells(const char *want)
{
    if (strcmp(told.data, want) != 0)
        print_error("  wanted\n%s\n  got\n%s\n", want, told.data);
    return strcmp(told.data, want) == 0;
}

static int count_of(const char *word)
{
    int n = 0;
    for (const char *at = told.data; (at = strstr(at, word)); at++)
        n++;
    return n;
}

/* ---- sends ---- */

/* What needs the other's id waits for its answer; ids are the jobs' numbers in disguise. */
static void a_payee_goes_step_by_step(void **state)
{
    (void)state;
    take_in(PAYEE("1"));
    stage.options.core.follows = true;
    foresee();
    assert_true(tells("send u1 of 1 at 0 ms: POST /users\n"
                      "send i1 of 1 at 30 ms: POST /withdrawal_instructions\n"
                      "send p1 of 1 at 60 ms: POST /cash_withdrawals\n"));
    assert_int_equal(saw.took_us, 90000);
    assert_false(saw.was_stopped);
    assert_is("i1", JOB_SUCCEEDED);
    assert_is("p1", JOB_FOLLOWING); /* the next run asks */
}

static void starts_are_spaced_by_the_pace(void **state)
{
    (void)state;
    take_in(USER("1"), USER("2"), USER("3"));
    stage.options.core.milli_rate = 2000;
    foresee();
    assert_int_equal(count_of("send u"), 3);
    /* the first start waits an interval, as in a real run */
    assert_in_range(saw.took_us, 1500000 + ANSWER_US, 1530000 + ANSWER_US);
}

static void connections_are_no_more_than_there_are(void **state)
{
    (void)state;
    take_in(USER("1"), USER("2"), USER("3"), USER("4"), USER("5"));
    stage.options.core.concurrency = 2;
    foresee();
    assert_true(tells("send u1 of 1 at 0 ms: POST /users\n"
                      "send u2 of 1 at 0 ms: POST /users\n"
                      "send u3 of 1 at 30 ms: POST /users\n"
                      "send u4 of 1 at 30 ms: POST /users\n"
                      "send u5 of 1 at 60 ms: POST /users\n"));
}

static void what_no_request_can_be_made_of_is_not_told(void **state)
{
    (void)state;
    take_in({"x1", "make_coffee"}, USER("1"));
    foresee();
    assert_true(tells("send u1 of 1 at 0 ms: POST /users\n"));
    assert_is("x1", JOB_FAILED);
}

static void an_id_stands_for_its_job_and_no_other_number_does(void **state)
{
    (void)state;
    static const struct {
        const char *digits;
        int64_t job;
    } rows[] = {
        {"999007700000000003", 3},
        {"999007700000000000", 0},
        {"999007799999999999", INT64_C(99999999999)},
        {"99900770000000000", 0},   /* shorter */
        {"9990077000000000030", 0}, /* longer */
        {"999007800000000003", 0},
        {"3", 0},
        {"", 0},
    };
    struct table t = {0};
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        table_want(&t, foreseen_id_job(span_of(rows[i].digits)) == rows[i].job, "%s",
                   rows[i].digits);
    table_end(&t);
}

/* ---- what is held ---- */

static void what_a_cap_would_hold_is_not_told_and_is_held(void **state)
{
    (void)state;
    take_in(PAYEE("1"), PAYEE("2"));
    assert_true(cap_list_parse(span_of("usd=20"), &stage.options.caps.of[CAP_DAY]));
    foresee();
    assert_int_equal(count_of("/cash_withdrawals"), 1);
    assert_is("p1", JOB_FOLLOWING);
    assert_sql(stage.desk.db, "SELECT ref, kind, reason FROM holds",
               "p2|cap|cap_day: 12.50 usd sent today + 12.50 > 20.00");
}

/* ---- one-time passwords ---- */

static int masked; /* requests that have the header */

static void look_for_code(void *ctx, const struct foreseen *f)
{
    for (int i = 0; i < f->request->header_count; i++)
        if (strcmp(f->request->headers[i].name, "One-Time-Password") == 0) {
            assert_string_equal(f->request->headers[i].value, OTP_MASK);
            assert_string_equal(f->ref, "p1");
            masked++;
        }
    tell(ctx, f);
}

static void a_code_is_masked_where_it_would_go(void **state)
{
    (void)state;
    struct err err;
    masked = 0;
    otp_mask(&mask);
    take_in(PAYEE("1"));
    stage.options.otp = &mask;
    sight = (struct foresight){
        .begins = stage.desk.now, .answer_after_us = ANSWER_US, .each = look_for_code};
    assert_int_equal(run_foresee(&sight, &stage.options, &saw, &err), 0);
    assert_int_equal(count_of("send "), 3);
    assert_int_equal(masked, 1);
}

/* ---- what is in doubt ---- */

/* Looked up when it is due, found, and what waited for it goes on. */
static void a_doubt_is_found_and_brings_what_needs_it(void **state)
{
    (void)state;
    take_in(PAYEE("1"));
    desk_done(&stage.desk, "u1", JOB_IN_DOUBT);
    stage.options.find =
        (struct evidence_rules){.first_ms = 200, .settle_ms = 60000, .tries = 3};
    foresee();
    assert_int_equal(count_of("look_up u1 of 1 at 200 ms: GET /users"), 1);
    assert_int_equal(count_of("look_up"), 1);
    assert_int_equal(count_of("send u1"), 0);
    assert_int_equal(count_of("send i1 of 1 at 230 ms"), 1);
    assert_int_equal(count_of("send p1 of 1 at 260 ms"), 1);
    assert_is("u1", JOB_SUCCEEDED);
}

static void one_list_is_told_once_for_all_that_it_answers(void **state)
{
    (void)state;
    take_in(USER("1"), USER("2"), USER("3"));
    desk_done(&stage.desk, "u1", JOB_IN_DOUBT);
    desk_done(&stage.desk, "u3", JOB_IN_DOUBT);
    stage.options.find =
        (struct evidence_rules){.first_ms = 200, .settle_ms = 60000, .tries = 3};
    foresee();
    assert_int_equal(count_of("look_up u1 of 2 at 200 ms"), 1);
    assert_int_equal(count_of("look_up"), 1);
    assert_is("u3", JOB_SUCCEEDED);
}

static void without_look_ups_a_doubt_stays_one(void **state)
{
    (void)state;
    take_in(PAYEE("1"), USER("2"));
    desk_done(&stage.desk, "u1", JOB_IN_DOUBT);
    foresee();
    assert_true(tells("send u2 of 1 at 0 ms: POST /users\n"));
    assert_is("u1", JOB_IN_DOUBT);
    assert_is("i1", JOB_QUEUED);
}

/* ---- what is followed ---- */

/* By two runs that were foreseen before: the second asks about what the first has left, after all that it sends. */
static void what_an_earlier_run_left_is_asked_about_once_and_final(void **state)
{
    (void)state;
    take_in(PAYEE("1"), PAYEE("2"));
    stage.options.core.follows = true;
    foresee();
    assert_int_equal(count_of("poll"), 0);
    take_in(USER("3"));
    foresee();
    assert_int_equal(count_of("send u3 of 1 at 0 ms"), 1);
    assert_int_equal(count_of("poll"), 2); /* a list for each user */
    assert_int_equal(count_of("at 30 ms: GET /cash_withdrawals"), 2);
    assert_is("p1", JOB_SUCCEEDED);
    assert_is("p2", JOB_SUCCEEDED);
    foresee();
    assert_true(tells(""));
}

static void where_nothing_is_followed_nobody_asks(void **state)
{
    (void)state;
    take_in(PAYEE("1"));
    foresee();
    foresee();
    assert_true(tells(""));
    assert_is("p1", JOB_FOLLOWING);
}

static void what_this_run_sends_is_asked_about_as_long_as_it_follows(void **state)
{
    (void)state;
    take_in(PAYEE("1"));
    stage.options.core.follows = true;
    stage.options.core.follow_for_us = 3600 * SECOND_US;
    foresee();
    assert_int_equal(count_of("send"), 3);
    assert_int_equal(count_of("poll p1 of 1"), 1);
    assert_is("p1", JOB_SUCCEEDED);
}

/* ---- the end of the time ---- */

static void when_the_time_is_over_nothing_more_starts(void **state)
{
    (void)state;
    static const struct {
        int64_t stop_ms;
        int sent;
        bool stopped;
        int64_t took_us;
    } rows[] = {
        {0, 3, false, 90000}, {45, 2, true, 60000}, /* what is out is waited for */
        {30, 1, true, 30000}, /* the time comes before an answer of the same moment */
        {1, 1, true, 30000},  {1000, 3, false, 90000},
    };
    struct table t = {0};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        tear_down(state);
        set_up(state);
        take_in(PAYEE("1"));
        stage.options.stop_after_ms = rows[i].stop_ms;
        foresee();
        table_want(&t, count_of("send") == rows[i].sent, "after %lld ms: %d sent",
                   (long long)rows[i].stop_ms, count_of("send"));
        table_want(&t,
                   saw.was_stopped == rows[i].stopped && saw.took_us == rows[i].took_us,
                   "after %lld ms: %d, took %lld us", (long long)rows[i].stop_ms,
                   saw.was_stopped, (long long)saw.took_us);
    }
    table_end(&t);
}

/* Its clock is its own: a day is over at once, and a cap's day with it. */
static void a_long_night_goes_over_midnight(void **state)
{
    (void)state;
    take_in(PAYEE("1"), PAYEE("2"));
    stage.options.core.milli_rate = 1; /* one in a thousand seconds */
    assert_true(cap_list_parse(span_of("usd=20"), &stage.options.caps.of[CAP_DAY]));
    stage.desk.now.ms = INT64_C(1790294400000) - 5500 * 1000; /* before midnight, UTC */
    foresee();
    assert_int_equal(count_of("send"), 6);
    assert_in_range(saw.took_us, 6000 * SECOND_US, 6100 * SECOND_US);
    assert_sql(stage.desk.db, "SELECT count(*) FROM holds", "0");
}

int main(void)
{
    setenv("TZ", "UTC", 1);
    const struct CMUnitTest tests[] = {
#define on_stage(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        on_stage(a_payee_goes_step_by_step),
        on_stage(starts_are_spaced_by_the_pace),
        on_stage(connections_are_no_more_than_there_are),
        on_stage(what_no_request_can_be_made_of_is_not_told),
        cmocka_unit_test(an_id_stands_for_its_job_and_no_other_number_does),
        on_stage(what_a_cap_would_hold_is_not_told_and_is_held),
        on_stage(a_code_is_masked_where_it_would_go),
        on_stage(a_doubt_is_found_and_brings_what_needs_it),
        on_stage(one_list_is_told_once_for_all_that_it_answers),
        on_stage(without_look_ups_a_doubt_stays_one),
        on_stage(what_an_earlier_run_left_is_asked_about_once_and_final),
        on_stage(where_nothing_is_followed_nobody_asks),
        on_stage(what_this_run_sends_is_asked_about_as_long_as_it_follows),
        on_stage(when_the_time_is_over_nothing_more_starts),
        on_stage(a_long_night_goes_over_midnight),
    };
    return cmocka_run_group_tests_name("run: foresee", tests, NULL, NULL);
}
