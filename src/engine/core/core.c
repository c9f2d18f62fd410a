#include "engine/core/core.h"

#include <stdlib.h>

#include "base/mem.h"
#include "engine/core/internal.h"

/* ---- small parts ---- */

void line_init(struct line *l)
{
    *l = (struct line){.last = &l->first};
}

void line_add(struct line *l, struct held *h)
{
    h->next = NULL;
    *l->last = h;
    l->last = &h->next;
    l->count++;
}

struct held *line_take(struct line *l)
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

struct core_action *core_act(struct core *c, enum core_action_type type)
{
    if (c->action_count == c->action_room) {
        c->action_room = c->action_room ? c->action_room * 2 : 16;
        c->actions = mem_resize(c->actions, (size_t)c->action_room, sizeof(*c->actions));
    }
    c->actions[c->action_count] = (struct core_action){.type = type};
    return &c->actions[c->action_count++];
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
    line_init(&c->look_ups);
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
    limiter_close(&c->limiter);
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

void core_end_with(struct core *c, enum core_end end)
{
    if (c->stopping)
        return;
    c->stopping = true;
    c->end = end;
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
        line_add(h->job.is_look_up ? &c->look_ups : &c->waiting, h);
    }
}

static void on_committed(struct core *c, const struct core_event *e, struct mono now)
{
    struct held *h;
    c->unwritten = false;
    if (e->freed)
        c->more = true;
    while ((h = line_take(&c->opened))) {
        core_act(c, CORE_SEND)->job_id = h->job.id;
        limiter_sent(&c->limiter, now);
    }
}

static void on_event(struct core *c, const struct core_event *e, struct mono now)
{
    switch (e->type) {
    case CORE_LOADED:
        on_loaded(c, e, now);
        return;
    case CORE_COMMITTED:
        on_committed(c, e, now);
        return;
    case CORE_ANSWERED:
        core_on_answered(c, e, now);
        return;
    case CORE_UNSENDABLE:
        core_on_unsendable(c, e->job_id);
        return;
    case CORE_LOOKED:
        core_on_looked(c, e, now);
        return;
    case CORE_ARRIVED:
        c->more = true;
        return;
    case CORE_STOP:
        core_end_with(c, e->end);
        return;
    case CORE_START:
    case CORE_WOKEN:
        return;
    }
}

/* ---- what to do now ---- */

static bool may_start(const struct core *c, struct mono now)
{
    int room = c->setbacks > 0 ? 1 : c->config.concurrency;
    return !c->stopping && c->in_flight < room && now.us >= c->paused_until.us &&
           limiter_allows(&c->limiter, now);
}

static bool open_one(struct core *c, struct mono now)
{
    struct held *h = line_take(&c->waiting);
    if (!h)
        return false;
    limiter_take(&c->limiter, now);
    c->in_flight++;
    line_add(&c->opened, h);
    core_act(c, CORE_OPEN)->job_id = h->job.id;
    c->unwritten = true;
    c->sends_since_look++;
    return true;
}

static bool look_up_one(struct core *c, struct mono now)
{
    const struct held *h = line_take(&c->look_ups);
    if (!h)
        return false;
    limiter_take(&c->limiter, now);
    c->in_flight++;
    core_act(c, CORE_LOOK)->job_id = h->job.id;
    limiter_sent(&c->limiter, now);
    c->sends_since_look = 0;
    return true;
}

/* Sends before look-ups, but a long queue must not starve them: one is owed after so many sends. */
#define LOOK_UP_EVERY 8

/* Those opened and not yet sent come before in the limiter's count of what has left, so a look-up waits
 * for their commit. */
static bool start_one(struct core *c, struct mono now)
{
    bool is_owed = c->look_ups.count > 0 && c->sends_since_look >= LOOK_UP_EVERY;
    if (!is_owed && open_one(c, now))
        return true;
    return c->opened.count == 0 && look_up_one(c, now);
}

static void start_what_may(struct core *c, struct mono now)
{
    while (may_start(c, now) && start_one(c, now))
        continue;
}

static void load_what_fits(struct core *c, struct mono now)
{
    if (c->next_due >= 0 && now.us >= c->next_due) {
        c->next_due = -1;
        c->more = true;
    }
    int have = c->waiting.count + c->look_ups.count;
    if (c->stopping || c->loading || !c->more || have * 2 > window(c))
        return;
    c->loading = true;
    core_act(c, CORE_LOAD)->count = window(c) - have;
}

static bool is_over(const struct core *c)
{
    if (c->in_flight > 0 || c->loading || c->unwritten)
        return false;
    return c->stopping ||
           (c->waiting.count + c->look_ups.count == 0 && !c->more && c->next_due < 0);
}

static void finish_or_sleep(struct core *c, struct mono now)
{
    if (is_over(c)) {
        c->finished = true;
        core_act(c, CORE_FINISH)->end = c->stopping ? c->end : CORE_END_DONE;
        return;
    }
    int64_t until = c->next_due;
    if (!c->stopping && c->waiting.count + c->look_ups.count > 0) {
        int64_t due = limiter_due(&c->limiter).us;
        int64_t open = due > c->paused_until.us ? due : c->paused_until.us;
        if (open > now.us && open != LIMITER_UNKNOWN && (until < 0 || open < until))
            until = open;
    }
    if (until >= 0)
        core_act(c, CORE_SLEEP)->until = (struct mono){until};
}

struct core_actions core_step(struct core *c, const struct core_event *event,
                              struct mono now)
{
    c->action_count = 0;
    if (!c->finished) {
        on_event(c, event, now);
        start_what_may(c, now);
        load_what_fits(c, now);
        finish_or_sleep(c, now);
    }
    return (struct core_actions){c->actions, c->action_count};
}
