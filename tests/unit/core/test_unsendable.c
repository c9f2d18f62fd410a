/* Jobs of which no request can be made: they fail, and cost nobody anything. The core
 * aborts when it is told of one that it does not know, so each story runs in a child. */
#include <sys/wait.h>
#include <unistd.h>

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

/* The child's exit status; -1 when it was killed. */
static int in_a_child(int (*story)(void))
{
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0)
        _exit(story());
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void its_token_goes_to_the_next_job(void **state)
{
    (void)state;
    struct trace t;
    trace_init(&t, &plain);
    trace_add_many(&t, 1, 3);
    trace_job(&t, 2)->unsendable = true;
    trace_play(&t);
    TRACE_LINES(&t,
                "[  200] SEND 1\n"
                "[  280] RECORD 1 succeeded\n"
                "[  400] 2 unsendable\n"
                "[  400] RECORD 2 failed\n"
                "[  400] SEND 3\n"
                "[  480] RECORD 3 succeeded\n"
                "[  480] FINISH done\n",
                "SEND", "RECORD", "unsendable", "FINISH");
    trace_close(&t);
}

/* Held by the store in the transaction that was to open it: nothing is recorded of it. */
static void what_the_store_withholds_is_let_go(void **state)
{
    (void)state;
    struct trace t;
    trace_init(&t, &plain);
    trace_add_many(&t, 1, 4);
    trace_job(&t, 2)->withheld = trace_job(&t, 3)->withheld = true;
    trace_play(&t);
    TRACE_LINES(&t,
                "[  200] SEND 1\n"
                "[  280] RECORD 1 succeeded\n"
                "[  400] 2 withheld\n"
                "[  400] 3 withheld\n"
                "[  400] SEND 4\n"
                "[  480] RECORD 4 succeeded\n"
                "[  480] FINISH done\n",
                "SEND", "RECORD", "withheld", "FINISH");
    trace_close(&t);
}

static void of_a_round_only_the_others_leave(void **state)
{
    (void)state;
    struct core_config burst = plain;
    burst.milli_rate = 0;
    burst.concurrency = 4;
    struct trace t;
    trace_init(&t, &burst);
    trace_add_many(&t, 1, 4);
    trace_job(&t, 1)->withheld = trace_job(&t, 3)->withheld = true;
    trace_play(&t);
    TRACE_LINES(&t,
                "[    0] 1 withheld\n"
                "[    0] 3 withheld\n"
                "[    0] SEND 2\n"
                "[    0] SEND 4\n"
                "[   80] RECORD 2 succeeded\n"
                "[   80] RECORD 4 succeeded\n"
                "[   80] FINISH done\n",
                "SEND", "RECORD", "withheld", "FINISH");
    trace_close(&t);
}

/* Plays a trace of `count` jobs, of which those with a bit in `unsendable` cannot be
 * sent. */
static int play(const struct core_config *config, int count, unsigned unsendable,
                bool batched)
{
    struct trace t;
    trace_init(&t, config);
    t.turn_late = batched;
    trace_add_many(&t, 1, count);
    int bad = 0;
    for (int64_t id = 1; id <= count; id++) {
        trace_job(&t, id)->unsendable = unsendable >> id & 1;
        bad += unsendable >> id & 1;
    }
    trace_play(&t);
    bool ok = t.faults == 0 && trace_count(&t, JOB_FAILED) == bad &&
              trace_count(&t, JOB_SUCCEEDED) == count - bad;
    if (!ok)
        print_error("%s", t.text.data);
    trace_close(&t);
    return ok ? 0 : 1;
}

/* The last of a round is written after what else the round brought; it frees the next of
 * its lane, which frees the next. */
static void a_lane_of_them_is_passed_through(void **state)
{
    (void)state;
    struct core_config config = plain;
    struct trace t;
    config.milli_rate = 0;
    trace_init(&t, &config);
    t.turn_late = true;
    trace_add(&t, 1);
    trace_add(&t, 2)->due_us = 80 * MS_US; /* falls due as 1 is answered */
    for (int64_t id = 3; id <= 6; id++)
        trace_add(&t, id)->after = id - 1;
    for (int64_t id = 2; id <= 5; id++)
        trace_job(&t, id)->unsendable = true;
    trace_play(&t);
    assert_int_equal(trace_count(&t, JOB_FAILED), 4);
    assert_int_equal(trace_job(&t, 6)->state, JOB_SUCCEEDED);
    trace_close(&t);
}

/* The only one that waits comes back while another one's outcome is written. */
static void finish_waits_until_the_last_is_written(void **state)
{
    (void)state;
    struct core_config config = plain;
    struct trace t;
    config.milli_rate = 0;
    config.concurrency = 1;
    trace_init(&t, &config);
    trace_add_many(&t, 1, 2);
    trace_job(&t, 2)->unsendable = true;
    trace_add(&t, 3)->after = 2;
    trace_play(&t);
    TRACE_LINES(&t,
                "[    0] SEND 1\n"
                "[   80] 2 unsendable\n"
                "[   80] RECORD 1 succeeded\n"
                "[   80] RECORD 2 failed\n"
                "[   80] SEND 3\n"
                "[  160] RECORD 3 succeeded\n"
                "[  160] FINISH done\n",
                "SEND", "RECORD", "unsendable", "FINISH");
    trace_close(&t);
}

static int all_unsendable(void)
{
    return play(&plain, 12, ~0u, false);
}

static void a_file_full_of_them_is_passed_through(void **state)
{
    (void)state;
    assert_int_equal(in_a_child(all_unsendable), 0);
}

/* 1 is opened and written in the round in which 2 comes back and 3 is opened in its
 * place; 3 is committed a round later, and comes back too. */
static int two_after_a_good_one(void)
{
    struct core_config config = plain;
    config.milli_rate = 0;
    return play(&config, 3, 1u << 2 | 1u << 3, false);
}

static void one_opened_while_another_is_committed_may_come_back_too(void **state)
{
    (void)state;
    assert_int_equal(in_a_child(two_after_a_good_one), 0);
}

static int every_mixture(void)
{
    static const int64_t rates[] = {0, 5030, 1000000};
    int wrong = 0;
    for (unsigned mask = 0; mask < 1u << 8; mask++)
        for (size_t r = 0; r < COUNT_OF(rates); r++) {
            struct core_config config = plain;
            config.milli_rate = rates[r];
            config.concurrency = 1 + (int)(mask % 4);
            wrong += play(&config, 7, mask << 1, false);
            wrong += play(&config, 7, mask << 1, true);
        }
    return wrong > 0;
}

static void every_mixture_ends_with_the_good_ones_sent(void **state)
{
    (void)state;
    assert_int_equal(in_a_child(every_mixture), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(its_token_goes_to_the_next_job),
        cmocka_unit_test(what_the_store_withholds_is_let_go),
        cmocka_unit_test(of_a_round_only_the_others_leave),
        cmocka_unit_test(a_lane_of_them_is_passed_through),
        cmocka_unit_test(finish_waits_until_the_last_is_written),
        cmocka_unit_test(a_file_full_of_them_is_passed_through),
        cmocka_unit_test(one_opened_while_another_is_committed_may_come_back_too),
        cmocka_unit_test(every_mixture_ends_with_the_good_ones_sent),
    };
    return cmocka_run_group_tests_name("core: unsendable jobs", tests, NULL, NULL);
}
