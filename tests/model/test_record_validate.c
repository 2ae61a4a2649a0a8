/* Each case spoils one field of a sound record, so the error can only be about that field. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "model/sample.h"

static char long_text[4096]; /* 'x' all over */

__attribute__((constructor)) static void fill_long_text(void)
{
    memset(long_text, 'x', sizeof long_text);
}

static struct str longer_than(uint32_t limit_bytes)
{
    return (struct str){long_text, limit_bytes + 1};
}

Test(record_validate, accepts_the_samples)
{
    struct vacancy_sample vacancy;
    struct applicant_sample applicant;
    vacancy_sample_init(&vacancy);
    applicant_sample_init(&applicant);
    struct error error;
    cr_assert(vacancy_validate(&vacancy.vacancy, &error), "%s", error.text);
    cr_assert(applicant_validate(&applicant.applicant, &error), "%s", error.text);
}

Test(record_validate, accepts_what_is_not_stated)
{
    struct vacancy vacancy = {.status = STATUS_PAUSED,
                              .wage_min_month_cents = WAGE_UNKNOWN,
                              .wage_max_month_cents = WAGE_UNKNOWN,
                              .date_posted = DATE_NONE,
                              .valid_through = DATE_NONE};
    struct applicant applicant = {.status = STATUS_PAUSED,
                                  .home.position = POSITION_NONE,
                                  .wage_min_month_cents = WAGE_UNKNOWN,
                                  .wage_desired_month_cents = WAGE_UNKNOWN,
                                  .months_of_experience = EXPERIENCE_UNKNOWN,
                                  .available_from = DATE_NONE};
    struct error error;
    cr_assert(vacancy_validate(&vacancy, &error), "%s", error.text);
    cr_assert(applicant_validate(&applicant, &error), "%s", error.text);
}

