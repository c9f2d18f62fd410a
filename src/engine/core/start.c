/* What starts now. The kinds of core_job_kind, the more important first; but a long line must not starve the
 * others: after so many starts of others a kind is owed one. */
#include "engine/core/internal.h"

#define OWED_AFTER 8

void core_line_up(struct core *c, struct held *h)
{
    if (h->job.kind == CORE_JOB_SEND)
        sends_add(&c->sends, h);
    else
        line_add(&c->questions[h->job.kind], h);
}

int core_questions(const struct core *c)
{
    return c->questions[CORE_JOB_LOOK_UP].count + c->questions[CORE_JOB_FOLLOW].count;
}

int core_waiting(const struct core *c)
{
    return sends_count(&c->sends) + core_questions(c);
}

struct mono core_opens_at(const struct core *c)
{
    return c->paused_until.us > c->held_until.us ? c->paused_until : c->held_until;
}

/* Of a pause that begins while another lasts, only what is longer counts. Before `until` is set. */
void core_pause_counts(struct core *c, struct mono now, struct mono until)
{
    struct mono opens = core_opens_at(c);
    int64_t from = opens.us > now.us ? opens.us : now.us;
    if (until.us > from)
        c->paused_us += until.us - from;
}

static struct mono later(struct mono a, struct mono b)
{
    return a.us > b.us ? a : b;
}

struct mono core_due(const struct core *c)
{
    struct mono due = later(limiter_due(&c->limiter), core_opens_at(c));
    return core_questions(c) > 0 ? due : later(due, sends_due(&c->sends));
}

static bool may_start(const struct core *c, struct mono now)
{
    int room = c->setbacks > 0 ? 1 : c->config.concurrency;
    return !c->stopping && c->in_flight < room && now.us >= core_opens_at(c).us &&
           limiter_allows(&c->limiter, now);
}

static bool open_one(struct core *c, struct mono now)
{
    bool eased = false;
    struct held *h = sends_take(&c->sends, now, &eased);
    if (!h)
        return false;
    c->more = c->more || (eased && c->kept_back);
    c->idle_since = -1;
    limiter_take(&c->limiter, now);
    c->in_flight++;
    line_add(&c->opened, h);
    core_act(c, CORE_OPEN)->job_id = h->job.id;
    c->unwritten = true;
    return true;
}

/* Nothing is written before it, so it leaves at once. Those opened and not yet sent come before in the
 * limiter's count of what has left: it waits for their commit. */
static bool ask_one(struct core *c, enum core_job_kind kind, struct mono now)
{
    const struct held *h = c->opened.count == 0 ? line_take(&c->questions[kind]) : NULL;
    if (!h)
        return false;
    limiter_take(&c->limiter, now);
    c->in_flight++;
    core_act(c, CORE_LOOK)->job_id = h->job.id;
    limiter_sent(&c->limiter, now);
    return true;
}

static bool start_kind(struct core *c, enum core_job_kind kind, struct mono now)
{
    bool started = kind == CORE_JOB_SEND ? open_one(c, now) : ask_one(c, kind, now);
    if (!started)
        return false;
    for (int i = 0; i < CORE_JOB_KINDS; i++)
        c->passed_over[i]++;
    c->passed_over[kind] = 0;
    return true;
}

/* The one passed over most often of those that are owed a start; CORE_JOB_KINDS: none is. Sends are owed
 * nothing: they are passed over only when budgets of their own hold them back. */
static enum core_job_kind owed_kind(const struct core *c)
{
    enum core_job_kind owed = CORE_JOB_KINDS;
    int most = OWED_AFTER - 1;
    for (int i = CORE_JOB_SEND + 1; i < CORE_JOB_KINDS; i++)
        if (c->questions[i].count > 0 && c->passed_over[i] > most) {
            owed = (enum core_job_kind)i;
            most = c->passed_over[i];
        }
    return owed;
}

static bool start_one(struct core *c, struct mono now)
{
    enum core_job_kind owed = owed_kind(c);
    if (owed != CORE_JOB_KINDS)
        return start_kind(c, owed, now);
    for (int i = 0; i < CORE_JOB_KINDS; i++)
        if (start_kind(c, (enum core_job_kind)i, now))
            return true;
    return false;
}

void core_start_what_may(struct core *c, struct mono now)
{
    while (may_start(c, now) && start_one(c, now))
        continue;
}
