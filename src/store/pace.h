/* Is a run under way, and how fast: for those who watch it from beside. */
#ifndef REMESA_STORE_PACE_H
#define REMESA_STORE_PACE_H

#include "base/clock.h"
#include "store/store.h"

#define PACE_SPAN_MS (60 * 1000) /* the pace is that of the last minute before `now` */

struct run_pace {
    bool is_running; /* its process holds the database now; else all below is zero */
    int64_t run;
    struct wall started_at;
    int64_t requests;     /* in that minute, or of the newest PACE_ATTEMPTS */
    int64_t over_ms;      /* and in what time they were begun */
    struct wall left_off; /* the newest request; 0: none yet */
};

#define PACE_ATTEMPTS 2000

int store_pace(struct store *s, struct wall now, struct run_pace *out, struct err *err);

/* How long `jobs` more take at that pace, in milliseconds; -1: that cannot be said. */
int64_t pace_time_for(const struct run_pace *p, int64_t jobs);

#endif
