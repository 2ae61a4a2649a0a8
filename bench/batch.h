/* All queries as one batch (core/index.h), timed as a whole and each. Thread: the caller's, and
 * those of the options. */
#ifndef HAIHE_BENCH_BATCH_H
#define HAIHE_BENCH_BATCH_H

#include "measure.h"

/* The time of a query is from the answer before it on its thread to its own. Putting them in order
 * is counted among the seconds. */
bool batch_times(const struct measure_options *options, struct measure_times *times,
                 double *seconds, struct error *error);

#endif
