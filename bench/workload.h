/* What a search benchmark works on: the records to be ranked and the questions, all in memory.
 *
 *   candidates  [ -> entry | -> entry | .. ]         what a subject is built from; sequences 1..
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
    struct taxonomy *taxonomy; /* owned */
    struct entry **candidates; /* owned, with the entries */
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
/* Takes a record in the form of vacancy_pack into its place; each index once. Ends the process
 * without memory. */
void workload_put_candidate(struct workload *workload, size_t index, void *document);
/* Indices that got no record are closed up; sequences are 1.. again. */
void workload_close_gaps(struct workload *workload);
/* A candidate unpacked: a struct vacancy or applicant that lives as long as `room`. */
struct workload_record {
    struct record_scratch scratch;
    union {
        struct vacancy vacancy;
        struct applicant applicant;
    };
};
const void *workload_candidate(const struct workload *workload, size_t index,
                               struct workload_record *room);
void workload_release(struct workload *workload);

#endif
