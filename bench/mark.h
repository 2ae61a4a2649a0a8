/* A request's filter that about one record in N passes, for measuring how an index uses filters.
 *
 * X(name, who passes); the first three add a tag to the records that do, as a fair does.
 * Thread: one owner.
 */
#ifndef HAIHE_BENCH_MARK_H
#define HAIHE_BENCH_MARK_H

#include "core/filter.h"
#include "workload.h"

#define MARKS(X)                                                                                   \
    X(tag, "any, at random")                                                                       \
    X(near, "those nearest to the first record's place")                                           \
    X(many, "any, at random; each record has up to 15 tags of 1000 beside it")                     \
    X(wage, "vacancies that pay best")

enum mark {
    MARK_NONE,
#define X(name, text) MARK_##name,
    MARKS(X)
#undef X
};

struct mark_options {
    enum mark mark;
    uint64_t one_in; /* N */
    uint64_t seed;
};

/* "tag:10000". False when it is none. */
bool mark_parse(const char *text, struct mark_options *out);
/* "  tag: any, at random" a line. */
const char *mark_help(void);

/* Changes the candidates and fills *filter, which borrows nothing of theirs; *count: so many pass.
 * Ends the process without memory. False when there is no such filter of this kind of record. */
bool mark_candidates(struct workload *workload, const struct mark_options *options,
                     struct filter *filter, size_t *count, struct error *error);

#endif
