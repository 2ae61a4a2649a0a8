/* Exhaustive exact search: every candidate through score_pair. The oracle, for ever.
 *
 * Cost: one unpacking and one score_pair a candidate, about 0.5 us with 7 skills a side
 * (bench_score: 50 ms for 100,000 candidates). Memory: k matches in the arena. Thread: any, on an
 * immutable snapshot.
 */
#ifndef HAIHE_CORE_SEARCH_H
#define HAIHE_CORE_SEARCH_H

#include "base/arena.h"
#include "core/collection.h"
#include "core/topk.h"

enum { SEARCH_K_LIMIT = 1000 };

struct search_request {
    struct scoring scoring;            /* .ranking says which kind the snapshot holds */
    const struct vacancy *vacancy;     /* the subject, when applicants are ranked */
    const struct applicant *applicant; /* the subject, when vacancies are ranked */
    uint32_t k;                        /* 1..SEARCH_K_LIMIT */
    const struct rank *after;      /* only matches that come after this; NULL = from the first */
    int64_t deadline_ns;           /* CLOCK_MONOTONIC; 0 = none. Checked every 1024 candidates */
    const _Atomic bool *cancelled; /* checked with the deadline; NULL = never */
};

struct search_result {
    struct match *matches; /* in the arena, best first */
    uint32_t match_count;
    uint64_t candidate_count;     /* records looked at */
    uint64_t passed_count;        /* passed the gates, before `after` */
    uint64_t removed[GATE_COUNT]; /* by the first failing hard gate */
};

/* False with DEADLINE_EXCEEDED, CANCELLED or RESOURCE_EXHAUSTED (arena); *result is untouched then.
 * A deadline that has passed already, or a search cancelled before, looks at nothing. */
bool search_exhaustive(const struct search_request *request, const struct snapshot *candidates,
                       struct arena *arena, struct search_result *result, struct error *error);

#endif
