/* Counters and latency histograms that any thread may add to and any thread may read.
 *
 * A histogram has HISTOGRAM_BUCKET_COUNT buckets; bucket i counts values in [lower(i), lower(i+1))
 * nanoseconds, eight buckets an octave (at most 12.5 % wide), from 256 ns to four minutes; the
 * first holds all that is shorter, the last all that is longer. Adding is one relaxed increment: a
 * reader may see counts a moment old, which a dashboard cannot tell. Thread: any.
 */
#ifndef HAIHE_BASE_METRIC_H
#define HAIHE_BASE_METRIC_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

enum { HISTOGRAM_BUCKET_COUNT = 240 };

struct histogram {
    _Atomic uint64_t buckets[HISTOGRAM_BUCKET_COUNT];
    _Atomic uint64_t sum_ns;
};

typedef _Atomic uint64_t counter;

static inline void counter_add(counter *c, uint64_t amount)
{
    atomic_fetch_add_explicit(c, amount, memory_order_relaxed);
}

static inline uint64_t counter_read(const counter *c)
{
    return atomic_load_explicit((counter *)c, memory_order_relaxed);
}

void histogram_add(struct histogram *histogram, int64_t value_ns);
uint64_t histogram_count(const struct histogram *histogram);
/* The upper edge of the bucket that holds the given quantile (0..1), so never below the exact
 * quantile; the last bucket answers with its lower edge; 0 when empty. */
int64_t histogram_quantile_ns(const struct histogram *histogram, double quantile);
/* Lower edge of a bucket in ns. */
int64_t histogram_bucket_lower_ns(size_t bucket_index);

#endif
