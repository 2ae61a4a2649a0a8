/* Scratch memory of building tiles: what tile_build.c and tile_lists.c share, and nobody else.
 *
 * There is one counter a row, which is 0 between builds; rows that occur are kept in a bitmap, so
 * that a build costs what its postings cost and not what the taxonomy costs.
 */
#ifndef HAIHE_CORE_TILE_BUILDER_H
#define HAIHE_CORE_TILE_BUILDER_H

#include "core/tile_build.h"

struct posting {
    uint32_t row;
    uint16_t document;
    uint8_t code;
};

/* Both parts of a group's columns. */
struct group {
    struct tile_group first;
    struct tile_group_more more;
};

struct row_work {
    uint32_t row;
    uint32_t first; /* of its postings in `sorted` */
    uint32_t count;
    uint32_t offset; /* bytes, in the list area */
    uint32_t codes;  /* bitmap of those that occur */
    struct list_head head;
};

struct tile_builder {
    enum ranking ranking;
    const struct taxonomy *taxonomy;
    size_t row_count;
    uint32_t *counts; /* by row; all 0 between builds */
    uint32_t *places; /* by row: where the next posting goes */
    uint64_t *used;   /* bitmap of rows; all 0 between builds */
    struct posting *postings;
    uint16_t *sorted;      /* document << 5 | code, by row */
    struct row_work *work; /* capacity work_capacity */
    struct tile_row *rows; /* the same capacity */
    size_t work_capacity;
    size_t posting_count, work_count;
    struct group groups[TILE_DOCUMENTS / GROUP_DOCUMENTS];
    struct tile_filters filters[TILE_BLOCKS];
    struct facet_column facets;
    struct position positions[TILE_DOCUMENTS];
    struct record_scratch scratch;
};

/* Decides the form and place of every list: how many bytes they take. False when they do not fit.
 */
bool tile_lists_plan(struct tile_builder *builder, size_t *list_bytes);
/* Writes them, to zeroed memory behind a tile's head, and fills builder->rows. */
void tile_lists_write(struct tile_builder *builder, uint8_t *lists);

#endif
