/* Copy-on-write chunks.
 *
 *   current.chunks: [ a | b  | c ]          immutable, readers hold it
 *   working:        [ a | b' | c | d ]      the writer's: b' copied, d new since the publication
 *   free_slots:     [ 17 | 300 ]            a stack of empty slots below slot_count
 *
 * Invariants: a chunk is the writer's own exactly when working[i] differs from current.chunks[i] or
 * lies beyond the current chunks, so there are no flags to keep; slots are used in order, so new
 * ones begin in the last chunk; free_slots grows before a slot is given back, so that what is never
 * given back costs nothing. A publication turns working into the next current array and hands out
 * the old array with the chunks that differ. Thread: one writer; what readers hold is never
 * written. Cost: see collection.h.
 */
#include "core/collection.h"

#include <assert.h>

#include "base/memory.h"

#include "base/banned.h"

struct chunk {
    const struct entry *slots[COLLECTION_CHUNK_SLOTS];
};

struct collection_writer {
    struct snapshot current; /* chunks and their array are owned */
    struct chunk **working;  /* owned array; chunks shared with current where equal */
    size_t working_count;
    size_t working_capacity;
    size_t *free_slots; /* owned */
    size_t free_count;
    size_t free_capacity;
    size_t slot_count;
    size_t record_count;
    bool is_changed; /* since the last publication */
};

struct collection_garbage {
    struct chunk *const *array;
    size_t chunk_count;
    struct chunk *chunks[];
};

const struct entry *const *snapshot_chunk(const struct snapshot *snapshot, size_t chunk_index)
{
    assert(chunk_index < snapshot->chunk_count);
    return snapshot->chunks[chunk_index]->slots;
}

const struct entry *snapshot_at(const struct snapshot *snapshot, size_t slot)
{
    size_t chunk_index = slot / COLLECTION_CHUNK_SLOTS;
    if (chunk_index >= snapshot->chunk_count)
        return NULL;
    return snapshot->chunks[chunk_index]->slots[slot % COLLECTION_CHUNK_SLOTS];
}

struct collection_writer *collection_writer_new(const struct lexicon *lexicon)
{
    struct collection_writer *writer = memory_try_zeroed(1, sizeof *writer);
    if (writer)
        writer->current.lexicon = lexicon;
    return writer;
}

static bool is_shared(const struct collection_writer *writer, size_t chunk_index)
{
    return chunk_index < writer->current.chunk_count &&
           writer->current.chunks[chunk_index] == writer->working[chunk_index];
}

void collection_writer_free(struct collection_writer *writer)
{
    if (!writer)
        return;
    for (size_t i = 0; i < writer->working_count; i++) {
        if (!is_shared(writer, i))
            memory_free(writer->working[i]);
    }
    for (size_t i = 0; i < writer->current.chunk_count; i++)
        memory_free(writer->current.chunks[i]);
    memory_free((void *)writer->current.chunks);
    memory_free(writer->working);
    memory_free(writer->free_slots);
    memory_free(writer);
}

/* Room for one more chunk. */
static bool reserve_chunk(struct collection_writer *writer)
{
    if (writer->working_count < writer->working_capacity)
        return true;
    size_t capacity = writer->working_capacity ? writer->working_capacity * 2 : 4;
    struct chunk **working = memory_try_resize(writer->working, capacity * sizeof *working);
    if (!working)
        return false;
    writer->working = working;
    writer->working_capacity = capacity;
    return true;
}

/* Room for one more free slot. */
static bool reserve_free_slot(struct collection_writer *writer)
{
    if (writer->free_count < writer->free_capacity)
        return true;
    size_t capacity = writer->free_capacity ? writer->free_capacity * 2 : 64;
    size_t *free_slots = memory_try_resize(writer->free_slots, capacity * sizeof *free_slots);
    if (!free_slots)
        return false;
    writer->free_slots = free_slots;
    writer->free_capacity = capacity;
    return true;
}

/* The chunk of a slot as the writer's own, copied when readers can see it; NULL without memory. */
static struct chunk *own_chunk(struct collection_writer *writer, size_t chunk_index)
{
    if (!is_shared(writer, chunk_index))
        return writer->working[chunk_index];
    struct chunk *copy = memory_try(sizeof *copy);
    if (!copy)
        return NULL;
    *copy = *writer->working[chunk_index];
    writer->working[chunk_index] = copy;
    return copy;
}

