/* When the API does not answer well, everything waits. */
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

#define SPOKEN "SEND", "RECORD", "FINISH", "not_sent", "not_processed", "rejected"

static void one_that_could_not_be_sent_stops_all_until_a_probe_got_through(void **state)
{
    (void)state;
    struct trace t;
    trace_init(&t, &plain);
    trace_script(trace_add(&t, 1), trace_says(OUTCOME_NOT_SENT, 10));
    trace_add_many(&t, 2, 4);
    trace_script(trace_job(&t, 2), trace_says(OUTCOME_ACCEPTED, 1000));
    trace_play(&t);
    TRACE_LINES(&t,
                "[  200] SEND 1\n"
                "[  210] 1 not_sent\n"
                "[  210] RECORD 1 queued +868\n"
                "[ 1078] SEND 2\n" /* the probe, alone although two might be out */
                "[ 2078] RECORD 2 succeeded\n"
                "[ 2078] SEND 3\n"
                "[ 2158] RECORD 3 succeeded\n"
                "[ 2228] SEND 4\n"
                "[ 2308] RECORD 4 succeeded\n"
                "[ 2428] SEND 1\n"
                "[ 2508] RECORD 1 succeeded\n"
                "[ 2508] FINISH done\n",
                SPOKEN);
    assert_int_equal(core_paused_us(t.core) / 1000, 868);
    trace_close(&t);
}

static void so_many_setbacks_in_a_row_end_the_run_with_every_job_kept(void **state)
{
    (void)state;
    struct trace t;
    trace_init(&t, &plain);
    trace_add_many(&t, 1, 4);
    for (int64_t id = 1; id <= 4; id++)
        for (int i = 0; i < 4; i++)
            trace_script(trace_job(&t, id), trace_says(OUTCOME_NOT_SENT, 10));
    trace_play(&t);
    TRACE_LINES(&t,
                "[  200] SEND 1\n"
                "[  210] 1 not_sent\n"
                "[  210] RECORD 1 queued +868\n"
                "[ 1078] SEND 2\n"
                "[ 1088] 2 not_sent\n"
                "[ 1088] RECORD 2 queued +1974\n"
                "[ 3063] SEND 3\n"
                "[ 3073] 3 not_sent\n"
                "[ 3073] RECORD 3 queued +3723\n"
                "[ 3073] FINISH unavailable\n",
                SPOKEN);
    assert_int_equal(trace_count(&t, JOB_QUEUED), 4);
    assert_int_equal(core_paused_us(t.core) / 1000,
                     868 + 1974 + 3723 + 1); /* of parts of a millisecond */
    trace_close(&t);
}

/* Two setbacks, a good answer, and so on: never three in a row. */
static struct trace_answer every_third_is_good(void *ctx, const struct trace_job *job)
{
    int *asked = ctx;
    (void)job;
    return trace_says(++*asked % 3 ? OUTCOME_NOT_SENT : OUTCOME_ACCEPTED, 10);
}

static void a_good_answer_forgets_earlier_setbacks(void **state)
{
    (void)state;
    struct trace t;
    int asked = 0;
    trace_init(&t, &plain);
    t.server = every_third_is_good;
    t.server_ctx = &asked;
    trace_add_many(&t, 1, 10);
    trace_play(&t);
    assert_int_equal(t.faults, 0);
    assert_int_equal(t.end, CORE_END_DONE);
    assert_int_equal(trace_count(&t, JOB_SUCCEEDED), 10);
    trace_close(&t);
}

static struct trace_answer busy(void *ctx, const struct trace_job *job)
{
    (void)ctx, (void)job;
    return trace_asks(OUTCOME_NOT_PROCESSED, 10, 0);
}

/* "Retry-After: 0" is no leave to use up all patience within a second. */
static void a_server_that_asks_for_no_wait_gets_one_all_the_same(void **state)
{
    (void)state;
    struct core_config config = plain;
    struct trace t;
    config.setback_limit = 8;
    trace_init(&t, &config);
    t.server = busy;
    trace_add_many(&t, 1, 10);
    trace_play(&t);
    assert_int_equal(t.faults, 0);
    assert_true(t.now_us > 30 * SEC_US); /* 1 + 2 + 4 + ... + 64 s, halved by chance */
    trace_close(&t);
}

static void the_server_says_how_long_to_wait(void **state)
{
    (void)state;
    struct trace t;
    trace_init(&t, &plain);
    trace_script(trace_add(&t, 1), trace_asks(OUTCOME_NOT_PROCESSED, 50, 30000));
    trace_add_many(&t, 2, 3);
    trace_play(&t);
    TRACE_LINES(&t,
                "[  200] SEND 1\n"
                "[  250] 1 not_processed\n"
                "[  250] RECORD 1 queued +30199\n"
                "[30449] SEND 2\n"
                "[30529] RECORD 2 succeeded\n"
                "[30799] SEND 3\n"
                "[30879] RECORD 3 succeeded\n"
                "[31193] SEND 1\n"
                "[31273] RECORD 1 succeeded\n"
                "[31273] FINISH done\n",
                SPOKEN);
    trace_close(&t);
}

