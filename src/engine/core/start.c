/* What starts now. One line for each kind, the more important first; but a long line must not starve the
 * others: after so many starts of others a line is owed one. A new kind is a word in line_kind, its count
 * in waiting_in, and its way to start in start_from. */
#include "engine/core/internal.h"

#define OWED_AFTER 8

void core_line_up(struct core *c, struct held *h)
{
    if (h->job.is_look_up)
        line_add(&c->look_ups, h);
    else
        sends_add(&c->sends, h);
}

int core_waiting(const struct core *c)
{
    return sends_count(&c->sends) + c->look_ups.count;
}

struct mono core_opens_at(const struct core *c)
{
    return c->paused_until.us > c->held_until.us ? c->paused_until : c->held_until;
}

static struct mono later(struct mono a, struct mono b)
{
    return a.us > b.us ? a : b;
}

struct mono core_due(const struct core *c)
{
    struct mono due = later(limiter_due(&c->limiter), core_opens_at(c));
    return c->look_ups.count > 0 ? due : later(due, sends_due(&c->sends));
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
    limiter_take(&c->limiter, now);
    c->in_flight++;
    line_add(&c->opened, h);
    core_act(c, CORE_OPEN)->job_id = h->job.id;
    c->unwritten = true;
    return true;
}

/* Nothing is written before it, so it leaves at once. Those opened and not yet sent come before in the
 * limiter's count of what has left: it waits for their commit. */
static bool look_up_one(struct core *c, struct mono now)
{
    const struct held *h = c->opened.count == 0 ? line_take(&c->look_ups) : NULL;
    if (!h)
        return false;
    limiter_take(&c->limiter, now);
    c->in_flight++;
    core_act(c, CORE_LOOK)->job_id = h->job.id;
    limiter_sent(&c->limiter, now);
    return true;
}

static bool start_from(struct core *c, enum line_kind line, struct mono now)
{
    bool started = line == LINE_SENDS ? open_one(c, now) : look_up_one(c, now);
    if (!started)
        return false;
    for (int i = 0; i < LINE_COUNT; i++)
        c->passed_over[i]++;
    c->passed_over[line] = 0;
    return true;
}

static int waiting_in(const struct core *c, enum line_kind line)
{
    return line == LINE_SENDS ? sends_count(&c->sends) : c->look_ups.count;
}

/* The one passed over most often of those that are owed a start; LINE_COUNT: none is. The first line is
 * owed nothing: it is passed over only when a budget of its own holds it back. */
static enum line_kind owed_line(const struct core *c)
{
    enum line_kind owed = LINE_COUNT;
    int most = OWED_AFTER - 1;
    for (int i = LINE_SENDS + 1; i < LINE_COUNT; i++)
        if (waiting_in(c, (enum line_kind)i) > 0 && c->passed_over[i] > most) {
            owed = (enum line_kind)i;
            most = c->passed_over[i];
        }
    return owed;
}

static bool start_one(struct core *c, struct mono now)
{
    enum line_kind owed = owed_line(c);
    if (owed != LINE_COUNT)
        return start_from(c, owed, now);
    for (int i = 0; i < LINE_COUNT; i++)
        if (start_from(c, (enum line_kind)i, now))
            return true;
    return false;
}

void core_start_what_may(struct core *c, struct mono now)
{
    while (may_start(c, now) && start_one(c, now))
        continue;
}
