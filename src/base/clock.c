#include "base/clock.h"

#include <stdio.h>
#include <time.h>

struct mono clock_mono(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (struct mono){t.tv_sec * SEC_US + t.tv_nsec / 1000};
}

struct wall clock_wall(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (struct wall){t.tv_sec * INT64_C(1000) + t.tv_nsec / 1000000};
}

const char *wall_text(struct wall t, char out[WALL_TEXT_MAX])
{
    int64_t ms = (t.ms % 1000 + 1000) % 1000; /* before 1970 the rest is negative */
    time_t seconds = (time_t)(t.ms / 1000 - (t.ms % 1000 < 0));
    struct tm utc;
    char whole[24];
    if (!gmtime_r(&seconds, &utc) ||
        !strftime(whole, sizeof(whole), "%Y-%m-%dT%H:%M:%S", &utc))
        whole[0] = '\0';
    snprintf(out, WALL_TEXT_MAX, "%s.%03dZ", whole, (int)ms);
    return out;
}
