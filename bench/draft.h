/* A record while it is made: its lists lie beside it, writable, with room up to the limits.
 * `vacancy.skills` points to `skills` and so on. Thread: one owner. */
#ifndef HAIHE_BENCH_DRAFT_H
#define HAIHE_BENCH_DRAFT_H

#include "model/record.h"

struct vacancy_draft {
    struct vacancy vacancy;
    struct asked_skill skills[RECORD_SKILL_LIMIT];
    struct place sites[RECORD_SITE_LIMIT];
};

struct applicant_draft {
    struct applicant applicant;
    struct held_skill skills[RECORD_SKILL_LIMIT];
    struct occupation_code occupation; /* when there is one only */
};

/* Either of the two, by the kind that goes with it. */
union draft {
    struct vacancy_draft vacancy;
    struct applicant_draft applicant;
};

#endif
