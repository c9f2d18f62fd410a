/* Random batches and random walks over the moves, from a seed. */
#ifndef TESTS_UNIT_STORE_NIGHTS_H
#define TESTS_UNIT_STORE_NIGHTS_H

#include "base/rng.h"
#include "unit/store/desk.h"

#define NIGHT_BATCH 12

struct night {
    struct rng rng;
    int jobs;    /* made so far, named j1, j2, ... */
    bool person; /* a person queues finished jobs again, now and then */
};

static inline bool chance(struct night *n, int one_in)
{
    return rng_below(&n->rng, (uint64_t)one_in) == 0;
}

static inline void night_name(char out[16], int job)
{
    snprintf(out, 16, "j%d", job);
}

/* A need on an earlier job, of this batch or of one before. */
static inline void night_needs(struct night *n, int job, char out[40])
{
    out[0] = '\0';
    for (int i = 0; i < 2 && job > 1; i++)
        if (chance(n, 3)) {
            size_t len = strlen(out);
            snprintf(out + len, 40 - len, "%sj%d", len ? " " : "",
                     1 + (int)rng_below(&n->rng, (uint64_t)job - 1));
        }
}

static inline void night_import(struct night *n, struct desk *d)
{
    static const char *const lanes[] = {"#1", "#2", "#3"};
    static const char *const currencies[] = {"usd", "clp", "btc"};
    struct line lines[NIGHT_BATCH];
    char names[NIGHT_BATCH][16], needs[NIGHT_BATCH][40];
    for (int i = 0; i < NIGHT_BATCH; i++) {
        night_name(names[i], ++n->jobs);
        night_needs(n, n->jobs, needs[i]);
        lines[i] = (struct line){
            .ref = names[i],
            .action = chance(n, 3) ? "get_user" : "pay",
            .on_behalf_of = chance(n, 2) ? lanes[rng_below(&n->rng, 3)] : NULL,
            .needs = needs[i],
            .minor = chance(n, 3) ? 0 : 1 + (int64_t)rng_below(&n->rng, 100000),
            .currency = currencies[rng_below(&n->rng, 3)],
        };
    }
    desk_import(d, NULL, lines, NIGHT_BATCH);
}

/* One thing that may happen to `ref` as it is now; false when nothing may. */
static inline bool night_move(struct night *n, struct desk *d, const char *ref)
{
    static const enum job_state answers[] = {JOB_SUCCEEDED, JOB_SUCCEEDED, JOB_SUCCEEDED,
                                             JOB_FOLLOWING, JOB_FAILED,    JOB_IN_DOUBT,
                                             JOB_QUEUED};
    static const enum job_state settled[] = {JOB_QUEUED, JOB_FOLLOWING, JOB_SUCCEEDED,
                                             JOB_FAILED};
    enum job_state to, state = desk_state(d, ref);
    switch (state) {
    case JOB_QUEUED:
        if (chance(n, 12))
            desk_move(d, ref, JOB_CANCELLED);
        else if (desk_ready(d, ref))
            desk_send(d, ref);
        else
            return false;
        return true;
    case JOB_SENDING:
        to = answers[rng_below(&n->rng, COUNT_OF(answers))];
        desk_answer(d, ref,
                    to == JOB_IN_DOUBT ? OUTCOME_IN_DOUBT
                    : to == JOB_QUEUED ? OUTCOME_NOT_SENT
                    : to == JOB_FAILED ? OUTCOME_REJECTED
                                       : OUTCOME_ACCEPTED,
                    to);
        return true;
    case JOB_FOLLOWING:
        desk_move(d, ref, chance(n, 3) ? JOB_FAILED : JOB_SUCCEEDED);
        return true;
    case JOB_IN_DOUBT:
        desk_move(d, ref, settled[rng_below(&n->rng, COUNT_OF(settled))]);
        return true;
    case JOB_FAILED:
    case JOB_SKIPPED:
    case JOB_CANCELLED:
        if (!n->person || !chance(n, 4))
            return false;
        desk_move(d, ref, JOB_QUEUED);
        return true;
    case JOB_SUCCEEDED:
    case JOB_STATE_COUNT:
        return false;
    }
    return false;
}

static inline void night_step(struct night *n, struct desk *d)
{
    char ref[16];
    d->now.ms += 1 + (int64_t)rng_below(&n->rng, 1000);
    if (n->jobs == 0 || chance(n, 30)) {
        night_import(n, d);
        return;
    }
    night_name(ref, 1 + (int)rng_below(&n->rng, (uint64_t)n->jobs));
    night_move(n, d, ref);
}

#endif
