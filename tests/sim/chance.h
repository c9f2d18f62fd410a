/* Everything that happens by chance in a seed: each part of the world draws from a stream
 * of its own, so that one more draw here does not change what happens there. */
#ifndef TESTS_SIM_CHANCE_H
#define TESTS_SIM_CHANCE_H

#include <stdbool.h>

#include "base/rng.h"

enum chance_stream {
    CHANCE_NIGHT,
    CHANCE_LIFE,
    CHANCE_DISK,
    CHANCE_CUT,
    CHANCE_SERVER,
    CHANCE_SQLITE,
};

static inline struct rng chance_of(uint64_t seed, enum chance_stream stream)
{
    struct rng r;
    rng_init(&r, seed * UINT64_C(0xd1342543de82ef95) + (uint64_t)stream);
    rng_init(&r, rng_next(&r));
    return r;
}

static inline bool chance_in_100(struct rng *r, int percent)
{
    return rng_below(r, 100) < (uint64_t)percent;
}

/* Both ends may come. */
static inline int64_t chance_between(struct rng *r, int64_t least, int64_t most)
{
    return least + (int64_t)rng_below(r, (uint64_t)(most - least) + 1);
}

/* Few are many, many are few: uniform up to a bound that is itself drawn. */
static inline int64_t chance_small(struct rng *r, int64_t least, int64_t most)
{
    return chance_between(r, least, chance_between(r, least, most));
}

#endif
