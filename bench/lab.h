/* A workload from the yardstick's files. */
#ifndef HAIHE_BENCH_LAB_H
#define HAIHE_BENCH_LAB_H

#include "blocks.h"
#include "fill.h"

struct lab_options {
    enum ranking ranking;
    const char *candidates_path;         /* vacancies when those are ranked */
    const char *queries_path;            /* records of the other kind */
    size_t candidate_limit, query_limit; /* SIZE_MAX = all */
    struct fill_options fill;            /* the number of skills is put in */
};

/* False with "FILE:LINE: .."; *workload is to be released in either case. */
bool lab_load(struct workload *workload, const struct lab_options *options, struct error *error);

#endif
