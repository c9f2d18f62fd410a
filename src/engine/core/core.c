#include "engine/core/core.h"

#include <stdlib.h>

#include "base/idmap.h"
#include "base/mem.h"
#include "base/rng.h"
#include "engine/core/backoff.h"
#include "engine/core/limiter.h"

/* Doubts in a row that are still taken for single accidents; one more is a setback. */
#define DOUBTS_BORNE 2

/* A job in memory: waiting for its turn to be sent, or in flight (opened and not yet
 * answered). */
struct held {
    struct core_job job;
    struct held *
        next; /* in the line of those waiting, or of those opened and not yet committed */
};

struct line {
    struct held *first;
    struct held **last;
    int count;
};

struct core {
    struct core_config config;
    struct limiter limiter;
    struct rng rng;

    struct idmap held; /* every job in memory, by id */
    struct line waiting;
    struct line opened; /* their OPEN is out, their commit is not in */
    int in_flight;      /* opened ones too */

    bool loading;     /* a LOAD is out */
    bool more;        /* the store may have jobs that could start now */
    int64_t next_due; /* on the monotonic clock; -1: none */
    struct mono paused_until;
    int setbacks; /* in a row; above 0 one request at a time goes out */
    int doubts;   /* in a row */
    bool stopping;
    bool finished;
    enum core_end end;

    struct core_action *actions;
    int action_count;
    int action_room;
};

/* ---- small parts ---- */

static void line_init(struct line *l)
{
    *l = (struct line){.last = &l->first};
}

static void line_add(struct line *l, struct held *h)
{
    h->next = NULL;
    *l->last = h;
    l->last = &h->next;
    l->count++;
}

static struct held *line_take(struct line *l)
{
    struct held *h = l->first;
    if (!h)
        return NULL;
    l->first = h->next;
    if (!l->first)
        l->last = &l->first;
    l->count--;
    return h;
}

static struct core_action *act(struct core *c, enum core_action_type type)
{
    if (c->action_count == c->action_room) {
        c->action_room = c->action_room ? c->action_room * 2 : 16;
        c->actions = mem_resize(c->actions, (size_t)c->action_room, sizeof(*c->actions));
    }
    c->actions[c->action_count] = (struct core_action){.type = type};
    return &c->actions[c->action_count++];
}

static void let_go(struct core *c, struct held *h)
{
    idmap_take(&c->held, h->job.id);
    free(h);
}

static int window(const struct core *c)
{
    return c->config.concurrency * 2;
}

struct core *core_new(const struct core_config *config, struct mono now)
{
    struct core *c = mem_zero(1, sizeof(*c));
    c->config = *config;
    c->next_due = -1;
    c->more = true;
    limiter_init(&c->limiter, config->milli_rate, now);
    rng_init(&c->rng, config->seed);
    idmap_init(&c->held);
    line_init(&c->waiting);
    line_init(&c->opened);
    return c;
}

void core_free(struct core *c)
{
    if (!c)
        return;
    for (size_t i = 0; i < c->held.room; i++)
        free(c->held.slots[i].value);
    idmap_close(&c->held);
    free(c->actions);
    free(c);
}

bool core_holds(const struct core *c, int64_t job_id)
{
    return idmap_get(&c->held, job_id) != NULL;
}

int core_in_flight(const struct core *c)
{
    return c->in_flight;
}

/* ---- what an answer means ---- */

static void stop(struct core *c, enum core_end end)
{
    if (c->stopping)
        return;
    c->stopping = true;
    c->end = end;
}

/* Something that stands in the way of every job. What comes while everything waits
 * already belongs to the same trouble, and counts once. */
static void setback(struct core *c, int64_t asked_us, struct mono now)
{
    if (now.us < c->paused_until.us)
        return;
    c->setbacks++;
    int64_t pause = backoff_us(c->config.retry_base_us, c->config.retry_max_us,
                               c->setbacks, asked_us, &c->rng);
    c->paused_until = mono_add(now, pause);
    if (c->setbacks >= c->config.setback_limit)
        stop(c, CORE_END_UNAVAILABLE);
}

static void went_well(struct core *c)
{
    c->setbacks = 0;
    c->doubts = 0;
}

