#include "engine/core/backoff.h"

/* Half of the span is kept as a floor: a pause of nothing at all would be no pause. */
int64_t backoff_us(int64_t base_us, int64_t most_us, int step, int64_t asked_us,
                   struct rng *rng)
{
    int64_t span = base_us;
    for (int i = 1; i < step && span < most_us; i++)
        span *= 2;
    if (span > most_us)
        span = most_us;
    int64_t wait = span / 2 + (int64_t)rng_below(rng, (uint64_t)(span / 2) + 1);
    if (asked_us < wait)
        return wait;
    return asked_us + (int64_t)rng_below(rng, (uint64_t)base_us / 4 + 1);
}