/* Stores an entry or NULL in a slot of an existing chunk. */
static bool store(struct collection_writer *writer, size_t slot, const struct entry *entry,
                  const struct entry **old)
{
    struct chunk *chunk = own_chunk(writer, slot / COLLECTION_CHUNK_SLOTS);
    if (!chunk)
        return false;
    const struct entry **place = &chunk->slots[slot % COLLECTION_CHUNK_SLOTS];
    if (old)
        *old = *place;
    *place = entry;
    writer->is_changed = true;
    return true;
}

static bool append_chunk(struct collection_writer *writer)
{
    if (!reserve_chunk(writer))
        return false;
    struct chunk *chunk = memory_try_zeroed(1, sizeof *chunk);
    if (!chunk)
        return false;
    writer->working[writer->working_count++] = chunk;
    return true;
}

size_t collection_insert(struct collection_writer *writer, const struct entry *entry)
{
    assert(entry);
    bool is_reused = writer->free_count > 0;
    size_t slot = is_reused ? writer->free_slots[writer->free_count - 1] : writer->slot_count;
    if (slot / COLLECTION_CHUNK_SLOTS == writer->working_count && !append_chunk(writer))
        return SIZE_MAX;
    if (!store(writer, slot, entry, NULL))
        return SIZE_MAX;
    if (is_reused)
        writer->free_count--;
    else
        writer->slot_count++;
    writer->record_count++;
    return slot;
}

bool collection_replace(struct collection_writer *writer, size_t slot, const struct entry *entry,
                        const struct entry **old)
{
    assert(entry && collection_peek(writer, slot));
    return store(writer, slot, entry, old);
}

bool collection_remove(struct collection_writer *writer, size_t slot, const struct entry **old)
{
    assert(collection_peek(writer, slot));
    if (!reserve_free_slot(writer) || !store(writer, slot, NULL, old))
        return false;
    writer->free_slots[writer->free_count++] = slot;
    writer->record_count--;
    return true;
}

const struct entry *collection_peek(const struct collection_writer *writer, size_t slot)
{
    if (slot >= writer->slot_count)
        return NULL;
    return writer->working[slot / COLLECTION_CHUNK_SLOTS]->slots[slot % COLLECTION_CHUNK_SLOTS];
}

size_t collection_record_count(const struct collection_writer *writer)
{
    return writer->record_count;
}

size_t collection_slot_count(const struct collection_writer *writer)
{
    return writer->slot_count;
}

/* The old array with the chunks that the working array no longer has; NULL without memory. */
static struct collection_garbage *garbage_new(const struct collection_writer *writer)
{
    size_t replaced_count = 0, at = 0;
    const struct snapshot *current = &writer->current;
    for (size_t i = 0; i < current->chunk_count; i++)
        replaced_count += !is_shared(writer, i);
    struct collection_garbage *garbage =
        memory_try(sizeof *garbage + replaced_count * sizeof garbage->chunks[0]);
    if (!garbage)
        return NULL;
    garbage->array = current->chunks;
    garbage->chunk_count = replaced_count;
    for (size_t i = 0; i < current->chunk_count; i++) {
        if (!is_shared(writer, i))
            garbage->chunks[at++] = current->chunks[i];
    }
    return garbage;
}

bool collection_publish(struct collection_writer *writer, struct snapshot *out,
                        struct collection_garbage **garbage)
{
    *garbage = NULL;
    if (writer->is_changed) {
        size_t array_bytes = writer->working_count * sizeof *writer->working;
        struct chunk **array = memory_try(array_bytes);
        struct collection_garbage *replaced = NULL;
        if (array && writer->current.chunks)
            replaced = garbage_new(writer);
        if (!array || (writer->current.chunks && !replaced)) {
            memory_free(array);
            return false;
        }
        memcpy(array, writer->working, array_bytes);
        writer->current = (struct snapshot){array, writer->working_count, writer->record_count,
                                            writer->current.lexicon};
        writer->is_changed = false;
        *garbage = replaced;
    }
    *out = writer->current;
    return true;
}

void collection_garbage_free(struct collection_garbage *garbage)
{
    if (!garbage)
        return;
    for (size_t i = 0; i < garbage->chunk_count; i++)
        memory_free(garbage->chunks[i]);
    memory_free((void *)garbage->array);
    memory_free(garbage);
}
