/* Reading of MatchService's requests. Thread: any. Cost: about a microsecond, plus an inline
 * subject's. */
#include "wire/match_message.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

#include "haihe/v1/match_service.pb-c.h"
#include "wire/record_part.h"
#include "wire/record_rules.h"
#include "wire/request_rules.h"

#include "base/banned.h"

enum {
    K_DEFAULT = 20,
    PROFILE_LIMIT_BYTES = 32,
    SOFT_GATE_LIMIT = 8,
    FILTER_LIST_LIMIT = 16,
};
#define MONTH_CENTS_LIMIT INT64_C(1000000000000000)

/* The proto's gates and criteria are the core's, shifted by UNSPECIFIED. */
static_assert((int)HAIHE__V1__GATE__GATE_CLOSED == GATE_CLOSED + 1 &&
                  (int)HAIHE__V1__GATE__GATE_CONSENT == GATE_CONSENT + 1 &&
                  (int)HAIHE__V1__GATE__GATE_LICENCE_MISSING == GATE_LICENCE_MISSING + 1 &&
                  (int)HAIHE__V1__GATE__GATE_NO_RELATED_SKILL == GATE_NO_RELATED_SKILL + 1 &&
                  (int)HAIHE__V1__GATE__GATE_TOO_FAR == GATE_TOO_FAR + 1 &&
                  (int)HAIHE__V1__GATE__GATE_WAGE_BELOW_MINIMUM == GATE_WAGE_BELOW_MINIMUM + 1 &&
                  (int)HAIHE__V1__GATE__GATE_ESSENTIAL_SKILL_MISSING ==
                      GATE_ESSENTIAL_SKILL_MISSING + 1 &&
                  (int)HAIHE__V1__GATE__GATE_LANGUAGE_MISSING == GATE_LANGUAGE_MISSING + 1 &&
                  (int)HAIHE__V1__GATE__GATE_EMPLOYMENT_TYPE == GATE_EMPLOYMENT_TYPE + 1 &&
                  (int)HAIHE__V1__GATE__GATE_NOT_AVAILABLE_YET == GATE_NOT_AVAILABLE_YET + 1 &&
                  (int)HAIHE__V1__GATE__GATE_EXCLUDED_ORGANIZATION ==
                      GATE_EXCLUDED_ORGANIZATION + 1 &&
                  (int)HAIHE__V1__GATE__GATE_FILTER == GATE_FILTER + 1 && GATE_COUNT == 12,
              "gates keep the proto's order");

/* --- Tables --------------------------------------------------------------------------------- */

static const struct field_rule WEIGHTS_FIELDS[] = {
    {.name = "skill", .high = WEIGHT_SUM},      {.name = "location", .high = WEIGHT_SUM},
    {.name = "wage", .high = WEIGHT_SUM},       {.name = "occupation", .high = WEIGHT_SUM},
    {.name = "experience", .high = WEIGHT_SUM}, {.name = "education", .high = WEIGHT_SUM},
};
static const struct message_rules WEIGHTS_RULES =
    MESSAGE_RULES(WEIGHTS_FIELDS, haihe__v1__weights__descriptor);

static const struct field_rule SOFT_GATE_FIELDS[] = {
    {.name = "gate", .stated = true},
    {.name = "penalty", .high = SCORE_LIMIT},
};
static const struct message_rules SOFT_GATE_RULES =
    MESSAGE_RULES(SOFT_GATE_FIELDS, haihe__v1__soft_gate__descriptor);

static const struct field_rule FILTER_FIELDS[] = {
    {.name = "platforms", .list_limit = FILTER_LIST_LIMIT, .low = 1, .high = KEY_PART_LIMIT_BYTES},
    {.name = "tags", .list_limit = FILTER_LIST_LIMIT, .low = 1, .high = TAG_LIMIT_BYTES},
    {.name = "occupations", .list_limit = FILTER_LIST_LIMIT, .message = &OCCUPATION_RULES},
    {.name = "area_codes",
     .list_limit = FILTER_LIST_LIMIT,
     .low = 1,
     .high = AREA_CODE_LIMIT_BYTES},
    {.name = "organizations",
     .list_limit = FILTER_LIST_LIMIT,
     .low = 1,
     .high = ORGANIZATION_LIMIT_BYTES},
    {.name = "employment_types", .list_limit = EMPLOYMENT_TYPE_LIMIT, .stated = true},
    {.name = "wage_at_least_month_cents", .high = MONTH_CENTS_LIMIT},
    {.name = "wage_at_most_month_cents", .high = MONTH_CENTS_LIMIT},
    {.name = "remote_only"},
    {.name = "priority_groups",
     .list_limit = RECORD_PRIORITY_GROUP_LIMIT,
     .low = 1,
     .high = PRIORITY_GROUP_LIMIT_BYTES},
};
static const struct message_rules FILTER_RULES =
    MESSAGE_RULES(FILTER_FIELDS, haihe__v1__filter__descriptor);

