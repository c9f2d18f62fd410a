/* How long to wait before trying again: exponential, with jitter over the upper half of the span ("equal
 * jitter"; M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog 2015), not over all of it:
 * full jitter parts many clients from each other, but here one client waits for one server, one probe at a
 * time, and a pause near zero would spend a setback of the few there are on a server still sick. At most
 * the cap. What the server asks for counts when it is longer, and a little is added to it, so that not
 * everybody comes back at once. */
#ifndef REMESA_CORE_BACKOFF_H
#define REMESA_CORE_BACKOFF_H

#include <stdint.h>

#include "base/rng.h"

/* `step` counts from 1. `asked_us`: Retry-After, -1 for none. */
int64_t backoff_us(int64_t base_us, int64_t most_us, int step, int64_t asked_us,
                   struct rng *rng);

#endif
