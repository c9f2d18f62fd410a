/* Seeded chance, for jitter and for a simulator that can be played again. Not for
 * secrets. SplitMix64 (Steele, Lea, Flood 2014: "Fast splittable pseudorandom number
 * generators"). */
#ifndef REMESA_BASE_RNG_H
#define REMESA_BASE_RNG_H

#include <stdint.h>

struct rng {
    uint64_t state;
};

static inline void rng_init(struct rng *r, uint64_t seed)
{
    r->state = seed;
}

static inline uint64_t rng_next(struct rng *r)
{
    uint64_t z = (r->state += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* Uniform in [0, bound); 0 when bound is 0. The bias is below 2^-32 for bounds under
 * 2^32. */
static inline uint64_t rng_below(struct rng *r, uint64_t bound)
{
    return bound ? rng_next(r) % bound : 0;
}

#endif
