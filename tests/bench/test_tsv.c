#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "tsv.h"

Test(tsv, reads_a_vacancy)
{
    struct vacancy_draft draft;
    struct error error = {0};
    struct str line = STR("17\t38.90134\t-117.5\t3500\t4500\t134\t9039:3:4,0:1:0");
    cr_assert(tsv_read_vacancy(line, &draft, &error), "%s", error.text);
    const struct vacancy *vacancy = &draft.vacancy;
    cr_expect(str_equal(vacancy->key.platform, STR("lab")) &&
              str_equal(vacancy->key.id, STR("17")));
    cr_expect_eq(vacancy->site_count, 1);
    cr_expect_eq(vacancy->sites[0].position.lat_e7, 389013400);
    cr_expect_eq(vacancy->sites[0].position.lon_e7, -1175000000);
    cr_expect_eq(vacancy->wage_min_month_cents, 350000);
    cr_expect_eq(vacancy->wage_max_month_cents, 450000);
    cr_expect(str_equal(vacancy->occupation.system, STR("lab")) &&
              str_equal(vacancy->occupation.code, STR("134")));
    cr_assert_eq(vacancy->skill_count, 2);
    cr_expect_eq(vacancy->skills[0].skill_id, 9039);
    cr_expect_eq(vacancy->skills[0].importance, 3);
    cr_expect_eq(vacancy->skills[0].min_level, 4);
    cr_expect(!vacancy->skills[0].essential);
    cr_expect_eq(vacancy->skills[1].skill_id, 0);
    cr_expect(vacancy->open);
    cr_expect(vacancy_validate(vacancy, &error), "%s", error.text);
}

Test(tsv, reads_an_applicant)
{
    struct applicant_draft draft;
    struct error error = {0};
    struct str line = STR("a-1\t39\t117.1234567\t20\t3300\t3300\t4\t13899:8");
    cr_assert(tsv_read_applicant(line, &draft, &error), "%s", error.text);
    const struct applicant *applicant = &draft.applicant;
    cr_expect_eq(applicant->home.position.lat_e7, 390000000);
    cr_expect_eq(applicant->home.position.lon_e7, 1171234567);
    cr_expect_eq(applicant->max_distance_m, 20000);
    cr_expect_eq(applicant->wage_min_month_cents, 330000);
    cr_expect_eq(applicant->wage_desired_month_cents, 330000);
    cr_assert_eq(applicant->occupation_count, 1);
    cr_expect(str_equal(applicant->desired_occupations[0].code, STR("4")));
    cr_assert_eq(applicant->skill_count, 1);
    cr_expect_eq(applicant->skills[0].skill_id, 13899);
    cr_expect_eq(applicant->skills[0].level, 8);
    cr_expect(applicant->active && applicant->available && applicant->consent_matching &&
              applicant->consent_visible);
    cr_expect(applicant_validate(applicant, &error), "%s", error.text);
}

Test(tsv, a_record_may_have_no_skills)
{
    struct vacancy_draft draft;
    struct error error = {0};
    cr_assert(tsv_read_vacancy(STR("1\t39\t117\t1\t2\t3\t"), &draft, &error), "%s", error.text);
    cr_expect_eq(draft.vacancy.skill_count, 0);
    cr_expect(vacancy_validate(&draft.vacancy, &error), "%s", error.text);
}

