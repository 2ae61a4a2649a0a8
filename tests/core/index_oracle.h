/* The oracle of the index: what search_exhaustive says about the same records. Thread: one owner.
 */
#ifndef HAIHE_TESTS_CORE_INDEX_ORACLE_H
#define HAIHE_TESTS_CORE_INDEX_ORACLE_H

#include "core/index.h"
#include "core/random_records.h"

/* Some entries as a snapshot of their own; what they point to is borrowed. */
struct crowd {
    struct collection_writer *writer;
    struct snapshot snapshot;
};
void crowd_init(struct crowd *crowd, const struct entry *const *entries, size_t count,
                const struct lexicon *lexicon);
void crowd_release(struct crowd *crowd);

/* A market and an index of one kind of its records: what a test of the writer begins with. */
struct stand {
    struct market market;
    enum ranking ranking;
    struct lexicon *lexicon;
    struct index_writer *writer;
    const void *last; /* of stand_record */
    struct arena arena;
};
void stand_init(struct stand *stand, uint64_t seed, enum ranking ranking);
/* The entries are the caller's. */
void stand_release(struct stand *stand);
/* As random_entry. */
struct entry *stand_record(struct stand *stand);

/* A random record; now and then `*last` under another key. Remembers it in *last. memory_free. */
struct entry *random_entry(struct market *market, enum ranking ranking, struct lexicon *lexicon,
                           const void **last);
/* All kinds of weights, gates and filters. *profile is filled and borrowed. */
struct search_request random_request(struct market *market, enum ranking ranking,
                                     struct profile *profile, size_t record_count);

/* Fails the test with `label` unless the index finds what an exhaustive search of the crowd finds,
 * with every kernel that this processor runs. Clears the arena before each search. */
void assert_index_is_exact(const struct search_request *request, const struct crowd *crowd,
                           const struct index_view *view, struct arena *arena, const char *label);
/* Page by page by `after`: all of them are one exhaustive answer. request->after must be NULL. */
void assert_pages_are_exact(const struct search_request *request, const struct crowd *crowd,
                            const struct index_view *view, struct arena *arena, const char *label);

/* Its counts are those of its tiles, which are what tile_validate wants. */
void assert_view_is_sound(const struct index_view *view);

/* HAIHE_INDEX_CASES of the environment, or `usual`. */
size_t case_count(size_t usual);

#endif
