/* Asks a subject every query: timed, compared with the truth, or written down.
 *
 * Threads share the queries, one at a time each. Nothing of an answer is kept for a later query.
 */
#ifndef HAIHE_BENCH_MEASURE_H
#define HAIHE_BENCH_MEASURE_H

#include <stdio.h>

#include "distribution.h"
#include "subject.h"
#include "truth.h"
#include "workload.h"

struct measure_options {
    const struct subject *subject;
    const struct workload *workload;
    const struct profile *profile;
    const struct filter *filter; /* NULL: none */
    uint32_t k;
    unsigned threads; /* 1..BLOCK_THREAD_LIMIT */
};

/* A request of these options; `query` may be NULL. */
struct search_request measure_request(const struct measure_options *options, const void *query);

/* Means are of a query. */
struct measure_times {
    struct distribution spent;
    double searches_per_second; /* all threads together */
#define X(name) double name;
    INDEX_WORK(X)
#undef X
    double matches;
    size_t empty_count; /* queries without any match */
};

/* Each query once, after a warm-up of queries that are mixed from two of them and so are none of
 * them. False when a search fails. */
bool measure_times(const struct measure_options *options, struct measure_times *times,
                   struct error *error);

/* The first `count` queries against the truth. *mismatches counts those whose answers differ; the
 * first few are described on stderr. */
bool measure_mismatches(const struct measure_options *options, const struct truth *truth,
                        size_t count, size_t *mismatches, struct error *error);

/* Lines of query, rank, id, score, divided by tabs, in the queries' order. */
bool measure_write(const struct measure_options *options, FILE *out, struct error *error);

/* Of the pairs that pass all other gates: the permille that fail essential_skill_missing, from
 * `pairs` pairs at random; *seen is how many passed all others. */
uint32_t measure_essential_permille(const struct measure_options *options, size_t pairs,
                                    uint64_t seed, size_t *seen);

#endif
