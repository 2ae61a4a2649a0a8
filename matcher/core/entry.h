/* A stored record: one block, immutable but for its places.
 *
 *   [ entry | places[place_count] | packed record | original as kept ]       one memory_try block
 *
 * The packed record (model/packed.h) is what is scored; it is unpacked into the reader's scratch
 * whenever it is looked at. How the original is kept is the engine's business; here it is bytes.
 * Sequence and slot are set by the writer before the entry is published. The places belong to the
 * index: the writer's thread alone reads and writes them, at any time. Thread: any for the rest.
 * Cost: 16 bytes and 8 for each place.
 */
#ifndef HAIHE_CORE_ENTRY_H
#define HAIHE_CORE_ENTRY_H

#include "model/packed.h"

/* Where the index keeps a record, or one workplace of a vacancy; all ones: nowhere. */
struct index_place {
    uint32_t column;
    uint32_t document;
};

struct entry {
    uint64_t sequence; /* of the change that made it so */
    uint32_t slot;     /* in its collection */
    uint32_t packed_bytes : 18;
    uint32_t place_count : 6;
    uint32_t kind : 2; /* enum record_kind */
};

static_assert(PACKED_LIMIT_BYTES < 1 << 18 && RECORD_SITE_LIMIT < 1 << 6,
              "sizes and counts fit their bits");
static_assert(sizeof(struct entry) == 16 && sizeof(struct index_place) == 8,
              "what a record costs beside its bytes");

/* Packs; `lexicon` may be NULL, `kept` is copied. A vacancy has a place for each workplace with a
 * known position and at least one, an applicant has one. NULL when there is no memory.
 * memory_free releases it. */
struct entry *entry_new_vacancy(const struct vacancy *vacancy, struct lexicon *lexicon,
                                struct str kept);
struct entry *entry_new_applicant(const struct applicant *applicant, struct lexicon *lexicon,
                                  struct str kept);
/* The same record in a block of its own, nowhere in the index, without sequence and slot.
 * `kept_bytes` are those of its original. NULL when there is no memory. */
struct entry *entry_copy(const struct entry *entry, size_t kept_bytes);

static inline enum record_kind entry_kind(const struct entry *entry)
{
    return (enum record_kind)entry->kind;
}

/* *count of them, at least one. */
static inline struct index_place *entry_places(const struct entry *entry, size_t *count)
{
    *count = entry->place_count;
    return (struct index_place *)(entry + 1);
}

static inline const void *entry_packed(const struct entry *entry)
{
    return (const struct index_place *)(entry + 1) + entry->place_count;
}

/* The original as kept. */
static inline const void *entry_kept(const struct entry *entry)
{
    return (const char *)entry_packed(entry) + entry->packed_bytes;
}

/* A view into the entry, without unpacking. */
static inline struct key entry_key(const struct entry *entry)
{
    return packed_key(entry_packed(entry), entry_kind(entry));
}

/* The record: views into the entry, the lexicon and the scratch, which was initialised with the
 * lexicon of the entry. */
static inline void entry_vacancy(const struct entry *entry, struct record_scratch *scratch,
                                 struct vacancy *out)
{
    assert(entry->kind == RECORD_VACANCY);
    packed_vacancy_read(entry_packed(entry), scratch, out);
}

static inline void entry_applicant(const struct entry *entry, struct record_scratch *scratch,
                                   struct applicant *out)
{
    assert(entry->kind == RECORD_APPLICANT);
    packed_applicant_read(entry_packed(entry), scratch, out);
}

/* Asks the memory for what unpacking will read, for a record of usual length. */
static inline void entry_prefetch(const struct entry *entry)
{
    __builtin_prefetch(entry);
    __builtin_prefetch((const char *)entry + 64);
}

#endif
