#include "support/same.h"

#include <criterion/criterion.h>

static bool texts_equal(struct str_list a, struct str_list b)
{
    bool equal = a.count == b.count && (a.count > 0) == (a.items != NULL);
    for (uint32_t i = 0; equal && i < a.count; i++)
        equal = str_equal(a.items[i], b.items[i]);
    return equal;
}

static bool places_equal(struct place a, struct place b)
{
    return a.position.lat_e7 == b.position.lat_e7 && a.position.lon_e7 == b.position.lon_e7 &&
           str_equal(a.area_code, b.area_code);
}

static void assert_languages(const struct language *a, const struct language *b, size_t count)
{
    cr_assert((count > 0) == (a != NULL));
    for (size_t i = 0; i < count; i++)
        cr_assert(str_equal(a[i].tag, b[i].tag) && a[i].level == b[i].level);
}

static void assert_salary(const struct salary *a, const struct salary *b)
{
    cr_assert(a->min_amount == b->min_amount && a->max_amount == b->max_amount);
    cr_assert(memcmp(a->currency, b->currency, sizeof a->currency) == 0);
    cr_assert(a->unit == b->unit && a->months_per_year == b->months_per_year &&
              a->negotiable == b->negotiable);
}

void assert_same_vacancy(const struct vacancy *a, const struct vacancy *b)
{
    cr_assert(key_equal(a->key, b->key) && str_equal(a->title, b->title));
    cr_assert(str_equal(a->hiring_organization, b->hiring_organization));
    cr_assert(str_equal(a->hiring_organization_folded, b->hiring_organization_folded));
    cr_assert(str_equal(a->occupation.system, b->occupation.system));
    cr_assert(str_equal(a->occupation.code, b->occupation.code));
    cr_assert(a->skill_count == b->skill_count && a->site_count == b->site_count &&
              a->language_count == b->language_count);
    cr_assert((a->skill_count > 0) == (a->skills != NULL));
    cr_assert((a->site_count > 0) == (a->sites != NULL));
    for (size_t i = 0; i < a->skill_count; i++) {
        const struct asked_skill *s = &a->skills[i], *t = &b->skills[i];
        cr_assert(s->skill_id == t->skill_id && s->importance == t->importance &&
                  s->min_level == t->min_level && s->essential == t->essential &&
                  str_equal(s->name, t->name));
    }
    for (size_t i = 0; i < a->site_count; i++)
        cr_assert(places_equal(a->sites[i], b->sites[i]));
    assert_languages(a->languages, b->languages, a->language_count);
    cr_assert(texts_equal(a->licences, b->licences) && texts_equal(a->tags, b->tags));
    assert_salary(&a->base_salary, &b->base_salary);
    cr_assert(a->wage_min_month_cents == b->wage_min_month_cents &&
              a->wage_max_month_cents == b->wage_max_month_cents &&
              a->date_posted == b->date_posted && a->valid_through == b->valid_through &&
              a->total_job_openings == b->total_job_openings &&
              a->months_of_experience == b->months_of_experience && a->types == b->types &&
              a->education_level == b->education_level && a->status == b->status &&
              a->remote == b->remote && a->open == b->open);
}

void assert_same_applicant(const struct applicant *a, const struct applicant *b)
{
    cr_assert(key_equal(a->key, b->key));
    cr_assert(a->skill_count == b->skill_count && a->occupation_count == b->occupation_count &&
              a->language_count == b->language_count);
    cr_assert((a->skill_count > 0) == (a->skills != NULL));
    cr_assert((a->occupation_count > 0) == (a->desired_occupations != NULL));
    for (size_t i = 0; i < a->skill_count; i++)
        cr_assert(a->skills[i].skill_id == b->skills[i].skill_id &&
                  a->skills[i].level == b->skills[i].level &&
                  str_equal(a->skills[i].name, b->skills[i].name));
    cr_assert(places_equal(a->home, b->home));
    for (size_t i = 0; i < a->occupation_count; i++)
        cr_assert(str_equal(a->desired_occupations[i].system, b->desired_occupations[i].system) &&
                  str_equal(a->desired_occupations[i].code, b->desired_occupations[i].code));
    assert_languages(a->languages, b->languages, a->language_count);
    cr_assert(texts_equal(a->licences, b->licences) && texts_equal(a->tags, b->tags) &&
              texts_equal(a->priority_groups, b->priority_groups) &&
              texts_equal(a->excluded_organizations, b->excluded_organizations));
    assert_salary(&a->wage, &b->wage);
    cr_assert(a->wage_min_month_cents == b->wage_min_month_cents &&
              a->wage_desired_month_cents == b->wage_desired_month_cents &&
              a->max_distance_m == b->max_distance_m && a->available_from == b->available_from &&
              a->months_of_experience == b->months_of_experience && a->types == b->types &&
              a->education_level == b->education_level && a->status == b->status &&
              a->consent_matching == b->consent_matching &&
              a->consent_visible == b->consent_visible &&
              a->consent_personalised == b->consent_personalised && a->active == b->active &&
              a->available == b->available);
}
