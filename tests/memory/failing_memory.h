/* base/memory.h for a test program, with allocations that fail on demand: it defines all of
 * memory.c's functions, so the linker takes these. Per thread. */
#ifndef HAIHE_TESTS_MEMORY_FAILING_MEMORY_H
#define HAIHE_TESTS_MEMORY_FAILING_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

/* The next `count` allocations of this thread succeed, and all later ones fail. */
void memory_fail_after(size_t count);
void memory_fail_never(void);
/* True when one has failed since memory_fail_after. All succeed from now on. */
bool memory_has_failed(void);

#endif