static void record(struct core *c, const struct held *h, enum job_state to,
                   int64_t delay_us)
{
    struct core_action *a = act(c, CORE_RECORD);
    a->job_id = h->job.id;
    a->to = to;
    a->delay_us = delay_us;
    if (to == JOB_QUEUED)
        c->more = true; /* the next LOAD tells when it falls due */
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
        stop(c, CORE_END_KEY);
        return;
    case SYSTEMIC_FUNDS:
        stop(c, CORE_END_FUNDS);
        return;
    case SYSTEMIC_SETUP:
        stop(c, CORE_END_UNAVAILABLE);
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
    int tries = h->job.attempts + 1;
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
        went_well(c);
        record(c, h, e->accepted_as, 0);
        return;
    case OUTCOME_REJECTED:
        went_well(c);
        record(c, h, JOB_FAILED, 0);
        return;
    case OUTCOME_SYSTEMIC:
        on_systemic(c, h, e, now);
        return;
    case OUTCOME_NOT_PROCESSED:
    case OUTCOME_NOT_SENT:
        setback(c, e->retry_after_us, now);
        queue_again(c, h, now);
        return;
    case OUTCOME_IN_DOUBT:
        on_doubt(c, h, e, now);
        return;
    }
}

static void on_answered(struct core *c, const struct core_event *e, struct mono now)
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
static void on_unsendable(struct core *c, int64_t job_id)
{
    struct held *h = NULL;
    for (int n = c->opened.count; n > 0; n--) {
        struct held *each = line_take(&c->opened);
        if (each->job.id == job_id)
            h = each;
        else
            line_add(&c->opened, each);
    }
    if (!h)
        abort();
    c->in_flight--;
    limiter_give_back(&c->limiter);
    record(c, h, JOB_FAILED, 0);
    let_go(c, h);
}

/* ---- the other events ---- */

static void on_loaded(struct core *c, const struct core_event *e, struct mono now)
{
    c->loading = false;
    c->more = !e->all;
    c->next_due = e->next_due_us < 0 ? -1 : now.us + e->next_due_us;
    for (int i = 0; i < e->count; i++) {
        struct held *h = mem_zero(1, sizeof(*h));
        h->job = e->jobs[i];
        idmap_put(&c->held, h->job.id, h);
        line_add(&c->waiting, h);
    }
}

static void on_committed(struct core *c, const struct core_event *e)
{
    struct held *h;
    if (e->freed)
        c->more = true;
    while ((h = line_take(&c->opened)))
        act(c, CORE_SEND)->job_id = h->job.id;
}

static void on_event(struct core *c, const struct core_event *e, struct mono now)
{
    switch (e->type) {
    case CORE_LOADED:
        on_loaded(c, e, now);
        return;
    case CORE_COMMITTED:
        on_committed(c, e);
        return;
    case CORE_ANSWERED:
        on_answered(c, e, now);
        return;
    case CORE_UNSENDABLE:
        on_unsendable(c, e->job_id);
        return;
    case CORE_ARRIVED:
        c->more = true;
        return;
    case CORE_STOP:
        stop(c, e->end);
        return;
    case CORE_START:
    case CORE_WOKEN:
        return;
    }
}

/* ---- what to do now ---- */

static bool may_open(const struct core *c, struct mono now)
{
    int room = c->setbacks > 0 ? 1 : c->config.concurrency;
    return !c->stopping && c->waiting.count > 0 && c->in_flight < room &&
           now.us >= c->paused_until.us && limiter_allows(&c->limiter, now);
}

static void open_what_may(struct core *c, struct mono now)
{
    while (may_open(c, now)) {
        struct held *h = line_take(&c->waiting);
        limiter_take(&c->limiter, now);
        c->in_flight++;
        line_add(&c->opened, h);
        act(c, CORE_OPEN)->job_id = h->job.id;
    }
}

static void load_what_fits(struct core *c, struct mono now)
{
    if (c->next_due >= 0 && now.us >= c->next_due) {
        c->next_due = -1;
        c->more = true;
    }
    if (c->stopping || c->loading || !c->more || c->waiting.count * 2 > window(c))
        return;
    c->loading = true;
    act(c, CORE_LOAD)->count = window(c) - c->waiting.count;
}

static bool is_over(const struct core *c)
{
    if (c->in_flight > 0 || c->loading)
        return false;
    return c->stopping || (c->waiting.count == 0 && !c->more && c->next_due < 0);
}

static void finish_or_sleep(struct core *c, struct mono now)
{
    if (is_over(c)) {
        c->finished = true;
        act(c, CORE_FINISH)->end = c->stopping ? c->end : CORE_END_DONE;
        return;
    }
    int64_t until = c->next_due;
    if (!c->stopping && c->waiting.count > 0) {
        int64_t open = c->limiter.next.us > c->paused_until.us ? c->limiter.next.us
                                                               : c->paused_until.us;
        if (open > now.us && (until < 0 || open < until))
            until = open;
    }
    if (until >= 0)
        act(c, CORE_SLEEP)->until = (struct mono){until};
}

struct core_actions core_step(struct core *c, const struct core_event *event,
                              struct mono now)
{
    c->action_count = 0;
    if (!c->finished) {
        on_event(c, event, now);
        open_what_may(c, now);
        load_what_fits(c, now);
        finish_or_sleep(c, now);
    }
    return (struct core_actions){c->actions, c->action_count};
}
