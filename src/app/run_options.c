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

static bool has_quiet_hours(const struct settings *s)
{
    return s->quiet.from != s->quiet.to;
}

/* Of two limits, of which 0 is none. */
static int64_t sooner(int64_t a, int64_t b)
{
    return a > 0 && (b == 0 || a < b) ? a : b;
}

static int64_t stop_after(const struct settings *s)
{
    int64_t limit = s->max_duration_ms;
    if (s->stop_at >= 0)
        limit = sooner(until_time_of_day(s->stop_at), limit);
    if (has_quiet_hours(s))
        limit = sooner(until_time_of_day(s->quiet.from), limit);
    return limit;
}

int app_check_hours(const struct settings *s, struct err *err)
{
    const struct hours *q = &s->quiet;
    time_t now = time(NULL);
    struct tm when;
    localtime_r(&now, &when);
    if (!has_quiet_hours(s) || !hours_hold(q, when.tm_hour * 60 + when.tm_min))
        return 0;
    return err_set(err, ERR_TEMPFAIL,
                   "quiet hours: nothing is sent from %02d:%02d to %02d:%02d; the same "
                   "command goes on after %02d:%02d, or with --quiet-hours=",
                   (int)(q->from / 60), (int)(q->from % 60), (int)(q->to / 60),
                   (int)(q->to % 60), (int)(q->to / 60), (int)(q->to % 60));
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
                 .retry_percent = s->retry_budget,
                 .setback_limit = (int)s->retry_limit,
                 .try_limit = (int)s->retry_limit,
                 .seed = seed(),
                 .follows = true,
                 .follow_for_us = s->follow_for_ms * MS_US},
        .find = {.first_ms = s->find_first_ms,
                 .settle_ms = s->settle_time_ms,
                 .tries = s->find_first_ms ? (int)s->find_tries : 0},
        .base_url = s->base_url,
        .stop_after_ms = stop_after(s),
        .caps = s->caps,
    };
}
