/* What record.proto states about single fields, row by row. Immutable. */
#include "wire/record_rules.h"

#include "haihe/v1/record.pb-c.h"
#include "model/limits.h"
#include "model/wage.h"

#include "base/banned.h"

/* A date has one form only, which date_parse knows; this much of a wrong one is looked at. */
enum { DATE_LIMIT_BYTES = 64 };

static const struct field_rule KEY_FIELDS[] = {
    {.name = "platform", .high = KEY_PART_LIMIT_BYTES},
    {.name = "id", .high = KEY_PART_LIMIT_BYTES},
};
const struct message_rules KEY_RULES = MESSAGE_RULES(KEY_FIELDS, haihe__v1__key__descriptor);

static const struct field_rule POINT_FIELDS[] = {
    {.name = "latitude", .low = -90, .high = 90},
    {.name = "longitude", .low = -180, .high = 180},
};
static const struct message_rules POINT_RULES =
    MESSAGE_RULES(POINT_FIELDS, haihe__v1__geo_point__descriptor);

static const struct field_rule PLACE_FIELDS[] = {
    {.name = "point", .message = &POINT_RULES},
    {.name = "area_code", .high = AREA_CODE_LIMIT_BYTES},
    {.name = "address", .high = ADDRESS_LIMIT_BYTES},
};
static const struct message_rules PLACE_RULES =
    MESSAGE_RULES(PLACE_FIELDS, haihe__v1__place__descriptor);

static const struct field_rule SALARY_FIELDS[] = {
    {.name = "min_amount", .high = WAGE_AMOUNT_LIMIT},
    {.name = "max_amount", .high = WAGE_AMOUNT_LIMIT},
    {.name = "currency", .high = 3, .form = FORM_CURRENCY},
    {.name = "unit"},
    {.name = "months_per_year",
     .low = MONTHS_PER_YEAR_MINIMUM,
     .high = MONTHS_PER_YEAR_LIMIT,
     .or_zero = true},
    {.name = "negotiable"},
};
static const struct message_rules SALARY_RULES =
    MESSAGE_RULES(SALARY_FIELDS, haihe__v1__salary__descriptor);

static const struct field_rule WISH_FIELDS[] = {
    {.name = "min_amount", .high = WAGE_AMOUNT_LIMIT},
    {.name = "desired_amount", .high = WAGE_AMOUNT_LIMIT},
    {.name = "currency", .high = 3, .form = FORM_CURRENCY},
    {.name = "unit"},
};
static const struct message_rules WISH_RULES =
    MESSAGE_RULES(WISH_FIELDS, haihe__v1__wage_wish__descriptor);

static const struct field_rule DEMAND_FIELDS[] = {
    {.name = "skill", .low = 1, .high = SKILL_LIMIT_BYTES},
    {.name = "importance", .high = IMPORTANCE_LIMIT},
    {.name = "min_level", .high = SKILL_LEVEL_LIMIT},
    {.name = "essential"},
};
static const struct message_rules DEMAND_RULES =
    MESSAGE_RULES(DEMAND_FIELDS, haihe__v1__skill_demand__descriptor);

static const struct field_rule HELD_FIELDS[] = {
    {.name = "skill", .low = 1, .high = SKILL_LIMIT_BYTES},
    {.name = "level", .high = SKILL_LEVEL_LIMIT},
};
static const struct message_rules HELD_RULES =
    MESSAGE_RULES(HELD_FIELDS, haihe__v1__skill_held__descriptor);

static const struct field_rule OCCUPATION_FIELDS[] = {
    {.name = "system", .high = OCCUPATION_LIMIT_BYTES, .form = FORM_SYSTEM},
    {.name = "code", .low = 1, .high = OCCUPATION_LIMIT_BYTES, .form = FORM_CODE},
    {.name = "label", .high = LABEL_LIMIT_BYTES},
};
const struct message_rules OCCUPATION_RULES =
    MESSAGE_RULES(OCCUPATION_FIELDS, haihe__v1__occupation__descriptor);

static const struct field_rule LANGUAGE_FIELDS[] = {
    {.name = "language",
     .low = LANGUAGE_MINIMUM_BYTES,
     .high = LANGUAGE_LIMIT_BYTES,
     .form = FORM_LANGUAGE},
    {.name = "level"},
};
static const struct message_rules LANGUAGE_RULES =
    MESSAGE_RULES(LANGUAGE_FIELDS, haihe__v1__language_skill__descriptor);

