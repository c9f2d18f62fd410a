/* Accepted jobs that are asked about: last of all, each at least once, and for how long. */
#include "base/mem.h"
#include "lib/check.h"
#include "unit/core/trace.h"

static const struct core_config plain = {
    .concurrency = 2,
    .milli_rate = 5030, /* one in 200 ms */
    .follows = true,
    .retry_base_us = SEC_US,
    .retry_max_us = 60 * SEC_US,
    .setback_limit = 3,
    .try_limit = 3,
    .seed = 1,
};

static struct trace_job *add_follower(struct trace *t, int64_t id, int looks,
                                      int64_t due_us)
{
    struct trace_job *job = trace_add(t, id);
    job->looks = looks;
    job->due_us = due_us;
    return job;
}

static void each_is_asked_about_once_more_at_the_end(void **state)
{
    (void)state;
    struct trace t;
    trace_init(&t, &plain);
    trace_add(&t, 1);
    add_follower(&t, 7, 5, 3600 * SEC_US);
    trace_play(&t);
    TRACE_IS(&t, "[    0] LOAD 4 -> 1\n"
                 "[    0] SLEEP until 200\n"
                 "[  200] OPEN 1\n"
                 "[  200] COMMIT\n"
                 "[  200] SEND 1\n"
                 "[  200] SLEEP until 3600000\n"
                 "[  280] 1 accepted\n"
                 "[  280] RECORD 1 succeeded\n"
                 "[  280] COMMIT\n"
                 "[  280] LOAD 4 last -> 7\n"
                 "[  280] SLEEP until 400\n"
                 "[  400] LOOK 7\n"
                 "[  480] 7 accepted\n"
                 "[  480] SETTLE 7\n"
                 "[  480] COMMIT\n"
                 "[  480] LOAD 4 -> nothing\n"
                 "[  480] FINISH done\n");
    trace_close(&t);
}

static void what_was_asked_about_in_this_run_is_not_asked_again(void **state)
{
    (void)state;
    struct trace t;
    trace_init(&t, &plain);
    add_follower(&t, 7, 5, 0);
    trace_play(&t);
    TRACE_LINES(&t,
                "[    0] LOAD 4 -> 7\n"
                "[  200] LOOK 7\n"
                "[  280] LOAD 4 -> nothing\n"
                "[  280] LOAD 4 last -> nothing\n"
                "[  280] FINISH done\n",
                "LOOK", "LOAD", "FINISH");
    trace_close(&t);
}

/* A second between two looks; the third one would come too late. */
static void follow_for_goes_on_asking_for_so_long(void **state)
{
    (void)state;
    struct core_config config = plain;
    struct trace t;
    config.follow_for_us = 2500 * MS_US;
    trace_init(&t, &config);
    add_follower(&t, 7, 9, 0);
    trace_play(&t);
    TRACE_LINES(&t,
                "[  200] LOOK 7\n"
                "[ 1280] LOOK 7\n"
                "[ 2360] LOOK 7\n"
                "[ 2440] FINISH done\n",
                "LOOK 7", "FINISH");
    trace_close(&t);
}

static void it_ends_when_all_are_final(void **state)
{
    (void)state;
    struct core_config config = plain;
    struct trace t;
    config.follow_for_us = 3600 * SEC_US;
    trace_init(&t, &config);
    add_follower(&t, 7, 2, 0);
    trace_play(&t);
    TRACE_LINES(&t,
                "[  200] LOOK 7\n"
                "[ 1280] LOOK 7\n"
                "[ 1360] FINISH done\n",
                "LOOK 7", "FINISH");
    assert_int_equal(trace_count(&t, JOB_SUCCEEDED), 1);
    trace_close(&t);
}

/* A job that needed it is sent, and then the time to ask begins anew. */
static void what_becomes_free_by_it_goes_on(void **state)
{
    (void)state;
    struct core_config config = plain;
    struct trace t;
    config.follow_for_us = 1500 * MS_US;
    trace_init(&t, &config);
    add_follower(&t, 7, 2, 0);
    trace_add(&t, 8)->needs = 7;
    add_follower(&t, 9, 3, 0);
    trace_play(&t);
    assert_int_equal(t.faults, 0);
    assert_int_equal(trace_count(&t, JOB_SUCCEEDED), 3);
    trace_close(&t);
}

