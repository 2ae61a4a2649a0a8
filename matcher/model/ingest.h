/* The ingest gate: what must not be published, refused by rule id, field and value.
 *
 *   missing_content   title                       missing_employer   hiring_organization
 *   missing_headcount total_job_openings          missing_place      job_locations
 *   missing_pay       base_salary                 missing_validity   valid_through
 *   already_expired   valid_through before today
 *   wage_below_statutory_minimum   base_salary.min_amount (or max_amount, when it stands alone):
 *       hourly pay against the hourly amount; day, week, month and year against the month amount,
 *       unless only part-time or per-diem work is offered. Monthly pay counts as it is stated,
 *       whatever months_per_year says: each month must reach the minimum. Each workplace's area
 *       binds, by its code or, where neither table knows the code, by the nearest centre within
 *       100 km; the day is the later of today and date_posted.
 *   banned_term       title or description holds a term of the configured list (after folding)
 *
 * They are tried in this order, the first that fails is reported. "missing" means empty, spaces or
 * 0; for job_locations, no workplace with a position and not remote; for base_salary, neither an
 * amount nor negotiable. Rules are decided by the writer's date, so that a record means the same to
 * every reader. Thread: any; the policy is immutable.
 */
#ifndef HAIHE_MODEL_INGEST_H
#define HAIHE_MODEL_INGEST_H

#include "model/area.h"
#include "model/record.h"

/* Everything that normalising and checking records needs, borrowed, immutable, wired by main. */
struct model {
    const struct taxonomy *taxonomy;
    const struct area_table *areas;
    const struct minimum_wage_table *minimum_wages; /* NULL = no rule about pay */
    struct currency_table currencies;
    struct str_list priority_groups; /* allowed names */
    struct str_list banned_terms;    /* folded */
};

/* RESOURCE_EXHAUSTED when there is no memory to fold; else INVALID_ARGUMENT with rule, field and
 * value. `description` is the text that the record itself does not keep. Fields are relative to the
 * vacancy. */
bool ingest_check_vacancy(const struct model *model, const struct vacancy *vacancy,
                          struct str description, int32_t today, struct error *error);

#endif
