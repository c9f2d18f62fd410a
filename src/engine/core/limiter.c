#include "engine/core/limiter.h"

#include <stdlib.h>

#include "base/mem.h"

static int window_of(int64_t milli_rate)
{
    int64_t starts = milli_rate / 1000;
    return starts < 1                    ? 1
           : starts > LIMITER_WINDOW_MAX ? LIMITER_WINDOW_MAX
                                         : (int)starts;
}

int64_t limiter_interval_us(int64_t milli_rate)
{
    int64_t second = (SEC_US + LIMITER_MARGIN_US) * 1000;
    return milli_rate ? (second + milli_rate - 1) / milli_rate : 0;
}

void limiter_init(struct limiter *l, int64_t milli_rate, struct mono now)
{
    *l = (struct limiter){.window = window_of(milli_rate), .burst = 1};
    l->interval_us = limiter_interval_us(milli_rate);
    l->least_us = l->interval_us;
    l->next = mono_add(now, l->interval_us);
    l->left_us = mem_zero((size_t)l->window, sizeof(*l->left_us));
}

/* In how long a time no more than `window` starts may leave. Even starts keep the second by their
 * intervals; bursts have only this, so a rate such as 5.5 counts as 5. */
static int64_t span_us(const struct limiter *l)
{
    int64_t span = l->interval_us * l->window;
    return l->burst > 1 && span < SEC_US + LIMITER_MARGIN_US ? SEC_US + LIMITER_MARGIN_US
                                                             : span;
}

void limiter_set_burst(struct limiter *l, int burst, struct mono now)
{
    bool has_whole_seconds = l->interval_us * LIMITER_WINDOW_MAX >= SEC_US;
    if (burst <= 1 || l->window == 1 || !has_whole_seconds)
        return;
    l->burst = burst < l->window ? burst : l->window;
    l->next = mono_add(now, span_us(l));
}

void limiter_close(struct limiter *l)
{
    free(l->left_us);
    *l = (struct limiter){0};
}

struct mono limiter_due(const struct limiter *l)
{
    if (l->interval_us == 0)
        return (struct mono){0};
    if (l->taken < l->window)
        return l->next;
    if (l->taken - l->window >= l->sent)
        return (struct mono){LIMITER_UNKNOWN};
    int64_t left = l->left_us[l->taken % l->window] + span_us(l);
    return left > l->next.us ? (struct mono){left} : l->next;
}

bool limiter_allows(const struct limiter *l, struct mono now)
{
    return now.us >= limiter_due(l).us;
}

/* How much of the time that went by unused may be made up for. */
static int64_t saved_us(const struct limiter *l)
{
    if (l->burst > 1 && l->interval_us == l->least_us)
        return l->interval_us * (l->burst - 1);
    return l->interval_us < LIMITER_SLACK_US ? l->interval_us : LIMITER_SLACK_US;
}

void limiter_take(struct limiter *l, struct mono now)
{
    int64_t saved = saved_us(l);
    int64_t from = now.us - l->next.us > saved ? now.us - saved : l->next.us;
    l->next.us = from + l->interval_us;
    l->taken++;
}

void limiter_sent(struct limiter *l, struct mono now)
{
    l->left_us[l->sent++ % l->window] = now.us;
}

void limiter_slow(struct limiter *l)
{
    if (l->interval_us * 2 <= l->least_us * LIMITER_SLOWEST)
        l->interval_us *= 2;
}

void limiter_recover(struct limiter *l)
{
    int64_t too_much = l->interval_us - l->least_us;
    if (too_much > 0)
        l->interval_us -= too_much / LIMITER_RECOVERY + 1;
}

void limiter_give_back(struct limiter *l)
{
    l->next.us -= l->interval_us;
    l->taken--;
}
