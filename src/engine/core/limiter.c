#include "engine/core/limiter.h"

void limiter_init(struct limiter *l, int64_t milli_rate, struct mono now)
{
    int64_t span = (SEC_US + LIMITER_MARGIN_US) * 1000;
    l->interval_us = milli_rate ? (span + milli_rate - 1) / milli_rate : 0;
    l->next = mono_add(now, l->interval_us);
}

bool limiter_allows(const struct limiter *l, struct mono now)
{
    return l->interval_us == 0 || now.us >= l->next.us;
}

void limiter_take(struct limiter *l, struct mono now)
{
    int64_t slack = l->interval_us < LIMITER_SLACK_US ? l->interval_us : LIMITER_SLACK_US;
    int64_t from = now.us - l->next.us > slack ? now.us - slack : l->next.us;
    l->next.us = from + l->interval_us;
}

void limiter_give_back(struct limiter *l)
{
    l->next.us -= l->interval_us;
}
