/* Takes the place of base/memory.c: the linker needs that file of the library no more, because all
 * its functions are here. */
#include "engine/counting_memory.h"

#include <criterion/criterion.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/memory.h"

static _Atomic size_t held;
static _Thread_local int countdown = -1;
static _Thread_local bool failed;

size_t memory_held_count(void)
{
    return atomic_load(&held);
}

void memory_fail_at(int n)
{
    countdown = n;
    failed = false;
}

bool memory_has_failed(void)
{
    bool answer = failed;
    memory_fail_at(-1);
    return answer;
}

static bool fails_now(void)
{
    if (countdown < 0)
        return false;
    failed = failed || countdown == 0;
    return countdown-- == 0;
}

static void *counted(void *block)
{
    if (block)
        atomic_fetch_add(&held, 1);
    return block;
}

void *memory_try(size_t size_bytes)
{
    return fails_now() ? NULL : counted(malloc(size_bytes ? size_bytes : 1));
}

void *memory_try_zeroed(size_t count, size_t size_bytes)
{
    return fails_now() ? NULL : counted(calloc(count ? count : 1, size_bytes ? size_bytes : 1));
}

void *memory_try_resize(void *block, size_t size_bytes)
{
    if (fails_now())
        return NULL;
    void *resized = realloc(block, size_bytes ? size_bytes : 1);
    return block ? resized : counted(resized);
}

void *memory_try_aligned(size_t alignment_bytes, size_t size_bytes)
{
    void *block = NULL;
    if (fails_now() || posix_memalign(&block, alignment_bytes, size_bytes ? size_bytes : 1) != 0)
        return NULL;
    return counted(block);
}

void *memory_must_zeroed(size_t count, size_t size_bytes)
{
    void *block = counted(calloc(count ? count : 1, size_bytes ? size_bytes : 1));
    cr_assert(block);
    return block;
}

void memory_free(void *block)
{
    if (block)
        atomic_fetch_sub(&held, 1);
    free(block);
}
