/* Every limit and invariant of record.h, checked on a built record: for tests, for what is loaded,
 * and as an assertion in whoever builds records. Not on the way of a request: `wire` refuses bad
 * input with the request's own field names before a record exists.
 *
 * Texts inside a list are named by path and index ("skills[3].min_level"). Thread: any. Cost: a
 * pass over the record; skills and languages are compared pairwise.
 */
#include <stdio.h>

#include "base/text.h"
#include "model/record.h"

#include "base/banned.h"

enum { PATH_BYTES = 64, SHOWN_BYTES = 120 };

struct path {
    char text[PATH_BYTES];
};

/* "list[index].part", or "list[index]" when part is "". */
static struct path path_of(const char *list, size_t index, const char *part)
{
    struct path path;
    snprintf(path.text, sizeof path.text, "%s[%zu]%s%s", list, index, part[0] ? "." : "", part);
    return path;
}

/* --- Values --------------------------------------------------------------------------------- */

static bool refuse_number(struct error *error, const char *field, int64_t value, const char *reason)
{
    char shown[24];
    snprintf(shown, sizeof shown, "%lld", (long long)value);
    return error_field(error, "", field, shown, "%s", reason);
}

static bool refuse_text(struct error *error, const char *field, struct str value,
                        const char *reason)
{
    char shown[SHOWN_BYTES];
    snprintf(shown, sizeof shown, "%.*s", STR_ARG(value));
    return error_field(error, "", field, shown, "%s", reason);
}

static bool check_range(struct error *error, const char *field, int64_t value, int64_t low,
                        int64_t high)
{
    if (value >= low && value <= high)
        return true;
    char reason[64];
    snprintf(reason, sizeof reason, "must be %lld..%lld", (long long)low, (long long)high);
    return refuse_number(error, field, value, reason);
}

static bool check_count(struct error *error, const char *field, const void *items, size_t count,
                        size_t limit)
{
    if (!check_range(error, field, (int64_t)count, 0, (int64_t)limit))
        return false;
    return (count == 0) == (items == NULL) ||
           refuse_number(error, field, (int64_t)count, "the list must be NULL exactly when empty");
}

static bool check_text(struct error *error, const char *field, struct str text, uint32_t low_bytes,
                       uint32_t high_bytes)
{
    if (text.length < low_bytes || text.length > high_bytes) {
        char reason[64];
        snprintf(reason, sizeof reason, "must be %u..%u bytes, has %u", low_bytes, high_bytes,
                 text.length);
        return refuse_text(error, field, text, reason);
    }
    if (!text_is_valid(text))
        return refuse_text(error, field, text, "must be UTF-8");
    return text_is_printable(text) ||
           refuse_text(error, field, text, "must not hold control characters");
}

/* `sent_bytes` is the limit before folding. */
static bool check_folded(struct error *error, const char *field, struct str text,
                         uint32_t low_bytes, uint32_t sent_bytes)
{
    if (!check_text(error, field, text, low_bytes, sent_bytes * FOLD_GROWTH_LIMIT))
        return false;
    if (text.length > 0 && (text.data[0] == ' ' || text.data[text.length - 1] == ' '))
        return refuse_text(error, field, text, "must be folded: no spaces at its ends");
    for (uint32_t i = 0; i < text.length; i++)
        if (text.data[i] >= 'A' && text.data[i] <= 'Z')
            return refuse_text(error, field, text, "must be folded: no capital letters");
    return true;
}

/* Letters by a set of ranges, such as "09az--". */
static bool check_alphabet(struct error *error, const char *field, struct str text,
                           uint32_t low_bytes, uint32_t high_bytes, const char *ranges)
{
    if (!check_text(error, field, text, low_bytes, high_bytes))
        return false;
    for (uint32_t i = 0; i < text.length; i++) {
        const char *range = ranges;
        while (range[0] && (text.data[i] < range[0] || text.data[i] > range[1]))
            range += 2;
        if (!range[0])
            return refuse_text(error, field, text, "holds a character that is not allowed");
    }
    return true;
}

static bool check_day(struct error *error, const char *field, int32_t day)
{
    int32_t first, last;
    date_parse(STR("1900-01-01"), &first);
    date_parse(STR("2999-12-31"), &last);
    return day == DATE_NONE || check_range(error, field, day, first, last);
}

/* --- Parts of both records ------------------------------------------------------------------ */

static bool check_key_part(struct error *error, const char *field, struct str part)
{
    if (!check_text(error, field, part, 1, KEY_PART_LIMIT_BYTES))
        return false;
    if (!key_part_is_identity_number(part))
        return true;
    /* Not repeated: it identifies a person. */
    return error_field(error, "identity_number", field, "",
                       "a resident identity number must not be a key");
}

