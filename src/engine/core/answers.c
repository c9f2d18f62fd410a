/* What an attempt came to, and what follows from it for its job and for all the others.
 */
#include <stdlib.h>

#include "engine/core/backoff.h"
#include "engine/core/internal.h"

/* Doubts in a row that are still taken for single accidents; one more is a setback. */
#define LAST_ROUND_TRIES 3 /* each after a pause that doubles */
#define DOUBTS_BORNE     2

static void let_go(struct core *c, struct held *h)
{
    idmap_take(&c->held, h->job.id);
    free(h);
}

static void pause_until(struct core *c, struct mono now, struct mono until)
{
    core_pause_counts(c, now, until);
    c->paused_until = until;
}

/* Something that stands in the way of every job. What comes while everything waits already belongs to
 * the same trouble and counts once; but a longer wait that a server asks for counts. */
static void setback(struct core *c, int64_t asked_us, struct mono now)
{
    if (now.us < c->paused_until.us) {
        if (asked_us >= 0 && now.us + asked_us > c->paused_until.us)
            pause_until(c, now, mono_add(now, asked_us));
        return;
    }
    c->setbacks++;
    pause_until(c, now,
                mono_add(now, backoff_us(c->config.retry_base_us, c->config.retry_max_us,
                                         c->setbacks, asked_us, &c->rng)));
    if (c->setbacks >= c->config.setback_limit)
        core_end_with(c, CORE_END_UNAVAILABLE);
}

static void went_well(struct core *c, const struct held *h)
{
    limiter_recover(&c->limiter);
    sends_recover(&c->sends, h);
    c->setbacks = 0;
    c->doubts = 0;
}

static void record(struct core *c, const struct held *h, enum job_state to,
                   int64_t delay_us)
{
    struct core_action *a = core_act(c, CORE_RECORD);
    a->job_id = h->job.id;
    a->to = to;
    a->delay_us = delay_us;
    c->unwritten = true;
    if (to == JOB_QUEUED || to == JOB_IN_DOUBT)
        c->more = true; /* the next LOAD tells when it falls due, or is to be looked up */
}

/* Several that were under way tell of one and the same excess. Of which limit, the endpoint's or the whole
 * API's, is not said: both are slowed. */
static void turned_away(struct core *c, const struct held *h, const struct core_event *e,
                        struct mono now)
{
    if (now.us >= c->paused_until.us) {
        limiter_slow(&c->limiter);
        sends_slow(&c->sends, h);
    }
    setback(c, e->retry_after_us, now);
}

static void queue_again(struct core *c, const struct held *h, struct mono now)
{
    int64_t left = c->paused_until.us - now.us;
    record(c, h, JOB_QUEUED, left > 0 ? left : 0);
}

static void on_systemic(struct core *c, const struct held *h, const struct core_event *e,
                        struct mono now)
{
    record(c, h, JOB_QUEUED, 0);
    switch (e->systemic) {
    case SYSTEMIC_KEY:
        core_end_with(c, CORE_END_KEY);
        return;
    case SYSTEMIC_FUNDS:
        core_end_with(c, CORE_END_FUNDS);
        return;
    case SYSTEMIC_SETUP:
        core_end_with(c, CORE_END_UNAVAILABLE);
        return;
    case SYSTEMIC_BLOCKED:
    case SYSTEMIC_NONE:
        setback(c, e->retry_after_us, now);
        return;
    }
}

/* Repeatable: tried again after a pause of its own, so that one bad answer holds up
 * nobody else. */
static void on_doubt(struct core *c, const struct held *h, const struct core_event *e,
                     struct mono now)
{
    int tries = h->job.doubts + 1;
    if (++c->doubts > DOUBTS_BORNE)
        setback(c, e->retry_after_us, now);
    if (!h->job.repeat_safe) {
        record(c, h, JOB_IN_DOUBT, 0);
        return;
    }
    if (tries >= c->config.try_limit) {
        record(c, h, JOB_FAILED, 0);
        return;
    }
    record(c, h, JOB_QUEUED,
           backoff_us(c->config.retry_base_us, c->config.retry_max_us, tries,
                      e->retry_after_us, &c->rng));
}

