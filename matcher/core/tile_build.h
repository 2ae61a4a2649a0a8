/* Building tiles from documents in their order: what the index writer's threads do.
 *
 * Thread: a builder has one owner. Cost: 0.5 us a document; a builder holds about 3 MiB and 17
 * bytes a row.
 */
#ifndef HAIHE_CORE_TILE_BUILD_H
#define HAIHE_CORE_TILE_BUILD_H

#include "core/facet.h"
#include "core/tile.h"

/* A document to be. */
struct tile_source {
    const struct entry *entry;
    uint64_t major, minor; /* sort keys: order.h */
    uint8_t site;          /* of a vacancy with several workplaces */
    uint8_t copy;          /* which of the record's places is this document's */
    uint8_t kind;          /* enum tile_kind */
};

struct tile_builder; /* scratch memory for one thread */

/* NULL when there is no memory. */
struct tile_builder *tile_builder_new(enum ranking ranking, const struct taxonomy *taxonomy,
                                      const struct lexicon *lexicon);
void tile_builder_free(struct tile_builder *builder);

/* What strip_fill wants with a tile; the builder's until its next call. */
struct tile_entries {
    const struct tile_row *rows; /* in the order of rows */
    size_t row_count;
    const struct facet_column *facets;
};

enum tile_outcome { TILE_BUILT, TILE_TOO_LARGE, TILE_NO_MEMORY };
/* Builds a tile of sources that stand in document order and are of one kind; count is
 * 1..TILE_DOCUMENTS. TILE_TOO_LARGE: their lists exceed 512 KiB; fewer will fit. One block,
 * memory_free. */
enum tile_outcome tile_build(struct tile_builder *builder, const struct tile_source *sources,
                             size_t count, struct tile **tile, struct tile_entries *entries);

#endif
