#include <criterion/criterion.h>
#include <inttypes.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/metric.h"
#include "base/rng.h"

static uint64_t bucket_count(const struct histogram *histogram, size_t bucket)
{
    return counter_read(&histogram->buckets[bucket]);
}

Test(metric, bucket_edges_rise_and_are_at_most_an_eighth_wide)
{
    cr_assert_eq(histogram_bucket_lower_ns(0), 0);
    cr_assert_eq(histogram_bucket_lower_ns(1), 256);
    for (size_t i = 1; i + 1 < HISTOGRAM_BUCKET_COUNT; i++) {
        int64_t lower = histogram_bucket_lower_ns(i), upper = histogram_bucket_lower_ns(i + 1);
        cr_assert(upper > lower && (upper - lower) * 8 <= lower, "bucket %zu", i);
    }
    cr_assert_gt(histogram_bucket_lower_ns(HISTOGRAM_BUCKET_COUNT - 1), 60 * INT64_C(1000000000));
}

Test(metric, a_value_falls_into_the_bucket_whose_edges_hold_it)
{
    for (size_t i = 0; i < HISTOGRAM_BUCKET_COUNT; i++) {
        struct histogram histogram = {0};
        int64_t lower = histogram_bucket_lower_ns(i);
        histogram_add(&histogram, lower);
        cr_assert_eq(bucket_count(&histogram, i), 1, "lower edge of %zu", i);
        if (i > 0) {
            histogram_add(&histogram, lower - 1);
            cr_assert_eq(bucket_count(&histogram, i - 1), 1, "just below the edge of %zu", i);
        }
        cr_assert_eq(histogram_count(&histogram), i > 0 ? 2 : 1);
    }
}

Test(metric, extremes_are_counted)
{
    struct histogram histogram = {0};
    histogram_add(&histogram, -5);
    cr_assert_eq(bucket_count(&histogram, 0), 1);
    cr_assert_eq(counter_read(&histogram.sum_ns), 0);
    histogram_add(&histogram, INT64_MAX);
    cr_assert_eq(bucket_count(&histogram, HISTOGRAM_BUCKET_COUNT - 1), 1);
    cr_assert_eq(histogram_quantile_ns(&histogram, 1),
                 histogram_bucket_lower_ns(HISTOGRAM_BUCKET_COUNT - 1));
}

Test(metric, quantile_of_nothing_is_zero)
{
    const struct histogram histogram = {0};
    cr_assert_eq(histogram_quantile_ns(&histogram, 0.5), 0);
    cr_assert_eq(histogram_count(&histogram), 0);
}

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

Test(metric, quantiles_against_the_sorted_values)
{
    enum { LARGEST = 5000 };
    static const double quantiles[] = {-1, 0, 0.001, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999, 1, 2};
    static int64_t values[LARGEST];
    const uint64_t seed = 23;
    fprintf(stderr, "metric: seed %" PRIu64 "\n", seed);
    struct rng rng;
    rng_init(&rng, seed);
    for (int round = 0; round < 100; round++) {
        struct histogram histogram = {0};
        size_t count = 1 + rng_below(&rng, round < 50 ? 10 : LARGEST);
        uint64_t sum = 0;
        for (size_t i = 0; i < count; i++) {
            values[i] = (int64_t)exp(11 + 2.5 * rng_gauss(&rng)); /* about 60 us, long-tailed */
            histogram_add(&histogram, values[i]);
            sum += (uint64_t)values[i];
        }
        qsort(values, count, sizeof *values, by_value);
        cr_assert_eq(histogram_count(&histogram), count);
        cr_assert_eq(counter_read(&histogram.sum_ns), sum);
        for (size_t q = 0; q < sizeof quantiles / sizeof *quantiles; q++) {
            double clamped = fmin(1, fmax(0, quantiles[q]));
            size_t rank = (size_t)fmax(1, ceil(clamped * (double)count));
            int64_t exact = values[rank - 1];
            int64_t shown = histogram_quantile_ns(&histogram, quantiles[q]);
            cr_assert(shown > exact, "%g of %zu: %" PRId64 " for %" PRId64, quantiles[q], count,
                      shown, exact);
            cr_assert(shown <= (exact < 256 ? 256 : exact + exact / 8 + 1),
                      "%g of %zu: %" PRId64 " for %" PRId64, quantiles[q], count, shown, exact);
        }
    }
}

struct shared {
    struct histogram histogram;
    counter total;
};

static void *add_many(void *argument)
{
    struct shared *shared = argument;
    for (int i = 0; i < 20000; i++) {
        histogram_add(&shared->histogram, i % 1000 * 10);
        counter_add(&shared->total, 3);
    }
    return NULL;
}

Test(metric, no_addition_of_any_thread_is_lost)
{
    static struct shared shared;
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, add_many, &shared);
    uint64_t seen = 0;
    for (int i = 0; i < 100; i++) { /* reading meanwhile is allowed, and counts only grow */
        uint64_t now = histogram_count(&shared.histogram);
        cr_assert_geq(now, seen);
        seen = now;
        histogram_quantile_ns(&shared.histogram, 0.99);
    }
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    cr_assert_eq(histogram_count(&shared.histogram), 80000);
    cr_assert_eq(counter_read(&shared.total), 240000);
    cr_assert_eq(counter_read(&shared.histogram.sum_ns), UINT64_C(80) * 10 * 499500);
}
