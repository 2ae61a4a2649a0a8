/* The count of connections per network, against an array that counts. */
#include "rpc/census.h"

#include <criterion/criterion.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/rng.h"

Test(census, counts_as_an_array_does_whatever_comes_and_goes)
{
    enum { NETWORKS = 200, STEPS = 200000 };
    uint32_t counts[NETWORKS] = {0};
    uint64_t seed = (uint64_t)clock_monotonic_ns();
    fprintf(stderr, "seed %llu\n", (unsigned long long)seed);
    struct rng rng;
    rng_init(&rng, seed);
    struct census census;
    census_init(&census, rng_next(&rng));
    size_t present = 0;
    for (int step = 0; step < STEPS; step++) {
        uint64_t network = rng_below(&rng, NETWORKS);
        /* The crowd swells and shrinks, so that networks vanish and come back. */
        bool is_arrival = rng_below(&rng, 10) < (step / 5000 % 2 == 0 ? 8u : 2u);
        if (is_arrival) {
            cr_assert(census_add(&census, network << 32));
            present += counts[network]++ == 0;
        } else if (counts[network] > 0) {
            census_remove(&census, network << 32);
            present -= --counts[network] == 0;
        }
        uint64_t asked = rng_below(&rng, NETWORKS);
        cr_assert_eq(census_count(&census, asked << 32), counts[asked]);
        cr_assert_eq(census.network_count, present);
    }
    for (uint64_t network = 0; network < NETWORKS; network++) {
        cr_assert_eq(census_count(&census, network << 32), counts[network]);
        while (counts[network] > 0) {
            census_remove(&census, network << 32);
            counts[network]--;
        }
    }
    cr_assert_eq(census.network_count, 0);
    census_release(&census);
}

Test(census, knows_nobody_at_first_and_network_zero_is_one_like_others)
{
    struct census census;
    census_init(&census, 7);
    cr_assert_eq(census_count(&census, 0), 0);
    cr_assert(census_add(&census, 0));
    cr_assert_eq(census_count(&census, 0), 1);
    cr_assert_eq(census_count(&census, 1), 0);
    census_release(&census);
}
