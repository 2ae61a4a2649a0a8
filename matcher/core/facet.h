/* Facets: what requests filter by, as a matrix over (row, tile) for the 64 tiles of a strip.
 *
 *   words[row][64 / 4]   two bytes a tile, four tiles a word: bit b of them says that some document
 *                        of block b may have a value of this row
 *
 * A facet is a kind and a value: the tag "x", an area "12....", an occupation "25..", the
 * employment type 3. It hashes to FACET_HASHES rows; a block that lacks one of them has no document
 * with it. Values share rows: a block may be wanted in vain (a few in a hundred with 130 employers
 * a block), never missed, because a document enters all facets that filter.c would accept it for,
 * and a column is written before the first root that shows its tile. What a value is compared with
 * on levels (areas, occupations) has a facet for each level, so that a request asks for one.
 *
 * Threads: one writer; readers at any time. Words are read and written whole: four tiles share one,
 * and a column in change is in no reader's view. Cost: 4 KiB a tile, two bytes a document.
 */
#ifndef HAIHE_CORE_FACET_H
#define HAIHE_CORE_FACET_H

#include <stdatomic.h>

#include "model/record.h"

enum {
    FACET_ROWS = 2048,
    FACET_HASHES = 3,
    FACET_TILES = 64,
    FACET_WORD_TILES = 4,
    FACET_WORDS = FACET_TILES / FACET_WORD_TILES,
    FACET_OCCUPATION_LEVELS = 3,
};

enum facet_kind {
    FACET_PLATFORM,
    FACET_ORGANIZATION,
    FACET_TAG,
    FACET_PRIORITY_GROUP,
    FACET_AREA,                        /* a whole code */
    FACET_AREA_PAIRS,                  /* + n: of a code of six digits the first n pairs, 1..2 */
    FACET_TYPE = FACET_AREA_PAIRS + 3, /* a number, or -1: none stated */
    FACET_OCCUPATION,                  /* + n: the first n levels, 1..FACET_OCCUPATION_LEVELS */
};

struct facet {
    uint16_t rows[FACET_HASHES];
};
struct facet facet_of_text(enum facet_kind kind, struct str text);
struct facet facet_of_type(int type);
/* What area_holds(code, ..) accepts; false when that is every code. */
bool facet_of_area(struct str code, struct facet *out);
/* What occupation_holds(system, code, ..) accepts; false when it cannot be said. */
bool facet_of_occupation(struct occupation_code upper, struct facet *out);

/* A tile's column while it is made: bits of blocks by row. */
struct facet_column {
    uint16_t blocks[FACET_ROWS];
};
void facet_column_add_vacancy(struct facet_column *column, const struct vacancy *vacancy,
                              size_t block);
void facet_column_add_applicant(struct facet_column *column, const struct applicant *applicant,
                                size_t block);

struct facet_matrix {
    _Atomic uint64_t words[FACET_ROWS][FACET_WORDS];
};

/* Zeroed. NULL when there is no memory; memory_free. */
struct facet_matrix *facet_matrix_new(void);
/* Writer: the column must be empty. */
void facet_matrix_fill(struct facet_matrix *matrix, unsigned tile,
                       const struct facet_column *column);
void facet_matrix_empty(struct facet_matrix *matrix, unsigned tile);

/* Adds to blocks[] (four tiles a word) those where the facet may be. */
void facet_matrix_find(const struct facet_matrix *matrix, const struct facet *facet,
                       uint64_t blocks[FACET_WORDS]);

#endif
