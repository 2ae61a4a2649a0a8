/* On what and of what a benchmark ran, as name=value lines, and what this process holds.
 * Thread: any. */
#ifndef HAIHE_BENCH_MACHINE_H
#define HAIHE_BENCH_MACHINE_H

#include <stdint.h>

/* machine, cores, revision (of the repository in the working directory, or "unknown"). */
void machine_print(void);
/* Online processors, at least 1. */
unsigned machine_cores(void);
/* Anonymous resident memory of this process (Anonymous of /proc/self/smaps_rollup); 0 when the
 * kernel does not say. Memory that was freed and not yet given back counts. */
int64_t machine_anonymous_bytes(void);

#endif