static const struct field_rule CURSOR_FIELDS[] = {
    {.name = "score", .high = SCORE_LIMIT},
    {.name = "tie"},
    {.name = "key", .message = &KEY_RULES, .required = true},
};
static const struct message_rules CURSOR_RULES =
    MESSAGE_RULES(CURSOR_FIELDS, haihe__v1__cursor__descriptor);

static const struct field_rule OPTIONS_FIELDS[] = {
    {.name = "k", .high = SEARCH_K_LIMIT},
    {.name = "profile", .high = PROFILE_LIMIT_BYTES, .form = FORM_PROFILE},
    {.name = "weights", .message = &WEIGHTS_RULES},
    {.name = "soft_gates", .list_limit = SOFT_GATE_LIMIT, .message = &SOFT_GATE_RULES},
    {.name = "filter", .message = &FILTER_RULES},
    {.name = "min_sequence"},
    {.name = "after", .message = &CURSOR_RULES},
    {.name = "count_gates"},
};
static const struct message_rules OPTIONS_RULES =
    MESSAGE_RULES(OPTIONS_FIELDS, haihe__v1__match_options__descriptor);

static const struct field_rule MATCH_VACANCIES_FIELDS[] = {
    {.name = "applicant_key", .message = &KEY_RULES},
    {.name = "applicant", .message = &APPLICANT_RULES},
    {.name = "options", .message = &OPTIONS_RULES},
};
const struct message_rules MATCH_VACANCIES_RULES =
    MESSAGE_RULES(MATCH_VACANCIES_FIELDS, haihe__v1__match_vacancies_request__descriptor);

static const struct field_rule MATCH_APPLICANTS_FIELDS[] = {
    {.name = "vacancy_key", .message = &KEY_RULES},
    {.name = "vacancy", .message = &VACANCY_RULES},
    {.name = "options", .message = &OPTIONS_RULES},
};
const struct message_rules MATCH_APPLICANTS_RULES =
    MESSAGE_RULES(MATCH_APPLICANTS_FIELDS, haihe__v1__match_applicants_request__descriptor);

static const struct field_rule EXPLAIN_FIELDS[] = {
    {.name = "vacancy_key", .message = &KEY_RULES},
    {.name = "vacancy", .message = &VACANCY_RULES},
    {.name = "applicant_key", .message = &KEY_RULES},
    {.name = "applicant", .message = &APPLICANT_RULES},
    {.name = "options", .message = &OPTIONS_RULES},
    {.name = "ranking"},
};
const struct message_rules EXPLAIN_RULES =
    MESSAGE_RULES(EXPLAIN_FIELDS, haihe__v1__explain_request__descriptor);

/* --- Options -------------------------------------------------------------------------------- */

static bool read_weights(const struct reading *reading, const Haihe__V1__Weights *message,
                         struct match_options *out)
{
    if (!message)
        return true;
    const int32_t weights[CRITERION_COUNT] = {
        [CRITERION_SKILL] = message->skill,
        [CRITERION_LOCATION] = message->location,
        [CRITERION_WAGE] = message->wage,
        [CRITERION_OCCUPATION] = message->occupation,
        [CRITERION_EXPERIENCE] = message->experience,
        [CRITERION_EDUCATION] = message->education,
    };
    int32_t sum = 0;
    for (size_t i = 0; i < CRITERION_COUNT; i++)
        sum += weights[i];
    if (sum != WEIGHT_SUM)
        return refuse_number(reading->error, "weight_sum", "weights", sum,
                             "the six weights must sum to 1000");
    out->has_weights = true;
    memcpy(out->weights, weights, sizeof out->weights);
    return true;
}

static bool read_soft_gates(const struct reading *reading, const Haihe__V1__MatchOptions *message,
                            struct match_options *out)
{
    for (size_t i = 0; i < message->n_soft_gates; i++) {
        const Haihe__V1__SoftGate *soft = message->soft_gates[i];
        enum gate gate = (enum gate)(soft->gate - 1);
        const char *rule = NULL, *reason = NULL;
        if (gate_is_always_hard(gate)) {
            rule = "gate_always_hard";
            reason = "may not be softened";
        } else if (out->soft_gates & (1u << gate)) {
            rule = "duplicate_gate";
            reason = "is named twice";
        }
        if (rule) {
            char field[FIELD_NAME_BYTES];
            snprintf(field, sizeof field, "soft_gates[%zu].gate", i);
            return refuse_text(reading->error, rule, field, str_of(gate_rule(gate)), reason);
        }
        out->soft_gates |= 1u << gate;
        out->penalties[gate] = soft->penalty;
    }
    return true;
}