static bool check_key(struct error *error, struct key key)
{
    if (key.platform.length == 0 && key.id.length == 0)
        return true;
    return check_key_part(error, "key.platform", key.platform) &&
           check_key_part(error, "key.id", key.id);
}

/* Name and id of a skill exclude each other. */
static bool check_skill_name(struct error *error, size_t index, uint32_t skill_id, struct str name)
{
    struct path path = path_of("skills", index, "name");
    if (skill_id == SKILL_UNKNOWN)
        return check_folded(error, path.text, name, 1, SKILL_LIMIT_BYTES);
    return name.length == 0 ||
           refuse_text(error, path.text, name, "must be empty for a skill of the taxonomy");
}

static bool refuse_second_skill(struct error *error, size_t index, struct str name)
{
    char shown[SHOWN_BYTES];
    snprintf(shown, sizeof shown, "%.*s", STR_ARG(name));
    return error_field(error, "duplicate_skill", path_of("skills", index, "").text, shown,
                       "names a skill a second time");
}

static bool check_place(struct error *error, const char *field, struct place place)
{
    if (!check_text(error, field, place.area_code, 0, AREA_CODE_LIMIT_BYTES))
        return false;
    if (position_is_known(place.position))
        return position_is_valid(place.position) ||
               refuse_number(error, field, place.position.lat_e7, "the position is off the globe");
    return place.area_code.length == 0 ||
           refuse_text(error, field, place.area_code, "has an area code but no position");
}

static bool check_occupation(struct error *error, const char *field, struct occupation_code code)
{
    return check_alphabet(error, field, code.system, 1, OCCUPATION_LIMIT_BYTES, "09az--..") &&
           check_alphabet(error, field, code.code, 1, OCCUPATION_LIMIT_BYTES, "09AZaz--..");
}

static bool check_languages(struct error *error, const struct language *languages, size_t count,
                            size_t limit)
{
    if (!check_count(error, "languages", languages, count, limit))
        return false;
    for (size_t i = 0; i < count; i++) {
        struct path tag = path_of("languages", i, "tag"), level = path_of("languages", i, "level");
        if (!check_alphabet(error, tag.text, languages[i].tag, LANGUAGE_MINIMUM_BYTES,
                            LANGUAGE_LIMIT_BYTES, "az") ||
            !check_range(error, level.text, languages[i].level, 0, LANGUAGE_LEVEL_LIMIT))
            return false;
        for (size_t j = 0; j < i; j++)
            if (str_equal(languages[i].tag, languages[j].tag))
                return refuse_text(error, tag.text, languages[i].tag, "is named a second time");
    }
    return true;
}

static bool check_folded_list(struct error *error, const char *field, struct str_list texts,
                              size_t limit, uint32_t sent_bytes)
{
    if (!check_count(error, field, texts.items, texts.count, limit))
        return false;
    for (size_t i = 0; i < texts.count; i++)
        if (!check_folded(error, path_of(field, i, "").text, texts.items[i], 1, sent_bytes))
            return false;
    return true;
}

/* `field` is the salary's name: "base_salary" or "wage". */
static bool check_salary(struct error *error, const char *field, const struct salary *salary)
{
    struct error inner;
    struct str currency = {salary->currency, (uint32_t)strnlen(salary->currency, 4)};
    bool has_amount = salary->min_amount > 0 || salary->max_amount > 0;
    bool well = check_range(&inner, "min_amount", salary->min_amount, 0, WAGE_AMOUNT_LIMIT) &&
                check_range(&inner, "max_amount", salary->max_amount, 0, WAGE_AMOUNT_LIMIT) &&
                (salary->max_amount == 0 || salary->min_amount <= salary->max_amount ||
                 refuse_number(&inner, "min_amount", salary->min_amount, "is above max_amount")) &&
                check_range(&inner, "unit", salary->unit, has_amount, PAY_UNIT_COUNT - 1) &&
                (salary->months_per_year == 0 ||
                 check_range(&inner, "months_per_year", salary->months_per_year,
                             MONTHS_PER_YEAR_MINIMUM, MONTHS_PER_YEAR_LIMIT)) &&
                (currency.length == 0 || check_alphabet(&inner, "currency", currency, 3, 3, "AZ"));
    if (well)
        return true;
    error_prefix_field(&inner, field);
    if (error)
        *error = inner;
    return false;
}

