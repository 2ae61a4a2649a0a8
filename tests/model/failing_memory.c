/* Takes the place of base/memory.c: the linker needs that file of the library no more, because all
 * its functions are here. */
#include "model/failing_memory.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#include "base/memory.h"

static int countdown = -1;
static bool failed;

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
    failed = countdown == 0;
    if (!failed)
        countdown--;
    return failed;
}

void *memory_try(size_t size_bytes)
{
    return fails_now() ? NULL : malloc(size_bytes ? size_bytes : 1);
}

void *memory_try_zeroed(size_t count, size_t size_bytes)
{
    return fails_now() ? NULL : calloc(count ? count : 1, size_bytes ? size_bytes : 1);
}

void *memory_try_resize(void *block, size_t size_bytes)
{
    return fails_now() ? NULL : realloc(block, size_bytes ? size_bytes : 1);
}

void *memory_must_zeroed(size_t count, size_t size_bytes)
{
    void *block = calloc(count ? count : 1, size_bytes ? size_bytes : 1);
    cr_assert(block);
    return block;
}

void memory_free(void *block)
{
    free(block);
}
