#include "engine/core/core.h"

#include <stdlib.h>

#include "base/mem.h"
#include "engine/core/internal.h"

/* ---- small parts ---- */

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
    c->next_due = c->next_follow = c->idle_since = -1;
    c->more = true;
    limiter_init(&c->limiter, config->milli_rate, now);
    limiter_set_burst(&c->limiter, config->burst, now);
    rng_init(&c->rng, config->seed);
    idmap_init(&c->held);
    sends_init(&c->sends, config, now);
    for (int i = 0; i < CORE_JOB_KINDS; i++)
        line_init(&c->questions[i]);
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
    sends_close(&c->sends);
    free(c->actions);
    free(c);
}

bool core_holds(const struct core *c, int64_t job_id)
{
    return idmap_get(&c->held, job_id) != NULL;
}

int core_room(const struct core *c, int budget, bool is_repeat)
{
    return sends_room(&c->sends, budget, is_repeat);
}

int core_in_flight(const struct core *c)
{
    return c->in_flight;
}

int64_t core_paused_us(const struct core *c)
{
    return c->paused_us;
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
    c->kept_back = e->kept_back;
    c->next_due = e->next_due_us < 0 ? -1 : now.us + e->next_due_us;
    c->next_follow =
        c->config.follows && e->next_follow_us >= 0 ? now.us + e->next_follow_us : -1;
    for (int i = 0; i < e->count; i++) {
        struct held *h = mem_zero(1, sizeof(*h));
        h->job = e->jobs[i];
        idmap_put(&c->held, h->job.id, h);
        core_line_up(c, h);
    }
}

static void on_committed(struct core *c, const struct core_event *e, struct mono now)
{
    struct held *h;
    c->unwritten = false;
    for (int i = 0; i < e->withheld_count; i++)
        core_on_withheld(c, e->withheld[i]);
    if (e->freed)
        c->more = true;
    while ((h = line_take(&c->opened))) {
        core_act(c, CORE_SEND)->job_id = h->job.id;
        limiter_sent(&c->limiter, now);
        sends_left(&c->sends, h, now);
    }
}

static void on_hold(struct core *c, const struct core_event *e, struct mono now)
{
    struct mono until = mono_add(now, e->retry_after_us);
    core_pause_counts(c, now, until);
    if (until.us > c->held_until.us)
        c->held_until = until;
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
    case CORE_HOLD:
        on_hold(c, e, now);
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

static void notice_due(struct core *c, int64_t *due, struct mono now)
{
    if (*due < 0 || now.us < *due)
        return;
    *due = -1;
    c->more = true;
}

static void load_what_fits(struct core *c, struct mono now)
{
    notice_due(c, &c->next_due, now);
    notice_due(c, &c->next_follow, now);
    int have = sends_plain(&c->sends) + core_questions(c);
    if (c->stopping || c->loading || !c->more || have * 2 > window(c))
        return;
    c->loading = true;
    core_act(c, CORE_LOAD)->count = window(c) - have;
}

static bool is_at_rest(const struct core *c)
{
    return c->in_flight == 0 && !c->loading && !c->unwritten;
}

static bool is_idle(const struct core *c)
{
    return is_at_rest(c) && core_waiting(c) == 0 && !c->more && c->next_due < 0;
}

/* Nothing to send or to look up: everybody is asked about once more. */
static void ask_last(struct core *c, struct mono now)
{
    if (!c->config.follows || c->stopping || !is_idle(c))
        return;
    if (c->idle_since < 0)
        c->idle_since = now.us;
    if (c->asked_last)
        return;
    c->asked_last = c->loading = true;
    struct core_action *load = core_act(c, CORE_LOAD);
    load->count = window(c);
    load->last = true;
}

/* Is there a question that the run is to wait for? */
static bool waits_to_ask(const struct core *c)
{
    return c->next_follow >= 0 &&
           (c->idle_since < 0 ||
            c->next_follow <= c->idle_since + c->config.follow_for_us);
}

static bool is_over(const struct core *c)
{
    return is_at_rest(c) && (c->stopping || (is_idle(c) && !waits_to_ask(c)));
}

static int64_t sooner(int64_t a, int64_t b)
{
    return a < 0 || (b >= 0 && b < a) ? b : a;
}

static void finish_or_sleep(struct core *c, struct mono now)
{
    if (is_over(c)) {
        c->finished = true;
        core_act(c, CORE_FINISH)->end = c->stopping ? c->end : CORE_END_DONE;
        return;
    }
    int64_t until = sooner(c->next_due, c->stopping ? -1 : c->next_follow);
    if (!c->stopping && core_waiting(c) > 0) {
        int64_t open = core_due(c).us;
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
        core_start_what_may(c, now);
        load_what_fits(c, now);
        ask_last(c, now);
        finish_or_sleep(c, now);
    }
    return (struct core_actions){c->actions, c->action_count};
}