static const struct {
    const char *line, *part; /* of the message */
} bad_vacancies[] = {
    {"", "column 'id' ''"},
    {"1", "column 'lat' is missing"},
    {"1 2\t39\t117\t1\t2\t3\t4:1:1", "column 'id' '1 2'"},
    {"1\tx\t117\t1\t2\t3\t4:1:1", "column 'lat' 'x'"},
    {"1\t90.0000001\t117\t1\t2\t3\t4:1:1", "column 'lat' '90.0000001': must be -90..90"},
    {"1\t39.\t117\t1\t2\t3\t4:1:1", "column 'lat' '39.'"},
    {"1\t39.12345678\t117\t1\t2\t3\t4:1:1", "at most 7 decimals"},
    {"1\t39\t-180.1\t1\t2\t3\t4:1:1", "must be -180..180"},
    {"1\t39\t117\t-1\t2\t3\t4:1:1", "column 'wage_min' '-1'"},
    {"1\t39\t117\t1\t2000000000\t3\t4:1:1", "column 'wage_max'"},
    {"1\t39\t117\t3\t2\t3\t4:1:1", "column 'wage_min' is above 'wage_max'"},
    {"1\t39\t117\t1\t2\t\t4:1:1", "column 'occupation' ''"},
    {"1\t39\t117\t1\t2\t3", "column 'skills' is missing"},
    {"1\t39\t117\t1\t2\t3\t4:1", "must be id:importance:min_level"},
    {"1\t39\t117\t1\t2\t3\t4:1:1,", "must be id:importance:min_level"},
    {"1\t39\t117\t1\t2\t3\t4:1:1;5:1:1", "must be id:importance:min_level"},
    {"1\t39\t117\t1\t2\t3\t13900:1:1", "skill ids are 0..13899"},
    {"1\t39\t117\t1\t2\t3\t4:0:1", "importance must be 1..5"},
    {"1\t39\t117\t1\t2\t3\t4:6:1", "importance must be 1..5"},
    {"1\t39\t117\t1\t2\t3\t4:1:9", "min_level must be 0..8"},
    {"1\t39\t117\t1\t2\t3\t4:1:1,4:2:1", "'4:2:1': names a skill a second time"},
    {"1\t39\t117\t1\t2\t3\t4:1:1\t5", "more columns"},
};

Test(tsv, refuses_what_no_vacancy_says)
{
    for (size_t i = 0; i < sizeof bad_vacancies / sizeof bad_vacancies[0]; i++) {
        struct vacancy_draft draft;
        struct error error = {0};
        const char *line = bad_vacancies[i].line;
        cr_expect(!tsv_read_vacancy(str_of(line), &draft, &error), "'%s' was read", line);
        cr_expect(strstr(error.text, bad_vacancies[i].part), "'%s': '%s' lacks '%s'", line,
                  error.text, bad_vacancies[i].part);
    }
}

Test(tsv, refuses_an_applicant_without_radius_and_a_vacancy_s_skills)
{
    struct applicant_draft draft;
    struct error error = {0};
    cr_expect(!tsv_read_applicant(STR("1\t39\t117\t0\t1\t2\t3\t4:1"), &draft, &error));
    cr_expect(strstr(error.text, "column 'radius_km' '0': must be 1..20000"), "%s", error.text);
    cr_expect(!tsv_read_applicant(STR("1\t39\t117\t9\t1\t2\t3\t4:1:1"), &draft, &error));
    cr_expect(strstr(error.text, "must be id:level"), "%s", error.text);
}

Test(tsv, refuses_a_sixty_fifth_skill)
{
    char line[1024] = "1\t39\t117\t9\t1\t2\t3\t";
    size_t length = strlen(line);
    struct applicant_draft draft;
    struct error error = {0};
    for (int id = 0; id < 64; id++)
        length +=
            (size_t)snprintf(line + length, sizeof line - length, "%s%d:1", id ? "," : "", id);
    cr_assert(tsv_read_applicant(str_of(line), &draft, &error), "%s", error.text);
    cr_expect_eq(draft.applicant.skill_count, 64);
    snprintf(line + length, sizeof line - length, ",64:1");
    cr_expect(!tsv_read_applicant(str_of(line), &draft, &error));
    cr_expect(strstr(error.text, "at most 64 skills"), "%s", error.text);
}

Test(tsv, the_taxonomy_s_rows_are_the_file_s_ids_and_nothing_is_close)
{
    struct error error = {0};
    struct taxonomy *taxonomy = tsv_taxonomy(&error);
    cr_assert(taxonomy, "%s", error.text);
    cr_expect_eq(taxonomy_skill_count(taxonomy), TSV_SKILL_COUNT);
    cr_expect_eq(taxonomy_find_skill(taxonomy, STR("s00000")), 0);
    cr_expect_eq(taxonomy_find_skill(taxonomy, STR("s09999")), 9999);
    cr_expect_eq(taxonomy_find_skill(taxonomy, STR("s13899")), 13899);
    for (uint32_t id = 0; id < TSV_SKILL_COUNT; id++) {
        size_t count = 1;
        taxonomy_neighbours(taxonomy, id, &count);
        cr_expect_eq(count, 0);
    }
    taxonomy_free(taxonomy);
}
