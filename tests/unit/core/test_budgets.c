/* Endpoints that stand less than the API as a whole. */
#include "base/mem.h"
#include "lib/check.h"
#include "unit/core/trace.h"

static const struct core_config plain = {
    .concurrency = 2,
    .milli_rate = 5030, /* one in 200 ms */
    .budget_count = 1,
    .budget_rates = {1006}, /* one in a second */
    .retry_base_us = SEC_US,
    .retry_max_us = 60 * SEC_US,
    .setback_limit = 3,
    .try_limit = 3,
    .seed = 1,
};

static void add_of_budget(struct trace *t, int64_t first, int64_t last, int budget)
{
    for (int64_t id = first; id <= last; id++)
        trace_add(t, id)->budget = budget;
}

static void it_goes_at_its_own_pace_and_the_others_at_theirs(void **state)
{
    (void)state;
    struct trace t;
    trace_init(&t, &plain);
    add_of_budget(&t, 1, 2, 1);
    trace_add_many(&t, 11, 16);
    trace_play(&t);
    TRACE_LINES(&t,
                "[  200] SEND 11\n"
                "[  400] SEND 12\n"
                "[  600] SEND 13\n"
                "[  800] SEND 14\n"
                "[ 1000] SEND 1\n" /* the older one, as soon as it may */
                "[ 1200] SEND 15\n"
                "[ 1400] SEND 16\n"
                "[ 2000] SEND 2\n"
                "[ 2080] FINISH done\n",
                "SEND", "FINISH");
    trace_close(&t);
}

/* They are before everything else in the queue, more than memory holds, and cost no other job its slot. */
static void a_long_queue_of_it_keeps_nobody_waiting(void **state)
{
    (void)state;
    struct trace t;
    trace_init(&t, &plain);
    add_of_budget(&t, 100, 139, 1);
    trace_add_many(&t, 301, 312);
    trace_play(&t);
    TRACE_LINES(&t,
                "[  200] SEND 301\n"
                "[  400] SEND 302\n"
                "[  600] SEND 303\n"
                "[  800] SEND 304\n"
                "[ 1200] SEND 305\n"
                "[ 1400] SEND 306\n"
                "[ 1600] SEND 307\n"
                "[ 1800] SEND 308\n"
                "[ 2200] SEND 309\n"
                "[ 2400] SEND 310\n"
                "[ 2600] SEND 311\n"
                "[ 2800] SEND 312\n",
                "SEND 3");
    assert_int_equal(trace_count(&t, JOB_SUCCEEDED), 52);
    assert_int_equal(t.faults, 0);
    trace_close(&t);
}

/* What waits for its endpoint takes none of the room that is for the others. */
static void two_long_queues_keep_nobody_waiting(void **state)
{
    (void)state;
    struct core_config config = plain;
    struct trace t;
    config.budget_count = 2;
    config.budget_rates[1] = 1006;
    trace_init(&t, &config);
    add_of_budget(&t, 100, 119, 1);
    add_of_budget(&t, 120, 139, 2);
    trace_add_many(&t, 301, 306);
    trace_play(&t);
    TRACE_LINES(&t,
                "[  200] SEND 301\n"
                "[  400] SEND 302\n"
                "[  600] SEND 303\n"
                "[  800] SEND 304\n"
                "[ 1400] SEND 305\n"
                "[ 1600] SEND 306\n",
                "SEND 3");
    trace_close(&t);
}

static int count_lines(const struct trace *t, const char *word)
{
    int count = 0;
    for (const char *at = t->text.data; (at = strstr(at, word)); at++)
        count++;
    return count;
}

/* What was passed over is asked for again when there is room for it, not at every event. */
static void what_is_kept_back_is_not_asked_for_in_vain(void **state)
{
    (void)state;
    struct trace t;
    trace_init(&t, &plain);
    add_of_budget(&t, 1, 20, 1);
    trace_play(&t);
    assert_int_equal(trace_count(&t, JOB_SUCCEEDED), 20);
    assert_in_range(count_lines(&t, "LOAD"), 10, 21);
    assert_int_equal(count_lines(&t, "nothing"), 0);
    trace_close(&t);
}

static void each_endpoint_has_its_own(void **state)
{
    (void)state;
    struct core_config config = plain;
    struct trace t;
    config.milli_rate = 0;
    config.budget_count = 2;
    config.budget_rates[1] = 2012;
    trace_init(&t, &config);
    add_of_budget(&t, 1, 3, 1);
    add_of_budget(&t, 11, 14, 2);
    trace_play(&t);
    TRACE_LINES(&t,
                "[  500] SEND 11\n"
                "[ 1000] SEND 1\n"
                "[ 1000] SEND 12\n"
                "[ 1500] SEND 13\n"
                "[ 2000] SEND 2\n"
                "[ 2000] SEND 14\n"
                "[ 3000] SEND 3\n",
                "SEND");
    trace_close(&t);
}

static void one_that_cannot_be_sent_gives_its_turn_back(void **state)
{
    (void)state;
    struct trace t;
    trace_init(&t, &plain);
    add_of_budget(&t, 1, 3, 1);
    trace_job(&t, 1)->unsendable = true;
    trace_play(&t);
    TRACE_LINES(&t,
                "[ 1000] 1 unsendable\n"
                "[ 1000] SEND 2\n"
                "[ 2000] SEND 3\n",
                "unsendable", "SEND");
    trace_close(&t);
}

/* Which limit was passed is not said: the endpoint's is halved as well. */
static void too_many_requests_slow_the_endpoint_too(void **state)
{
    (void)state;
    struct trace t;
    trace_init(&t, &plain);
    add_of_budget(&t, 1, 80, 1);
    trace_script(trace_job(&t, 1), trace_asks(OUTCOME_NOT_PROCESSED, 80, 1000));
    trace_play(&t);
    assert_int_equal(t.faults, 0);
    assert_int_equal(trace_count(&t, JOB_SUCCEEDED), 80);
    assert_int_equal(t.send_count, 81);
    assert_true(t.send_times[2] - t.send_times[1] > 1900 * MS_US);
    assert_true(t.send_times[80] - t.send_times[79] < 1150 * MS_US); /* and comes back */
    trace_close(&t);
}

static void a_look_up_goes_while_sends_are_held_back(void **state)
{
    (void)state;
    struct trace t;
    trace_init(&t, &plain);
    add_of_budget(&t, 1, 1, 1);
    trace_add(&t, 2)->pages = 2;
    trace_play(&t);
    TRACE_LINES(&t,
                "[  200] LOOK 2\n"
                "[  400] LOOK 2\n"
                "[ 1000] SEND 1\n",
                "SEND", "LOOK 2");
    trace_close(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_goes_at_its_own_pace_and_the_others_at_theirs),
        cmocka_unit_test(a_long_queue_of_it_keeps_nobody_waiting),
        cmocka_unit_test(two_long_queues_keep_nobody_waiting),
        cmocka_unit_test(what_is_kept_back_is_not_asked_for_in_vain),
        cmocka_unit_test(each_endpoint_has_its_own),
        cmocka_unit_test(one_that_cannot_be_sent_gives_its_turn_back),
        cmocka_unit_test(too_many_requests_slow_the_endpoint_too),
        cmocka_unit_test(a_look_up_goes_while_sends_are_held_back),
    };
    return cmocka_run_group_tests_name("core: budgets", tests, NULL, NULL);
}
