/* Two times that must not be mixed, hence two types.
 *
 * `mono` never goes back: pace, time-outs, retries inside a run. `wall` is what a person
 * reads and what a database keeps: it may jump. Nothing below engine/run reads a clock;
 * time is handed in. */
#ifndef REMESA_BASE_CLOCK_H
#define REMESA_BASE_CLOCK_H

#include <stdint.h>

struct mono {
    int64_t us; /* microseconds since some fixed moment */
};

struct wall {
    int64_t ms; /* milliseconds since 1970-01-01T00:00:00Z */
};

struct mono clock_mono(void);
struct wall clock_wall(void);

static inline struct mono mono_add(struct mono t, int64_t us)
{
    return (struct mono){t.us + us};
}

#define MS_US  INT64_C(1000)    /* microseconds in a millisecond */
#define SEC_US INT64_C(1000000) /* microseconds in a second */

/* "2026-11-24T03:16:07.123Z" */
#define WALL_TEXT_MAX 32
const char *wall_text(struct wall t, char out[WALL_TEXT_MAX]);

#endif
