#include "base/arena.h"

#include <assert.h>
#include <stdalign.h>

#include "base/memory.h"

#include "base/banned.h"

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

static void free_chunks_until(struct arena *arena, const struct arena_chunk *keep)
{
    while (arena->newest != keep) {
        struct arena_chunk *chunk = arena->newest;
        arena->newest = chunk->older;
        arena->total_bytes -= chunk->capacity_bytes;
        memory_free(chunk);
    }
}

void arena_release(struct arena *arena)
{
    free_chunks_until(arena, NULL);
    assert(arena->total_bytes == 0);
}

void arena_clear(struct arena *arena)
{
    if (!arena->newest)
        return;
    struct arena_chunk *oldest = arena->newest;
    while (oldest->older)
        oldest = oldest->older;
    free_chunks_until(arena, oldest);
    oldest->used_bytes = 0;
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
    struct arena_chunk *chunk = memory_try(sizeof *chunk + capacity);
    if (!chunk)
        return NULL;
    *chunk = (struct arena_chunk){.older = arena->newest, .capacity_bytes = capacity};
    arena->newest = chunk;
    arena->total_bytes += capacity;
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
