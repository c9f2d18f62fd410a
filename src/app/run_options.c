/* What the settings mean for the engine. */
#include <time.h>

#include "app/internal.h"
#include "base/clock.h"

/* Milliseconds from now to the next HH:MM of local time. */
static int64_t until_time_of_day(int64_t minutes)
{
    time_t now = time(NULL);
    struct tm when;
    localtime_r(&now, &when);
    when.tm_hour = (int)(minutes / 60);
    when.tm_min = (int)(minutes % 60);
    when.tm_sec = 0;
    when.tm_isdst = -1;
    time_t at = mktime(&when);
    if (at <= now) {
        when.tm_mday++;
        at = mktime(&when);
    }
    return (int64_t)(at - now) * 1000;
}

static int64_t stop_after(const struct settings *s)
{
    int64_t limit = s->max_duration_ms;
    int64_t at = s->stop_at >= 0 ? until_time_of_day(s->stop_at) : 0;
    return at > 0 && (limit == 0 || at < limit) ? at : limit;
}

static uint64_t seed(void)
{
    return (uint64_t)clock_wall().ms ^ (uint64_t)clock_mono().us << 20;
}

struct run_options app_run_options(const struct settings *s)
{
    return (struct run_options){
        .core = {.concurrency = (int)s->concurrency,
                 .milli_rate = s->milli_rate,
                 .burst = (int)s->burst,
                 .retry_base_us = s->retry_base_ms * MS_US,
                 .retry_max_us = s->retry_max_ms * MS_US,
                 .setback_limit = (int)s->retry_limit,
                 .try_limit = (int)s->retry_limit,
                 .seed = seed()},
        .find = {.first_ms = s->find_first_ms,
                 .settle_ms = s->settle_time_ms,
                 .tries = s->find_first_ms ? (int)s->find_tries : 0},
        .base_url = s->base_url,
        .stop_after_ms = stop_after(s),
    };
}
