/* Thousands of random nights. Trace.c watches every step (see its FAULT lines); here the
 * end is judged: nothing is lost, nothing was sent more often than it was opened. */
#include "base/mem.h"
#include "lib/check.h"
#include "unit/core/trace.h"

#define SEEDS 2500
#define JOBS  60

struct night {
    struct rng rng;
    int sick;           /* of a hundred answers, so many are bad */
    int64_t slowest_ms; /* answer */
};

static struct trace_answer bad(struct night *n, int64_t after_ms)
{
    static const enum systemic reasons[] = {SYSTEMIC_BLOCKED, SYSTEMIC_NONE,
                                            SYSTEMIC_BLOCKED, SYSTEMIC_FUNDS,
                                            SYSTEMIC_KEY,     SYSTEMIC_SETUP};
    int64_t asks = (int64_t)rng_below(&n->rng, 20000);
    switch (rng_below(&n->rng, 12)) {
    case 0:
    case 1:
    case 2:
        return trace_says(OUTCOME_NOT_SENT, after_ms);
    case 3:
    case 4:
        return trace_asks(OUTCOME_NOT_PROCESSED, after_ms, asks);
    case 5:
        return trace_says(OUTCOME_NOT_PROCESSED, after_ms);
    case 6:
    case 7:
    case 8:
        return trace_says(OUTCOME_IN_DOUBT, after_ms);
    case 9:
    case 10:
        return trace_says(OUTCOME_REJECTED, after_ms);
    default: /* mostly one that does not end the run */
        return trace_refuses(reasons[rng_below(&n->rng, 10) ? 0 : rng_below(&n->rng, 6)],
                             after_ms);
    }
}

static struct trace_answer any(void *ctx, const struct trace_job *job)
{
    static const enum job_state accepted[] = {JOB_SUCCEEDED, JOB_SUCCEEDED, JOB_SUCCEEDED,
                                              JOB_FOLLOWING, JOB_FAILED};
    struct night *n = ctx;
    (void)job;
    int64_t after_ms = (int64_t)rng_below(&n->rng, (uint64_t)n->slowest_ms + 1);
    if ((int)rng_below(&n->rng, 100) < n->sick)
        return bad(n, after_ms);
    struct trace_answer a = trace_says(OUTCOME_ACCEPTED, after_ms);
    a.accepted_as = accepted[rng_below(&n->rng, COUNT_OF(accepted))];
    return a;
}

static void random_jobs(struct trace *t, struct rng *rng)
{
    for (int64_t id = 1; id <= JOBS; id++) {
        struct trace_job *job = trace_add(t, id);
        job->repeat_safe = rng_below(rng, 2);
        if (id > 1 && rng_below(rng, 3) == 0)
            job->needs = 1 + (int64_t)rng_below(rng, (uint64_t)id - 1);
        else if (id > 1 && rng_below(rng, 4) == 0)
            job->after = 1 + (int64_t)rng_below(rng, (uint64_t)id - 1);
        job->unsendable = rng_below(rng, 20) == 0;
        job->budget = (int)rng_below(rng, (uint64_t)t->config.budget_count + 1);
        if (rng_below(rng, 12) == 0) {
            job->looks = 1 + (int)rng_below(rng, 3);
            job->budget = 0;
        }
        if (rng_below(rng, 10) == 0)
            job->due_us = (int64_t)rng_below(rng, 30) * SEC_US;
        if (rng_below(rng, 10) == 0)
            job->appears_us = (int64_t)rng_below(rng, 5000) * MS_US;
    }
}

