/* Preloaded into a real haihed: lets the n-th allocation of the whole process fail, whoever asks
 * for it (ours, nghttp2, libuv, liburcu, libc).
 *
 * HAIHE_FAULTS names a file that the test maps too:
 *
 *   countdown  the allocation that brings it to 0 fails, and so do the next `length` - 1
 *   length
 *   calls      allocations so far
 *   failures   of them
 *   live       blocks that are allocated and not yet freed: what only grows is a leak
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct control {
    _Atomic int64_t countdown, length, calls, failures, live;
};

static struct control unarmed = {.countdown = INT64_MAX};
static struct control *control = &unarmed;

static struct {
    void *(*malloc)(size_t size);
    void *(*calloc)(size_t count, size_t size);
    void *(*realloc)(void *block, size_t size);
    void *(*aligned_alloc)(size_t alignment, size_t size);
    int (*posix_memalign)(void **out, size_t alignment, size_t size);
    void (*free)(void *block);
} real;

/* For what the dynamic linker itself needs before the real functions are known. */
static char early[1 << 16];
static size_t early_used;

static void *early_alloc(size_t size)
{
    void *block = early + early_used;
    early_used += (size + 15) / 16 * 16;
    return early_used <= sizeof early ? block : NULL;
}

static int is_early(const void *block)
{
    return (const char *)block >= early && (const char *)block < early + sizeof early;
}

/* By whoever allocates first: initialisers of C++ libraries run before ours. What dlsym itself
 * allocates meanwhile comes from `early`. One thread runs then. */
static void find_heap(void)
{
    static int is_finding;
    if (is_finding)
        return;
    is_finding = 1;
    /* POSIX gives functions as object pointers here. */
    *(void **)&real.calloc = dlsym(RTLD_NEXT, "calloc");
    *(void **)&real.realloc = dlsym(RTLD_NEXT, "realloc");
    *(void **)&real.aligned_alloc = dlsym(RTLD_NEXT, "aligned_alloc");
    *(void **)&real.posix_memalign = dlsym(RTLD_NEXT, "posix_memalign");
    *(void **)&real.free = dlsym(RTLD_NEXT, "free");
    *(void **)&real.malloc = dlsym(RTLD_NEXT, "malloc");
}

/* Before main, behind all initialisers of libraries: what those allocate does not fail. */
__attribute__((constructor)) static void begin(void)
{
    const char *path = getenv("HAIHE_FAULTS");
    int file = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    if (!real.malloc)
        find_heap();
    if (file < 0)
        return;
    void *mapped = mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (mapped != MAP_FAILED)
        control = mapped;
    close(file);
}

static int fails(void)
{
    atomic_fetch_add(&control->calls, 1);
    int64_t left = atomic_fetch_sub(&control->countdown, 1);
    if (left > 1 || left <= 1 - atomic_load(&control->length))
        return 0;
    atomic_fetch_add(&control->failures, 1);
    errno = ENOMEM;
    return 1;
}

static void *count(void *block)
{
    if (block)
        atomic_fetch_add(&control->live, 1);
    return block;
}

void *malloc(size_t size)
{
    if (!real.malloc)
        find_heap();
    if (!real.malloc)
        return early_alloc(size);
    return fails() ? NULL : count(real.malloc(size));
}

void *calloc(size_t items, size_t size)
{
    if (!real.malloc)
        find_heap();
    if (!real.malloc)
        return early_alloc(items * size); /* zero already */
    return fails() ? NULL : count(real.calloc(items, size));
}

void *realloc(void *block, size_t size)
{
    if (!block)
        return malloc(size);
    if (is_early(block)) {
        void *copy = malloc(size);
        return copy ? memcpy(copy, block, size) : NULL;
    }
    return fails() ? NULL : real.realloc(block, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    if (!real.malloc)
        find_heap();
    return fails() ? NULL : count(real.aligned_alloc(alignment, size));
}

int posix_memalign(void **out, size_t alignment, size_t size)
{
    /* Not through aligned_alloc, of which ASan wants sizes that are multiples of the alignment. */
    if (!real.malloc)
        find_heap();
    if (fails())
        return ENOMEM;
    int status = real.posix_memalign(out, alignment, size);
    if (status == 0)
        count(*out);
    return status;
}

void free(void *block)
{
    if (!block || is_early(block))
        return;
    atomic_fetch_sub(&control->live, 1);
    real.free(block);
}