/* Two were turned away; only the second answer said for how long. */
static void a_longer_wait_asked_for_during_a_pause_counts(void **state)
{
    (void)state;
    struct trace t;
    trace_init(&t, &plain);
    trace_script(trace_add(&t, 1), trace_says(OUTCOME_NOT_PROCESSED, 300));
    trace_script(trace_add(&t, 2), trace_asks(OUTCOME_NOT_PROCESSED, 200, 30000));
    trace_add(&t, 3);
    trace_play(&t);
    assert_int_equal(t.faults, 0);
    assert_true(t.send_count > 2);
    assert_true(t.send_times[2] >= 30600 * MS_US);
    trace_close(&t);
}

/* Several answers of one trouble: it counts once, or a full window would end a run. */
static void what_was_in_flight_when_trouble_began_is_the_same_trouble(void **state)
{
    (void)state;
    struct core_config config = plain;
    struct trace t;
    config.milli_rate = 0;
    config.concurrency = 8;
    config.setback_limit = 2;
    trace_init(&t, &config);
    trace_add_many(&t, 1, 8);
    for (int64_t id = 1; id <= 8; id++)
        trace_script(trace_job(&t, id), trace_says(OUTCOME_NOT_SENT, 100 + id));
    trace_play(&t);
    assert_int_equal(t.faults, 0);
    assert_int_equal(t.end, CORE_END_DONE);
    assert_int_equal(trace_count(&t, JOB_SUCCEEDED), 8);
    trace_close(&t);
}

/* ---- what stands in everybody's way ---- */

static void a_refusal_of_the_whole(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum systemic systemic;
        enum core_end end;
    } rows[] = {
        {"key", SYSTEMIC_KEY, CORE_END_KEY},
        {"funds", SYSTEMIC_FUNDS, CORE_END_FUNDS},
        {"setup", SYSTEMIC_SETUP, CORE_END_UNAVAILABLE},
    };
    struct table table = {0};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct trace t;
        trace_init(&t, &plain);
        trace_script(trace_add(&t, 1), trace_says(OUTCOME_ACCEPTED, 900));
        trace_script(trace_add(&t, 2), trace_refuses(rows[i].systemic, 50));
        trace_add_many(&t, 3, 5);
        trace_play(&t);
        table_want(&table, t.end == rows[i].end, "%s: ends %d", rows[i].name, t.end);
        table_want(&table, t.send_count == 2 && t.faults == 0, "%s: %d sends %s",
                   rows[i].name, t.send_count, t.text.data);
        table_want(&table,
                   trace_count(&t, JOB_QUEUED) == 4 &&
                       trace_job(&t, 1)->state == JOB_SUCCEEDED,
                   "%s: the one in flight is waited for, the others stay", rows[i].name);
        trace_close(&t);
    }
    table_end(&table);
}

static void a_blocking_page_is_a_setback_like_others(void **state)
{
    (void)state;
    struct trace t;
    trace_init(&t, &plain);
    trace_script(trace_add(&t, 1), trace_refuses(SYSTEMIC_BLOCKED, 50));
    trace_add(&t, 2);
    trace_play(&t);
    TRACE_LINES(&t,
                "[  200] SEND 1\n"
                "[  250] 1 rejected_systemic\n"
                "[  250] RECORD 1 queued\n"
                "[ 1118] SEND 2\n"
                "[ 1198] RECORD 2 succeeded\n"
                "[ 1268] SEND 1\n"
                "[ 1348] RECORD 1 succeeded\n"
                "[ 1348] FINISH done\n",
                SPOKEN);
    trace_close(&t);
}

static void the_first_reason_to_stop_is_the_one_that_is_told(void **state)
{
    (void)state;
    struct trace t;
    trace_init(&t, &plain);
    trace_script(trace_add(&t, 1), trace_says(OUTCOME_ACCEPTED, 5000));
    trace_script(trace_add(&t, 2), trace_refuses(SYSTEMIC_KEY, 50));
    t.stop_at_us = 2 * SEC_US;
    trace_play(&t);
    assert_int_equal(t.faults, 0);
    assert_int_equal(t.end, CORE_END_KEY);
    trace_close(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_that_could_not_be_sent_stops_all_until_a_probe_got_through),
        cmocka_unit_test(so_many_setbacks_in_a_row_end_the_run_with_every_job_kept),
        cmocka_unit_test(a_good_answer_forgets_earlier_setbacks),
        cmocka_unit_test(a_server_that_asks_for_no_wait_gets_one_all_the_same),
        cmocka_unit_test(the_server_says_how_long_to_wait),
        cmocka_unit_test(a_longer_wait_asked_for_during_a_pause_counts),
        cmocka_unit_test(what_was_in_flight_when_trouble_began_is_the_same_trouble),
        cmocka_unit_test(a_refusal_of_the_whole),
        cmocka_unit_test(a_blocking_page_is_a_setback_like_others),
        cmocka_unit_test(the_first_reason_to_stop_is_the_one_that_is_told),
    };
    return cmocka_run_group_tests_name("core: setbacks", tests, NULL, NULL);
}
