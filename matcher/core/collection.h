/* All records of one kind as an immutable snapshot, and the writer that makes the next one.
 *
 *   snapshot -> chunk pointers [ c0 | c1 | c2 .. ]       each chunk: 256 entries
 *                                 |
 *                                 +-> [ entry | entry | NULL | .. ]  (document, sequence)
 *
 * A snapshot never changes. The writer copies the chunks that a group of changes touches, builds
 * the next pointer array, and hands back what it replaced as garbage, to be freed when no reader
 * can hold the old snapshot. Slots of deleted records are reused by later inserts.
 * Thread: snapshots any reader; the writer one owner. Cost: a change copies one chunk (4 KiB) per
 * group at most.
 */
#ifndef HAIHE_CORE_COLLECTION_H
#define HAIHE_CORE_COLLECTION_H

#include "model/record.h"

enum { COLLECTION_CHUNK_SLOTS = 256 };

/* A stored record. Owned by the engine; `document` is a packed vacancy or applicant. */
struct entry {
    const void *document;
    const void *original; /* the protobuf bytes as accepted */
    uint32_t original_bytes;
    uint64_t sequence; /* of the change that made it so */
    uint64_t hash;     /* XXH3-64 of the original bytes */
};

struct chunk;

struct snapshot {
    struct chunk *const *chunks; /* chunk_count of them */
    size_t chunk_count;
    size_t record_count; /* live entries */
};

/* The entry in a slot, or NULL. slot < chunk_count * COLLECTION_CHUNK_SLOTS, else NULL as well. */
const struct entry *snapshot_at(const struct snapshot *snapshot, size_t slot);

struct collection_writer;

/* NULL when there is no memory. It starts with an empty current snapshot. */
struct collection_writer *collection_writer_new(void);
/* Frees chunks and arrays, not entries. */
void collection_writer_free(struct collection_writer *writer);

/* Puts an entry into a free slot; SIZE_MAX when there is no memory (nothing changed). */
size_t collection_insert(struct collection_writer *writer, const struct entry *entry);
/* Replaces a slot's entry; returns the old one through *old. False when there is no memory. */
bool collection_replace(struct collection_writer *writer, size_t slot, const struct entry *entry,
                        const struct entry **old);
/* Empties a slot; the old entry through *old. */
bool collection_remove(struct collection_writer *writer, size_t slot, const struct entry **old);
/* The writer's own view, changes not yet published included. */
const struct entry *collection_peek(const struct collection_writer *writer, size_t slot);
size_t collection_slot_count(const struct collection_writer *writer);

/* What a publication replaced: chunks and pointer arrays, to be freed by garbage_free once no
 * reader can see them. */
struct collection_garbage;

/* Makes the changes since the last call the current snapshot. *garbage (may be NULL) passes to the
 * caller. False when there is no memory: nothing is published, the changes are kept. */
bool collection_publish(struct collection_writer *writer, struct snapshot *out,
                        struct collection_garbage **garbage);
void collection_garbage_free(struct collection_garbage *garbage);

#endif
