/* A strip: the matrix over (row, tile) for 64 tiles, and the bounds of those tiles.
 *
 *   bounds[row][64]   one byte: the most that a document of the tile gets out of this row
 *   lists[row][64]    two bytes: where the tile's list of the row is, in units of 8 bytes
 *   facets            what requests filter by: facet.h
 *   tiles             bounds of place, pay, occupation: arrays by column
 *
 * Both are 0 where a tile has no such list. The matrix byte
 *   of an asked skill: 255 * importance / sum of importances, the highest, rounded up;
 *   of a held skill:   1..8 the highest level; where some document states no level 9..15, for
 *                      highest stated levels up to 1, 2, 3, 4, 5, 6 and 8.
 *
 * The writer fills a column before the first root that shows it and empties it after the last one
 * that did: a reader may see a column in change, but then its root does not list it as live, and
 * what it read is dropped. Strips are shared by all roots and freed with the index.
 * Cost: 192 bytes a row, 256 KiB of facets; a search reads one line of 64 bytes for each of its
 * rows.
 */
#ifndef HAIHE_CORE_STRIP_H
#define HAIHE_CORE_STRIP_H

#include "core/tile_build.h"

enum { STRIP_TILES = FACET_TILES };
static_assert(STRIP_TILES == 64 && TILE_BLOCKS == 16, "what a word of facets holds");

struct tile_bounds {
    float lat_low[STRIP_TILES], lat_high[STRIP_TILES];
    float lon_low[STRIP_TILES], lon_high[STRIP_TILES];
    float cosine_low[STRIP_TILES];
    float pay_first[STRIP_TILES], pay_second[STRIP_TILES];
    float radius[STRIP_TILES];
    uint32_t occupations[4][STRIP_TILES];
    uint8_t pay_unknown[STRIP_TILES];
    uint8_t occupation_open[STRIP_TILES];
};

struct strip {
    size_t row_count;
    uint8_t *bounds;
    uint16_t *lists;
    struct facet_matrix *facets; /* owned */
    struct tile_bounds tiles;
};

/* Zeroed. NULL when there is no memory. */
struct strip *strip_new(size_t row_count);
void strip_free(struct strip *strip);

/* Writer: enters a tile into an empty column. */
void strip_fill(struct strip *strip, unsigned column, const struct tile *tile,
                const struct tile_entries *entries);
/* Writer: empties it; no reader may have it live. */
void strip_empty(struct strip *strip, unsigned column);

#endif
