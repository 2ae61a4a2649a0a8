#include <criterion/criterion.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>

#include "base/rng.h"

Test(rng, xoshiro_gives_its_published_sequence)
{
    /* From state 1, 2, 3, 4, as the reference implementation prints it. */
    struct rng rng = {{1, 2, 3, 4}};
    static const uint64_t expected[] = {11520u,
                                        0u,
                                        1509978240u,
                                        1215971899390074240u,
                                        1216172134540287360u,
                                        607988272756665600u,
                                        16172922978634559625u,
                                        8476171486693032832u,
                                        10595114339597558777u,
                                        2904607092377533576u};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        cr_assert_eq(rng_next(&rng), expected[i], "number %zu", i);
}

Test(rng, seed_goes_through_splitmix64)
{
    struct rng rng;
    rng_init(&rng, 1477776061723855037u);
    cr_assert_eq(rng.state[0], 1985237415132408290u);
    cr_assert_eq(rng.state[1], 2979275885539914483u);
    cr_assert_eq(rng.state[2], 13511426838097143398u);
    cr_assert_eq(rng.state[3], 8488337342461049707u);
    rng_init(&rng, 0);
    cr_assert(rng.state[0] | rng.state[1] | rng.state[2] | rng.state[3]);
}

Test(rng, same_seed_same_sequence)
{
    struct rng a, b, c;
    rng_init(&a, 5);
    rng_init(&b, 5);
    rng_init(&c, 6);
    int differing = 0;
    for (int i = 0; i < 100; i++) {
        uint64_t x = rng_next(&a);
        cr_assert_eq(x, rng_next(&b));
        differing += x != rng_next(&c);
    }
    cr_assert_geq(differing, 99);
}

Test(rng, below_is_uniform_without_bias)
{
    struct rng rng;
    rng_init(&rng, 1);
    cr_assert_eq(rng_below(&rng, 1), 0);
    int counts[7] = {0};
    for (int i = 0; i < 70000; i++) {
        uint64_t x = rng_below(&rng, 7);
        cr_assert_lt(x, 7);
        counts[x]++;
    }
    for (int i = 0; i < 7; i++) /* five standard deviations */
        cr_assert(abs(counts[i] - 10000) < 470, "%d: %d", i, counts[i]);
    /* Under a bound of 3 * 2^62, without rejection one residue of three would come twice as often
     * as the others. */
    int residues[3] = {0};
    for (int i = 0; i < 30000; i++)
        residues[rng_below(&rng, (uint64_t)3 << 62) % 3]++;
    for (int i = 0; i < 3; i++)
        cr_assert(abs(residues[i] - 10000) < 410, "%d: %d", i, residues[i]);
}

Test(rng, below_nothing_is_a_bug, .signal = SIGABRT)
{
    struct rng rng;
    rng_init(&rng, 1);
    rng_below(&rng, 0);
}

Test(rng, between_reaches_both_ends)
{
    struct rng rng;
    rng_init(&rng, 2);
    bool seen[7] = {false};
    for (int i = 0; i < 1000; i++) {
        int64_t x = rng_between(&rng, -3, 3);
        cr_assert(x >= -3 && x <= 3);
        seen[x + 3] = true;
    }
    for (int i = 0; i < 7; i++)
        cr_assert(seen[i], "%d", i - 3);
    cr_assert_eq(rng_between(&rng, 42, 42), 42);
    cr_assert_eq(rng_between(&rng, INT64_MIN, INT64_MIN), INT64_MIN);
    int negative = 0;
    for (int i = 0; i < 1000; i++) {
        negative += rng_between(&rng, INT64_MIN, INT64_MAX) < 0;
        cr_assert_geq(rng_between(&rng, INT64_MAX - 1, INT64_MAX), INT64_MAX - 1);
    }
    cr_assert(negative > 400 && negative < 600);
}

Test(rng, unit_and_gauss_have_their_moments)
{
    enum { N = 100000 };
    struct rng rng;
    rng_init(&rng, 3);
    double sum = 0, gauss_sum = 0, gauss_squares = 0;
    int beyond_two = 0;
    for (int i = 0; i < N; i++) {
        double unit = rng_unit(&rng);
        cr_assert(unit >= 0 && unit < 1);
        sum += unit;
        double gauss = rng_gauss(&rng);
        cr_assert(isfinite(gauss));
        gauss_sum += gauss;
        gauss_squares += gauss * gauss;
        beyond_two += fabs(gauss) > 2;
    }
    cr_assert_float_eq(sum / N, 0.5, 0.005);
    cr_assert_float_eq(gauss_sum / N, 0, 0.016);
    cr_assert_float_eq(gauss_squares / N, 1, 0.023);
    cr_assert_float_eq((double)beyond_two / N, 0.0455, 0.0035);
}
