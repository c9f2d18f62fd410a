/* Second attempts, and how many of them there may be for the first ones. */
#include "base/mem.h"
#include <stdlib.h>

#include "lib/check.h"
#include "unit/core/trace.h"

static const struct core_config plain = {
    .concurrency = 4,
    .milli_rate = 50300, /* one in 20 ms */
    .retry_base_us = 100 * MS_US,
    .retry_max_us = 100 * MS_US,
    .retry_percent = 20,
    .setback_limit = 9,
    .try_limit = 3,
    .seed = 1,
};

/* Every other job that may be repeated gets no readable answer the first time. */
static struct trace_answer every_other(void *ctx, const struct trace_job *job)
{
    (void)ctx;
    bool torn = job->opens == 1 && job->id % 2 == 0;
    return trace_says(torn ? OUTCOME_IN_DOUBT : OUTCOME_ACCEPTED, 10);
}

/* The same, but it begins in the middle. */
static struct trace_answer every_other_later(void *ctx, const struct trace_job *job)
{
    return job->id > 100 ? every_other(ctx, job) : trace_says(OUTCOME_ACCEPTED, 10);
}

static void play(struct trace *t, trace_server_fn *server, int64_t percent, int64_t jobs)
{
    struct core_config config = plain;
    config.retry_percent = percent;
    trace_init(t, &config);
    t->server = server;
    trace_add_many(t, 1, jobs);
    for (int i = 0; i < t->job_count; i++)
        t->jobs[i].repeat_safe = true;
    trace_play(t);
    assert_int_equal(t->faults, 0);
    assert_int_equal(trace_count(t, JOB_SUCCEEDED), jobs);
}

/* Repeats that were sent before the last first attempt was. */
static int repeats_meanwhile(const struct trace *t, int64_t jobs)
{
    bool sent[TRACE_JOBS_MAX] = {false};
    int firsts = 0, repeats = 0;
    for (const char *at = t->text.data; firsts < jobs && (at = strstr(at, "SEND "));
         at++) {
        int64_t id = strtoll(at + 5, NULL, 10);
        firsts += !sent[id];
        repeats += sent[id];
        sent[id] = true;
    }
    return repeats;
}

static void they_are_a_part_of_the_first_attempts_and_the_rest_come_last(void **state)
{
    (void)state;
    static const struct {
        trace_server_fn *server;
        int64_t percent;
        int least, most;
    } rows[] = {
        {every_other, 0, 9, 10}, /* what is saved from the beginning */
        {every_other, 20, 44, 50},
        {every_other, 100, 85, 100},
        {every_other_later, 0, 9, 10},
        {every_other_later, 20, 25, 30}, /* a good time saves up no more than that */
    };
    struct table table = {0};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct trace *t = mem_zero(1, sizeof(*t));
        play(t, rows[i].server, rows[i].percent, 200);
        int got = repeats_meanwhile(t, 200);
        table_want(&table, got >= rows[i].least && got <= rows[i].most,
                   "row %d, %d %%: %d repeats", (int)i, (int)rows[i].percent, got);
        trace_close(t);
        free(t);
    }
    table_end(&table);
}

/* A few bad answers change no order: what came first is sent first. */
static void a_single_one_waits_for_nobody(void **state)
{
    (void)state;
    struct trace t;
    trace_init(&t, &plain);
    trace_add_many(&t, 1, 30);
    trace_job(&t, 1)->repeat_safe = true;
    trace_script(trace_job(&t, 1), trace_says(OUTCOME_IN_DOUBT, 10));
    trace_play(&t);
    int second = 0, at = 0;
    for (const char *p = t.text.data; (p = strstr(p, "SEND ")); p++, at++)
        if (strncmp(p, "SEND 1\n", 7) == 0)
            second = at;
    assert_in_range(second, 3, 14);
    trace_close(&t);
}

static void alone_they_go_at_the_whole_pace(void **state)
{
    (void)state;
    struct trace t;
    struct core_config config = plain;
    config.retry_percent = 0;
    config.try_limit = 8;
    trace_init(&t, &config);
    trace_add_many(&t, 1, 40);
    for (int64_t id = 1; id <= 40; id++) {
        trace_job(&t, id)->repeat_safe = true;
        if (id % 2)
            trace_script(trace_job(&t, id), trace_says(OUTCOME_IN_DOUBT, 10));
    }
    trace_play(&t);
    assert_int_equal(trace_count(&t, JOB_SUCCEEDED), 40);
    assert_int_equal(t.send_count, 60);
    assert_true(t.send_times[59] - t.send_times[0] < 1300 * MS_US);
    trace_close(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(they_are_a_part_of_the_first_attempts_and_the_rest_come_last),
        cmocka_unit_test(a_single_one_waits_for_nobody),
        cmocka_unit_test(alone_they_go_at_the_whole_pace),
    };
    return cmocka_run_group_tests_name("core: repeats", tests, NULL, NULL);
}
