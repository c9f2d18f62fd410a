/* Answers that were torn: who may be tried again, and who may not. */
#include "base/mem.h"
#include "lib/check.h"
#include "unit/core/trace.h"

static const struct core_config plain = {
    .concurrency = 2,
    .milli_rate = 5030, /* one in 200 ms */
    .retry_base_us = SEC_US,
    .retry_max_us = 60 * SEC_US,
    .setback_limit = 3,
    .try_limit = 3,
    .seed = 1,
};

#define SPOKEN "SEND", "RECORD", "FINISH", " in_doubt"

static struct trace_answer torn(void *ctx, const struct trace_job *job)
{
    (void)ctx, (void)job;
    return trace_says(OUTCOME_IN_DOUBT, 50);
}

static void money_in_doubt_is_never_tried_again(void **state)
{
    (void)state;
    struct trace t;
    trace_init(&t, &plain);
    trace_script(trace_add(&t, 1), trace_says(OUTCOME_IN_DOUBT, 50));
    trace_add(&t, 2);
    trace_play(&t);
    TRACE_LINES(&t,
                "[  200] SEND 1\n"
                "[  250] 1 in_doubt\n"
                "[  250] RECORD 1 in_doubt\n"
                "[  400] SEND 2\n"
                "[  480] RECORD 2 succeeded\n"
                "[  480] FINISH done\n",
                SPOKEN);
    trace_close(&t);
}

static void what_may_be_repeated_is_until_its_tries_are_used_up(void **state)
{
    (void)state;
    struct trace t;
    trace_init(&t, &plain);
    trace_add(&t, 1)->repeat_safe = true;
    for (int i = 0; i < 3; i++)
        trace_script(trace_job(&t, 1), trace_says(OUTCOME_IN_DOUBT, 50));
    trace_add(&t, 2)->due_us = 900 * MS_US; /* good answers between: no setback */
    trace_add(&t, 3)->due_us = 1900 * MS_US;
    trace_play(&t);
    TRACE_LINES(&t,
                "[  200] SEND 1\n"
                "[  250] 1 in_doubt\n"
                "[  250] RECORD 1 queued +868\n"
                "[  900] SEND 2\n"
                "[  980] RECORD 2 succeeded\n"
                "[ 1118] SEND 1\n"
                "[ 1168] 1 in_doubt\n"
                "[ 1168] RECORD 1 queued +1974\n"
                "[ 1900] SEND 3\n"
                "[ 1980] RECORD 3 succeeded\n"
                "[ 3143] SEND 1\n"
                "[ 3193] 1 in_doubt\n"
                "[ 3193] RECORD 1 failed\n"
                "[ 3193] FINISH done\n",
                SPOKEN);
    trace_close(&t);
}

static void a_torn_read_recovers(void **state)
{
    (void)state;
    struct trace t;
    trace_init(&t, &plain);
    trace_add(&t, 1)->repeat_safe = true;
    trace_script(trace_job(&t, 1), trace_says(OUTCOME_IN_DOUBT, 50));
    trace_play(&t);
    TRACE_LINES(&t,
                "[  200] SEND 1\n"
                "[  250] 1 in_doubt\n"
                "[  250] RECORD 1 queued +868\n"
                "[ 1118] SEND 1\n"
                "[ 1198] RECORD 1 succeeded\n"
                "[ 1198] FINISH done\n",
                SPOKEN);
    trace_close(&t);
}

static void a_third_doubt_in_a_row_makes_everything_wait(void **state)
{
    (void)state;
    struct trace t;
    trace_init(&t, &plain);
    trace_add_many(&t, 1, 5);
    for (int64_t id = 1; id <= 3; id++)
        trace_script(trace_job(&t, id), trace_says(OUTCOME_IN_DOUBT, 50));
    trace_play(&t);
    TRACE_LINES(&t,
                "[  200] SEND 1\n"
                "[  250] 1 in_doubt\n"
                "[  250] RECORD 1 in_doubt\n"
                "[  400] SEND 2\n"
                "[  450] 2 in_doubt\n"
                "[  450] RECORD 2 in_doubt\n"
                "[  600] SEND 3\n"
                "[  650] 3 in_doubt\n"
                "[  650] RECORD 3 in_doubt\n"
                "[ 1518] SEND 4\n"
                "[ 1598] RECORD 4 succeeded\n"
                "[ 1668] SEND 5\n"
                "[ 1748] RECORD 5 succeeded\n"
                "[ 1748] FINISH done\n",
                SPOKEN);
    trace_close(&t);
}

