/* Times in figures. Thread: the caller's own. */
#ifndef HAIHE_BENCH_DISTRIBUTION_H
#define HAIHE_BENCH_DISTRIBUTION_H

#include <stddef.h>
#include <stdint.h>

/* Microseconds; the percentile p is the value at count * p / 100 of the sorted ones. */
struct distribution {
    double mean_us, p50_us, p90_us, p99_us, max_us;
};

/* Sorts spent_ns. All zero when there is none. */
struct distribution distribution_of(int64_t *spent_ns, size_t count);

#endif
