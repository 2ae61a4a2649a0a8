/* The search that is measured: the one place to plug another one in.
 *
 * Built once from records that the caller owns and keeps, then searched by any number of threads at
 * once. It is the tile index.
 */
#ifndef HAIHE_BENCH_SUBJECT_H
#define HAIHE_BENCH_SUBJECT_H

#include "core/kernel.h"

struct subject;

struct subject_options {
    enum ranking ranking; /* what the entries are */
    const struct taxonomy *taxonomy;
    const struct entry *const *entries; /* borrowed, as all below, while the subject lives */
    size_t count;
    unsigned threads;            /* that may build */
    const struct kernel *kernel; /* NULL: the best */
};

/* NULL and an error when there is no memory. */
struct subject *subject_new(const struct subject_options *options, struct error *error);
void subject_free(struct subject *subject);

/* What is searched; it lives as long as the subject. */
const struct index_view *subject_view(const struct subject *subject);

/* As search_exhaustive; matches are in the arena. Any thread. */
struct subject_answer {
    struct search_result result;
    struct index_work work;
};
bool subject_search(const struct subject *subject, const struct search_request *request,
                    struct arena *arena, struct subject_answer *answer, struct error *error);

#endif
