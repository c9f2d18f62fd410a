/* What every part of the sandbox shares. */
#ifndef REMESA_SANDBOX_SANDBOX_H
#define REMESA_SANDBOX_SANDBOX_H

#include "base/clock.h"
#include "base/rng.h"
#include "sandbox/limit.h"
#include "sandbox/options.h"
#include "sandbox/sql.h"

struct late;

struct sandbox {
    struct options *options;
    struct sql sql;
    struct limit limit;
    struct late *late; /* requests that take effect later */
    /* One stream each, so that a change of one wish does not shift the luck of another.
     */
    struct rng faults, ids, delays;
    int64_t wall_us;  /* wall time less monotonic time, once at start: arrivals never go
                        back */
    struct mono now;  /* of what is being served: handed in with it */
    int64_t shift_us; /* how far the clock of states was moved on; kept in the ledger */
};

#endif
