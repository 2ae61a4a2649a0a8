/* What the parts of the index writer share. Not for others.
 *
 *   columns[]   one for each tile that there may be: strip * 64 + column of the strip
 *   cells[]     in major order: each covers the keys from its own first to the next cell's
 *     homes[]   in minor order: the tiles of the cell, likewise
 *   fresh       tiles of documents that have not been merged into their home yet: by kind a small
 *               one, a half-full one, and full ones
 *   incoming[]  documents inserted since the last publication: in no tile
 *
 * Invariants: a document that stands in the index is in exactly one of incoming, a fresh tile and a
 * home tile, and its record's place says where; a home's documents lie within its keys; a tile
 * holds one kind. What a view shows is only ever replaced, never changed.
 */
#ifndef HAIHE_CORE_INDEX_INTERNAL_H
#define HAIHE_CORE_INDEX_INTERNAL_H

#include "core/index.h"
#include "core/order.h"

enum {
    CELL_DOCUMENTS_LEAST = 4096, /* a cell is split when it has more than twice its size */
    CELL_COUNT = 150,            /* about; what measured best at 1M and 10M (bench/README.md) */
    SMALL_FRESH_DOCUMENTS = 256, /* rebuilt at each publication: cheap */
    TOMBSTONE_WORDS = TILE_DOCUMENTS / 64,
    SPARSE_HOME_DOCUMENTS = 512, /* joined with a neighbour below this */
};

#define PLACE_NONE     UINT32_MAX       /* column: not in the index */
#define PLACE_INCOMING (UINT32_MAX - 1) /* document: index in incoming */

enum column_state { COLUMN_FREE, COLUMN_HOME, COLUMN_FRESH, COLUMN_RETIRED };

struct column {
    struct tile *tile;
    uint64_t *tombstones;        /* NULL: none */
    struct tile_source *sources; /* of a fresh tile, in document order; owned */
    uint32_t live;
    uint8_t state;              /* enum column_state */
    bool tombstones_are_shared; /* with a published view: copy before a change */
};

struct home {
    uint64_t minor_first; /* of the first home: 0 */
    uint32_t column;
    uint32_t pending; /* fresh documents that belong here, about */
};

struct cell {
    uint64_t major_first;
    struct home *homes; /* owned */
    uint32_t home_count;
    uint32_t pending; /* of a cell without homes */
};

/* A growing array of pointers or numbers that must not fail when it is used: room is made first. */
struct list32 {
    uint32_t *items;
    size_t count, capacity;
};
struct list_pointers {
    void **items;
    size_t count, capacity;
};
bool list32_reserve(struct list32 *list, size_t more);
bool list_pointers_reserve(struct list_pointers *list, size_t more);

struct index_garbage {
    const struct index_view *view;
    struct list_pointers blocks; /* to be freed: strip views, tombstones */
    struct list32 columns;       /* to be emptied, with their tiles */
};

struct index_writer {
    enum ranking ranking;
    const struct taxonomy *taxonomy;
    const struct lexicon *lexicon;
    struct order *order; /* owned */
    struct tile_builder *builder;
    struct strip **strips;           /* capacity strip_capacity */
    struct strip_view **strip_views; /* the published ones, NULL where there is none yet */
    bool *strip_is_changed;
    size_t strip_count, strip_capacity;
    struct column *columns; /* strip_capacity * STRIP_TILES */
    struct list32 free_columns;
    struct cell **cells; /* owned, in order */
    size_t cell_count, cell_capacity;
    size_t cell_documents, least_cell_documents; /* the size that cells are cut to */
    uint32_t small_fresh[TILE_KIND_COUNT], open_fresh[TILE_KIND_COUNT]; /* PLACE_NONE: none */
    struct list32 fresh; /* columns of all fresh tiles */
    struct tile_source *incoming;
    size_t incoming_count, incoming_capacity;
    size_t document_count, fresh_count, tombstone_count;
    size_t tile_bytes;
    uint64_t tiles_built;
    struct index_view *view; /* the published one */
    bool is_changed;
    struct index_garbage waiting; /* what the next publication replaces */
};

/* The size of cells in an index of so many documents: small enough to be one part of a town, large
 * enough that class and occupation tell its tiles apart. */
static inline void choose_cell_documents(struct index_writer *writer, size_t document_count)
{
    size_t tiles = (document_count / CELL_COUNT + TILE_DOCUMENTS - 1) / TILE_DOCUMENTS;
    size_t even = tiles * TILE_DOCUMENTS, least = writer->least_cell_documents;
    writer->cell_documents = even > least ? even : least;
}

/* --- Columns (index_columns.c) --- */

/* Tiles that are built but not entered: all of them or none. */
struct batch {
    struct index_writer *writer;
    uint32_t *columns;
    size_t count, capacity;
};
/* Builds tiles of sources in their order, of one kind, `limit` documents in each but for the last;
 * fills their columns. False: no memory; batch_drop then. */
bool batch_build(struct batch *batch, const struct tile_source *sources, size_t count,
                 size_t limit);
/* Undoes what was built. */
void batch_drop(struct batch *batch);
/* Their documents' places, and their state from now on. Takes what batch_build made; `sources` are
 * those of all tiles in order. Room in `fresh` must have been reserved for COLUMN_FRESH. */
void batch_enter(struct batch *batch, const struct tile_source *sources, enum column_state state);
void batch_release(struct batch *batch);

/* Room to retire so many columns. */
bool column_reserve_retire(struct index_writer *writer, size_t count);
/* The tile is in no view from the next publication on. Reserve first. */
void column_retire(struct index_writer *writer, uint32_t column);
bool column_is_live(const struct column *column, size_t document);
/* Makes the tombstones the writer's own; false without memory. */
bool column_own_tombstones(struct index_writer *writer, uint32_t column);
/* Marks a document as gone; tombstones must be the writer's own. */
void column_bury(struct index_writer *writer, uint32_t column, size_t document);
/* Appends the live documents of a tile as sources; room is the caller's. Returns how many. */
size_t column_sources(const struct index_writer *writer, uint32_t column, struct tile_source *out);
/* A strip more. */
bool columns_grow(struct index_writer *writer);

/* One document more among the incoming ones. */
bool index_insert_source(struct index_writer *writer, const struct tile_source *source);

/* --- Cells (index_cells.c) --- */

size_t cell_find(const struct index_writer *writer, uint64_t major);
/* The home of a key in a cell; its home_count must not be 0. */
struct home *home_find(const struct cell *cell, uint64_t minor);
/* An empty index's: one for each kind. False without memory. */
bool cells_init(struct index_writer *writer);
void cells_release(struct index_writer *writer);
/* Counts a fresh document at its home. */
void cells_count_fresh(struct index_writer *writer, const struct tile_source *source);

#endif
