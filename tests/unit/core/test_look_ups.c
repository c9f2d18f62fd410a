/* Jobs in doubt are looked up: at the common pace, after the sends, and without a commit before. */
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

#define SPOKEN "SEND", "LOOK", "RECORD", "SETTLE", "FINISH"

static void pages_are_read_one_after_the_other(void **state)
{
    (void)state;
    struct trace t;
    trace_init(&t, &plain);
    trace_add(&t, 1)->pages = 3;
    trace_play(&t);
    TRACE_LINES(&t,
                "[  200] LOOK 1\n"
                "[  400] LOOK 1\n"
                "[  600] LOOK 1\n"
                "[  680] SETTLE 1\n"
                "[  680] FINISH done\n",
                SPOKEN);
    trace_close(&t);
}

static void sends_come_first_and_share_the_pace(void **state)
{
    (void)state;
    struct trace t;
    trace_init(&t, &plain);
    trace_add(&t, 1)->pages = 1;
    trace_add(&t, 2);
    trace_add(&t, 3);
    trace_play(&t);
    TRACE_LINES(&t,
                "[  200] SEND 2\n"
                "[  280] RECORD 2 succeeded\n"
                "[  400] SEND 3\n"
                "[  480] RECORD 3 succeeded\n"
                "[  600] LOOK 1\n"
                "[  680] SETTLE 1\n"
                "[  680] FINISH done\n",
                SPOKEN);
    trace_close(&t);
}

/* A night's queue lasts for hours: a doubt must not wait for its end. */
static void a_long_queue_does_not_starve_them(void **state)
{
    (void)state;
    struct trace t;
    trace_init(&t, &plain);
    trace_add(&t, 1)->pages = 2;
    trace_add_many(&t, 2, 30);
    trace_play(&t);
    assert_int_equal(t.faults, 0);
    const char *first = strstr(t.text.data, "LOOK 1\n"),
               *sent = strstr(t.text.data, "SEND 9\n");
    const char *later = strstr(t.text.data, "SEND 10\n"),
               *second = strstr(first + 1, "LOOK 1\n");
    assert_true(sent < first && first < later);
    assert_true(strstr(t.text.data, "SEND 17\n") < second &&
                second < strstr(t.text.data, "SEND 18\n"));
    trace_close(&t);
}

static void one_that_fails_is_looked_at_again_later(void **state)
{
    (void)state;
    struct trace t;
    trace_init(&t, &plain);
    trace_add(&t, 1)->pages = 1;
    trace_script(trace_job(&t, 1), trace_says(OUTCOME_IN_DOUBT, 50));
    trace_play(&t);
    TRACE_LINES(&t,
                "[  200] LOOK 1\n"
                "[  250] SETTLE 1\n"
                "[ 1250] LOOK 1\n"
                "[ 1330] SETTLE 1\n"
                "[ 1330] FINISH done\n",
                SPOKEN);
    assert_int_equal(t.faults, 0);
    trace_close(&t);
}

static void a_server_that_turns_them_away_makes_everything_wait(void **state)
{
    (void)state;
    struct trace t;
    trace_init(&t, &plain);
    trace_add(&t, 1)->pages = 1;
    trace_script(trace_job(&t, 1), trace_asks(OUTCOME_NOT_PROCESSED, 50, 5000));
    trace_add(&t, 2)->appears_us = 300 * MS_US;
    trace_play(&t);
    assert_int_equal(t.faults, 0);
    assert_true(t.send_times[1] >= 5250 * MS_US);
    trace_close(&t);
}

static void a_refused_key_stops_the_run(void **state)
{
    (void)state;
    struct trace t;
    trace_init(&t, &plain);
    trace_add(&t, 1)->pages = 1;
    trace_script(trace_job(&t, 1), trace_refuses(SYSTEMIC_KEY, 50));
    trace_add(&t, 2)->appears_us = 10 * SEC_US;
    trace_play(&t);
    assert_int_equal(t.faults, 0);
    assert_int_equal(t.end, CORE_END_KEY);
    trace_close(&t);
}

static void a_stop_reads_no_further_page(void **state)
{
    (void)state;
    struct trace t;
    trace_init(&t, &plain);
    trace_add(&t, 1)->pages = 9;
    t.stop_at_us = 450 * MS_US;
    t.stop_end = CORE_END_STOPPED;
    trace_play(&t);
    assert_int_equal(t.faults, 0);
    assert_int_equal(t.send_count, 2);
    trace_close(&t);
}

/* Mixed nights: nothing is forgotten, the pace holds, and the run ends. */
static void many_seeds(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 400; seed++) {
        struct rng r;
        struct core_config config = plain;
        struct trace t;
        rng_init(&r, seed);
        config.concurrency = 1 + (int)rng_below(&r, 4);
        config.seed = seed;
        trace_init(&t, &config);
        t.quiet = true;
        int64_t count = 3 + (int64_t)rng_below(&r, 12);
        for (int64_t id = 1; id <= count; id++) {
            struct trace_job *job = trace_add(&t, id);
            job->pages = (int)rng_below(&r, 4);
            job->due_us = (int64_t)rng_below(&r, 3) * 400 * MS_US;
            if (rng_below(&r, 4) == 0)
                trace_script(
                    job,
                    trace_says(job->pages ? OUTCOME_IN_DOUBT : OUTCOME_REJECTED, 70));
        }
        trace_play(&t);
        if (t.faults)
            fail_msg("seed %d: %s", (int)seed, t.text.data);
        assert_int_equal(t.end, CORE_END_DONE);
        for (int64_t id = 1; id <= count; id++)
            assert_true(job_state_is_final(trace_job(&t, id)->state));
        for (int i = 5; i < t.send_count; i++)
            assert_true(t.send_times[i] - t.send_times[i - 5] >= SEC_US);
        trace_close(&t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages_are_read_one_after_the_other),
        cmocka_unit_test(sends_come_first_and_share_the_pace),
        cmocka_unit_test(a_long_queue_does_not_starve_them),
        cmocka_unit_test(one_that_fails_is_looked_at_again_later),
        cmocka_unit_test(a_server_that_turns_them_away_makes_everything_wait),
        cmocka_unit_test(a_refused_key_stops_the_run),
        cmocka_unit_test(a_stop_reads_no_further_page),
        cmocka_unit_test(many_seeds),
    };
    return cmocka_run_group_tests_name("core: look-ups", tests, NULL, NULL);
}
