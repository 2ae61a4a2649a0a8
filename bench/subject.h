/* The search that is measured: the one place to plug another one in.
 *
 * Built once from records that the caller owns and keeps, then searched by any number of threads at
 * once. Today it is the exhaustive search.
 */
#ifndef HAIHE_BENCH_SUBJECT_H
#define HAIHE_BENCH_SUBJECT_H

#include "core/search.h"

struct subject;

struct subject_options {
    enum ranking ranking; /* what the entries are */
    const struct taxonomy *taxonomy;
    const struct entry *const *entries; /* borrowed, as all below, while the subject lives */
    size_t count;
    unsigned threads; /* that may build */
};

/* NULL and an error when there is no memory. */
struct subject *subject_new(const struct subject_options *options, struct error *error);
void subject_free(struct subject *subject);

/* What one search did beside its answer. */
struct subject_stats {
    uint64_t tiles_visited;
    uint64_t pairs_scored;
};

/* As search_exhaustive; matches are in the arena. Any thread. */
struct subject_answer {
    struct search_result result;
    struct subject_stats stats;
};
bool subject_search(const struct subject *subject, const struct search_request *request,
                    struct arena *arena, struct subject_answer *answer, struct error *error);

#endif
