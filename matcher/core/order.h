/* Who stands in the index, how often, and in which order.
 *
 * A record stands in it unless a gate that no request can soften always removes it: closed,
 * inactive, without consent. A vacancy with several workplaces of known position has a copy for
 * each, so that each copy has one distance.
 *
 * The order of documents: by kind and place (major), which cuts the index into cells, and within
 * a cell by class and occupation (minor). Documents without a place are ordered by occupation
 * alone. Thread: any; nothing is kept.
 */
#ifndef HAIHE_CORE_ORDER_H
#define HAIHE_CORE_ORDER_H

#include "core/tile_build.h"

/* What keys are made with: one thread's. */
struct order {
    enum ranking ranking;
    const struct taxonomy *taxonomy; /* borrowed */
    struct record_scratch scratch;
};
void order_init(struct order *order, enum ranking ranking, const struct taxonomy *taxonomy,
                const struct lexicon *lexicon);

/* The documents that the record is to have, 0 when it does not stand in the index. Fills at most
 * RECORD_SITE_LIMIT sources; the record has at least as many places. */
size_t order_sources(struct order *order, const struct entry *entry, struct tile_source *sources);

/* The place of a document's record that is the document's. */
static inline struct index_place *source_place(const struct tile_source *source)
{
    size_t count;
    return &entry_places(source->entry, &count)[source->copy];
}

/* <0 when a stands before b. */
static inline int order_compare(const struct tile_source *a, const struct tile_source *b)
{
    if (a->major != b->major)
        return a->major < b->major ? -1 : 1;
    return a->minor < b->minor ? -1 : a->minor > b->minor;
}

/* The kind is the major key's highest two bits: a cell holds one kind. */
static inline enum tile_kind order_kind(uint64_t major)
{
    return (enum tile_kind)(major >> 62);
}

#endif