static void a_good_answer_between_starts_the_count_again(void **state)
{
    (void)state;
    struct trace t;
    trace_init(&t, &plain);
    trace_add_many(&t, 1, 8);
    for (int64_t id = 1; id <= 8; id++)
        if (id % 3)
            trace_script(trace_job(&t, id), trace_says(OUTCOME_IN_DOUBT, 50));
    trace_play(&t);
    assert_int_equal(t.faults, 0);
    assert_int_equal(t.send_times[7], 1600 * MS_US); /* never paused */
    assert_int_equal(trace_count(&t, JOB_IN_DOUBT), 6);
    trace_close(&t);
}

static int doubts_of_a_sick_server(int concurrency, int limit, int64_t milli_rate)
{
    struct core_config config = plain;
    struct trace *t = mem_zero(1, sizeof(*t));
    config.concurrency = concurrency;
    config.setback_limit = limit;
    config.milli_rate = milli_rate;
    trace_init(t, &config);
    t->quiet = true;
    t->server = torn;
    trace_add_many(t, 1, 200);
    trace_play(t);
    bool ended = t->faults == 0 && t->end == CORE_END_UNAVAILABLE;
    int doubts = trace_count(t, JOB_IN_DOUBT);
    trace_close(t);
    free(t);
    return ended ? doubts : -1;
}

/* core.h: "a dead or sick server costs at most concurrency + setback_limit + 1
 * doubts". */
static void a_sick_server_costs_a_bounded_number_of_doubts(void **state)
{
    (void)state;
    static const int64_t rates[] = {0, 5000, 20000};
    struct table t = {0};
    for (int concurrency = 1; concurrency <= 64; concurrency *= 2)
        for (int limit = 1; limit <= 8; limit *= 2)
            for (size_t r = 0; r < COUNT_OF(rates); r++) {
                int doubts = doubts_of_a_sick_server(concurrency, limit, rates[r]);
                table_want(&t, doubts > 0 && doubts <= concurrency + limit + 1,
                           "%d at once, limit %d, rate %lld: %d doubts", concurrency,
                           limit, (long long)rates[r] / 1000, doubts);
            }
    table_end(&t);
}

/* Turned away is not "its answer stays unreadable": core_config.try_limit counts the
 * latter. */
static void being_turned_away_uses_no_try(void **state)
{
    (void)state;
    struct trace t;
    trace_init(&t, &plain);
    trace_add(&t, 1)->repeat_safe = true;
    trace_script(trace_job(&t, 1), trace_says(OUTCOME_NOT_PROCESSED, 50));
    trace_script(trace_job(&t, 1), trace_says(OUTCOME_NOT_PROCESSED, 50));
    trace_script(trace_job(&t, 1), trace_says(OUTCOME_IN_DOUBT, 50));
    trace_play(&t);
    assert_int_equal(t.faults, 0);
    assert_int_equal(trace_job(&t, 1)->state, JOB_SUCCEEDED);
    trace_close(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(money_in_doubt_is_never_tried_again),
        cmocka_unit_test(what_may_be_repeated_is_until_its_tries_are_used_up),
        cmocka_unit_test(a_torn_read_recovers),
        cmocka_unit_test(a_third_doubt_in_a_row_makes_everything_wait),
        cmocka_unit_test(a_good_answer_between_starts_the_count_again),
        cmocka_unit_test(a_sick_server_costs_a_bounded_number_of_doubts),
        cmocka_unit_test(being_turned_away_uses_no_try),
    };
    return cmocka_run_group_tests_name("core: doubts", tests, NULL, NULL);
}