static const struct field_rule VACANCY_FIELDS[] = {
    {.name = "key", .message = &KEY_RULES},
    {.name = "title", .high = TITLE_LIMIT_BYTES},
    {.name = "description", .high = DESCRIPTION_LIMIT_BYTES},
    {.name = "occupational_category", .message = &OCCUPATION_RULES},
    {.name = "skills", .list_limit = RECORD_SKILL_LIMIT, .message = &DEMAND_RULES},
    {.name = "job_locations", .list_limit = RECORD_SITE_LIMIT, .message = &PLACE_RULES},
    {.name = "job_location_type"},
    {.name = "base_salary", .message = &SALARY_RULES},
    {.name = "employment_types", .list_limit = EMPLOYMENT_TYPE_LIMIT, .stated = true},
    {.name = "hiring_organization", .high = ORGANIZATION_LIMIT_BYTES},
    {.name = "total_job_openings", .low = 0, .high = OPENINGS_LIMIT},
    {.name = "date_posted", .high = DATE_LIMIT_BYTES},
    {.name = "valid_through", .high = DATE_LIMIT_BYTES},
    {.name = "education_level"},
    {.name = "months_of_experience", .high = EXPERIENCE_LIMIT_MONTHS},
    {.name = "languages", .list_limit = VACANCY_LANGUAGE_LIMIT, .message = &LANGUAGE_RULES},
    {.name = "licences",
     .list_limit = VACANCY_LICENCE_LIMIT,
     .low = 1,
     .high = LICENCE_LIMIT_BYTES},
    {.name = "tags", .list_limit = RECORD_TAG_LIMIT, .low = 1, .high = TAG_LIMIT_BYTES},
    {.name = "status"},
};
const struct message_rules VACANCY_RULES =
    MESSAGE_RULES(VACANCY_FIELDS, haihe__v1__vacancy__descriptor);

static const struct field_rule CONSENT_FIELDS[] = {
    {.name = "matching"},
    {.name = "visible_to_employers"},
    {.name = "personalised"},
};
static const struct message_rules CONSENT_RULES =
    MESSAGE_RULES(CONSENT_FIELDS, haihe__v1__consent__descriptor);

static const struct field_rule APPLICANT_FIELDS[] = {
    {.name = "key", .message = &KEY_RULES},
    {.name = "skills", .list_limit = RECORD_SKILL_LIMIT, .message = &HELD_RULES},
    {.name = "home", .message = &PLACE_RULES},
    {.name = "max_distance_m", .high = DISTANCE_LIMIT_M},
    {.name = "wage", .message = &WISH_RULES},
    {.name = "desired_occupations",
     .list_limit = RECORD_OCCUPATION_LIMIT,
     .message = &OCCUPATION_RULES},
    {.name = "employment_types", .list_limit = EMPLOYMENT_TYPE_LIMIT, .stated = true},
    {.name = "education_level"},
    {.name = "months_of_experience", .high = EXPERIENCE_LIMIT_MONTHS},
    {.name = "languages", .list_limit = APPLICANT_LANGUAGE_LIMIT, .message = &LANGUAGE_RULES},
    {.name = "licences",
     .list_limit = APPLICANT_LICENCE_LIMIT,
     .low = 1,
     .high = LICENCE_LIMIT_BYTES},
    {.name = "available_from", .high = DATE_LIMIT_BYTES},
    {.name = "priority_groups",
     .list_limit = RECORD_PRIORITY_GROUP_LIMIT,
     .low = 1,
     .high = PRIORITY_GROUP_LIMIT_BYTES},
    {.name = "tags", .list_limit = RECORD_TAG_LIMIT, .low = 1, .high = TAG_LIMIT_BYTES},
    {.name = "excluded_organizations",
     .list_limit = RECORD_EXCLUDED_LIMIT,
     .low = 1,
     .high = ORGANIZATION_LIMIT_BYTES},
    {.name = "consent", .message = &CONSENT_RULES},
    {.name = "status"},
};
const struct message_rules APPLICANT_RULES =
    MESSAGE_RULES(APPLICANT_FIELDS, haihe__v1__applicant__descriptor);