static void on_outcome(struct core *c, const struct held *h, const struct core_event *e,
                       struct mono now)
{
    switch (e->outcome) {
    case OUTCOME_ACCEPTED:
        went_well(c, h);
        record(c, h, e->accepted_as, 0);
        return;
    case OUTCOME_REJECTED:
        went_well(c, h);
        record(c, h, JOB_FAILED, 0);
        return;
    case OUTCOME_SYSTEMIC:
        on_systemic(c, h, e, now);
        return;
    case OUTCOME_NOT_PROCESSED:
        turned_away(c, h, e, now);
        queue_again(c, h, now);
        return;
    case OUTCOME_NOT_SENT:
        setback(c, e->retry_after_us, now);
        queue_again(c, h, now);
        return;
    case OUTCOME_IN_DOUBT:
        on_doubt(c, h, e, now);
        return;
    }
}

void core_on_answered(struct core *c, const struct core_event *e, struct mono now)
{
    struct held *h = idmap_get(&c->held, e->job_id);
    if (!h)
        abort(); /* an answer to something that was never sent */
    c->in_flight--;
    on_outcome(c, h, e, now);
    let_go(c, h);
}

/* Its token comes back: it was not used. It is still among the opened ones, where OPEN
 * left it. */
static struct held *take_opened(struct core *c, int64_t job_id)
{
    struct held *h = NULL, *each;
    struct line before = c->opened;
    line_init(&c->opened);
    while ((each = line_take(&before)))
        if (each->job.id == job_id)
            h = each;
        else
            line_add(&c->opened, each);
    if (!h)
        abort();
    c->in_flight--;
    limiter_give_back(&c->limiter);
    sends_give_back(&c->sends, h);
    return h;
}

void core_on_unsendable(struct core *c, int64_t job_id)
{
    struct held *h = take_opened(c, job_id);
    record(c, h, JOB_FAILED, 0);
    let_go(c, h);
}

/* The next of its lane may be ready now. */
void core_on_withheld(struct core *c, int64_t job_id)
{
    let_go(c, take_opened(c, job_id));
    c->more = true;
}

/* ---- look-ups ---- */

static void settle(struct core *c, struct held *h)
{
    core_act(c, CORE_SETTLE)->job_id = h->job.id;
    c->unwritten = true;
    c->more =
        true; /* the next LOAD tells when to look again, or what may be sent again */
    let_go(c, h);
}

/* A look-up that failed says nothing about its job, but something about the server. */
static void judge_failed_look_up(struct core *c, const struct held *h,
                                 const struct core_event *e, struct mono now)
{
    if (e->outcome == OUTCOME_SYSTEMIC && e->systemic == SYSTEMIC_KEY)
        core_end_with(c, CORE_END_KEY);
    else if (e->outcome == OUTCOME_SYSTEMIC && e->systemic == SYSTEMIC_SETUP)
        core_end_with(c, CORE_END_UNAVAILABLE);
    else if (e->outcome == OUTCOME_NOT_PROCESSED)
        turned_away(c, h, e, now);
    else if (e->outcome != OUTCOME_IN_DOUBT || ++c->doubts > DOUBTS_BORNE)
        setback(c, e->retry_after_us, now);
}

/* In the last round there is no later one in this run. */
static bool is_asked_again(const struct core *c, struct held *h)
{
    return h->job.kind == CORE_JOB_FOLLOW && c->asked_last && !c->stopping &&
           ++h->failed < LAST_ROUND_TRIES;
}

void core_on_looked(struct core *c, const struct core_event *e, struct mono now)
{
    struct held *h = idmap_get(&c->held, e->job_id);
    if (!h)
        abort(); /* a list that nobody asked for */
    c->in_flight--;
    if (e->outcome == OUTCOME_REJECTED) {
        went_well(c, h);
        settle(c, h);
        return;
    }
    if (e->outcome != OUTCOME_ACCEPTED) {
        judge_failed_look_up(c, h, e, now);
        if (is_asked_again(c, h))
            core_line_up(c, h);
        else
            settle(c, h);
        return;
    }
    went_well(c, h);
    if (e->more && !c->stopping)
        core_line_up(c, h);
    else
        settle(c, h);
}
