#include "model/sample.h"

/* Distinct two-letter tags and texts, so that a list may be any length without repeating itself. */
static const char letters[] = "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmn";

static struct str item(size_t index)
{
    return (struct str){letters + index % 26, (uint32_t)(2 + index / 26)};
}

void vacancy_sample_init(struct vacancy_sample *sample)
{
    *sample = (struct vacancy_sample){0};
    for (uint32_t i = 0; i < SAMPLE_ITEMS; i++) {
        sample->skills[i] = (struct asked_skill){.skill_id = i, .importance = 3, .min_level = 4};
        sample->sites[i] = (struct place){{391000000, 1172000000 + (int32_t)i}, STR("120101")};
        sample->languages[i] = (struct language){item(i), 3};
        sample->licences[i] = sample->tags[i] = item(i);
    }
    sample->skills[1] = (struct asked_skill){
        .skill_id = SKILL_UNKNOWN, .importance = 5, .essential = true, .name = STR("冷门技能")};
    sample->vacancy = (struct vacancy){
        .key = {STR("tj"), STR("v-42")},
        .title = STR("焊工 (Welder)"),
        .hiring_organization = STR("天津造船 Co"),
        .hiring_organization_folded = STR("天津造船 co"),
        .occupation = {STR("isco-08"), STR("7212")},
        .skills = sample->skills,
        .sites = sample->sites,
        .languages = sample->languages,
        .licences = {sample->licences, 2},
        .tags = {sample->tags, 2},
        .base_salary = {600000, 900000, "CNY", PAY_MONTH, 13, false},
        .wage_min_month_cents = 650000,
        .wage_max_month_cents = 975000,
        .date_posted = 20000,
        .valid_through = 20030,
        .total_job_openings = 3,
        .months_of_experience = 24,
        .types = 1 << 1 | 1 << 2,
        .skill_count = 2,
        .site_count = 2,
        .language_count = 2,
        .education_level = 3,
        .status = STATUS_OPEN,
        .open = true,
    };
}

void applicant_sample_init(struct applicant_sample *sample)
{
    *sample = (struct applicant_sample){0};
    for (uint32_t i = 0; i < SAMPLE_ITEMS; i++) {
        sample->skills[i] = (struct held_skill){.skill_id = i, .level = 5};
        sample->occupations[i] = (struct occupation_code){STR("cn-2022"), STR("2-02-10-03")};
        sample->languages[i] = (struct language){item(i), 6};
        sample->licences[i] = sample->tags[i] = sample->groups[i] = sample->excluded[i] = item(i);
    }
    sample->skills[1] = (struct held_skill){.skill_id = SKILL_UNKNOWN, .name = STR("冷门技能")};
    sample->applicant = (struct applicant){
        .key = {STR("tj"), STR("a-7")},
        .skills = sample->skills,
        .home = {{390000000, 1170000000}, STR("120103")},
        .desired_occupations = sample->occupations,
        .languages = sample->languages,
        .licences = {sample->licences, 2},
        .tags = {sample->tags, 2},
        .priority_groups = {sample->groups, 2},
        .excluded_organizations = {sample->excluded, 2},
        .wage = {500000, 800000, "", PAY_MONTH, 0, false},
        .wage_min_month_cents = 500000,
        .wage_desired_month_cents = 800000,
        .max_distance_m = 20000,
        .available_from = 20010,
        .months_of_experience = 60,
        .types = 1 << 8,
        .skill_count = 2,
        .occupation_count = 2,
        .language_count = 2,
        .education_level = 6,
        .status = STATUS_OPEN,
        .consent_matching = true,
        .consent_visible = true,
        .consent_personalised = true,
        .active = true,
        .available = true,
    };
}
