/* A request's filter on what the index keeps of its documents: what it rules out need not be looked
 * at; what it lets through is decided by score_pair. Part of query.h.
 *
 *   facets of a strip (facet.h)   which blocks of its tiles may hold somebody
 *   hashes of a tile's documents  which of them may pass
 *
 * Thread: one search's.
 */
#ifndef HAIHE_CORE_QUERY_FILTER_H
#define HAIHE_CORE_QUERY_FILTER_H

#include "base/arena.h"
#include "core/facet.h"
#include "core/filter.h"
#include "core/tile.h"

struct strip_view;

/* (value of a document & mask) == value, for any item of a list. */
struct masked {
    uint32_t value, mask;
};

/* A document must be in any of these. */
struct facet_list {
    struct facet *facets;
    uint32_t count;
};
enum { FACET_LIST_LIMIT = 7 };

struct query_filter {
    struct masked *tags, *groups; /* mask: all bits */
    struct masked *areas, *occupations;
    uint16_t *organizations;                                       /* text_hash16 */
    uint8_t *platforms;                                            /* text_hash8 */
    uint32_t tag_count, group_count, area_count, occupation_count; /* 0: no matter */
    uint32_t organization_count, platform_count;
    uint16_t types;         /* 0 = any */
    uint16_t required_bits; /* of `bits`: DOCUMENT_REMOTE */
    uint16_t pay_at_least;  /* vacancies: code of a top; 0 = none */
    uint16_t pay_at_most;   /* applicants: code of a floor; CODE_UNKNOWN = none */
    struct facet_list lists[FACET_LIST_LIMIT];
    uint32_t list_count;
};

/* NULL compiles to what lets everything through. False when the arena is exhausted. */
bool query_filter_compile(struct query_filter *out, const struct filter *filter,
                          enum ranking ranking, struct arena *arena);

/* By tile of the strip: the blocks in which somebody may pass, among those of its live tiles; bits
 * beyond a tile's last block may be set. Returns how many bits are. */
size_t query_filter_blocks(const struct query_filter *filter, const struct strip_view *view,
                           uint16_t blocks[FACET_TILES]);

/* Starts fetching what query_filter_lanes will read first of these blocks. */
void query_filter_prefetch(const struct query_filter *filter, const struct tile *tile,
                           uint16_t blocks);
/* The lanes of a group whose documents may pass. */
uint16_t query_filter_lanes(const struct query_filter *filter, const struct tile *tile,
                            size_t group, uint16_t lanes);

#endif
