/* At most so many requests in any window of time, as a provider might count them: the
 * window slides, and a refused request does not count. Pure: times are handed in. */
#ifndef REMESA_SANDBOX_LIMIT_H
#define REMESA_SANDBOX_LIMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct limit {
    int64_t *times; /* a ring: when the last `room` accepted ones came */
    size_t room;    /* most in a window; 0: no limit */
    size_t count;
    size_t oldest;
    int64_t window_us;
};

void limit_init(struct limit *l, size_t most, int64_t window_us);
void limit_close(struct limit *l);

/* Was there room for a request at that moment? Times must not go back. One that is a
 * whole window older does not count any more. */
bool limit_take(struct limit *l, int64_t at_us);

/* The highest number of times in any window of that length; `times` ascend. */
size_t limit_peak(const int64_t *times, size_t count, int64_t window_us);

#endif
