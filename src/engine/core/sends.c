#include "engine/core/sends.h"

#include <limits.h>

/* ---- a line ---- */

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

/* ---- all of them ---- */

void sends_init(struct sends *s, const struct core_config *config, struct mono now)
{
    *s = (struct sends){.budgets = config->budget_count,
                        .most = config->concurrency,
                        .retry_percent = config->retry_percent,
                        .credit = REPEATS_SAVED * 100};
    for (int i = 0; i <= s->budgets; i++) {
        if (i > 0)
            limiter_init(&s->limits[i], config->budget_rates[i - 1], now);
        line_init(&s->lines[i][0]);
        line_init(&s->lines[i][1]);
    }
}

void sends_close(struct sends *s)
{
    for (int i = 1; i <= s->budgets; i++)
        limiter_close(&s->limits[i]);
}

void sends_add(struct sends *s, struct held *h)
{
    h->came = s->came++;
    line_add(&s->lines[h->job.budget][h->job.is_repeat], h);
}

int sends_count(const struct sends *s)
{
    int count = 0;
    for (int i = 0; i <= s->budgets; i++)
        count += s->lines[i][0].count + s->lines[i][1].count;
    return count;
}

int sends_plain(const struct sends *s)
{
    return s->lines[0][0].count;
}

int sends_room(const struct sends *s, int budget, bool is_repeat)
{
    if (budget == 0 && !is_repeat)
        return INT_MAX;
    int room = s->most - s->lines[budget][is_repeat].count;
    return room > 0 ? room : 0;
}

static struct mono due_of(const struct sends *s, int budget)
{
    return budget ? limiter_due(&s->limits[budget]) : (struct mono){0};
}

struct mono sends_due(const struct sends *s)
{
    struct mono due = {LIMITER_UNKNOWN};
    for (int i = 0; i <= s->budgets; i++) {
        bool waits = s->lines[i][0].count + s->lines[i][1].count > 0;
        if (waits && due_of(s, i).us < due.us)
            due = due_of(s, i);
    }
    return due;
}

/* ---- the next one ---- */

/* The line of those that may go whose first came first; NULL: there is none. */
static struct line *first_line(struct sends *s, bool is_repeat, struct mono now)
{
    struct line *best = NULL;
    for (int i = 0; i <= s->budgets; i++) {
        struct line *l = &s->lines[i][is_repeat];
        if (l->count > 0 && due_of(s, i).us <= now.us &&
            (!best || l->first->came < best->first->came))
            best = l;
    }
    return best;
}

static struct line *next_line(struct sends *s, struct mono now)
{
    struct line *first = first_line(s, false, now), *repeat = first_line(s, true, now);
    if (!first || !repeat)
        return first ? first : repeat;
    bool repeat_may = s->credit >= 100 && repeat->first->came < first->first->came;
    return repeat_may ? repeat : first;
}

static void count_credit(struct sends *s, bool is_repeat)
{
    s->credit += is_repeat ? -100 : s->retry_percent;
    if (s->credit < 0)
        s->credit = 0;
    if (s->credit > REPEATS_SAVED * 100)
        s->credit = REPEATS_SAVED * 100;
}

struct held *sends_take(struct sends *s, struct mono now, bool *eased)
{
    struct line *l = next_line(s, now);
    struct held *h = l ? line_take(l) : NULL;
    if (!h)
        return NULL;
    if (h->job.budget)
        limiter_take(&s->limits[h->job.budget], now);
    count_credit(s, h->job.is_repeat);
    *eased = (h->job.budget || h->job.is_repeat) && l->count * 2 <= s->most;
    return h;
}

void sends_left(struct sends *s, const struct held *h, struct mono now)
{
    if (h->job.budget)
        limiter_sent(&s->limits[h->job.budget], now);
}

void sends_give_back(struct sends *s, const struct held *h)
{
    if (h->job.budget)
        limiter_give_back(&s->limits[h->job.budget]);
}

void sends_slow(struct sends *s, const struct held *h)
{
    if (h->job.budget)
        limiter_slow(&s->limits[h->job.budget]);
}

void sends_recover(struct sends *s, const struct held *h)
{
    if (h->job.budget)
        limiter_recover(&s->limits[h->job.budget]);
}
