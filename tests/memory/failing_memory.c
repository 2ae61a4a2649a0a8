#include "memory/failing_memory.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/memory.h"

static _Thread_local size_t left = SIZE_MAX; /* SIZE_MAX: no end */
static _Thread_local bool has_failed;

void memory_fail_after(size_t count)
{
    left = count;
    has_failed = false;
}

void memory_fail_never(void)
{
    left = SIZE_MAX;
}

bool memory_has_failed(void)
{
    left = SIZE_MAX;
    return has_failed;
}

static bool may_allocate(void)
{
    if (left == SIZE_MAX)
        return true;
    if (left == 0) {
        has_failed = true;
        return false;
    }
    left--;
    return true;
}

void *memory_try(size_t size_bytes)
{
    return may_allocate() ? malloc(size_bytes ? size_bytes : 1) : NULL;
}

void *memory_try_zeroed(size_t count, size_t size_bytes)
{
    return may_allocate() ? calloc(count ? count : 1, size_bytes ? size_bytes : 1) : NULL;
}

void *memory_try_resize(void *block, size_t size_bytes)
{
    return may_allocate() ? realloc(block, size_bytes ? size_bytes : 1) : NULL;
}

void *memory_must_zeroed(size_t count, size_t size_bytes)
{
    void *block = memory_try_zeroed(count, size_bytes);
    if (!block)
        abort();
    return block;
}

void memory_free(void *block)
{
    free(block);
}

void *memory_try_aligned(size_t alignment_bytes, size_t size_bytes)
{
    void *block = NULL;
    if (!may_allocate() || posix_memalign(&block, alignment_bytes, size_bytes ? size_bytes : 1) != 0)
        return NULL;
    return block;
}
