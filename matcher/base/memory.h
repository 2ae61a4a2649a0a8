/* The heap, in two manners.
 *
 * `memory_try_*`: an allocation that input caused. NULL when there is no memory; the caller fails
 * that request with ERROR_RESOURCE_EXHAUSTED. `memory_must_*`: an allocation at start; when it
 * fails the process ends with a message, because there is nobody to answer yet.
 * All are released with memory_free. Thread: any.
 */
#ifndef HAIHE_BASE_MEMORY_H
#define HAIHE_BASE_MEMORY_H

#include <stddef.h>

void *memory_try(size_t size_bytes) __attribute__((malloc, warn_unused_result));
/* Zeroed; NULL too when count * size_bytes overflows. */
void *memory_try_zeroed(size_t count, size_t size_bytes) __attribute__((warn_unused_result));
/* At a multiple of alignment_bytes, a power of two of at least 8. */
void *memory_try_aligned(size_t alignment_bytes, size_t size_bytes)
    __attribute__((warn_unused_result));
/* As realloc: on NULL the old block is untouched. */
void *memory_try_resize(void *block, size_t size_bytes) __attribute__((warn_unused_result));
/* Zeroed; ends the process when there is no memory. */
void *memory_must_zeroed(size_t count, size_t size_bytes)
    __attribute__((returns_nonnull, warn_unused_result));
void memory_free(void *block);

/* What the calling thread allocates from now on lies on huge pages, where the system has them: for
 * threads that allocate much of what searches read. A search touches a few lines each of many
 * pages: on small ones it takes twice the time (bench/README.md). Costs memory in steps of 2 MiB.
 * Without jemalloc (sanitizers) nothing changes. */
void memory_use_huge_pages(void);

#endif