/* A condition on the other kind of record would silently be none. */
static bool check_filter_kind(const Haihe__V1__Filter *message, enum ranking ranking,
                              struct error *error)
{
    char value[24] = "";
    const char *field = NULL;
    if (ranking == RANK_VACANCIES && message->wage_at_most_month_cents != 0) {
        field = "wage_at_most_month_cents";
        snprintf(value, sizeof value, "%" PRId64, message->wage_at_most_month_cents);
    } else if (ranking == RANK_VACANCIES && message->n_priority_groups > 0) {
        field = "priority_groups";
    } else if (ranking == RANK_APPLICANTS && message->n_organizations > 0) {
        field = "organizations";
    } else if (ranking == RANK_APPLICANTS && message->wage_at_least_month_cents != 0) {
        field = "wage_at_least_month_cents";
        snprintf(value, sizeof value, "%" PRId64, message->wage_at_least_month_cents);
    } else if (ranking == RANK_APPLICANTS && message->remote_only) {
        field = "remote_only";
        snprintf(value, sizeof value, "true");
    }
    if (!field)
        return true;
    return refuse_text(error, "not_applicable", field, str_of(value),
                       ranking == RANK_VACANCIES ? "is for rankings of applicants only"
                                                 : "is for rankings of vacancies only");
}

static bool read_filter(const struct reading *reading, const Haihe__V1__Filter *message,
                        enum ranking ranking, struct match_options *out)
{
    struct filter *filter = &out->filter;
    if (!message)
        return true;
    out->has_filter = true;
    struct occupation_code *codes =
        arena_alloc_zeroed(reading->arena, message->n_occupations, sizeof *codes);
    if (!codes)
        return message_exhausted(reading->arena, reading->error);
    for (size_t i = 0; i < message->n_occupations; i++)
        read_occupation(message->occupations[i], &codes[i]);
    *filter = (struct filter){.occupations = codes,
                              .occupation_count = message->n_occupations,
                              .wage_at_least_month_cents = message->wage_at_least_month_cents,
                              .wage_at_most_month_cents = message->wage_at_most_month_cents,
                              .remote_only = message->remote_only};
    bool is_read =
        check_filter_kind(message, ranking, reading->error) &&
        read_text_list(reading, message->platforms, message->n_platforms, &filter->platforms) &&
        read_folded_list(reading, "tags", message->tags, message->n_tags, NULL, &filter->tags) &&
        read_text_list(reading, message->area_codes, message->n_area_codes, &filter->area_codes) &&
        read_folded_list(reading, "organizations", message->organizations, message->n_organizations,
                         NULL, &filter->organizations) &&
        read_employment_types(reading, message->employment_types, message->n_employment_types,
                              &filter->types) &&
        read_priority_groups(reading, message->priority_groups, message->n_priority_groups,
                             &filter->priority_groups);
    if (!is_read)
        error_prefix_field(reading->error, "filter");
    return is_read;
}

static bool read_cursor(const struct reading *reading, const Haihe__V1__Cursor *message,
                        struct match_options *out)
{
    if (!message)
        return true;
    out->has_after = true;
    out->after.score = message->score;
    out->after.tie = message->tie;
    return read_key(message->key, "after.key", &out->after.key, reading->error);
}

static bool read_options(const struct reading *reading, const Haihe__V1__MatchOptions *message,
                         enum ranking ranking, struct match_options *out)
{
    *out = (struct match_options){.k = K_DEFAULT, .profile = STR("default")};
    if (!message)
        return true;
    if (message->k != 0)
        out->k = (uint32_t)message->k;
    if (message_text(message->profile).length > 0)
        out->profile = message_text(message->profile);
    out->min_sequence = message->min_sequence;
    out->count_gates = message->count_gates;
    if (read_weights(reading, message->weights, out) && read_soft_gates(reading, message, out) &&
        read_filter(reading, message->filter, ranking, out) &&
        read_cursor(reading, message->after, out))
        return true;
    error_prefix_field(reading->error, "options");
    return false;
}

/* --- Subjects ------------------------------------------------------------------------------- */

static bool read_subject_key(const struct reading *reading, const Haihe__V1__Key *message,
                             const char *field, struct match_subject *out)
{
    out->by_key = true;
    return read_key(message, field, &out->key, reading->error);
}

static bool read_subject_vacancy(const struct reading *reading, const Haihe__V1__Vacancy *message,
                                 struct match_subject *out)
{
    if (!read_vacancy(reading, message, &out->vacancy, &out->extras)) {
        error_prefix_field(reading->error, "vacancy");
        return false;
    }
    out->key = out->vacancy.key;
    return true;
}

