/* What the settings mean for the engine. */
#include <time.h>

#include "app/internal.h"
#include "base/clock.h"

/* Milliseconds from `from` to the next HH:MM of local time. */
static int64_t until_time_of_day(struct wall from, int64_t minutes)
{
    time_t now = (time_t)(from.ms / 1000);
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

/* The sooner of the limits; where two are the same, the one that was named first. */
static void limit(struct app_limit *l, const char *name, int64_t after_ms)
{
    if (after_ms > 0 && (l->after_ms == 0 || after_ms < l->after_ms))
        *l = (struct app_limit){name, after_ms};
}

struct app_limit app_limit_of(const struct settings *s, struct wall from)
{
    struct app_limit l = {NULL, 0};
    limit(&l, "max_duration", s->max_duration_ms);
    if (s->stop_at >= 0)
        limit(&l, "stop_at", until_time_of_day(from, s->stop_at));
    if (has_quiet_hours(s))
        limit(&l, "quiet_hours", until_time_of_day(from, s->quiet.from));
    return l;
}

static bool is_quiet(const struct settings *s, struct wall at)
{
    time_t now = (time_t)(at.ms / 1000);
    struct tm when;
    localtime_r(&now, &when);
    return has_quiet_hours(s) && hours_hold(&s->quiet, when.tm_hour * 60 + when.tm_min);
}

struct wall app_may_begin(const struct settings *s, struct wall now)
{
    bool waits = is_quiet(s, now);
    return (struct wall){now.ms + (waits ? until_time_of_day(now, s->quiet.to) : 0)};
}

int app_check_hours(const struct settings *s, struct err *err)
{
    const struct hours *q = &s->quiet;
    if (!is_quiet(s, clock_wall()))
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

struct run_options app_run_options(const struct settings *s, struct wall begins)
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
        .stop_after_ms = app_limit_of(s, begins).after_ms,
        .caps = s->caps,
    };
}
