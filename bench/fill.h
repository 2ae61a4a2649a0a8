/* Fills a workload from a reader that knows where records come from: a file, or a generator.
 *
 *   reader: index -> draft --variant--> draft --pack--> candidates[], queries[]
 *
 * Candidates are read by all threads, queries by the caller's alone. What a record becomes depends
 * on its index only, so it is the same whatever the number of threads.
 */
#ifndef HAIHE_BENCH_FILL_H
#define HAIHE_BENCH_FILL_H

#include "variant.h"
#include "workload.h"

enum fill_outcome {
    FILL_READ,
    FILL_SKIPPED, /* there is a record, but it must not be published */
    FILL_FAILED,  /* with an error */
};

struct fill_reader {
    /* Reads record `index` of a kind. Views in the draft live until the same worker's next call. */
    enum fill_outcome (*read)(void *context, unsigned worker, size_t index, union draft *draft,
                              struct error *error);
    void *context;
    enum record_kind kind;
    size_t count; /* of records that it has */
};

struct fill_options {
    struct variant_options variant;
    unsigned threads;
};

/* All records of the reader but the skipped ones, in its order. */
bool fill_candidates(struct workload *workload, const struct fill_reader *reader,
                     const struct fill_options *options, struct error *error);
/* The first `limit` records that can have matches at all: open vacancies; active applicants who may
 * be matched and are available. */
bool fill_queries(struct workload *workload, const struct fill_reader *reader, size_t limit,
                  const struct fill_options *options, struct error *error);

#endif
