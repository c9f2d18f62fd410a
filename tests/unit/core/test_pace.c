/* When requests start, and how many are out at once. */
#include "base/mem.h"
#include "lib/check.h"
#include "unit/core/trace.h"

static const struct core_config plain = {
    .concurrency = 2,
    .milli_rate = 5030, /* one in 200 ms, the limiter's margin included */
    .retry_base_us = SEC_US,
    .retry_max_us = 60 * SEC_US,
    .setback_limit = 3,
    .try_limit = 3,
    .seed = 1,
};

static void a_job_is_on_disk_before_it_is_sent(void **state)
{
    (void)state;
    struct trace t;
    trace_init(&t, &plain);
    trace_add(&t, 7);
    trace_play(&t);
    TRACE_IS(&t, "[    0] LOAD 4 -> 7\n"
                 "[    0] SLEEP until 200\n"
                 "[  200] OPEN 7\n"
                 "[  200] COMMIT\n"
                 "[  200] SEND 7\n"
                 "[  280] 7 accepted\n"
                 "[  280] RECORD 7 succeeded\n"
                 "[  280] COMMIT\n"
                 "[  280] FINISH done\n");
    trace_close(&t);
}

static void an_empty_store_ends_at_once(void **state)
{
    (void)state;
    struct trace t;
    trace_init(&t, &plain);
    trace_play(&t);
    TRACE_IS(&t, "[    0] LOAD 4 -> nothing\n"
                 "[    0] FINISH done\n");
    trace_close(&t);
}

static void starts_are_evenly_spaced_and_the_first_waits_an_interval(void **state)
{
    (void)state;
    struct trace t;
    trace_init(&t, &plain);
    trace_add_many(&t, 1, 6);
    trace_play(&t);
    TRACE_LINES(&t,
                "[  200] SEND 1\n"
                "[  400] SEND 2\n"
                "[  600] SEND 3\n"
                "[  800] SEND 4\n"
                "[ 1000] SEND 5\n"
                "[ 1200] SEND 6\n"
                "[ 1280] FINISH done\n",
                "SEND", "FINISH");
    trace_close(&t);
}

static void a_slow_server_holds_no_more_than_concurrency(void **state)
{
    (void)state;
    struct trace t;
    trace_init(&t, &plain);
    trace_add_many(&t, 1, 4);
    for (int64_t id = 1; id <= 4; id++)
        trace_script(trace_job(&t, id), trace_says(OUTCOME_ACCEPTED, 1000));
    trace_play(&t);
    TRACE_LINES(&t,
                "[  200] SEND 1\n"
                "[  400] SEND 2\n"
                "[ 1200] 1 accepted\n"
                "[ 1200] SEND 3\n"
                "[ 1400] 2 accepted\n"
                "[ 1400] SEND 4\n"
                "[ 2200] 3 accepted\n"
                "[ 2400] 4 accepted\n",
                "SEND", "accepted");
    assert_int_equal(t.most_in_flight, 2);
    trace_close(&t);
}

static void the_time_of_waiting_for_answers_is_not_saved_up(void **state)
{
    (void)state;
    struct trace t;
    trace_init(&t, &plain);
    trace_add_many(&t, 1, 5);
    trace_script(trace_job(&t, 1), trace_says(OUTCOME_ACCEPTED, 5000));
    trace_script(trace_job(&t, 2), trace_says(OUTCOME_ACCEPTED, 4800));
    trace_play(&t);
    TRACE_LINES(&t,
                "[  200] SEND 1\n"
                "[  400] SEND 2\n"
                "[ 5200] SEND 3\n"
                "[ 5350] SEND 4\n" /* 5 ms of lateness are made up for */
                "[ 5550] SEND 5\n",
                "SEND");
    trace_close(&t);
}

