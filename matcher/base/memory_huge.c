/* An arena of jemalloc's whose extents ask for huge pages; see memory.h. Apart from memory.c, which
 * tests replace. */
#include "base/memory.h"

#ifdef HAIHE_JEMALLOC

#include <jemalloc/jemalloc.h>
#include <pthread.h>
#include <sys/mman.h>

static pthread_once_t huge_once = PTHREAD_ONCE_INIT;
static unsigned huge_arena; /* 0: none could be made, which is everybody's own arena */
static extent_hooks_t *default_hooks, huge_hooks;

static void *allocate_huge(extent_hooks_t *hooks, void *address, size_t bytes, size_t alignment,
                           bool *zero, bool *commit, unsigned arena)
{
    enum { HUGE_PAGE_BYTES = 2 << 20 };
    (void)hooks;
    alignment = alignment > HUGE_PAGE_BYTES ? alignment : HUGE_PAGE_BYTES;
    void *extent =
        default_hooks->alloc(default_hooks, address, bytes, alignment, zero, commit, arena);
    if (extent)
        madvise(extent, bytes, MADV_HUGEPAGE); /* only a wish */
    return extent;
}

static void make_huge_arena(void)
{
    size_t size = sizeof(default_hooks);
    if (mallctl("arena.0.extent_hooks", &default_hooks, &size, NULL, 0) != 0)
        return;
    huge_hooks = *default_hooks;
    huge_hooks.alloc = allocate_huge;
    extent_hooks_t *hooks = &huge_hooks;
    size = sizeof huge_arena;
    if (mallctl("arenas.create", &huge_arena, &size, &hooks, sizeof(hooks)) != 0)
        huge_arena = 0;
}

void memory_use_huge_pages(void)
{
    pthread_once(&huge_once, make_huge_arena);
    if (huge_arena != 0)
        mallctl("thread.arena", NULL, NULL, &huge_arena, sizeof huge_arena);
}

#else

void memory_use_huge_pages(void)
{
}

#endif