static bool read_subject_applicant(const struct reading *reading,
                                   const Haihe__V1__Applicant *message, struct match_subject *out)
{
    if (!read_applicant(reading, message, &out->applicant, &out->extras)) {
        error_prefix_field(reading->error, "applicant");
        return false;
    }
    out->key = out->applicant.key;
    return true;
}

static bool refuse_no_subject(const struct reading *reading, const char *field)
{
    return refuse_text(reading->error, "required", field, STR(""), "must be stated");
}

/* --- Requests ------------------------------------------------------------------------------- */

static bool read_match_vacancies(const struct reading *reading, struct str bytes,
                                 struct match_request *out)
{
    const Haihe__V1__MatchVacanciesRequest *message =
        message_read(&MATCH_VACANCIES_RULES, bytes, reading->arena, reading->error);
    if (!message || !read_options(reading, message->options, RANK_VACANCIES, &out->options))
        return false;
    switch (message->subject_case) {
    case HAIHE__V1__MATCH_VACANCIES_REQUEST__SUBJECT_APPLICANT_KEY:
        return read_subject_key(reading, message->applicant_key, "applicant_key", &out->subject);
    case HAIHE__V1__MATCH_VACANCIES_REQUEST__SUBJECT_APPLICANT:
        return read_subject_applicant(reading, message->applicant, &out->subject);
    default:
        return refuse_no_subject(reading, "subject");
    }
}

static bool read_match_applicants(const struct reading *reading, struct str bytes,
                                  struct match_request *out)
{
    const Haihe__V1__MatchApplicantsRequest *message =
        message_read(&MATCH_APPLICANTS_RULES, bytes, reading->arena, reading->error);
    if (!message || !read_options(reading, message->options, RANK_APPLICANTS, &out->options))
        return false;
    switch (message->subject_case) {
    case HAIHE__V1__MATCH_APPLICANTS_REQUEST__SUBJECT_VACANCY_KEY:
        return read_subject_key(reading, message->vacancy_key, "vacancy_key", &out->subject);
    case HAIHE__V1__MATCH_APPLICANTS_REQUEST__SUBJECT_VACANCY:
        return read_subject_vacancy(reading, message->vacancy, &out->subject);
    default:
        return refuse_no_subject(reading, "subject");
    }
}

bool wire_read_match(const struct model *model, enum ranking ranking, struct str bytes,
                     int32_t today, struct arena *arena, struct match_request *out,
                     struct error *error)
{
    const struct reading reading = {model, arena, error, today, RECORD_FOR_SEARCH};
    *out = (struct match_request){.ranking = ranking};
    return ranking == RANK_VACANCIES ? read_match_vacancies(&reading, bytes, out)
                                     : read_match_applicants(&reading, bytes, out);
}

bool wire_read_explain(const struct model *model, struct str bytes, int32_t today,
                       struct arena *arena, struct explain_request *out, struct error *error)
{
    const struct reading reading = {model, arena, error, today, RECORD_FOR_SEARCH};
    *out = (struct explain_request){.ranking = RANK_VACANCIES};
    const Haihe__V1__ExplainRequest *message = message_read(&EXPLAIN_RULES, bytes, arena, error);
    if (!message)
        return false;
    if (message->ranking == HAIHE__V1__RECORD_KIND__RECORD_KIND_APPLICANT)
        out->ranking = RANK_APPLICANTS;
    bool is_read = false;
    switch (message->vacancy_subject_case) {
    case HAIHE__V1__EXPLAIN_REQUEST__VACANCY_SUBJECT_VACANCY_KEY:
        is_read = read_subject_key(&reading, message->vacancy_key, "vacancy_key", &out->vacancy);
        break;
    case HAIHE__V1__EXPLAIN_REQUEST__VACANCY_SUBJECT_VACANCY:
        is_read = read_subject_vacancy(&reading, message->vacancy, &out->vacancy);
        break;
    default:
        return refuse_no_subject(&reading, "vacancy_subject");
    }
    if (!is_read)
        return false;
    switch (message->applicant_subject_case) {
    case HAIHE__V1__EXPLAIN_REQUEST__APPLICANT_SUBJECT_APPLICANT_KEY:
        is_read =
            read_subject_key(&reading, message->applicant_key, "applicant_key", &out->applicant);
        break;
    case HAIHE__V1__EXPLAIN_REQUEST__APPLICANT_SUBJECT_APPLICANT:
        is_read = read_subject_applicant(&reading, message->applicant, &out->applicant);
        break;
    default:
        return refuse_no_subject(&reading, "applicant_subject");
    }
    return is_read && read_options(&reading, message->options, out->ranking, &out->options);
}
