#include "sandbox/limit.h"

#include <stdlib.h>

#include "base/mem.h"

void limit_init(struct limit *l, size_t most, int64_t window_us)
{
    *l = (struct limit){.room = most, .window_us = window_us};
    if (most > 0)
        l->times = mem_zero(most, sizeof(*l->times));
}

void limit_close(struct limit *l)
{
    free(l->times);
    *l = (struct limit){0};
}

bool limit_take(struct limit *l, int64_t at_us)
{
    if (l->room == 0)
        return true;
    if (l->count == l->room) {
        if (at_us - l->times[l->oldest] < l->window_us)
            return false;
        l->oldest = (l->oldest + 1) % l->room;
        l->count--;
    }
    l->times[(l->oldest + l->count) % l->room] = at_us;
    l->count++;
    return true;
}

size_t limit_peak(const int64_t *times, size_t count, int64_t window_us)
{
    size_t peak = 0;
    size_t first = 0;
    for (size_t i = 0; i < count; i++) {
        while (times[i] - times[first] >= window_us)
            first++;
        if (i - first + 1 > peak)
            peak = i - first + 1;
    }
    return peak;
}
