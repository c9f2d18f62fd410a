/* How fast requests may start: the generic cell rate algorithm (ITU-T I.371, Annex A),
 * which is a token bucket kept as one time.
 *
 * Starts are spaced evenly. A start that comes a little late (a timer's grain) is made up
 * for, within LIMITER_SLACK_US; nothing else is saved up, so a pause is never followed by
 * a burst. The first start waits one interval: a crash loop cannot burst either.
 *
 * A window of one second as the server sees it must not hold more than `rate` starts
 * although answers and commits jitter: so an interval is a little longer than 1/rate, by
 * LIMITER_MARGIN_US per second. */
#ifndef REMESA_CORE_LIMITER_H
#define REMESA_CORE_LIMITER_H

#include <stdbool.h>

#include "base/clock.h"

#define LIMITER_SLACK_US  INT64_C(5000)
#define LIMITER_MARGIN_US INT64_C(15000)

struct limiter {
    int64_t interval_us; /* 0: no limit */
    struct mono next;    /* when the next start is due */
};

/* `milli_rate`: starts in a thousand seconds (5 a second is 5000); 0: no limit. */
void limiter_init(struct limiter *l, int64_t milli_rate, struct mono now);

bool limiter_allows(const struct limiter *l, struct mono now);
void limiter_take(struct limiter *l, struct mono now);
void limiter_give_back(
    struct limiter *l); /* the start that was taken last does not happen */

#endif
