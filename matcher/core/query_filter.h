/* A request's filter on the hashes that a tile keeps of its documents: what it rules out need not
 * be looked at; what it lets through is decided by score_pair. Part of query.h. */
#ifndef HAIHE_CORE_QUERY_FILTER_H
#define HAIHE_CORE_QUERY_FILTER_H

#include "base/arena.h"
#include "core/filter.h"
#include "core/tile.h"

/* (value of a document & mask) == value, for any item of a list. */
struct masked {
    uint32_t value, mask;
};

struct query_filter {
    uint16_t *platforms, *organizations; /* text_hash16 */
    uint32_t platform_count, organization_count;
    uint16_t tags, groups; /* any of these bits; 0 = no matter */
    struct masked *areas, *occupations;
    uint32_t area_count, occupation_count;
    uint16_t types;         /* 0 = any */
    uint16_t required_bits; /* of `bits`: DOCUMENT_REMOTE */
    uint16_t pay_at_least;  /* vacancies: code of a top; 0 = none */
    uint16_t pay_at_most;   /* applicants: code of a floor; CODE_UNKNOWN = none */
};

/* NULL compiles to what lets everything through. False when the arena is exhausted. */
bool query_filter_compile(struct query_filter *out, const struct filter *filter,
                          enum ranking ranking, struct arena *arena);

/* False when the document cannot pass. */
bool query_filter_may_pass(const struct query_filter *filter, const struct tile *tile,
                           size_t document);

#endif
