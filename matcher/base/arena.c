/* See arena.h for the drawing. Under AddressSanitizer the bytes that no block holds are poisoned,
 * so that running over the rounded end of a block, or using one after arena_clear, is reported as
 * it would be for the heap. Thread: one owner.
 */
#include "base/arena.h"

#include <assert.h>
#include <stdalign.h>

#include "base/memory.h"

#include "base/banned.h"

#if defined(__SANITIZE_ADDRESS__)
#define POISONS 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define POISONS 1
#endif
#endif
#ifdef POISONS
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(address, size_bytes)   ((void)(address), (void)(size_bytes))
#define ASAN_UNPOISON_MEMORY_REGION(address, size_bytes) ((void)(address), (void)(size_bytes))
#endif

enum { ALIGNMENT = 16, FIRST_CHUNK_BYTES = 8 * 1024, LARGEST_CHUNK_BYTES = 1024 * 1024 };

struct arena_chunk {
    struct arena_chunk *older;
    size_t capacity_bytes; /* of data */
    size_t used_bytes;
    alignas(ALIGNMENT) unsigned char data[];
};

void arena_init(struct arena *arena, size_t limit_bytes)
{
    *arena = (struct arena){.limit_bytes = limit_bytes};
}

static void free_chunk(struct arena *arena, struct arena_chunk *chunk)
{
    arena->total_bytes -= chunk->capacity_bytes;
    ASAN_UNPOISON_MEMORY_REGION(chunk->data, chunk->capacity_bytes);
    memory_free(chunk);
}

/* Frees all chunks but one, which may be NULL. */
static void free_chunks_but(struct arena *arena, struct arena_chunk *keep)
{
    struct arena_chunk *chunk = arena->newest;
    arena->newest = keep;
    while (chunk) {
        struct arena_chunk *older = chunk->older;
        if (chunk != keep)
            free_chunk(arena, chunk);
        chunk = older;
    }
    if (keep)
        keep->older = NULL;
}

void arena_release(struct arena *arena)
{
    free_chunks_but(arena, NULL);
    assert(arena->total_bytes == 0);
}

void arena_clear(struct arena *arena)
{
    struct arena_chunk *largest = NULL;
    for (struct arena_chunk *chunk = arena->newest; chunk; chunk = chunk->older) {
        /* One giant request must not make its worker hold a giant chunk for ever. */
        if (chunk->capacity_bytes <= LARGEST_CHUNK_BYTES &&
            (!largest || chunk->capacity_bytes > largest->capacity_bytes))
            largest = chunk;
    }
    free_chunks_but(arena, largest);
    if (largest) {
        largest->used_bytes = 0;
        ASAN_POISON_MEMORY_REGION(largest->data, largest->capacity_bytes);
    }
}

/* Makes room for size_bytes in a new newest chunk. */
static struct arena_chunk *add_chunk(struct arena *arena, size_t size_bytes)
{
    size_t capacity = arena->newest ? arena->newest->capacity_bytes * 2 : FIRST_CHUNK_BYTES;
    if (capacity > LARGEST_CHUNK_BYTES)
        capacity = LARGEST_CHUNK_BYTES;
    size_t left = arena->limit_bytes - arena->total_bytes;
    if (size_bytes > left)
        return NULL;
    if (capacity < size_bytes)
        capacity = size_bytes;
    if (capacity > left)
        capacity = left;
    size_t total; /* may overflow: the limit may be SIZE_MAX */
    struct arena_chunk *chunk;
    if (__builtin_add_overflow(sizeof *chunk, capacity, &total) || !(chunk = memory_try(total)))
        return NULL;
    *chunk = (struct arena_chunk){.older = arena->newest, .capacity_bytes = capacity};
    arena->newest = chunk;
    arena->total_bytes += capacity;
    ASAN_POISON_MEMORY_REGION(chunk->data, capacity);
    return chunk;
}

void *arena_alloc(struct arena *arena, size_t size_bytes)
{
    if (size_bytes > SIZE_MAX - ALIGNMENT)
        return NULL;
    size_t need = (size_bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (need == 0)
        need = ALIGNMENT;
    struct arena_chunk *chunk = arena->newest;
    if (!chunk || chunk->capacity_bytes - chunk->used_bytes < need)
        chunk = add_chunk(arena, need);
    if (!chunk)
        return NULL;
    void *block = chunk->data + chunk->used_bytes;
    chunk->used_bytes += need;
    ASAN_UNPOISON_MEMORY_REGION(block, size_bytes);
    return block;
}

void *arena_alloc_zeroed(struct arena *arena, size_t count, size_t size_bytes)
{
    size_t total;
    if (__builtin_mul_overflow(count, size_bytes, &total))
        return NULL;
    void *block = arena_alloc(arena, total);
    return block ? memset(block, 0, total) : NULL;
}

struct str arena_copy(struct arena *arena, struct str text)
{
    char *copy = arena_alloc(arena, (size_t)text.length + 1);
    if (!copy)
        return (struct str){NULL, 0};
    if (text.length > 0)
        memcpy(copy, text.data, text.length);
    copy[text.length] = '\0';
    return (struct str){copy, text.length};
}
