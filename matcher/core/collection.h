/* All records of one kind as an immutable snapshot, and the writer that makes the next one.
 *
 *   snapshot -> chunk pointers [ c0 | c1 | c2 .. ]       each chunk: 256 entry pointers
 *                                 |
 *                                 +-> [ entry | entry | NULL | .. ]    (core/entry.h)
 *
 * A snapshot never changes. The writer copies the chunks that a group of changes touches, builds
 * the next pointer array, and hands back what it replaced as garbage, to be freed when no reader
 * can hold the old snapshot. Slots of deleted records are reused by later inserts.
 * A call that fails for lack of memory leaves everything as it was.
 * Thread: snapshots any reader; the writer one owner. Cost: a change copies one chunk (2 KiB), at
 * most once a group; a publication copies the pointer array (8 bytes for 256 records).
 */
#ifndef HAIHE_CORE_COLLECTION_H
#define HAIHE_CORE_COLLECTION_H

#include "core/entry.h"

enum { COLLECTION_CHUNK_SLOTS = 256 };

struct chunk;

struct snapshot {
    struct chunk *const *chunks; /* chunk_count of them */
    size_t chunk_count;
    size_t record_count;           /* live entries */
    const struct lexicon *lexicon; /* what they were packed with; borrowed, NULL = none */
};

/* The entry in a slot, or NULL. slot < chunk_count * COLLECTION_CHUNK_SLOTS, else NULL as well. */
const struct entry *snapshot_at(const struct snapshot *snapshot, size_t slot);
/* The COLLECTION_CHUNK_SLOTS entries of a chunk, NULL where a slot is free; index < chunk_count. */
const struct entry *const *snapshot_chunk(const struct snapshot *snapshot, size_t chunk_index);

struct collection_writer;

/* NULL when there is no memory. It starts with an empty current snapshot. The lexicon is only
 * passed on to snapshots; NULL when entries are packed without one. */
struct collection_writer *collection_writer_new(const struct lexicon *lexicon);
/* Frees chunks and arrays, not entries; no reader may hold a snapshot any more. NULL is allowed. */
void collection_writer_free(struct collection_writer *writer);

/* Puts an entry into a free slot; SIZE_MAX when there is no memory (nothing changed). */
size_t collection_insert(struct collection_writer *writer, const struct entry *entry);
/* Replaces the entry of a slot in use; the old one through *old. False when there is no memory. */
bool collection_replace(struct collection_writer *writer, size_t slot, const struct entry *entry,
                        const struct entry **old);
/* Empties a slot in use; the old entry through *old. False when there is no memory. */
bool collection_remove(struct collection_writer *writer, size_t slot, const struct entry **old);
/* The writer's own view, changes not yet published included; NULL beyond the last slot. */
const struct entry *collection_peek(const struct collection_writer *writer, size_t slot);
/* Slots ever used, free ones included: all records are in slots below. */
size_t collection_slot_count(const struct collection_writer *writer);

/* Records in it, changes not yet published included. */
size_t collection_record_count(const struct collection_writer *writer);

/* What a publication replaced: chunks and pointer arrays, to be freed by garbage_free once no
 * reader can see them. */
struct collection_garbage;

/* Makes the changes since the last call the current snapshot, which lives until the garbage of a
 * later publication is freed. *garbage passes to the caller, NULL when nothing was replaced. False
 * when there is no memory: nothing is published, the changes are kept. */
bool collection_publish(struct collection_writer *writer, struct snapshot *out,
                        struct collection_garbage **garbage);
/* NULL is allowed. */
void collection_garbage_free(struct collection_garbage *garbage);

#endif
