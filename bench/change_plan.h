/* Which changes a market goes through, one after another, without end.
 *
 * The market begins with `vacancies` and `applicants` records, 0..count-1 of each kind. Change n
 * is, by n % 10 and alternately of either kind: 1 of 10  inserts a new record 1 of 10  deletes one:
 * first the tenth of the market at its front, then what was inserted 8 of 10  replace a record
 * behind that tenth by another with its key: other skills, place, pay A delete never precedes the
 * insert it needs, and nothing is replaced that was deleted. What a change is depends on its number
 * alone, so threads can encode them side by side. Thread: any.
 */
#ifndef HAIHE_BENCH_CHANGE_PLAN_H
#define HAIHE_BENCH_CHANGE_PLAN_H

#include "city.h"

struct change_plan {
    const struct city *city;
    struct city_size size; /* both counts at least 10 */
};

enum planned_act { PLAN_INSERT, PLAN_DELETE, PLAN_REPLACE };

struct planned_change {
    enum record_kind kind;
    enum planned_act act;
    uint64_t key_index;  /* of the record whose key it is */
    uint64_t body_index; /* of the record whose content it gets; the same for inserts */
};

struct planned_change change_plan_at(const struct change_plan *plan, uint64_t number);
/* The ApplyRequest of change `number`; a view in the scratch, whose arena is cleared. */
bool change_plan_encode(const struct change_plan *plan, uint64_t number,
                        struct city_scratch *scratch, struct str *request, struct error *error);
/* The ApplyRequest that puts record `index` of the beginning there; otherwise as above. */
bool change_plan_encode_first(const struct change_plan *plan, enum record_kind kind, uint64_t index,
                              struct city_scratch *scratch, struct str *request,
                              struct error *error);

#endif
