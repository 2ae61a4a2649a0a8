/* What was made, in figures: the pay percentiles against the published ones, and shares.
 *
 * Figures come from the amounts as written, after rounding and after the minimum wage, turned back
 * into full-time pay a year. Thread: one owner.
 */
#ifndef HAIHE_TOOLS_MARKET_REPORT_H
#define HAIHE_TOOLS_MARKET_REPORT_H

#include <stdio.h>

#include "sample.h"

struct report {
    int32_t *applicant_yuan;               /* owned: wage wishes */
    int32_t *vacancy_yuan;                 /* owned: middles of offers, one for each vacancy */
    size_t applicant_count, vacancy_count; /* with pay */
    size_t applicants, vacancies;
    size_t several_sites, remote, negotiable, openings;
    size_t asked_levels[9], held_levels[9];
    size_t vacancy_units[UNIT_COUNT];
};

void report_init(struct report *report, size_t vacancies, size_t applicants);
void report_release(struct report *report);
void report_add_vacancy(struct report *report, const struct sample_vacancy *vacancy);
void report_add_applicant(struct report *report, const struct sample_applicant *applicant);
void report_print(struct report *report, FILE *out);

#endif
