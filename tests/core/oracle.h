/* The score a second time, written from DESIGN section 2 and not from score.c. */
#ifndef HAIHE_TESTS_CORE_ORACLE_H
#define HAIHE_TESTS_CORE_ORACLE_H

#include "core/filter.h"
#include "core/score.h"

struct pair_score oracle_score(const struct scoring *scoring, const struct vacancy *vacancy,
                               const struct applicant *applicant);
bool oracle_filter_vacancy(const struct filter *filter, const struct vacancy *vacancy);
bool oracle_filter_applicant(const struct filter *filter, const struct applicant *applicant);

#endif
