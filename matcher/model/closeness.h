/* The table behind taxonomy_closeness_bp: for each asked skill its neighbours, computed once from
 * the links by the formula in taxonomy.h.
 *
 *   rows        one for each asked skill: filter, first, count
 *   neighbours  [ of skill 0, closest first | of skill 1 | .. ]    at most 16 each
 *
 * and its exact transpose, for each held skill the asked ones that it is a neighbour of:
 *
 *   asked_first  [ 0 | .. ]    skill_count + 1; skill s has asked[asked_first[s]] .. up to the next
 *   asked        [ of skill 0, closest first | of skill 1 | .. ]    a list may have any length
 *
 * `filter` has one of 64 bits set for every neighbour: most pairs of skills are
 * not related, and one AND says so. Thread: any reader once built.
 */
#ifndef HAIHE_MODEL_CLOSENESS_H
#define HAIHE_MODEL_CLOSENESS_H

#include "model/taxonomy.h"

/* `skill` names `other` as broader, or as related. */
struct skill_link {
    uint32_t skill;
    uint32_t other;
};

struct skill_links {
    struct skill_link *items; /* owned (memory_free) */
    size_t count;
    size_t capacity;
};

/* False when there is no memory. */
bool skill_links_add(struct skill_links *links, uint32_t skill, uint32_t other);
void skill_links_release(struct skill_links *links);

struct closeness_row {
    uint64_t filter;
    uint32_t first; /* into neighbours */
    uint32_t count; /* 0..CLOSENESS_NEIGHBOUR_LIMIT */
};

struct closeness_table {
    struct closeness_row *rows;   /* owned, one a skill */
    struct closeness *neighbours; /* owned */
    uint32_t *asked_first;        /* owned */
    struct closeness *asked;      /* owned; as many as there are neighbours */
};

/* Sorts both lists and drops repeated links. No link may lead to its own skill. False when there is
 * no memory: *table is then empty. */
bool closeness_table_build(struct closeness_table *table, uint32_t skill_count,
                           struct skill_links *broader, struct skill_links *related);
void closeness_table_release(struct closeness_table *table);
/* The neighbour's basis points, or 0. */
int32_t closeness_table_find(const struct closeness_table *table, uint32_t held, uint32_t asked);

/* The smallest of some skills that are their own broader ones over links, or SKILL_UNKNOWN. False
 * when there is no memory. */
bool skill_links_find_cycle(const struct skill_links *broader, uint32_t skill_count,
                            uint32_t *skill);

#endif
