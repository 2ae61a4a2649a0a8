/* See distribution.h. */
#include "distribution.h"

#include <stdlib.h>

#include "base/banned.h"

static int by_value(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

struct distribution distribution_of(int64_t *spent_ns, size_t count)
{
    int64_t sum_ns = 0;
    if (count == 0)
        return (struct distribution){0};
    qsort(spent_ns, count, sizeof *spent_ns, by_value);
    for (size_t i = 0; i < count; i++)
        sum_ns += spent_ns[i];
    return (struct distribution){
        .mean_us = (double)sum_ns / (double)count / 1e3,
        .p50_us = (double)spent_ns[count / 2] / 1e3,
        .p90_us = (double)spent_ns[count * 9 / 10] / 1e3,
        .p99_us = (double)spent_ns[count * 99 / 100] / 1e3,
        .max_us = (double)spent_ns[count - 1] / 1e3,
    };
}
