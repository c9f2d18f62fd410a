/* What is fetched from the store, and when a run is over. */
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

static void a_job_that_waits_for_another_is_loaded_when_its_commit_frees_it(void **state)
{
    (void)state;
    struct trace t;
    trace_init(&t, &plain);
    trace_add(&t, 1);
    trace_add(&t, 2)->needs = 1;
    trace_play(&t);
    TRACE_IS(&t, "[    0] LOAD 4 -> 1\n"
                 "[    0] SLEEP until 200\n"
                 "[  200] OPEN 1\n"
                 "[  200] COMMIT\n"
                 "[  200] SEND 1\n"
                 "[  280] 1 accepted\n"
                 "[  280] RECORD 1 succeeded\n"
                 "[  280] COMMIT\n"
                 "[  280] LOAD 4 -> 2\n"
                 "[  280] SLEEP until 400\n"
                 "[  400] OPEN 2\n"
                 "[  400] COMMIT\n"
                 "[  400] SEND 2\n"
                 "[  480] 2 accepted\n"
                 "[  480] RECORD 2 succeeded\n"
                 "[  480] COMMIT\n"
                 "[  480] FINISH done\n");
    trace_close(&t);
}

static void a_chain_is_walked_to_its_end(void **state)
{
    (void)state;
    struct trace t;
    trace_init(&t, &plain);
    trace_add(&t, 1);
    for (int64_t id = 2; id <= 20; id++)
        trace_add(&t, id)->needs = id - 1;
    trace_play(&t);
    assert_int_equal(t.faults, 0);
    assert_int_equal(trace_count(&t, JOB_SUCCEEDED), 20);
    trace_close(&t);
}

static void what_hangs_on_a_failed_job_is_left_alone(void **state)
{
    (void)state;
    struct trace t;
    trace_init(&t, &plain);
    trace_script(trace_add(&t, 1), trace_says(OUTCOME_REJECTED, 80));
    trace_add(&t, 2)->needs = 1;
    trace_play(&t);
    TRACE_LINES(&t,
                "[  280] RECORD 1 failed\n"
                "[  280] FINISH done\n",
                "RECORD", "FINISH");
    trace_close(&t);
}

static void an_accepted_job_may_be_anything_the_api_says(void **state)
{
    (void)state;
    struct trace t;
    trace_init(&t, &plain);
    trace_add_many(&t, 1, 3);
    for (int64_t id = 1; id <= 3; id++) {
        struct trace_answer a = trace_says(OUTCOME_ACCEPTED, 80);
        a.accepted_as = id == 1 ? JOB_FOLLOWING : id == 2 ? JOB_FAILED : JOB_SUCCEEDED;
        trace_script(trace_job(&t, id), a);
    }
    trace_play(&t);
    TRACE_LINES(&t,
                "[  280] RECORD 1 following\n"
                "[  480] RECORD 2 failed\n"
                "[  680] RECORD 3 succeeded\n"
                "[  680] FINISH done\n",
                "RECORD", "FINISH");
    trace_close(&t);
}

static void a_job_that_is_due_later_is_slept_for(void **state)
{
    (void)state;
    struct trace t;
    trace_init(&t, &plain);
    trace_add(&t, 1)->due_us = 10 * SEC_US;
    trace_add(&t, 2)->due_us = 7 * SEC_US;
    trace_play(&t);
    TRACE_IS(&t, "[    0] LOAD 4 -> nothing\n"
                 "[    0] SLEEP until 7000\n"
                 "[ 7000] LOAD 4 -> 2\n"
                 "[ 7000] OPEN 2\n"
                 "[ 7000] COMMIT\n"
                 "[ 7000] SEND 2\n"
                 "[ 7000] SLEEP until 10000\n"
                 "[ 7080] 2 accepted\n"
                 "[ 7080] RECORD 2 succeeded\n"
                 "[ 7080] COMMIT\n"
                 "[10000] LOAD 4 -> 1\n"
                 "[10000] OPEN 1\n"
                 "[10000] COMMIT\n"
                 "[10000] SEND 1\n"
                 "[10080] 1 accepted\n"
                 "[10080] RECORD 1 succeeded\n"
                 "[10080] COMMIT\n"
                 "[10080] FINISH done\n");
    trace_close(&t);
}

static void a_job_that_another_program_brings_is_loaded(void **state)
{
    (void)state;
    struct trace t;
    trace_init(&t, &plain);
    trace_script(trace_add(&t, 1), trace_says(OUTCOME_ACCEPTED, 3000));
    trace_add(&t, 2)->appears_us = 1500 * MS_US;
    trace_play(&t);
    TRACE_LINES(&t,
                "[    0] LOAD 4 -> 1\n"
                "[  200] SEND 1\n"
                "[ 1500] ARRIVED\n"
                "[ 1500] LOAD 4 -> 2\n"
                "[ 1500] SEND 2\n"
                "[ 3200] FINISH done\n",
                "LOAD", "SEND", "ARRIVED", "FINISH");
    trace_close(&t);
}

