/* Compares two scores of one pair, field by field. */
#ifndef HAIHE_TESTS_CORE_PAIR_DIFFERENCE_H
#define HAIHE_TESTS_CORE_PAIR_DIFFERENCE_H

#include "core/score.h"

/* "" when equal, else the name of the first field that differs. */
const char *pair_difference(const struct pair_score *a, const struct pair_score *b);

#endif
