#include <criterion/criterion.h>

#include "city.h"

enum { VACANCY_COUNT = 400, APPLICANT_COUNT = 600, SEED = 5 };

static void load(enum ranking ranking, enum variant variant, unsigned threads,
                 struct workload *workload)
{
    struct city_options options = {.ranking = ranking,
                                   .size = {SEED, VACANCY_COUNT, APPLICANT_COUNT},
                                   .query_limit = 50,
                                   .fill = {.variant = {variant, SEED, 0}, .threads = threads}};
    struct error error = {0};
    size_t refused = 0;
    cr_assert(city_load(workload, &options, &refused, &error), "%s", error.text);
    cr_assert_eq(workload->candidate_count + refused,
                 (size_t)(ranking == RANK_VACANCIES ? VACANCY_COUNT : APPLICANT_COUNT));
    cr_assert_eq(workload->query_count, 50);
}

/* The last few stay valid. */
static const void *candidate_at(const struct workload *workload, size_t index)
{
    static struct workload_record rooms[8];
    static size_t next;
    return workload_candidate(workload, index, &rooms[next++ % 8]);
}

static const struct vacancy *vacancy_at(const struct workload *workload, size_t index)
{
    return candidate_at(workload, index);
}

static const struct applicant *applicant_at(const struct workload *workload, size_t index)
{
    return candidate_at(workload, index);
}

/* Every variant of either kind is still a record. */
Test(variant, leaves_lawful_records)
{
    for (int variant = 0; variant < VARIANT_COUNT; variant++) {
        for (int ranking = 0; ranking < 2; ranking++) {
            struct workload workload;
            load((enum ranking)ranking, (enum variant)variant, 2, &workload);
            for (size_t i = 0; i < workload.candidate_count + workload.query_count; i++) {
                struct error error = {0};
                bool is_query = i >= workload.candidate_count;
                const void *record = is_query ? workload.queries[i - workload.candidate_count]
                                              : candidate_at(&workload, i);
                bool is_vacancy = (ranking == RANK_VACANCIES) != is_query;
                cr_assert(is_vacancy ? vacancy_validate(record, &error)
                                     : applicant_validate(record, &error),
                          "%s: %s", variant_name((enum variant)variant), error.text);
            }
            workload_release(&workload);
        }
    }
}

Test(variant, is_found_by_its_name)
{
    for (int i = 0; i < VARIANT_COUNT; i++) {
        enum variant variant;
        cr_assert(variant_find(variant_name((enum variant)i), &variant));
        cr_expect_eq(variant, (enum variant)i);
    }
    enum variant variant;
    cr_expect(!variant_find("nothing", &variant));
}

Test(variant, one_place_has_one_position)
{
    struct workload vacancies, applicants;
    load(RANK_VACANCIES, VARIANT_one_place, 2, &vacancies);
    load(RANK_APPLICANTS, VARIANT_one_place, 2, &applicants);
    struct position position = applicant_at(&applicants, 0)->home.position;
    for (size_t i = 0; i < vacancies.candidate_count; i++) {
        cr_assert_eq(vacancy_at(&vacancies, i)->site_count, 1);
        cr_assert_eq(geo_distance_m(vacancy_at(&vacancies, i)->sites[0].position, position), 0);
    }
    for (size_t i = 0; i < applicants.candidate_count; i++)
        cr_assert_eq(geo_distance_m(applicant_at(&applicants, i)->home.position, position), 0);
    workload_release(&vacancies);
    workload_release(&applicants);
}

Test(variant, forty_skills_and_a_common_one)
{
    struct workload workload;
    load(RANK_VACANCIES, VARIANT_forty_skills, 2, &workload);
    for (size_t i = 0; i < workload.candidate_count; i++)
        cr_assert_geq(vacancy_at(&workload, i)->skill_count, 40);
    workload_release(&workload);
    load(RANK_APPLICANTS, VARIANT_common_skill, 2, &workload);
    for (size_t i = 0; i < workload.candidate_count; i++) {
        const struct applicant *applicant = applicant_at(&workload, i);
        bool found = false;
        for (size_t j = 0; j < applicant->skill_count; j++)
            found = found || applicant->skills[j].skill_id == 0;
        cr_assert(found);
    }
    workload_release(&workload);
}

Test(variant, queries_are_cut_to_one_skill_or_to_none_that_is_known)
{
    struct workload workload;
    load(RANK_VACANCIES, VARIANT_one_skill_query, 1, &workload);
    for (size_t i = 0; i < workload.query_count; i++)
        cr_assert_eq(((const struct applicant *)workload.queries[i])->skill_count, 1);
    workload_release(&workload);
    load(RANK_APPLICANTS, VARIANT_match_nothing, 1, &workload);
    size_t unknown = 0, away = 0;
    for (size_t i = 0; i < workload.query_count; i++) {
        const struct vacancy *query = workload.queries[i];
        unknown += query->skill_count == 1 && query->skills[0].skill_id == SKILL_UNKNOWN;
        away += query->sites[0].position.lat_e7 == 0 && !query->remote;
    }
    cr_expect_eq(unknown + away, workload.query_count);
    cr_expect(unknown > 0 && away > 0);
    workload_release(&workload);
}

Test(city, is_the_same_on_any_number_of_threads)
{
    struct workload one, three;
    load(RANK_VACANCIES, VARIANT_forty_skills, 1, &one);
    load(RANK_VACANCIES, VARIANT_forty_skills, 3, &three);
    cr_assert_eq(one.candidate_count, three.candidate_count);
    for (size_t i = 0; i < one.candidate_count; i++) {
        const struct vacancy *a = vacancy_at(&one, i), *b = vacancy_at(&three, i);
        cr_assert(key_equal(a->key, b->key) && a->remote == b->remote &&
                  a->site_count == b->site_count && a->skill_count == b->skill_count &&
                  a->wage_min_month_cents == b->wage_min_month_cents);
        for (size_t j = 0; j < a->skill_count; j++)
            cr_assert(a->skills[j].skill_id == b->skills[j].skill_id &&
                      a->skills[j].essential == b->skills[j].essential);
    }
    workload_release(&one);
    workload_release(&three);
}

Test(city, carries_the_burden_that_it_names)
{
    struct city_options options = {.ranking = RANK_VACANCIES,
                                   .size = {SEED, 4000, 100},
                                   .query_limit = 10,
                                   .fill = {.threads = 2}};
    struct workload workload;
    struct error error = {0};
    size_t refused, remote = 0, several = 0, unknown_pay = 0;
    cr_assert(city_load(&workload, &options, &refused, &error), "%s", error.text);
    for (size_t i = 0; i < workload.candidate_count; i++) {
        const struct vacancy *vacancy = vacancy_at(&workload, i);
        remote += vacancy->remote;
        several += vacancy->site_count > 1;
        unknown_pay += vacancy->wage_min_month_cents == WAGE_UNKNOWN;
        cr_assert_leq(vacancy->site_count, 5);
    }
    /* Permille; 4000 draws are within 2 % of these with certainty for all practical purposes. */
    size_t count = workload.candidate_count;
    cr_expect(remote * 1000 / count >= 80 && remote * 1000 / count <= 120, "%zu", remote);
    cr_expect(several * 1000 / count >= 35 && several * 1000 / count <= 65, "%zu", several);
    cr_expect(unknown_pay * 1000 / count >= 180 && unknown_pay * 1000 / count <= 225, "%zu",
              unknown_pay);
    workload_release(&workload);
}