static struct core_config random_config(struct rng *rng, uint64_t seed)
{
    static const int64_t rates[] = {0, 1000, 5000, 50000, 1000000};
    static const int64_t budgets[] = {700, 2000, 9000};
    return (struct core_config){
        .budget_count = (int)rng_below(rng, 4),
        .budget_rates = {budgets[rng_below(rng, 3)], budgets[rng_below(rng, 3)],
                         budgets[rng_below(rng, 3)]},
        .follows = rng_below(rng, 2),
        .follow_for_us = (int64_t)rng_below(rng, 3) * SEC_US,
        .retry_percent = (int64_t)rng_below(rng, 3) * 20,
        .concurrency = 1 + (int)rng_below(rng, 10),
        .milli_rate = rates[rng_below(rng, COUNT_OF(rates))],
        .retry_base_us = 1000 + (int64_t)rng_below(rng, SEC_US),
        .retry_max_us = SEC_US + (int64_t)rng_below(rng, 20 * SEC_US),
        .setback_limit = 1 + (int)rng_below(rng, 10),
        .try_limit = 1 + (int)rng_below(rng, 5),
        .seed = seed,
    };
}

static int could_still_start(struct trace *t)
{
    int left = 0;
    for (int i = 0; i < t->job_count; i++) {
        const struct trace_job *job = &t->jobs[i];
        enum job_state before =
            job->after ? trace_job(t, job->after)->state : JOB_SUCCEEDED;
        bool waits = job->looks == 0 || (t->config.follows && job->asked == 0);
        left += waits && job->state == JOB_QUEUED && job->appears_us <= t->now_us &&
                (!job->needs || trace_job(t, job->needs)->state == JOB_SUCCEEDED) &&
                (job_state_is_final(before) || before == JOB_FOLLOWING);
    }
    return left;
}

static void judge(struct table *table, struct trace *t, int seed)
{
    int uneven = 0, twice = 0;
    for (int i = 0; i < t->job_count; i++) {
        const struct trace_job *job = &t->jobs[i];
        uneven += job->opens != job->records ||
                  job->sends != (job->unsendable ? 0 : job->opens);
        twice += !job->repeat_safe && job->state == JOB_IN_DOUBT && job->held;
    }
    table_want(table, t->faults == 0, "seed %d: %s", seed, t->text.data);
    table_want(table, t->finished, "seed %d: no end", seed);
    table_want(table, uneven == 0, "seed %d: %d jobs opened, sent, recorded unevenly",
               seed, uneven);
    for (int b = 1; b <= t->config.budget_count; b++) {
        int most = (int)(t->config.budget_rates[b - 1] / 1000);
        table_want(table, trace_most_in_a_second(t, b) <= (most ? most : 1),
                   "seed %d: %d in a second of budget %d", seed,
                   trace_most_in_a_second(t, b), b);
    }
    table_want(table, trace_count(t, JOB_SENDING) == 0, "seed %d: some are left sending",
               seed);
    table_want(table, twice == 0, "seed %d: held though in doubt", seed);
    table_want(table, t->end != CORE_END_DONE || could_still_start(t) == 0,
               "seed %d: done, and %d could have started", seed, could_still_start(t));
}

static void one_night(struct table *table, int seed)
{
    struct night night;
    struct rng rng;
    struct trace *t = mem_zero(1, sizeof(*t));
    rng_init(&rng, (uint64_t)seed * 7919);
    rng_init(&night.rng, (uint64_t)seed);
    night.sick = (int)rng_below(&rng, 4) * 20;
    night.slowest_ms = 1 + (int64_t)rng_below(&rng, 4000);
    struct core_config config = random_config(&rng, (uint64_t)seed);
    trace_init(t, &config);
    t->quiet = true;
    t->server = any;
    t->server_ctx = &night;
    t->turn_late = rng_below(&rng, 2);
    t->jitter = rng_below(&rng, 2) ? &rng : NULL;
    if (rng_below(&rng, 4) == 0)
        t->stop_at_us = 1 + (int64_t)rng_below(&rng, 10 * SEC_US);
    random_jobs(t, &rng);
    trace_play(t);
    judge(table, t, seed);
    trace_close(t);
    free(t);
}

static void random_nights_lose_nothing_and_send_nothing_twice(void **state)
{
    (void)state;
    struct table table = {0};
    for (int seed = 1; seed <= SEEDS && table.wrong < 10; seed++)
        one_night(&table, seed);
    table_end(&table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_nights_lose_nothing_and_send_nothing_twice),
    };
    return cmocka_run_group_tests_name("core: soak", tests, NULL, NULL);
}
