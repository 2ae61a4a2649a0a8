/* Runs the yardstick, another program, on the same files and reads its times. */
#ifndef HAIHE_BENCH_YARDSTICK_H
#define HAIHE_BENCH_YARDSTICK_H

#include "base/error.h"
#include "core/score.h"

struct yardstick_options {
    const char *program;
    enum ranking ranking;
    const char *candidates_path, *queries_path;
    size_t query_limit; /* SIZE_MAX = all */
};

struct yardstick_times {
    double mean_us, p50_us, p99_us;
};

/* Waits for the program: it loads, builds and answers each query, once timed (R=1 in its
 * environment). The document order it is told is the best one for the direction. False when it
 * cannot be run, fails, or prints no times. Thread: the main one, with no other running. */
bool yardstick_run(const struct yardstick_options *options, struct yardstick_times *times,
                   struct error *error);

#endif