#define VACANCY_CASES(X)                                                                           \
    X("key.platform", v->key.platform = STR(""))                                                   \
    X("key.platform", v->key.platform = longer_than(64))                                           \
    X("key.id", v->key.id = STR(""))                                                               \
    X("key.id", v->key.id = longer_than(64))                                                       \
    X("key.id", v->key.id = STR("\xff"))                                                           \
    X("key.id", v->key.id = STR("a\x01"))                                                          \
    X("key.id", v->key.id = STR("11010519491231002X"))                                             \
    X("title", v->title = longer_than(200))                                                        \
    X("title", v->title = STR("\xe7\x84"))                                                         \
    X("hiring_organization", v->hiring_organization = longer_than(200))                            \
    X("hiring_organization_folded", v->hiring_organization_folded = STR(""))                       \
    X("hiring_organization_folded", v->hiring_organization_folded = STR("Co"))                     \
    X("hiring_organization_folded", v->hiring_organization_folded = STR(" co"))                    \
    X("hiring_organization_folded", v->hiring_organization_folded = STR("co "))                    \
    X("hiring_organization_folded", v->hiring_organization_folded = longer_than(2200))             \
    X("hiring_organization_folded", v->hiring_organization = STR(""))                              \
    X("occupation", v->occupation.system = STR(""))                                                \
    X("occupation", v->occupation.system = STR("ISCO"))                                            \
    X("occupation", v->occupation.system = longer_than(32))                                        \
    X("occupation", v->occupation.code = STR(""))                                                  \
    X("occupation", v->occupation.code = STR("72 12"))                                             \
    X("occupation", v->occupation.code = longer_than(32))                                          \
    X("skills", v->skill_count = RECORD_SKILL_LIMIT + 1)                                           \
    X("skills", v->skills = NULL)                                                                  \
    X("skills", v->skill_count = 0)                                                                \
    X("skills[0].name", s->skills[0].name = STR("x"))                                              \
    X("skills[1].name", s->skills[1].name = STR(""))                                               \
    X("skills[1].name", s->skills[1].name = STR("Rare"))                                           \
    X("skills[1].importance", s->skills[1].importance = 0)                                         \
    X("skills[0].importance", s->skills[0].importance = 6)                                         \
    X("skills[0].min_level", s->skills[0].min_level = 9)                                           \
    X("skills[1]", s->skills[1] = s->skills[0])                                                    \
    X("skills[1]", s->skills[0] = s->skills[1])                                                    \
    X("sites", v->site_count = RECORD_SITE_LIMIT + 1)                                              \
    X("sites", v->sites = NULL)                                                                    \
    X("sites[1]", s->sites[1].position.lat_e7 = 900000001)                                         \
    X("sites[1]", s->sites[1].position.lon_e7 = -1800000001)                                       \
    X("sites[0]", s->sites[0].position = POSITION_NONE)                                            \
    X("sites[0]", s->sites[0].area_code = longer_than(32))                                         \
    X("languages", v->language_count = VACANCY_LANGUAGE_LIMIT + 1)                                 \
    X("languages[1].tag", s->languages[1].tag = STR("z"))                                          \
    X("languages[1].tag", s->languages[1].tag = STR("ZH"))                                         \
    X("languages[1].tag", s->languages[1].tag = longer_than(8))                                    \
    X("languages[1].tag", s->languages[1].tag = s->languages[0].tag)                               \
    X("languages[1].level", s->languages[1].level = 7)                                             \
    X("licences", v->licences.count = VACANCY_LICENCE_LIMIT + 1)                                   \
    X("licences", v->licences.items = NULL)                                                        \
    X("licences[1]", s->licences[1] = STR(""))                                                     \
    X("licences[1]", s->licences[1] = longer_than(1100))                                           \
    X("tags", v->tags.count = RECORD_TAG_LIMIT + 1)                                                \
    X("tags[0]", s->tags[0] = STR("Fair"))                                                         \
    X("base_salary.min_amount", v->base_salary.min_amount = -1)                                    \
    X("base_salary.min_amount", v->base_salary.min_amount = 900001)                                \
    X("base_salary.max_amount", v->base_salary.max_amount = WAGE_AMOUNT_LIMIT + 1)                 \
    X("base_salary.unit", v->base_salary.unit = PAY_UNSTATED)                                      \
    X("base_salary.unit", v->base_salary.unit = PAY_UNIT_COUNT)                                    \
    X("base_salary.months_per_year", v->base_salary.months_per_year = 11)                          \
    X("base_salary.months_per_year", v->base_salary.months_per_year = 25)                          \
    X("base_salary.currency", memcpy(v->base_salary.currency, "cny", 4))                           \
    X("base_salary.currency", memcpy(v->base_salary.currency, "CN", 3))                            \
    X("base_salary.currency", memcpy(v->base_salary.currency, "CNYX", 4))                          \
    X("wage_min_month_cents", v->wage_min_month_cents = -2)                                        \
    X("wage_min_month_cents", v->wage_min_month_cents = 975001)                                    \
    X("wage_max_month_cents", v->wage_max_month_cents = WAGE_MONTH_LIMIT_CENTS + 1)                \
    X("status", v->status = 0)                                                                     \
    X("status", v->status = 5)                                                                     \
    X("open", v->status = STATUS_PAUSED)                                                           \
    X("date_posted", v->date_posted = -30000)                                                      \
    X("valid_through", v->valid_through = 400000)                                                  \
    X("valid_through", v->valid_through = 19999)                                                   \
    X("total_job_openings", v->total_job_openings = -1)                                            \
    X("total_job_openings", v->total_job_openings = 100001)                                        \
    X("months_of_experience", v->months_of_experience = 721)                                       \
    X("types", v->types = 1)                                                                       \
    X("types", v->types = 1 << 9)                                                                  \
    X("education_level", v->education_level = 9)

