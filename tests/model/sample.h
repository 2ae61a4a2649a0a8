/* A full vacancy and a full applicant with two items in each list, to be spoilt one field at a
 * time.
 */
#ifndef HAIHE_TESTS_MODEL_SAMPLE_H
#define HAIHE_TESTS_MODEL_SAMPLE_H

#include "model/record.h"

enum { SAMPLE_ITEMS = RECORD_SKILL_LIMIT + 1 };

/* The record and its lists, long enough to break every limit; two of each are used. Filled in
 * place: the record points into it. */
struct vacancy_sample {
    struct vacancy vacancy;
    struct asked_skill skills[SAMPLE_ITEMS];
    struct place sites[SAMPLE_ITEMS];
    struct language languages[SAMPLE_ITEMS];
    struct str licences[SAMPLE_ITEMS];
    struct str tags[SAMPLE_ITEMS];
};

struct applicant_sample {
    struct applicant applicant;
    struct held_skill skills[SAMPLE_ITEMS];
    struct occupation_code occupations[SAMPLE_ITEMS];
    struct language languages[SAMPLE_ITEMS];
    struct str licences[SAMPLE_ITEMS];
    struct str tags[SAMPLE_ITEMS];
    struct str groups[SAMPLE_ITEMS];
    struct str excluded[SAMPLE_ITEMS];
};

void vacancy_sample_init(struct vacancy_sample *sample);
void applicant_sample_init(struct applicant_sample *sample);

#endif
