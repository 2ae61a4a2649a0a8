/* Thin names over malloc (jemalloc by linking), so that each call says what failure means. */
#define HAIHE_MEMORY_IMPLEMENTATION
#include "base/memory.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/banned.h"

void *memory_try(size_t size_bytes)
{
    return malloc(size_bytes ? size_bytes : 1);
}

void *memory_try_zeroed(size_t count, size_t size_bytes)
{
    return calloc(count ? count : 1, size_bytes ? size_bytes : 1);
}

void *memory_try_resize(void *block, size_t size_bytes)
{
    return realloc(block, size_bytes ? size_bytes : 1);
}

void *memory_must_zeroed(size_t count, size_t size_bytes)
{
    void *block = memory_try_zeroed(count, size_bytes);
    if (!block) {
        fprintf(stderr, "haihe: out of memory for %zu x %zu bytes at start\n", count, size_bytes);
        abort();
    }
    return block;
}

void memory_free(void *block)
{
    free(block);
}

void *memory_try_aligned(size_t alignment_bytes, size_t size_bytes)
{
    void *block = NULL;
    return posix_memalign(&block, alignment_bytes, size_bytes ? size_bytes : 1) == 0 ? block : NULL;
}
