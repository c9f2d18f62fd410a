/* How fast requests may start. Two rules, and a start has to keep both.
 *
 * Evenly: the generic cell rate algorithm (ITU-T I.371, Annex A), a token bucket kept as one time. A
 * start that comes a little late (a timer's grain) is made up for, within LIMITER_SLACK_US; nothing
 * else is saved up, so a pause is never followed by a burst. The first start waits one interval: a
 * crash loop cannot burst either.
 *
 * A burst, for who wants one: up to `burst` starts that a lull has left unused may go at once. None is
 * there at the beginning, and the first start then waits a whole second: what the life before this one
 * sent in its last moment is not known, so a crash loop cannot burst. While slowed there is none.
 *
 * Never too many: a start waits until the one that is `window` starts back was sent `span` ago. Between
 * start and send lies a commit, which may take long; this rule looks at when requests really left, so
 * late ones do not bunch up.
 *
 * Slower for a while: who was told that it asks too much goes on at half the rate, and comes back to the
 * whole little by little, with each answer that is good. By how much is no setting: half and a
 * thirty-second part are right for every rate, and whoever knows a better one sets the rate itself.
 *
 * A second as the server sees it must not hold more than `rate` although the way there jitters: so an
 * interval is a little longer than 1/rate, by LIMITER_MARGIN_US per second. */
#ifndef REMESA_CORE_LIMITER_H
#define REMESA_CORE_LIMITER_H

#include <stdbool.h>

#include "base/clock.h"

#define LIMITER_SLACK_US   INT64_C(50000)
#define LIMITER_MARGIN_US  INT64_C(6000)
#define LIMITER_WINDOW_MAX 1024
#define LIMITER_SLOWEST    16 /* times the interval */
#define LIMITER_RECOVERY                                                                 \
    32 /* each good answer takes away this part of what is too much */

struct limiter {
    int64_t interval_us; /* 0: no limit */
    int64_t least_us;    /* the interval at the whole rate */
    int burst;           /* starts that may go at once; 1: evenly spaced */
    struct mono next;    /* when the next start is due, by the first rule */
    int window;          /* starts in a second, 1 to LIMITER_WINDOW_MAX */
    int64_t *left_us;    /* when the last `window` of them were sent, a ring */
    int64_t taken, sent; /* counts; those between are on their way to being sent */
};

/* From a start to the next at such a rate; 0: no limit. */
int64_t limiter_interval_us(int64_t milli_rate);

/* `milli_rate`: starts in a thousand seconds (5 a second is 5000); 0: no limit. */
void limiter_init(struct limiter *l, int64_t milli_rate, struct mono now);
/* Before the first start. At most the rate, and 1 where a second holds more than LIMITER_WINDOW_MAX: there
 * the window is shorter than a second. */
void limiter_set_burst(struct limiter *l, int burst, struct mono now);
void limiter_close(struct limiter *l);

/* When the next start may be, as far as is known now: LIMITER_UNKNOWN until a send is told. */
#define LIMITER_UNKNOWN INT64_MAX
struct mono limiter_due(const struct limiter *l);
bool limiter_allows(const struct limiter *l, struct mono now);

void limiter_take(struct limiter *l, struct mono now);
void limiter_sent(struct limiter *l,
                  struct mono now);        /* the oldest start that was not told yet */
void limiter_slow(struct limiter *l);      /* the server was asked too much */
void limiter_recover(struct limiter *l);   /* an answer was good */
void limiter_give_back(struct limiter *l); /* a start that was taken does not happen */

#endif