static void a_burst_uses_what_a_lull_has_left(void **state)
{
    (void)state;
    struct core_config config = plain;
    struct trace t;
    config.concurrency = 4;
    config.burst = 3;
    trace_init(&t, &config);
    trace_add_many(&t, 1, 2);
    for (int64_t id = 3; id <= 6; id++)
        trace_add(&t, id)->due_us = 5 * SEC_US;
    trace_play(&t);
    TRACE_LINES(&t,
                "[ 1006] SEND 1\n" /* nothing is saved at the beginning */
                "[ 1206] SEND 2\n"
                "[ 5000] SEND 3\n"
                "[ 5000] SEND 4\n"
                "[ 5000] SEND 5\n"
                "[ 5200] SEND 6\n",
                "SEND");
    trace_close(&t);
}

static struct trace_answer used_up(int64_t hold_ms)
{
    struct trace_answer a = trace_says(OUTCOME_ACCEPTED, 80);
    a.hold_us = hold_ms * MS_US;
    return a;
}

static void a_quota_that_is_used_up_is_waited_for(void **state)
{
    (void)state;
    struct trace t;
    trace_init(&t, &plain);
    trace_add_many(&t, 1, 4);
    trace_script(trace_job(&t, 1), used_up(3000));
    trace_script(trace_job(&t, 3), used_up(100));
    trace_script(trace_job(&t, 2), used_up(2000));
    trace_play(&t);
    TRACE_LINES(&t,
                "[  200] SEND 1\n"
                "[ 3280] SEND 2\n"
                "[ 5360] SEND 3\n"
                "[ 5540] SEND 4\n"
                "[ 5620] FINISH done\n",
                "SEND", "FINISH");
    trace_close(&t);
}

static void of_two_such_waits_the_longer_counts(void **state)
{
    (void)state;
    struct trace t;
    trace_init(&t, &plain);
    trace_add_many(&t, 1, 3);
    struct trace_answer slow = used_up(3000);
    slow.after_us = 300 * MS_US;
    trace_script(trace_job(&t, 1), slow);
    trace_script(trace_job(&t, 2), used_up(100));
    trace_play(&t);
    TRACE_LINES(&t,
                "[  200] SEND 1\n"
                "[  400] SEND 2\n"
                "[  480] 2 accepted\n"
                "[  500] 1 accepted\n"
                "[ 3500] SEND 3\n"
                "[ 3580] 3 accepted\n",
                "SEND", "accepted");
    trace_close(&t);
    trace_init(&t, &plain);
    trace_add_many(&t, 1, 3);
    slow.hold_us = 100 * MS_US;
    trace_script(trace_job(&t, 1), slow);
    trace_script(trace_job(&t, 2), used_up(3000));
    trace_play(&t);
    TRACE_LINES(&t,
                "[  200] SEND 1\n"
                "[  400] SEND 2\n"
                "[ 3480] SEND 3\n",
                "SEND");
    trace_close(&t);
}

/* Four in a row would be a setback too many. */
static void such_a_wait_is_no_setback(void **state)
{
    (void)state;
    struct trace t;
    trace_init(&t, &plain);
    trace_add_many(&t, 1, 6);
    for (int64_t id = 1; id <= 6; id++)
        trace_script(trace_job(&t, id), used_up(1000));
    trace_play(&t);
    assert_int_equal(t.faults, 0);
    assert_int_equal(t.end, CORE_END_DONE);
    assert_int_equal(trace_count(&t, JOB_SUCCEEDED), 6);
    trace_close(&t);
}