static bool check_month_cents(struct error *error, const char *min_field, int64_t min_cents,
                              const char *max_field, int64_t max_cents)
{
    if (!check_range(error, min_field, min_cents, WAGE_UNKNOWN, WAGE_MONTH_LIMIT_CENTS) ||
        !check_range(error, max_field, max_cents, WAGE_UNKNOWN, WAGE_MONTH_LIMIT_CENTS))
        return false;
    return max_cents == WAGE_UNKNOWN || min_cents <= max_cents ||
           refuse_number(error, min_field, min_cents, "is above the upper end");
}

static bool check_types(struct error *error, employment_types types)
{
    const unsigned allowed = ((1u << EMPLOYMENT_TYPE_LIMIT) - 1) << 1;
    return (types & ~allowed) == 0 ||
           refuse_number(error, "types", types, "has a bit that is no employment type");
}

/* --- The records ---------------------------------------------------------------------------- */

static bool check_asked_skills(struct error *error, const struct vacancy *vacancy)
{
    const struct asked_skill *skills = vacancy->skills;
    if (!check_count(error, "skills", skills, vacancy->skill_count, RECORD_SKILL_LIMIT))
        return false;
    for (size_t i = 0; i < vacancy->skill_count; i++) {
        if (!check_skill_name(error, i, skills[i].skill_id, skills[i].name) ||
            !check_range(error, path_of("skills", i, "importance").text, skills[i].importance, 1,
                         IMPORTANCE_LIMIT) ||
            !check_range(error, path_of("skills", i, "min_level").text, skills[i].min_level, 0,
                         SKILL_LEVEL_LIMIT))
            return false;
        for (size_t j = 0; j < i; j++)
            if (skills[i].skill_id == skills[j].skill_id &&
                str_equal(skills[i].name, skills[j].name))
                return refuse_second_skill(error, i, skills[i].name);
    }
    return true;
}

static bool check_held_skills(struct error *error, const struct applicant *applicant)
{
    const struct held_skill *skills = applicant->skills;
    if (!check_count(error, "skills", skills, applicant->skill_count, RECORD_SKILL_LIMIT))
        return false;
    for (size_t i = 0; i < applicant->skill_count; i++) {
        if (!check_skill_name(error, i, skills[i].skill_id, skills[i].name) ||
            !check_range(error, path_of("skills", i, "level").text, skills[i].level, 0,
                         SKILL_LEVEL_LIMIT))
            return false;
        for (size_t j = 0; j < i; j++)
            if (skills[i].skill_id == skills[j].skill_id &&
                str_equal(skills[i].name, skills[j].name))
                return refuse_second_skill(error, i, skills[i].name);
    }
    return true;
}

static bool check_sites(struct error *error, const struct vacancy *vacancy)
{
    if (!check_count(error, "sites", vacancy->sites, vacancy->site_count, RECORD_SITE_LIMIT))
        return false;
    for (size_t i = 0; i < vacancy->site_count; i++)
        if (!check_place(error, path_of("sites", i, "").text, vacancy->sites[i]))
            return false;
    return true;
}

static bool check_employer(struct error *error, const struct vacancy *vacancy)
{
    struct str folded = vacancy->hiring_organization_folded;
    if (!check_text(error, "hiring_organization", vacancy->hiring_organization, 0,
                    ORGANIZATION_LIMIT_BYTES) ||
        !check_folded(error, "hiring_organization_folded", folded, 0, ORGANIZATION_LIMIT_BYTES))
        return false;
    return (vacancy->hiring_organization.length == 0) == (folded.length == 0) ||
           refuse_text(error, "hiring_organization_folded", folded,
                       "must be empty exactly when hiring_organization is");
}

static bool check_validity(struct error *error, const struct vacancy *vacancy)
{
    int32_t posted = vacancy->date_posted, last = vacancy->valid_through;
    if (!check_day(error, "date_posted", posted) || !check_day(error, "valid_through", last))
        return false;
    if (last != DATE_NONE && posted > last)
        return refuse_number(error, "valid_through", last, "is before date_posted");
    return !vacancy->open || vacancy->status == STATUS_OPEN ||
           refuse_number(error, "open", vacancy->open, "the status is not open");
}

