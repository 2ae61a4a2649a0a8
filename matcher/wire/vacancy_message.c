/* A checked haihe.v1.Vacancy becomes a struct vacancy. Thread: any. */
#include <assert.h>
#include <stdio.h>

#include "base/text.h"
#include "wire/record_part.h"

#include "base/banned.h"

static_assert((int)HAIHE__V1__VACANCY_STATUS__VACANCY_STATUS_OPEN == STATUS_OPEN &&
                  (int)HAIHE__V1__VACANCY_STATUS__VACANCY_STATUS_PAUSED == STATUS_PAUSED &&
                  (int)HAIHE__V1__VACANCY_STATUS__VACANCY_STATUS_FILLED == STATUS_ENDED &&
                  (int)HAIHE__V1__VACANCY_STATUS__VACANCY_STATUS_WITHDRAWN == STATUS_WITHDRAWN,
              "the model keeps the proto's numbers");
static_assert((int)HAIHE__V1__PAY_UNIT__PAY_UNIT_HOUR == PAY_HOUR &&
                  (int)HAIHE__V1__PAY_UNIT__PAY_UNIT_DAY == PAY_DAY &&
                  (int)HAIHE__V1__PAY_UNIT__PAY_UNIT_WEEK == PAY_WEEK &&
                  (int)HAIHE__V1__PAY_UNIT__PAY_UNIT_MONTH == PAY_MONTH &&
                  (int)HAIHE__V1__PAY_UNIT__PAY_UNIT_YEAR == PAY_YEAR,
              "the model keeps the proto's numbers");

static bool read_skills(const struct reading *reading, const Haihe__V1__Vacancy *message,
                        struct vacancy *out, struct record_extras *extras)
{
    struct skill_name names[RECORD_SKILL_LIMIT];
    struct str written[RECORD_SKILL_LIMIT];
    size_t count = message->n_skills;
    struct asked_skill *skills = NULL;
    if (count > 0) {
        skills = arena_alloc_zeroed(reading->arena, count, sizeof *skills);
        if (!skills)
            return message_exhausted(reading->arena, reading->error);
    }
    for (size_t i = 0; i < count; i++) {
        const Haihe__V1__SkillDemand *demand = message->skills[i];
        if (!read_skill_name(reading, demand->skill, i, names))
            return false;
        written[i] = message_text(demand->skill);
        skills[i] = (struct asked_skill){
            .skill_id = names[i].skill_id,
            .importance = (uint8_t)(demand->importance ? demand->importance : IMPORTANCE_DEFAULT),
            .min_level = (uint8_t)demand->min_level,
            .essential = demand->essential,
            .name = names[i].folded};
    }
    out->skills = skills;
    out->skill_count = (uint8_t)count;
    return read_unresolved(reading, names, written, count, &extras->unresolved_skills);
}

static bool read_sites(const struct reading *reading, const Haihe__V1__Vacancy *message,
                       struct vacancy *out)
{
    size_t count = message->n_job_locations;
    if (count == 0)
        return true;
    struct place *sites = arena_alloc_zeroed(reading->arena, count, sizeof *sites);
    if (!sites)
        return message_exhausted(reading->arena, reading->error);
    out->sites = sites;
    out->site_count = (uint8_t)count;
    for (size_t i = 0; i < count; i++) {
        char name[FIELD_NAME_BYTES];
        if (!read_place(reading, message->job_locations[i], &sites[i])) {
            error_prefix_field(reading->error, field_name(name, "job_locations", i));
            return false;
        }
        if (!position_is_known(sites[i].position))
            return refuse_text(reading->error, "required", field_name(name, "job_locations", i),
                               message_text(message->job_locations[i]->address),
                               "must have a point or an area code");
    }
    return true;
}

static bool read_salary(const struct reading *reading, const Haihe__V1__Salary *message,
                        struct vacancy *out)
{
    static const struct pay_fields FIELDS = {"base_salary", "max_amount", "min_above_max"};
    out->wage_min_month_cents = out->wage_max_month_cents = WAGE_UNKNOWN;
    if (!message)
        return true;
    out->base_salary = (struct salary){.min_amount = message->min_amount,
                                       .max_amount = message->max_amount,
                                       .unit = (uint8_t)message->unit,
                                       .months_per_year = (uint8_t)message->months_per_year,
                                       .negotiable = message->negotiable};
    struct str currency = message_text(message->currency);
    if (currency.length > 0) /* three letters */
        memcpy(out->base_salary.currency, currency.data, currency.length);
    return read_pay(reading, &FIELDS, &out->base_salary, &out->wage_min_month_cents,
                    &out->wage_max_month_cents);
}

static bool read_dates(const struct reading *reading, const Haihe__V1__Vacancy *message,
                       struct vacancy *out)
{
    if (!read_date(reading, "date_posted", message->date_posted, &out->date_posted) ||
        !read_date(reading, "valid_through", message->valid_through, &out->valid_through))
        return false;
    if (out->date_posted == DATE_NONE || out->valid_through == DATE_NONE ||
        out->date_posted <= out->valid_through)
        return true;
    char reason[48];
    snprintf(reason, sizeof reason, "is before date_posted %s", message->date_posted);
    return refuse_text(reading->error, "ends_before_start", "valid_through",
                       message_text(message->valid_through), reason);
}

/* A text of spaces only counts as not stated: the ingest gate says then what is missing. */
static bool read_employer(const struct reading *reading, const Haihe__V1__Vacancy *message,
                          struct vacancy *out)
{
    struct str written = message_text(message->hiring_organization);
    if (written.length == 0)
        return true;
    out->hiring_organization_folded = text_fold(reading->arena, written);
    if (!out->hiring_organization_folded.data)
        return message_exhausted(reading->arena, reading->error);
    if (out->hiring_organization_folded.length > 0)
        out->hiring_organization = written;
    return true;
}

bool read_vacancy(const struct reading *reading, const Haihe__V1__Vacancy *message,
                  struct vacancy *out, struct record_extras *extras)
{
    *out = (struct vacancy){
        .title = message_text(message->title),
        .total_job_openings = message->total_job_openings,
        .months_of_experience = (uint16_t)message->months_of_experience,
        .education_level = (uint8_t)message->education_level,
        .status = (uint8_t)(message->status ? message->status : STATUS_OPEN),
        .remote =
            message->job_location_type == HAIHE__V1__JOB_LOCATION_TYPE__JOB_LOCATION_TYPE_REMOTE,
    };
    *extras = (struct record_extras){.description = message_text(message->description)};
    if (message->occupational_category)
        read_occupation(message->occupational_category, &out->occupation);
    if (!read_record_key(reading, message->key, &out->key) ||
        !read_skills(reading, message, out, extras) || !read_sites(reading, message, out) ||
        !read_salary(reading, message->base_salary, out) ||
        !read_employment_types(reading, message->employment_types, message->n_employment_types,
                               &out->types) ||
        !read_employer(reading, message, out) || !read_dates(reading, message, out) ||
        !read_languages(reading, message->languages, message->n_languages, &out->languages,
                        &out->language_count) ||
        !read_folded_list(reading, "licences", message->licences, message->n_licences,
                          "duplicate_licence", &out->licences) ||
        !read_folded_list(reading, "tags", message->tags, message->n_tags, NULL, &out->tags))
        return false;
    out->open = vacancy_is_open_on(out, reading->today);
    return true;
}