static void sends_come_first_and_starve_nobody(void **state)
{
    (void)state;
    struct trace t;
    trace_init(&t, &plain);
    add_follower(&t, 7, 1, 0);
    trace_add(&t, 8)->pages = 1;
    trace_add_many(&t, 101, 120);
    trace_play(&t);
    TRACE_LINES(&t,
                "[ 1800] LOOK 8\n"
                "[ 2000] LOOK 7\n",
                "LOOK ");
    trace_close(&t);
}

static void a_stop_asks_nobody(void **state)
{
    (void)state;
    struct trace t;
    trace_init(&t, &plain);
    trace_add_many(&t, 1, 9);
    add_follower(&t, 17, 1, 3600 * SEC_US);
    t.stop_at_us = 500 * MS_US;
    trace_play(&t);
    TRACE_LINES(&t, "[  500] STOP\n[  500] FINISH stopped\n", "LOOK", "last", "STOP",
                "FINISH");
    trace_close(&t);
}

static void one_that_cannot_be_asked_about_is_a_setback_as_any_other(void **state)
{
    (void)state;
    struct trace t;
    trace_init(&t, &plain);
    trace_script(add_follower(&t, 7, 1, 0), trace_says(OUTCOME_NOT_SENT, 10));
    trace_play(&t);
    assert_int_equal(t.faults, 0);
    assert_int_equal(t.end, CORE_END_DONE);
    assert_int_equal(trace_count(&t, JOB_SUCCEEDED), 1);
    trace_close(&t);
}

/* Nobody comes after this round: what fails in it is asked again in it, three times in all. */
static void the_last_round_asks_again(void **state)
{
    (void)state;
    struct trace t;
    trace_init(&t, &plain);
    struct trace_job *job = add_follower(&t, 7, 1, 3600 * SEC_US);
    trace_script(job, trace_says(OUTCOME_NOT_PROCESSED, 10));
    trace_script(job, trace_says(OUTCOME_NOT_SENT, 10));
    trace_play(&t);
    assert_int_equal(t.faults, 0);
    assert_int_equal(t.end, CORE_END_DONE);
    assert_int_equal(job->asked, 3);
    assert_int_equal(trace_count(&t, JOB_SUCCEEDED), 1);
    trace_close(&t);
}

static void not_for_ever(void **state)
{
    (void)state;
    struct core_config config = plain;
    struct trace t;
    config.setback_limit = 8;
    trace_init(&t, &config);
    struct trace_job *job = add_follower(&t, 7, 1, 3600 * SEC_US);
    for (int i = 0; i < 5; i++)
        trace_script(job, trace_says(OUTCOME_NOT_SENT, 10));
    trace_play(&t);
    assert_int_equal(t.faults, 0);
    assert_int_equal(t.end, CORE_END_DONE);
    assert_int_equal(job->asked, 3);
    assert_int_equal(trace_count(&t, JOB_SUCCEEDED), 0);
    trace_close(&t);
}

static void refusals_are_none(void **state)
{
    (void)state;
    struct trace t;
    trace_init(&t, &plain);
    for (int64_t id = 1; id <= 9; id++)
        trace_script(add_follower(&t, id, 1, 0), trace_says(OUTCOME_REJECTED, 10));
    trace_play(&t);
    assert_int_equal(t.faults, 0);
    assert_int_equal(t.end, CORE_END_DONE);
    assert_true(t.now_us < 6 * SEC_US); /* never paused */
    trace_close(&t);
}

static void without_it_nobody_is_asked(void **state)
{
    (void)state;
    struct core_config config = plain;
    struct trace t;
    config.follows = false;
    trace_init(&t, &config);
    add_follower(&t, 7, 1, 3600 * SEC_US);
    trace_play(&t);
    TRACE_LINES(&t, "[    0] FINISH done\n", "LOOK", "FINISH", "last");
    trace_close(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_is_asked_about_once_more_at_the_end),
        cmocka_unit_test(what_was_asked_about_in_this_run_is_not_asked_again),
        cmocka_unit_test(follow_for_goes_on_asking_for_so_long),
        cmocka_unit_test(it_ends_when_all_are_final),
        cmocka_unit_test(what_becomes_free_by_it_goes_on),
        cmocka_unit_test(sends_come_first_and_starve_nobody),
        cmocka_unit_test(a_stop_asks_nobody),
        cmocka_unit_test(one_that_cannot_be_asked_about_is_a_setback_as_any_other),
        cmocka_unit_test(the_last_round_asks_again),
        cmocka_unit_test(not_for_ever),
        cmocka_unit_test(refusals_are_none),
        cmocka_unit_test(without_it_nobody_is_asked),
    };
    return cmocka_run_group_tests_name("core: follows", tests, NULL, NULL);
}
