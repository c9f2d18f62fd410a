#include "sim/operator.h"

#include <string.h>

#include "base/clock.h"
#include "sim/chance.h"
#include "sim/findings.h"
#include "sim/judge.h"
#include "sim/ledger.h"
#include "sim/trace.h"
#include "store/decisions.h"

/* Only what is certain: nothing of the job is still under way on the other side. */
static int settle(const struct night_job *job, int number, struct store *store,
                  struct err *err)
{
    const struct effect *e = ledger_effect_of(number);
    if (ledger_coming(number))
        return 0;
    figures.decisions++;
    trace_say("operator: %s %s", job->ref, e ? "took effect" : "was not carried out");
    if (e)
        return store_decide_succeeded(store,
                                      &(struct found_out){.ref = job->ref,
                                                          .remote_id = e->id,
                                                          .reason = "seen there"},
                                      clock_wall(), err);
    return store_decide_not_sent(
        store, &(struct found_out){.ref = job->ref, .reason = "not there"}, clock_wall(),
        err);
}

static int change(const struct night_job *job, int number, const char *state,
                  struct store *store, struct rng *dice, struct err *err)
{
    int64_t count = 0;
    bool is_clean = !ledger_effect_of(number);
    if (strcmp(state, "failed") == 0 && is_clean && chance_in_100(dice, 30)) {
        trace_say("operator: %s again", job->ref);
        figures.decisions++;
        return store_decide_retry(store, job->ref, NULL, clock_wall(), &count, err);
    }
    if (strcmp(state, "queued") == 0 && chance_in_100(dice, 2)) {
        trace_say("operator: %s is cancelled", job->ref);
        figures.decisions++;
        return store_decide_cancel(store, job->ref, NULL, clock_wall(), &count, err);
    }
    return 0;
}

int operator_decides(const struct night *n, struct store *store, bool only_doubts,
                     struct rng *dice, struct err *err)
{
    for (int i = 0; i < n->job_count; i++) {
        const struct judged *r = judge_rows(); /* one decision may have moved others */
        int rc = 0;
        if (!r)
            return 0;
        bool is_doubt = strcmp(r[i].state, "in_doubt") == 0;
        if (is_doubt && (only_doubts || chance_in_100(dice, 70)))
            rc = settle(&n->jobs[i], i, store, err);
        else if (!only_doubts && !is_doubt)
            rc = change(&n->jobs[i], i, r[i].state, store, dice, err);
        if (rc)
            return -1;
    }
    return 0;
}
