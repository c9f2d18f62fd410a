/* How long to wait before trying again: exponential with jitter over its upper half, at
 * most the cap; or what the server asked for, and a little more, so that not everybody
 * comes back at once. */
#ifndef REMESA_CORE_BACKOFF_H
#define REMESA_CORE_BACKOFF_H

#include <stdint.h>

#include "base/rng.h"

/* `step` counts from 1. `asked_us`: Retry-After, -1 for none. */
int64_t backoff_us(int64_t base_us, int64_t most_us, int step, int64_t asked_us,
                   struct rng *rng);

#endif