/* At most twice the concurrency waits in memory: the rest stays in the store. */
static void memory_holds_a_window_of_a_long_queue(void **state)
{
    (void)state;
    struct trace t;
    trace_init(&t, &plain);
    trace_add_many(&t, 1, 12);
    trace_play(&t);
    TRACE_LINES(&t,
                "[    0] LOAD 4 -> 1 2 3 4\n"
                "[  400] LOAD 2 -> 5 6\n"
                "[  800] LOAD 2 -> 7 8\n"
                "[ 1200] LOAD 2 -> 9 10\n"
                "[ 1600] LOAD 2 -> 11 12\n"
                "[ 2000] LOAD 2 -> nothing\n"
                "[ 2480] FINISH done\n",
                "LOAD", "FINISH");
    trace_close(&t);
}

static void what_is_held_is_known(void **state)
{
    (void)state;
    const struct core_job jobs[] = {{.id = 5}, {.id = 6}};
    struct core_config config = plain;
    config.milli_rate = 0;
    struct core *c = core_new(&config, (struct mono){0});
    core_step(c, &(struct core_event){.type = CORE_START}, (struct mono){0});
    core_step(c,
              &(struct core_event){.type = CORE_LOADED,
                                   .jobs = jobs,
                                   .count = 2,
                                   .all = true,
                                   .next_due_us = -1},
              (struct mono){0});
    assert_true(core_holds(c, 5) && core_holds(c, 6));
    assert_false(core_holds(c, 7));
    assert_int_equal(core_in_flight(c), 2);
    core_free(c); /* with jobs in it */
}

/* ---- stopping ---- */

static void stop_waits_for_what_is_in_flight_and_sends_nothing_more(void **state)
{
    (void)state;
    struct trace t;
    trace_init(&t, &plain);
    trace_add_many(&t, 1, 6);
    trace_script(trace_job(&t, 2), trace_says(OUTCOME_ACCEPTED, 2000));
    t.stop_at_us = 500 * MS_US;
    trace_play(&t);
    TRACE_LINES(&t,
                "[  200] SEND 1\n"
                "[  280] RECORD 1 succeeded\n"
                "[  400] SEND 2\n"
                "[  500] STOP\n"
                "[ 2400] RECORD 2 succeeded\n"
                "[ 2400] FINISH stopped\n",
                "SEND", "RECORD", "STOP", "FINISH");
    assert_int_equal(trace_count(&t, JOB_QUEUED), 4);
    trace_close(&t);
}

static void stop_with_nothing_in_flight_ends_at_once(void **state)
{
    (void)state;
    struct trace t;
    trace_init(&t, &plain);
    trace_add(&t, 1)->due_us = 3600 * SEC_US;
    t.stop_at_us = 500 * MS_US;
    trace_play(&t);
    TRACE_LINES(&t,
                "[  500] STOP\n"
                "[  500] FINISH stopped\n",
                "STOP", "FINISH");
    trace_close(&t);
}

/* A STOP between OPEN and its commit: what is on disk as opened is sent, not lost. */
static void stop_lets_what_is_opened_go(void **state)
{
    (void)state;
    struct trace t;
    trace_init(&t, &plain);
    trace_add_many(&t, 1, 3);
    t.turn_late = true;
    t.stop_at_us = 200 * MS_US;
    trace_play(&t);
    assert_int_equal(t.faults, 0);
    assert_int_equal(trace_count(&t, JOB_SENDING), 0);
    assert_int_equal(t.end, CORE_END_STOPPED);
    trace_close(&t);
}

static void finish_is_the_last_action(void **state)
{
    (void)state;
    struct core *c = core_new(&plain, (struct mono){0});
    core_step(c, &(struct core_event){.type = CORE_START}, (struct mono){0});
    struct core_actions got = core_step(
        c, &(struct core_event){.type = CORE_LOADED, .all = true, .next_due_us = -1},
        (struct mono){0});
    assert_int_equal(got.count, 1);
    assert_int_equal(got.items[0].type, CORE_FINISH);
    static const enum core_event_type late[] = {CORE_WOKEN, CORE_ARRIVED, CORE_STOP,
                                                CORE_COMMITTED};
    for (size_t i = 0; i < COUNT_OF(late); i++) {
        got = core_step(c, &(struct core_event){.type = late[i]}, (struct mono){SEC_US});
        assert_int_equal(got.count, 0);
    }
    core_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_job_that_waits_for_another_is_loaded_when_its_commit_frees_it),
        cmocka_unit_test(a_chain_is_walked_to_its_end),
        cmocka_unit_test(what_hangs_on_a_failed_job_is_left_alone),
        cmocka_unit_test(an_accepted_job_may_be_anything_the_api_says),
        cmocka_unit_test(a_job_that_is_due_later_is_slept_for),
        cmocka_unit_test(a_job_that_another_program_brings_is_loaded),
        cmocka_unit_test(memory_holds_a_window_of_a_long_queue),
        cmocka_unit_test(what_is_held_is_known),
        cmocka_unit_test(stop_waits_for_what_is_in_flight_and_sends_nothing_more),
        cmocka_unit_test(stop_with_nothing_in_flight_ends_at_once),
        cmocka_unit_test(stop_lets_what_is_opened_go),
        cmocka_unit_test(finish_is_the_last_action),
    };
    return cmocka_run_group_tests_name("core: loading and ending", tests, NULL, NULL);
}
