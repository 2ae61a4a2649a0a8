/* The cases in which an index may do badly, made from any market by changing its records.
 *
 * A change depends on seed, kind and index of the record alone. Thread: any.
 */
#ifndef HAIHE_BENCH_VARIANT_H
#define HAIHE_BENCH_VARIANT_H

#include "draft.h"

/* X(name, what is changed) */
#define VARIANTS(X)                                                                                \
    X(none, "records as they come")                                                                \
    X(one_place, "all homes and workplaces in one spot")                                           \
    X(wide_radius, "everybody goes 200 km")                                                        \
    X(common_skill, "one skill in every record")                                                   \
    X(forty_skills, "40 skills a record at least, most of them near those it had")                 \
    X(one_skill_query, "queries have their first skill only")                                      \
    X(match_nothing, "queries by turns: one skill that nobody knows, or a place too far away")     \
    X(equal_wages, "everybody pays, needs and wants the same")                                     \
    X(copies, "a thousand copies of each record, as many records as before")

enum variant {
#define X(name, text) VARIANT_##name,
    VARIANTS(X)
#undef X
        VARIANT_COUNT,
    VARIANT_NONE = VARIANT_none,
    VARIANT_COPIES = VARIANT_copies, /* made by whoever fills a workload */
};

struct variant_options {
    enum variant variant;
    uint64_t seed;
    uint32_t taxonomy_skill_count;
};

/* False when there is none of that name. */
bool variant_find(const char *name, enum variant *out);
const char *variant_name(enum variant variant);
/* "one_place: all homes .." a line. */
const char *variant_help(void);

/* `draft` holds a whole record of that kind; it stays one. */
void variant_change(const struct variant_options *options, enum record_kind kind, bool is_query,
                    uint64_t index, union draft *draft);

#endif
