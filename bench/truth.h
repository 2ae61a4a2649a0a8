/* What every subject is compared with: search_exhaustive over the same records, whatever the
 * subject is. Thread: any reader once built. Memory: 8 bytes a record. */
#ifndef HAIHE_BENCH_TRUTH_H
#define HAIHE_BENCH_TRUTH_H

#include "core/search.h"

struct truth {
    struct collection_writer *writer; /* owned */
    struct snapshot snapshot;
};

/* Entries are borrowed while it lives. False when there is no memory; release is allowed then. */
bool truth_init(struct truth *truth, const struct entry *const *entries, size_t count,
                struct error *error);
void truth_release(struct truth *truth);
bool truth_search(const struct truth *truth, const struct search_request *request,
                  struct arena *arena, struct search_result *result, struct error *error);

/* The first thing in which two answers differ, as "rank 3: score 81 is 80", in `what`; false when
 * they are the same in order, keys, scores and every field of their pairs. */
bool truth_differs(const struct search_result *expected, const struct search_result *found,
                   char *what, size_t what_bytes);

#endif
