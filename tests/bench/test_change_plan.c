#include <criterion/criterion.h>
#include <stdlib.h>

#include "change_plan.h"

enum { VACANCIES = 40, APPLICANTS = 30, CHANGES = 6000, INDEX_LIMIT = 1000 };

/* Only what exists is replaced or deleted, only what does not is inserted, for as long as it goes
 * on; and all three happen to both kinds. */
Test(change_plan, follows_what_it_did_before)
{
    struct change_plan plan = {.size = {3, VACANCIES, APPLICANTS}};
    bool exists[3][INDEX_LIMIT] = {{false}};
    size_t acts[3][3] = {{0}};
    for (size_t i = 0; i < VACANCIES; i++)
        exists[RECORD_VACANCY][i] = true;
    for (size_t i = 0; i < APPLICANTS; i++)
        exists[RECORD_APPLICANT][i] = true;
    for (uint64_t number = 0; number < CHANGES; number++) {
        struct planned_change change = change_plan_at(&plan, number);
        cr_assert_lt(change.key_index, INDEX_LIMIT);
        bool *there = &exists[change.kind][change.key_index];
        cr_assert_eq(*there, change.act != PLAN_INSERT, "change %zu", (size_t)number);
        *there = change.act != PLAN_DELETE;
        acts[change.kind][change.act]++;
    }
    for (int kind = RECORD_VACANCY; kind <= RECORD_APPLICANT; kind++) {
        cr_expect_eq(acts[kind][PLAN_INSERT], CHANGES / 20);
        cr_expect_eq(acts[kind][PLAN_DELETE], CHANGES / 20);
        cr_expect_eq(acts[kind][PLAN_REPLACE], CHANGES / 20 * 8);
    }
}
