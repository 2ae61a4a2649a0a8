/* Latency histograms. With o octaves above 256 ns and s in 0..7, bucket 1 + 8 o + s begins at
 * 2^o * 32 * (8 + s): so the bucket of a value is read off its highest bit and the three below it.
 * Thread: any. Cost of an add: two relaxed increments; of a quantile: one pass over the buckets.
 */
#include "base/metric.h"

#include <assert.h>
#include <math.h>

#include "base/banned.h"

enum { FIRST_BITS = 8, STEP_BITS = 3, STEPS = 1 << STEP_BITS };

int64_t histogram_bucket_lower_ns(size_t bucket_index)
{
    assert(bucket_index < HISTOGRAM_BUCKET_COUNT);
    if (bucket_index == 0)
        return 0;
    size_t octave = (bucket_index - 1) / STEPS;
    size_t step = (bucket_index - 1) % STEPS;
    return (int64_t)(STEPS + step) << (FIRST_BITS - STEP_BITS + octave);
}

static size_t bucket_of(int64_t value_ns)
{
    if (value_ns < 1 << FIRST_BITS)
        return 0;
    int highest = 63 - __builtin_clzll((unsigned long long)value_ns);
    size_t step = (size_t)(value_ns >> (highest - STEP_BITS)) - STEPS;
    size_t bucket = 1 + (size_t)(highest - FIRST_BITS) * STEPS + step;
    return bucket < HISTOGRAM_BUCKET_COUNT ? bucket : HISTOGRAM_BUCKET_COUNT - 1;
}

void histogram_add(struct histogram *histogram, int64_t value_ns)
{
    if (value_ns < 0)
        value_ns = 0;
    /* Relaxed: the counts order nothing else. */
    atomic_fetch_add_explicit(&histogram->buckets[bucket_of(value_ns)], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&histogram->sum_ns, (uint64_t)value_ns, memory_order_relaxed);
}

uint64_t histogram_count(const struct histogram *histogram)
{
    uint64_t count = 0;
    for (size_t i = 0; i < HISTOGRAM_BUCKET_COUNT; i++)
        count += counter_read(&histogram->buckets[i]);
    return count;
}

int64_t histogram_quantile_ns(const struct histogram *histogram, double quantile)
{
    /* Read once: the rank must belong to the counts that are walked. */
    uint64_t counts[HISTOGRAM_BUCKET_COUNT];
    uint64_t total = 0;
    for (size_t i = 0; i < HISTOGRAM_BUCKET_COUNT; i++)
        total += counts[i] = counter_read(&histogram->buckets[i]);
    if (total == 0)
        return 0;
    double clamped = quantile >= 1 ? 1 : quantile > 0 ? quantile : 0;
    uint64_t rank = (uint64_t)ceil(clamped * (double)total);
    rank = rank < 1 ? 1 : rank > total ? total : rank;
    size_t bucket = 0;
    for (uint64_t seen = counts[0]; seen < rank; seen += counts[bucket])
        bucket++;
    /* The last bucket has no upper edge. */
    return histogram_bucket_lower_ns(bucket + 1 < HISTOGRAM_BUCKET_COUNT ? bucket + 1 : bucket);
}
