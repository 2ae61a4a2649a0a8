/* The kernels: the inner loops of a search, once for each instruction set.
 *
 * A kernel bounds tiles, bounds the blocks of a tile, adds up postings and bounds documents; who
 * survives goes to the search, which asks score_pair. All kernels give the same bounds bit for bit.
 * The best one that the processor has is chosen once, at start. Thread: any; the scratch is one
 * search's.
 */
#ifndef HAIHE_CORE_KERNEL_H
#define HAIHE_CORE_KERNEL_H

#include "core/index.h"
#include "core/query.h"

enum {
    VISIT_TILES = 8, /* at a time: one's memory is fetched while another is worked on */
    CANDIDATE_GROUPS = VISIT_TILES * TILE_DOCUMENTS / GROUP_DOCUMENTS,
    SURVIVOR_LIMIT = VISIT_TILES * TILE_DOCUMENTS,
};

/* A list of a tile that is being visited. */
struct visit_list {
    const uint8_t *head;
    uint32_t term;
};

/* A tile being visited. */
struct visit_tile {
    const struct strip_view *view;
    const uint64_t *present; /* by term: which columns of the strip have its list */
    const struct tile *tile;
    const uint64_t *tombstones; /* NULL: all documents live */
    unsigned column;
    uint32_t list_count;
    struct visit_list *lists; /* capacity term_count */
    uint16_t barred;          /* blocks where nobody passes the request's filter */
    uint16_t blocks;          /* that may hold somebody */
    float other[TILE_BLOCKS]; /* bounds of everything but skills */
    float total[TILE_BLOCKS];
};

/* Up to 16 neighbouring documents whose skills suffice. */
struct candidate_group {
    const struct tile *tile;
    uint16_t group;
    uint16_t lanes;
    float other; /* of their block */
    uint16_t sums[GROUP_DOCUMENTS];
} __attribute__((aligned(64)));

/* A document whose bound suffices. */
struct survivor {
    float bound;
    uint32_t document;
    const struct tile *tile;
};

/* Scratch of one search, in its arena. */
struct visit {
    const struct query *query;
    float threshold; /* a bound below it is of no interest; < 0 at first */
    uint32_t candidate_count, survivor_count;
    struct {
        uint64_t tiles, blocks, postings, groups, survivors;
    } work;
    uint16_t sums[TILE_DOCUMENTS];
    uint16_t best[TILE_DOCUMENTS];            /* of one group of terms; all 0 between uses */
    uint16_t essentials[TILE_DOCUMENTS];      /* how many are held */
    struct visit_tile tiles[2 * VISIT_TILES]; /* two groups, fetched and visited in turn */
    struct candidate_group candidates[CANDIDATE_GROUPS];
    struct survivor survivors[SURVIVOR_LIMIT];
};

struct kernel {
    const char *name;
    /* bounds[64]: of every column that is live and may hold somebody, the others are -1;
     * present[term_count]: which columns have the term's list. */
    void (*bound_strip)(const struct query *query, const struct strip_view *view,
                        float bounds[STRIP_TILES], uint64_t *present);
    /* Finds the lists of tiles and starts fetching what visiting them will read. */
    void (*fetch_tiles)(const struct query *query, struct visit_tile *tiles, size_t count);
    /* Looks through fetched tiles: appends to the survivors, at most SURVIVOR_LIMIT. */
    void (*visit_tiles)(struct visit *visit, struct visit_tile *tiles, size_t count);
};

/* The best that this processor runs. */
const struct kernel *kernel_best(void);
/* "scalar", "avx2" or "avx512"; NULL when there is none or the processor cannot run it. */
const struct kernel *kernel_named(const char *name);

#endif
