/* A tile: at most 2048 documents that lie near each other, as one immutable block of memory.
 *
 *   [ struct tile | lists | groups[] | sizes[] | more[] | refs[] | filters[] ]
 *
 * A document is one record, or one workplace of a vacancy that has several. Documents are numbered
 * within their tile; 128 of them make a block, 16 a group:
 *   groups[document / 16]   the columns that every search reads, 128 bytes for 16 documents, lanes
 *                           in the order of the documents; lanes past the last document are zero
 *   more[document / 16]     those that some searches read, 256 bytes
 *   refs[document]          the records themselves
 *   sizes[document]         vacancies: sum of importances, 255 for more, beside one another
 *   filters[document / 128] hashes for requests with a filter
 *   lists                   one for each matrix row (skill) that some document has, at multiples
 *                           of 8 bytes from 8 on; the matrix (strip.h) knows their offsets
 *
 *   list   [ block mask 2 | count 2 | form 1 | bounds | ends.. | postings 2.. ]     sparse
 *          [ block mask 2 | count 2 | form 1 | bounds | codes 16 | .. | blocks ]    dense
 *   sparse posting: document << 5 | code; ends[i] = postings up to the end of the i-th block in
 *   the mask, so that a block's postings are found without a scan
 *   dense: a cache line of 64 bytes for each block in the mask, from the next line behind the head
 *   on, so that a list lies on one page or two; four bits for each document: bits 4 * k .. of the
 *   w-th half are document 32 * k + w. DENSE_ABSENT where it has none, else the level (of a held
 *   skill), or which of the list's codes (of an asked one; where a list needs more than 15, a code
 *   stands for a neighbour too that earns no more). Cheaper than postings where many have the skill
 *
 * Codes: of an asked skill its importance and level, of a held one its level (query.h makes the
 * table of what a code earns). All bounds are rounded to the safe side: see code.h.
 * Built by tile_build.h. Thread: any reader once built. Cost: about 90 bytes a document.
 */
#ifndef HAIHE_CORE_TILE_H
#define HAIHE_CORE_TILE_H

#include <assert.h>
#include <stddef.h>

#include "base/error.h"
#include "core/entry.h"
#include "core/score.h"

enum {
    TILE_DOCUMENTS = 2048,
    BLOCK_DOCUMENTS = 128,
    TILE_BLOCKS = TILE_DOCUMENTS / BLOCK_DOCUMENTS,
    GROUP_DOCUMENTS = 16,
    BLOCK_GROUPS = BLOCK_DOCUMENTS / GROUP_DOCUMENTS,
};

/* How the location of all documents of a tile is judged. */
enum tile_kind {
    TILE_PLACED,   /* by distance */
    TILE_REMOTE,   /* remote vacancies: 10000 */
    TILE_UNSTATED, /* no position, or an applicant without max_distance_m */
    TILE_KIND_COUNT
};

/* Bits of `bits` in a group, above the 9 of employment_types (1 << EmploymentType). */
enum {
    DOCUMENT_TYPES = 0x01FF,
    DOCUMENT_AVAILABLE = 1 << 9,         /* applicants; always set for vacancies */
    DOCUMENT_MANY_OCCUPATIONS = 1 << 10, /* applicants with more than two: occupation unbounded */
    DOCUMENT_HAS_COPIES = 1 << 11,       /* other workplaces stand elsewhere */
    DOCUMENT_REMOTE = 1 << 12,
};

/* Columns of 16 documents, two cache lines. */
struct tile_group {
    uint16_t lat[GROUP_DOCUMENTS]; /* (lat_e7 - tile's) >> shift */
    uint16_t lon[GROUP_DOCUMENTS];
    /* vacancies: pay top, pay midpoint (code_up; CODE_UNKNOWN);
     * applicants: pay floor, max(floor, desired) (code_down; CODE_UNKNOWN without a wish) */
    uint16_t pay_first[GROUP_DOCUMENTS];
    uint16_t size[GROUP_DOCUMENTS]; /* vacancies: sum of importances (at least 1);
                                       applicants: radius (code_up) */
};

/* Four lines; a query that does not ask for one leaves its line. */
struct tile_group_more {
    uint16_t pay_second[GROUP_DOCUMENTS];
    uint16_t bits[GROUP_DOCUMENTS];
    uint32_t occupation[GROUP_DOCUMENTS]; /* occupation_bytes; 0 = none stated */
    /* vacancies: skill_bit of every essential skill; applicants: a second occupation_bytes */
    uint32_t essential_or_second[GROUP_DOCUMENTS];
    uint16_t needs[GROUP_DOCUMENTS];   /* need bits: asked, or held */
    uint8_t quality[GROUP_DOCUMENTS];  /* experience bucket | education level << 4 */
    uint8_t reserved[GROUP_DOCUMENTS]; /* 0 */
};
static_assert(sizeof(struct tile_group) == 128 && sizeof(struct tile_group_more) == 256,
              "two and four cache lines");

/* What a request's filter is tested on, of a block's documents; all hashes. */
struct tile_filters {
    uint32_t area[BLOCK_DOCUMENTS];         /* area_path of the last one stated; 0 = none */
    uint32_t tags[BLOCK_DOCUMENTS];         /* tag_bits; applicants' priority groups as well */
    uint16_t organization[BLOCK_DOCUMENTS]; /* text_hash16; applicants 0 */
    uint8_t platform[BLOCK_DOCUMENTS];      /* text_hash8 */
    uint8_t many[BLOCK_DOCUMENTS];          /* several areas are stated: `area` decides nothing */
};
static_assert(sizeof(struct tile_filters) == 12 * BLOCK_DOCUMENTS, "12 bytes a document");

