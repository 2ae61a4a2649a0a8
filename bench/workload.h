/* What a search benchmark works on: the records to be ranked and the questions, all in memory.
 *
 *   entries     [ document, sequence 1.. | .. ]      one block; documents are packed records
 *   candidates  [ -> entry | -> entry | .. ]         what a subject is built from
 *   queries     [ -> packed record of the other kind | .. ]
 *
 * Thread: whoever fills it; immutable then.
 */
#ifndef HAIHE_BENCH_WORKLOAD_H
#define HAIHE_BENCH_WORKLOAD_H

#include "core/collection.h"
#include "core/score.h"

struct workload {
    enum ranking ranking;
    struct taxonomy *taxonomy;       /* owned */
    struct entry *entries;           /* owned, with their documents */
    const struct entry **candidates; /* owned */
    size_t candidate_count;
    void **queries; /* owned, with the records: applicants when vacancies are ranked */
    size_t query_count;
};

static inline enum record_kind workload_candidate_kind(const struct workload *workload)
{
    return workload->ranking == RANK_VACANCIES ? RECORD_VACANCY : RECORD_APPLICANT;
}

static inline enum record_kind workload_query_kind(const struct workload *workload)
{
    return workload->ranking == RANK_VACANCIES ? RECORD_APPLICANT : RECORD_VACANCY;
}

/* Room for so many; everything NULL. Ends the process without memory. */
void workload_reserve_candidates(struct workload *workload, size_t count);
void workload_reserve_queries(struct workload *workload, size_t count);
/* Puts a packed record into its place; each index once. */
void workload_put_candidate(struct workload *workload, size_t index, void *document);
/* Indices that got no record are closed up; sequences are 1.. again. */
void workload_close_gaps(struct workload *workload);
void workload_release(struct workload *workload);

#endif
