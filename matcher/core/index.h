/* The index: all documents of one kind as tiles, searched exactly, changed all the time.
 *
 *   index_view (immutable) -> strip views -> [ strip: matrix, shared | tiles[64] | tombstones[64] ]
 *
 * A view is what a root holds: a search keeps one from beginning to end. The writer makes the next
 * one; it copies the strip views that changed and shares everything else. A tile never changes:
 * a document that goes is marked in a copy of its tile's tombstones, a new one enters a fresh
 * tile, and the writer merges fresh tiles into their neighbourhood bit by bit (index_maintain).
 *
 * Threads: a view any reader; the writer's functions one owner. A call that fails for lack of
 * memory leaves everything as it was.
 */
#ifndef HAIHE_CORE_INDEX_H
#define HAIHE_CORE_INDEX_H

#include "core/search.h"
#include "core/strip.h"

struct strip_view {
    struct strip *strip;
    uint64_t live;                     /* columns that hold a tile of this view */
    uint64_t of_kind[TILE_KIND_COUNT]; /* of those */
    const struct tile *tiles[STRIP_TILES];
    const uint64_t *tombstones[STRIP_TILES]; /* TILE_DOCUMENTS bits, NULL when none is set */
};

struct index_view {
    enum ranking ranking;
    size_t strip_count;
    size_t tile_count;
    size_t document_count;         /* live ones */
    const struct lexicon *lexicon; /* of the entries */
    const struct strip_view *const *strips;
};

/* --- Searching -------------------------------------------------------------------------------- */

struct kernel;

/* What a search did, as X(name) of a count each. */
#define INDEX_WORK(X)                                                                              \
    X(tiles_bounded)                                                                               \
    X(tiles_visited)                                                                               \
    X(blocks_visited)                                                                              \
    X(postings_added)                                                                              \
    X(groups_bounded)                                                                              \
    X(survivors)                                                                                   \
    X(pairs_scored)
struct index_work {
#define X(name) uint64_t name;
    INDEX_WORK(X)
#undef X
};

/* The same matches as search_exhaustive over the records that the view holds. Of the result's
 * counts, candidate_count is how many pairs were scored; passed_count and removed count only those.
 * kernel: NULL = the best; work: NULL = no matter. Errors as search_exhaustive. */
bool index_search(const struct search_request *request, const struct index_view *view,
                  const struct kernel *kernel, struct arena *arena, struct search_result *result,
                  struct index_work *work, struct error *error);

/* --- Searching for many ----------------------------------------------------------------------- */

/* The same search for many subjects, in an order in which each finds in the cache what the one
 * before it needed: by place, and within a neighbourhood by occupation, as documents are ordered.
 * A batch is worked off in parts, which any number of threads take; a part can be left and gone on
 * with, in a newer view as well. Everything else in the daemon may search the same views. */
struct index_batch_options {
    const struct search_request *request; /* of all: its own subjects are ignored, `after` is NULL;
                                             deadline and cancellation end any search */
    const struct entry *const *subjects; /* of the other kind; open and active or without matches */
    size_t count;                        /* below 2^32 */
    const struct taxonomy *taxonomy;     /* of subjects and views */
    const struct lexicon *lexicon;       /* of the subjects; NULL when none */
    const struct kernel *kernel;         /* NULL: the best */
};
struct index_batch;
/* Borrows all that the options name. NULL when there is no memory. Cost: 24 bytes a subject, and
 * about 0.5 us to put it in order. */
struct index_batch *index_batch_new(const struct index_batch_options *options);
/* No part may be at work any more. NULL is allowed. */
void index_batch_free(struct index_batch *batch);
/* Subjects that no part has taken yet. Any thread. */
size_t index_batch_left(const struct index_batch *batch);

/* An answer, in the arena until the callback returns; `subject` is its index among the options'. */
typedef void index_batch_answer(void *context, size_t subject, const struct search_result *result);

/* One thread's place in a batch. */
struct index_batch_part;
/* NULL when there is no memory. */
struct index_batch_part *index_batch_part_new(struct index_batch *batch);
/* What the part had taken and not searched is lost: work it off first. */
void index_batch_part_free(struct index_batch_part *part);

enum index_batch_outcome {
    INDEX_BATCH_DONE,   /* nothing is left for this part */
    INDEX_BATCH_PAUSED, /* the slice is over: go on with a view that is at least as new */
    INDEX_BATCH_FAILED, /* *error; the subject was not answered and is the next one again */
};
/* Searches at least one subject, then further ones until CLOCK_MONOTONIC reaches `until_ns`. The
 * view must live until it returns. The arena is cleared before each search. `work` is added to;
 * NULL = no matter. */
enum index_batch_outcome index_batch_run(struct index_batch_part *part,
                                         const struct index_view *view, int64_t until_ns,
                                         struct arena *arena, index_batch_answer *answer,
                                         void *context, struct index_work *work,
                                         struct error *error);

/* --- Writing ---------------------------------------------------------------------------------- */

struct index_writer;

/* `lexicon` is what the entries were packed with, NULL when none. NULL when there is no memory. */
struct index_writer *index_writer_new(enum ranking ranking, const struct taxonomy *taxonomy,
                                      const struct lexicon *lexicon);
/* No reader may hold a view any more. NULL is allowed. */
void index_writer_free(struct index_writer *writer);

/* Builds an empty index from many records at once, on `thread_count` threads. Publish afterwards.
 * Cost: about 1 us a record and thread, 32 bytes a record for the time of the call. */
bool index_writer_build(struct index_writer *writer, const struct entry *const *entries,
                        size_t count, unsigned thread_count);

/* Enters a record, or not when it cannot match; leaves it out of readers' sight until the next
 * publication. False when there is no memory. */
bool index_insert(struct index_writer *writer, const struct entry *entry);
/* Makes room for taking a record out. False when there is no memory. */
bool index_prepare_remove(struct index_writer *writer, const struct entry *entry);
/* Takes a record out that was inserted; also one that does not stand in the index. Needs no memory
 * when it was prepared, nor for a record inserted since index_publish was last called (one that
 * failed counts: what it moved into a tile is to be prepared). */
void index_remove(struct index_writer *writer, const struct entry *entry);

/* What a publication replaced: to be given to index_garbage_free by the writer's thread once no
 * reader can see it. */
struct index_garbage;

/* Makes the changes since the last call visible in *view, which lives until the garbage of a later
 * publication is freed. *garbage passes to the caller, NULL when nothing was replaced. False when
 * there is no memory: nothing is published, the changes are kept. */
bool index_publish(struct index_writer *writer, const struct index_view **view,
                   struct index_garbage **garbage);
/* NULL is allowed. */
void index_garbage_free(struct index_writer *writer, struct index_garbage *garbage);

/* One slice of tidying, a few milliseconds: merges fresh documents into their neighbourhood, splits
 * and joins tiles. True when it changed something: publish then, and call again when there is time.
 * `patience`: as many documents may wait in fresh tiles; many at once are merged for less work
 * each, and cost every search a look at the blocks of their tiles. */
bool index_maintain(struct index_writer *writer, size_t patience);

struct index_stats {
    size_t documents, tiles, strips, fresh_tiles, fresh_documents, tombstones;
    size_t tile_bytes, strip_bytes;
    uint64_t tiles_built, cells;
};
void index_stats(const struct index_writer *writer, struct index_stats *out);

#endif