bool vacancy_validate(const struct vacancy *vacancy, struct error *error)
{
    bool has_occupation =
        vacancy->occupation.code.length > 0 || vacancy->occupation.system.length > 0;
    return check_key(error, vacancy->key) &&
           check_text(error, "title", vacancy->title, 0, TITLE_LIMIT_BYTES) &&
           check_employer(error, vacancy) &&
           (!has_occupation || check_occupation(error, "occupation", vacancy->occupation)) &&
           check_asked_skills(error, vacancy) && check_sites(error, vacancy) &&
           check_languages(error, vacancy->languages, vacancy->language_count,
                           VACANCY_LANGUAGE_LIMIT) &&
           check_folded_list(error, "licences", vacancy->licences, VACANCY_LICENCE_LIMIT,
                             LICENCE_LIMIT_BYTES) &&
           check_folded_list(error, "tags", vacancy->tags, RECORD_TAG_LIMIT, TAG_LIMIT_BYTES) &&
           check_salary(error, "base_salary", &vacancy->base_salary) &&
           check_month_cents(error, "wage_min_month_cents", vacancy->wage_min_month_cents,
                             "wage_max_month_cents", vacancy->wage_max_month_cents) &&
           check_range(error, "status", vacancy->status, STATUS_OPEN, STATUS_WITHDRAWN) &&
           check_validity(error, vacancy) &&
           check_range(error, "total_job_openings", vacancy->total_job_openings, 0,
                       OPENINGS_LIMIT) &&
           check_range(error, "months_of_experience", vacancy->months_of_experience, 0,
                       EXPERIENCE_LIMIT_MONTHS) &&
           check_types(error, vacancy->types) &&
           check_range(error, "education_level", vacancy->education_level, 0,
                       EDUCATION_LEVEL_LIMIT);
}

static bool check_desired_occupations(struct error *error, const struct applicant *applicant)
{
    if (!check_count(error, "desired_occupations", applicant->desired_occupations,
                     applicant->occupation_count, RECORD_OCCUPATION_LIMIT))
        return false;
    for (size_t i = 0; i < applicant->occupation_count; i++)
        if (!check_occupation(error, path_of("desired_occupations", i, "").text,
                              applicant->desired_occupations[i]))
            return false;
    return true;
}

static bool check_priority_groups(struct error *error, struct str_list groups)
{
    if (!check_count(error, "priority_groups", groups.items, groups.count,
                     RECORD_PRIORITY_GROUP_LIMIT))
        return false;
    for (size_t i = 0; i < groups.count; i++)
        if (!check_text(error, path_of("priority_groups", i, "").text, groups.items[i], 1,
                        PRIORITY_GROUP_LIMIT_BYTES))
            return false;
    return true;
}

static bool check_wish(struct error *error, const struct applicant *applicant)
{
    if (!check_salary(error, "wage", &applicant->wage) ||
        !check_month_cents(error, "wage_min_month_cents", applicant->wage_min_month_cents,
                           "wage_desired_month_cents", applicant->wage_desired_month_cents))
        return false;
    return applicant->wage_desired_month_cents != WAGE_UNKNOWN ||
           applicant->wage_min_month_cents == WAGE_UNKNOWN ||
           refuse_number(error, "wage_desired_month_cents", WAGE_UNKNOWN,
                         "must be known when the minimum is");
}

static bool check_applicant_status(struct error *error, const struct applicant *applicant)
{
    if (!check_range(error, "status", applicant->status, STATUS_OPEN, STATUS_ENDED))
        return false;
    return applicant->active == (applicant->status == STATUS_OPEN) ||
           refuse_number(error, "active", applicant->active, "must follow the status");
}

bool applicant_validate(const struct applicant *applicant, struct error *error)
{
    return check_key(error, applicant->key) && check_held_skills(error, applicant) &&
           check_place(error, "home", applicant->home) &&
           check_range(error, "max_distance_m", applicant->max_distance_m, 0, DISTANCE_LIMIT_M) &&
           check_desired_occupations(error, applicant) &&
           check_languages(error, applicant->languages, applicant->language_count,
                           APPLICANT_LANGUAGE_LIMIT) &&
           check_folded_list(error, "licences", applicant->licences, APPLICANT_LICENCE_LIMIT,
                             LICENCE_LIMIT_BYTES) &&
           check_folded_list(error, "tags", applicant->tags, RECORD_TAG_LIMIT, TAG_LIMIT_BYTES) &&
           check_priority_groups(error, applicant->priority_groups) &&
           check_folded_list(error, "excluded_organizations", applicant->excluded_organizations,
                             RECORD_EXCLUDED_LIMIT, ORGANIZATION_LIMIT_BYTES) &&
           check_wish(error, applicant) &&
           check_day(error, "available_from", applicant->available_from) &&
           (applicant->months_of_experience == EXPERIENCE_UNKNOWN ||
            check_range(error, "months_of_experience", applicant->months_of_experience, 0,
                        EXPERIENCE_LIMIT_MONTHS)) &&
           check_types(error, applicant->types) &&
           check_range(error, "education_level", applicant->education_level, 0,
                       EDUCATION_LEVEL_LIMIT) &&
           check_applicant_status(error, applicant);
}