#define SPOIL(field_name, change)                                                                  \
    {                                                                                              \
        vacancy_sample_init(s);                                                                    \
        change;                                                                                    \
        struct error error = {0};                                                                  \
        cr_assert(!vacancy_validate(v, &error), "accepted: %s", #change);                          \
        cr_assert_str_eq(error.field, field_name, "%s: %s", #change, error.text);                  \
        cr_assert_eq(error.code, ERROR_INVALID_ARGUMENT);                                          \
        cr_assert(!vacancy_validate(v, NULL));                                                     \
    }

Test(record_validate, refuses_a_vacancy_beyond_each_limit)
{
    struct vacancy_sample sample, *s = &sample;
    struct vacancy *v = &sample.vacancy;
    VACANCY_CASES(SPOIL)
}

#undef SPOIL

#define APPLICANT_CASES(X)                                                                         \
    X("key.platform", a->key.platform = longer_than(64))                                           \
    X("key.id", a->key.id = STR("11010519491231002x"))                                             \
    X("skills", a->skill_count = RECORD_SKILL_LIMIT + 1)                                           \
    X("skills[0].level", s->skills[0].level = 9)                                                   \
    X("skills[0].name", s->skills[0].name = STR("x"))                                              \
    X("skills[1].name", s->skills[1].name = STR(""))                                               \
    X("skills[1]", s->skills[1] = s->skills[0])                                                    \
    X("skills[1]", s->skills[0] = s->skills[1])                                                    \
    X("home", a->home.position.lat_e7 = -900000001)                                                \
    X("home", a->home.position = POSITION_NONE)                                                    \
    X("home", a->home.area_code = STR("\xff"))                                                     \
    X("max_distance_m", a->max_distance_m = -1)                                                    \
    X("max_distance_m", a->max_distance_m = 20000001)                                              \
    X("desired_occupations", a->occupation_count = RECORD_OCCUPATION_LIMIT + 1)                    \
    X("desired_occupations[1]", s->occupations[1].system = STR(""))                                \
    X("desired_occupations[1]", s->occupations[1].code = STR("焊工"))                              \
    X("languages", a->language_count = APPLICANT_LANGUAGE_LIMIT + 1)                               \
    X("languages[0].level", s->languages[0].level = 7)                                             \
    X("licences", a->licences.count = APPLICANT_LICENCE_LIMIT + 1)                                 \
    X("licences[0]", s->licences[0] = STR("B2 "))                                                  \
    X("tags", a->tags.count = RECORD_TAG_LIMIT + 1)                                                \
    X("tags[1]", s->tags[1] = STR("\x7f"))                                                         \
    X("priority_groups", a->priority_groups.count = RECORD_PRIORITY_GROUP_LIMIT + 1)               \
    X("priority_groups[1]", s->groups[1] = STR(""))                                                \
    X("excluded_organizations", a->excluded_organizations.count = RECORD_EXCLUDED_LIMIT + 1)       \
    X("excluded_organizations[0]", s->excluded[0] = STR("ACME"))                                   \
    X("wage.min_amount", a->wage.min_amount = 800001)                                              \
    X("wage.unit", a->wage.unit = PAY_UNSTATED)                                                    \
    X("wage_min_month_cents", a->wage_min_month_cents = 800001)                                    \
    X("wage_desired_month_cents", a->wage_desired_month_cents = WAGE_UNKNOWN)                      \
    X("wage_desired_month_cents", a->wage_desired_month_cents = INT64_MAX)                         \
    X("available_from", a->available_from = INT32_MAX)                                             \
    X("months_of_experience", a->months_of_experience = 721)                                       \
    X("types", a->types = 1 << 15)                                                                 \
    X("education_level", a->education_level = 9)                                                   \
    X("status", a->status = STATUS_WITHDRAWN)                                                      \
    X("status", a->status = 0)                                                                     \
    X("active", a->active = false)                                                                 \
    X("active", a->status = STATUS_PAUSED)

#define SPOIL(field_name, change)                                                                  \
    {                                                                                              \
        applicant_sample_init(s);                                                                  \
        change;                                                                                    \
        struct error error = {0};                                                                  \
        cr_assert(!applicant_validate(a, &error), "accepted: %s", #change);                        \
        cr_assert_str_eq(error.field, field_name, "%s: %s", #change, error.text);                  \
        cr_assert(!applicant_validate(a, NULL));                                                   \
    }

Test(record_validate, refuses_an_applicant_beyond_each_limit)
{
    struct applicant_sample sample, *s = &sample;
    struct applicant *a = &sample.applicant;
    APPLICANT_CASES(SPOIL)
}

Test(record_validate, does_not_repeat_an_identity_number)
{
    struct vacancy_sample sample;
    vacancy_sample_init(&sample);
    sample.vacancy.key.id = STR("11010519491231002X");
    struct error error;
    cr_assert(!vacancy_validate(&sample.vacancy, &error));
    cr_assert_str_eq(error.rule, "identity_number");
    cr_assert(!strstr(error.text, "1949") && !strstr(error.value, "1949"), "%s", error.text);
}

Test(record_validate, values_and_limits_are_in_the_text)
{
    struct vacancy_sample sample;
    vacancy_sample_init(&sample);
    sample.skills[1].importance = 6;
    struct error error;
    cr_assert(!vacancy_validate(&sample.vacancy, &error));
    cr_assert_str_eq(error.text, "skills[1].importance '6': must be 1..5");
    vacancy_sample_init(&sample);
    sample.skills[1] = sample.skills[0];
    cr_assert(!vacancy_validate(&sample.vacancy, &error));
    cr_assert_str_eq(error.rule, "duplicate_skill");
}