static void without_a_rate_only_concurrency_holds_back(void **state)
{
    (void)state;
    struct core_config config = plain;
    struct trace t;
    config.milli_rate = 0;
    config.concurrency = 3;
    trace_init(&t, &config);
    trace_add_many(&t, 1, 4);
    trace_play(&t);
    TRACE_IS(&t,
             "[    0] LOAD 6 -> 1 2 3 4\n"
             "[    0] OPEN 1\n"
             "[    0] OPEN 2\n"
             "[    0] OPEN 3\n"
             "[    0] COMMIT\n" /* one for all three */
             "[    0] SEND 1\n"
             "[    0] SEND 2\n"
             "[    0] SEND 3\n"
             "[   80] 1 accepted\n"
             "[   80] OPEN 4\n" /* its request is made; it is written with the outcome */
             "[   80] RECORD 1 succeeded\n"
             "[   80] COMMIT\n"
             "[   80] SEND 4\n"
             "[   80] 2 accepted\n"
             "[   80] RECORD 2 succeeded\n"
             "[   80] COMMIT\n"
             "[   80] 3 accepted\n"
             "[   80] RECORD 3 succeeded\n"
             "[   80] COMMIT\n"
             "[  160] 4 accepted\n"
             "[  160] RECORD 4 succeeded\n"
             "[  160] COMMIT\n"
             "[  160] FINISH done\n");
    trace_close(&t);
}

/* ---- as a server sees it, over many long runs ---- */

struct moods {
    struct rng rng;
    int64_t slowest_ms;
};

static struct trace_answer moody(void *ctx, const struct trace_job *job)
{
    struct moods *m = ctx;
    (void)job;
    return trace_says(OUTCOME_ACCEPTED,
                      (int64_t)rng_below(&m->rng, (uint64_t)m->slowest_ms));
}

static void one_run(struct table *table, uint64_t seed)
{
    struct moods moods;
    struct rng jitter;
    struct trace *t = mem_zero(1, sizeof(*t));
    rng_init(&moods.rng, seed);
    rng_init(&jitter, seed + 1);
    int rate = 1 + (int)rng_below(&jitter, 40);
    struct core_config config = plain;
    config.milli_rate = rate * 1000;
    config.concurrency = 1 + (int)rng_below(&jitter, 12);
    moods.slowest_ms = 1 + (int64_t)rng_below(&jitter, 3000);
    trace_init(t, &config);
    t->quiet = true;
    t->jitter = &jitter;
    t->server = moody;
    t->server_ctx = &moods;
    trace_add_many(t, 1, 60);
    trace_play(t);
    int most = trace_most_in_a_second(t, -1);
    /* A turn may take 3 ms between the start that the limiter saw and the send. */
    table_want(table, most <= rate, "seed %d: %d in a second, not %d", (int)seed, most,
               rate);
    table_want(table, t->most_in_flight <= config.concurrency && t->faults == 0,
               "seed %d: %d in flight, %s", (int)seed, t->most_in_flight, t->text.data);
    table_want(table, trace_count(t, JOB_SUCCEEDED) == 60, "seed %d: not all done",
               (int)seed);
    trace_close(t);
    free(t);
}

static void no_sliding_second_holds_more_than_the_rate(void **state)
{
    (void)state;
    struct table table = {0};
    for (uint64_t seed = 0; seed < 1500; seed++)
        one_run(&table, seed);
    table_end(&table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_job_is_on_disk_before_it_is_sent),
        cmocka_unit_test(an_empty_store_ends_at_once),
        cmocka_unit_test(starts_are_evenly_spaced_and_the_first_waits_an_interval),
        cmocka_unit_test(a_slow_server_holds_no_more_than_concurrency),
        cmocka_unit_test(the_time_of_waiting_for_answers_is_not_saved_up),
        cmocka_unit_test(a_burst_uses_what_a_lull_has_left),
        cmocka_unit_test(a_quota_that_is_used_up_is_waited_for),
        cmocka_unit_test(of_two_such_waits_the_longer_counts),
        cmocka_unit_test(such_a_wait_is_no_setback),
        cmocka_unit_test(without_a_rate_only_concurrency_holds_back),
        cmocka_unit_test(no_sliding_second_holds_more_than_the_rate),
    };
    return cmocka_run_group_tests_name("core: pace", tests, NULL, NULL);
}
