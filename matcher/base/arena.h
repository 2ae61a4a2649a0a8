/* A bump allocator with a ceiling: everything one request needs, freed at once.
 *
 *   arena -> chunk -> chunk -> NULL      newest first; each chunk doubles, up to 1 MiB
 *            [header | used ... | free]
 *
 * Invariants: total_bytes never exceeds limit_bytes; every block is aligned to 16.
 * An arena belongs to one thread at a time. Cost: a few instructions a block; `arena_clear` keeps
 * the largest chunk of at most 1 MiB, so a worker that reuses its arena stops calling the heap.
 */
#ifndef HAIHE_BASE_ARENA_H
#define HAIHE_BASE_ARENA_H

#include <stddef.h>

#include "base/str.h"

struct arena_chunk;

struct arena {
    struct arena_chunk *newest; /* owned */
    size_t total_bytes;         /* capacity of all chunks */
    size_t limit_bytes;         /* a request that needs more fails */
};

/* Nothing is allocated yet. `limit_bytes` bounds what one request can make us hold. */
void arena_init(struct arena *arena, size_t limit_bytes);
void arena_release(struct arena *arena);
/* Everything handed out becomes invalid; the largest chunk is kept for reuse, but none above 1 MiB.
 */
void arena_clear(struct arena *arena);

/* NULL when the limit is reached or there is no memory. Uninitialised. */
void *arena_alloc(struct arena *arena, size_t size_bytes) __attribute__((warn_unused_result));
/* Zeroed; NULL also when count * size_bytes overflows. */
void *arena_alloc_zeroed(struct arena *arena, size_t count, size_t size_bytes)
    __attribute__((warn_unused_result));
/* A copy that lives as long as the arena, with a NUL behind it. data is NULL on failure. */
struct str arena_copy(struct arena *arena, struct str text);

#endif
