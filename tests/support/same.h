/* Fails the test unless two records are the same in every field, lists and texts by content. */
#ifndef HAIHE_TESTS_SUPPORT_SAME_H
#define HAIHE_TESTS_SUPPORT_SAME_H

#include "model/record.h"

void assert_same_vacancy(const struct vacancy *a, const struct vacancy *b);
void assert_same_applicant(const struct applicant *a, const struct applicant *b);

#endif
