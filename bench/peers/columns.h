/* A million records as columns, for the plain scan.
 *
 * Of the two kinds one is ranked; where a column belongs to the other kind it is empty (NULL).
 * All arrays have `count` items but where told otherwise. Thread: any reader once loaded.
 */
#ifndef HAIHE_BENCH_PEERS_COLUMNS_H
#define HAIHE_BENCH_PEERS_COLUMNS_H

#include "peer.h"

enum { COLUMN_LEVEL_BITS = 4, COLUMN_CODE_COUNT = 128 };

/* code: importance (vacancies; else 0) << COLUMN_LEVEL_BITS | level, the default where not stated
 */
struct coded_skill {
    uint16_t skill_id;
    uint16_t code;
};

/* What a person wants. */
struct wish {
    int32_t radius_m;
    int32_t wage_min, wage_desired; /* yuan a month */
};

struct columns {
    size_t count;
    int64_t *ids;
    struct position *places;
    int32_t *pays;            /* vacancies: the most they pay, yuan a month */
    struct wish *wishes;      /* applicants */
    int32_t *importance_sums; /* vacancies; applicants have 0 */
    uint32_t *skill_starts;   /* count + 1 items; of record i: skill_starts[i]..[i + 1] */
    struct coded_skill *skills;
};

/* False with "FILE:LINE: .."; to be released in either case. */
bool columns_load(struct columns *columns, const char *path, enum record_kind kind,
                  struct error *error);
void columns_release(struct columns *columns);

/* The skills of a record in *out (room for RECORD_SKILL_LIMIT); returns how many. */
uint32_t columns_code_skills(const union draft *draft, enum record_kind kind,
                             struct coded_skill *out);
struct wish columns_wish(const struct applicant *applicant);

#endif
