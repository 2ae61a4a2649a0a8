/* A checked haihe.v1.Applicant becomes a struct applicant. Thread: any. */
#include <assert.h>

#include "wire/record_part.h"

#include "base/banned.h"

static_assert((int)HAIHE__V1__APPLICANT_STATUS__APPLICANT_STATUS_ACTIVE == STATUS_OPEN &&
                  (int)HAIHE__V1__APPLICANT_STATUS__APPLICANT_STATUS_PAUSED == STATUS_PAUSED &&
                  (int)HAIHE__V1__APPLICANT_STATUS__APPLICANT_STATUS_PLACED == STATUS_ENDED,
              "the model keeps the proto's numbers");

static bool read_skills(const struct reading *reading, const Haihe__V1__Applicant *message,
                        struct applicant *out, struct record_extras *extras)
{
    struct skill_name names[RECORD_SKILL_LIMIT];
    struct str written[RECORD_SKILL_LIMIT];
    size_t count = message->n_skills;
    struct held_skill *skills = NULL;
    if (count > 0) {
        skills = arena_alloc_zeroed(reading->arena, count, sizeof *skills);
        if (!skills)
            return message_exhausted(reading->arena, reading->error);
    }
    for (size_t i = 0; i < count; i++) {
        const Haihe__V1__SkillHeld *held = message->skills[i];
        if (!read_skill_name(reading, held->skill, i, names))
            return false;
        written[i] = message_text(held->skill);
        skills[i] = (struct held_skill){
            .skill_id = names[i].skill_id, .level = (uint8_t)held->level, .name = names[i].folded};
    }
    out->skills = skills;
    out->skill_count = (uint8_t)count;
    return read_unresolved(reading, names, written, count, &extras->unresolved_skills);
}

static bool read_home(const struct reading *reading, const Haihe__V1__Place *message,
                      struct applicant *out)
{
    out->home.position = POSITION_NONE;
    if (!message || read_place(reading, message, &out->home))
        return true;
    error_prefix_field(reading->error, "home");
    return false;
}

static bool read_wish(const struct reading *reading, const Haihe__V1__WageWish *message,
                      struct applicant *out)
{
    static const struct pay_fields FIELDS = {"wage", "desired_amount", "min_above_desired"};
    out->wage_min_month_cents = out->wage_desired_month_cents = WAGE_UNKNOWN;
    if (!message)
        return true;
    out->wage = (struct salary){.min_amount = message->min_amount,
                                .max_amount = message->desired_amount,
                                .unit = (uint8_t)message->unit};
    struct str currency = message_text(message->currency);
    if (currency.length > 0) /* three letters */
        memcpy(out->wage.currency, currency.data, currency.length);
    if (!read_pay(reading, &FIELDS, &out->wage, &out->wage_min_month_cents,
                  &out->wage_desired_month_cents))
        return false;
    if (out->wage_desired_month_cents == WAGE_UNKNOWN)
        out->wage_desired_month_cents = out->wage_min_month_cents;
    return true;
}

static bool read_desired(const struct reading *reading, const Haihe__V1__Applicant *message,
                         struct applicant *out)
{
    size_t count = message->n_desired_occupations;
    if (count == 0)
        return true;
    struct occupation_code *codes = arena_alloc_zeroed(reading->arena, count, sizeof *codes);
    if (!codes)
        return message_exhausted(reading->arena, reading->error);
    for (size_t i = 0; i < count; i++)
        read_occupation(message->desired_occupations[i], &codes[i]);
    out->desired_occupations = codes;
    out->occupation_count = (uint8_t)count;
    return true;
}

bool read_applicant(const struct reading *reading, const Haihe__V1__Applicant *message,
                    struct applicant *out, struct record_extras *extras)
{
    const Haihe__V1__Consent *consent = message->consent;
    bool has_months = message->_months_of_experience_case ==
                      HAIHE__V1__APPLICANT___MONTHS_OF_EXPERIENCE_MONTHS_OF_EXPERIENCE;
    *out = (struct applicant){
        .max_distance_m = message->max_distance_m,
        .months_of_experience =
            has_months ? (uint16_t)message->months_of_experience : EXPERIENCE_UNKNOWN,
        .education_level = (uint8_t)message->education_level,
        .status = (uint8_t)(message->status ? message->status : STATUS_OPEN),
        .consent_matching = consent && consent->matching,
        .consent_visible = consent && consent->visible_to_employers,
        .consent_personalised = consent && consent->personalised,
    };
    *extras = (struct record_extras){0};
    if (!read_record_key(reading, message->key, &out->key) ||
        !read_skills(reading, message, out, extras) || !read_home(reading, message->home, out) ||
        !read_wish(reading, message->wage, out) || !read_desired(reading, message, out) ||
        !read_employment_types(reading, message->employment_types, message->n_employment_types,
                               &out->types) ||
        !read_languages(reading, message->languages, message->n_languages, &out->languages,
                        &out->language_count) ||
        !read_folded_list(reading, "licences", message->licences, message->n_licences,
                          "duplicate_licence", &out->licences) ||
        !read_date(reading, "available_from", message->available_from, &out->available_from) ||
        !read_priority_groups(reading, message->priority_groups, message->n_priority_groups,
                              &out->priority_groups) ||
        !read_folded_list(reading, "tags", message->tags, message->n_tags, NULL, &out->tags) ||
        !read_folded_list(reading, "excluded_organizations", message->excluded_organizations,
                          message->n_excluded_organizations, NULL, &out->excluded_organizations))
        return false;
    out->active = out->status == STATUS_OPEN;
    out->available = applicant_is_available_on(out, reading->today);
    return true;
}
