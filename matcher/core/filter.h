/* A request's own filter: what a candidate must have beside the gates. Texts are folded by whoever
 * builds it. An empty list or a zero asks nothing; within a list any item will do. Borrowed views;
 * thread: any. */
#ifndef HAIHE_CORE_FILTER_H
#define HAIHE_CORE_FILTER_H

#include "model/record.h"

struct filter {
    struct str_list platforms;
    struct str_list tags; /* folded */
    const struct occupation_code *occupations;
    size_t occupation_count;
    struct str_list area_codes;
    struct str_list organizations;     /* folded; vacancies only */
    struct str_list priority_groups;   /* applicants only */
    int64_t wage_at_least_month_cents; /* vacancies: known maximum not below */
    int64_t wage_at_most_month_cents;  /* applicants: known minimum not above; unknown passes */
    employment_types types;            /* 0 = any; a candidate that states none passes */
    bool remote_only;
};

bool filter_passes_vacancy(const struct filter *filter, const struct vacancy *vacancy);
bool filter_passes_applicant(const struct filter *filter, const struct applicant *applicant);

#endif
