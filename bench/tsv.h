/* The yardstick's data: one record a line, columns divided by tabs, no header.
 *
 *   vacancy    id lat lon wage_min wage_max occupation skills        skill =
 * id:importance:min_level applicant  id lat lon radius_km wage_min wage_desired occupation skills
 * skill = id:level
 *
 * Skills are divided by commas; ids are 0..TSV_SKILL_COUNT-1, the rows of tsv_taxonomy. lat and lon
 * are degrees with at most 7 decimals, wages whole yuan a month. The key's platform is "lab", the
 * occupation a code of the system "lab". Whatever the file does not say is what lets a pair pass:
 * open, active, available, consenting; no education, experience, licences.
 * Thread: any.
 */
#ifndef HAIHE_BENCH_TSV_H
#define HAIHE_BENCH_TSV_H

#include "draft.h"

enum { TSV_SKILL_COUNT = 13900 };

/* Skills "s00000".. in this order, no links: none is close to another. NULL without memory. */
struct taxonomy *tsv_taxonomy(struct error *error);

/* Texts in the draft are views of the line. False with "column 'radius_km' '0': must be 1..20000",
 * without file and line. */
bool tsv_read_vacancy(struct str line, struct vacancy_draft *draft, struct error *error);
bool tsv_read_applicant(struct str line, struct applicant_draft *draft, struct error *error);

#endif