/* A tile's head; what follows it is found by offset, so that a list's address is known before the
 * head has come from memory. Bounds of blocks are as coarse as the columns: four cache lines, and
 * four more for occupations, which a query without that weight leaves. */
struct tile {
    uint32_t bytes; /* of the whole block of memory */
    uint16_t document_count;
    uint8_t block_count;
    uint8_t kind;                 /* enum tile_kind */
    uint8_t ranking;              /* enum ranking: which kind of record it holds */
    uint8_t shift;                /* of the coordinates */
    uint16_t any_bits, any_needs; /* over all documents */
    uint16_t pay_unknown;         /* by block: some document states no pay (no wish) */
    uint32_t any_essential;
    uint16_t occupation_open; /* by block: some states no occupation, or too many */
    int32_t lat_origin, lon_origin;
    float cosine_low; /* of the latitude farthest from the equator, rounded down */
    uint32_t list_count;
    uint32_t groups_at, sizes_at, more_at, refs_at, filters_at; /* bytes from the tile */
    /* By block. lat_high and lon_high: the step that holds the highest. */
    uint16_t lat_low[TILE_BLOCKS] __attribute__((aligned(64)));
    uint16_t lat_high[TILE_BLOCKS];
    uint16_t lon_low[TILE_BLOCKS], lon_high[TILE_BLOCKS];
    /* vacancies: highest top, highest midpoint; applicants: lowest floor, lowest desired; codes */
    uint16_t pay_first[TILE_BLOCKS], pay_second[TILE_BLOCKS];
    uint16_t radius[TILE_BLOCKS]; /* applicants: longest; code */
    uint16_t reserved[TILE_BLOCKS];
    uint32_t occupations[4][TILE_BLOCKS]; /* by level: bit (hash & 31) of every document */
} __attribute__((aligned(64)));
static_assert(offsetof(struct tile, lat_low) == 64 && sizeof(struct tile) == 576,
              "nine cache lines");

static inline const uint8_t *tile_lists(const struct tile *tile)
{
    return (const uint8_t *)(tile + 1);
}

static inline const struct tile_group *tile_groups(const struct tile *tile)
{
    return (const struct tile_group *)((const char *)tile + tile->groups_at);
}

static inline const struct tile_group_more *tile_more(const struct tile *tile)
{
    return (const struct tile_group_more *)((const char *)tile + tile->more_at);
}

static inline const struct entry *const *tile_refs(const struct tile *tile)
{
    return (const struct entry *const *)((const char *)tile + tile->refs_at);
}

static inline const uint8_t *tile_sizes(const struct tile *tile)
{
    return (const uint8_t *)tile + tile->sizes_at;
}

static inline const struct tile_filters *tile_filters(const struct tile *tile)
{
    return (const struct tile_filters *)((const char *)tile + tile->filters_at);
}

/* --- Lists ---------------------------------------------------------------------------------- */

enum { LIST_ALIGNMENT = 8, LIST_SPARSE = 1, LIST_DENSE = 2 };
enum { CODE_BITS = 5, CODE_COUNT = 32, CODE_ABSENT = 31 };
enum { DENSE_CODES = 16, DENSE_ABSENT = DENSE_CODES - 1, DENSE_BLOCK_BYTES = BLOCK_DOCUMENTS / 2 };
/* Asked skills: (importance - 1) * 6 + level class, 0..29. Level classes 0..5 stand for a least
 * level of at most 1, 2, 3, 4, 5, and 6 or more: what asks for more is judged as 6. */
enum { ASKED_LEVEL_CLASSES = 6 };
static inline uint8_t asked_level_class(uint8_t min_level)
{
    return min_level <= 1                     ? 0
           : min_level >= ASKED_LEVEL_CLASSES ? ASKED_LEVEL_CLASSES - 1
                                              : min_level - 1;
}
/* Held skills: the level, 0 where it is not stated. */

/* The head of a list. bounds: of an asked skill, for held level classes 0..5 the most that it adds
 * to a document, importance * min(level, asked) / asked / sum of importances, in 1/255, rounded up;
 * of a held one bounds[0] only, its matrix byte (strip.h). */
struct list_head {
    uint16_t block_mask;
    uint16_t posting_count;
    uint8_t form;
    uint8_t bounds[ASKED_LEVEL_CLASSES];
};
enum { LIST_HEAD_BYTES_ASKED = 11, LIST_HEAD_BYTES_HELD = 6 };
static_assert(sizeof(struct list_head) == 12, "11 bytes and padding: read as bytes, never written");

/* Where the blocks of a dense list begin. `body` is what follows the head's bounds. */
static inline const uint8_t *dense_blocks(enum ranking ranking, const uint8_t *body)
{
    uintptr_t end = (uintptr_t)body + (ranking == RANK_VACANCIES ? DENSE_CODES : 0);
    return (const uint8_t *)((end + DENSE_BLOCK_BYTES - 1) & ~(uintptr_t)(DENSE_BLOCK_BYTES - 1));
}

static inline size_t list_head_bytes(enum ranking ranking)
{
    return ranking == RANK_VACANCIES ? LIST_HEAD_BYTES_ASKED : LIST_HEAD_BYTES_HELD;
}

/* --- Checking ------------------------------------------------------------------------------- */

/* What the matrix has to know about a list. */
struct tile_row {
    uint32_t row;
    uint16_t offset; /* of its list, in units of LIST_ALIGNMENT */
    uint8_t bound;   /* its matrix byte: strip.h */
};

/* True when every offset, mask and count of the tile is sound. For tests and debug builds. */
bool tile_validate(const struct tile *tile, const struct tile_row *rows, size_t row_count,
                   struct error *error);

#endif
