/* Seeded pseudo-random numbers (xoshiro256**, Blackman & Vigna 2018; seeded by splitmix64): the
 * same sequence on any machine, for samples, tests and benchmarks. Never for secrets. Thread: one
 * owner. */
#ifndef HAIHE_BASE_RNG_H
#define HAIHE_BASE_RNG_H

#include <stdint.h>

struct rng {
    uint64_t state[4];
};

void rng_init(struct rng *rng, uint64_t seed);
uint64_t rng_next(struct rng *rng);
/* Uniform in 0..bound-1 without bias (Lemire 2019); bound >= 1. */
uint64_t rng_below(struct rng *rng, uint64_t bound);
/* Uniform in low..high, both included. */
int64_t rng_between(struct rng *rng, int64_t low, int64_t high);
/* Uniform in [0, 1). */
double rng_unit(struct rng *rng);
/* Standard normal (Box-Muller). */
double rng_gauss(struct rng *rng);

#endif
