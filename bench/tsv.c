/* See tsv.h. Written for ten million lines: every byte is looked at twice at most, nothing is
 * allocated, and what vacancy_validate and applicant_validate would say is said here. */
#include "tsv.h"

#include <stdio.h>

#include "base/buffer.h"

#include "base/banned.h"

enum {
    TAXONOMY_LIMIT_BYTES = 1 << 20,
    RADIUS_LIMIT_KM = DISTANCE_LIMIT_M / 1000,
    WAGE_LIMIT_YUAN = 1000000000, /* 10^11 cents, within what a record may state */
    DEGREE_DECIMALS = 7,
};

struct taxonomy *tsv_taxonomy(struct error *error)
{
    struct buffer csv;
    buffer_init(&csv, TAXONOMY_LIMIT_BYTES);
    buffer_append_str(&csv, STR("code\n"));
    for (int id = 0; id < TSV_SKILL_COUNT; id++)
        buffer_printf(&csv, "s%05d\n", id);
    struct taxonomy *taxonomy = NULL;
    if (csv.failed)
        error_set(error, ERROR_RESOURCE_EXHAUSTED, "no memory for the taxonomy");
    else
        taxonomy = taxonomy_load(buffer_borrow(&csv), STR(""), error);
    buffer_release(&csv);
    return taxonomy;
}

/* --- Values ---------------------------------------------------------------------------------- */

struct reader {
    struct str rest;    /* of the line */
    bool ended;         /* the last column was taken */
    const char *column; /* for messages */
    struct error *error;
};

static bool refuse(const struct reader *reader, struct str value, const char *reason)
{
    return error_set(reader->error, ERROR_INVALID_ARGUMENT, "column '%s' '%.*s': %s",
                     reader->column, STR_ARG(value), reason);
}

static bool take_column(struct reader *reader, const char *column, struct str *value)
{
    *value = reader->rest;
    reader->column = column;
    if (reader->ended)
        return error_set(reader->error, ERROR_INVALID_ARGUMENT, "column '%s' is missing", column);
    const char *tab =
        reader->rest.length > 0 ? memchr(reader->rest.data, '\t', reader->rest.length) : NULL;
    reader->ended = !tab;
    if (tab) {
        value->length = (uint32_t)(tab - reader->rest.data);
        reader->rest.data = tab + 1;
        reader->rest.length -= value->length + 1;
    }
    return true;
}

/* Digits off the front of *text; -1 when there are none or more than nine. */
static int64_t take_digits(struct str *text)
{
    int64_t number = 0;
    uint32_t i = 0;
    for (; i < text->length && text->data[i] >= '0' && text->data[i] <= '9'; i++)
        number = i < 9 ? number * 10 + (text->data[i] - '0') : number;
    if (i == 0 || i > 9)
        return -1;
    text->data += i;
    text->length -= i;
    return number;
}

static bool read_number(const struct reader *reader, struct str value, int64_t low, int64_t high,
                        int64_t *out)
{
    struct str rest = value;
    *out = take_digits(&rest);
    if (rest.length == 0 && *out >= low && *out <= high)
        return true;
    char reason[64];
    snprintf(reason, sizeof reason, "must be %lld..%lld", (long long)low, (long long)high);
    return refuse(reader, value, reason);
}

static bool take_number(struct reader *reader, const char *column, int64_t low, int64_t high,
                        int64_t *out)
{
    struct str value;
    return take_column(reader, column, &value) && read_number(reader, value, low, high, out);
}

/* "-39.12345" in units of 1e-7. */
static bool take_degrees(struct reader *reader, const char *column, int64_t limit, int32_t *out_e7)
{
    struct str value, rest;
    if (!take_column(reader, column, &value))
        return false;
    rest = value;
    bool negative = rest.length > 0 && rest.data[0] == '-';
    if (negative)
        rest = (struct str){rest.data + 1, rest.length - 1};
    int64_t units = take_digits(&rest);
    if (units < 0 || units > limit)
        return refuse(reader, value, limit == 90 ? "must be -90..90" : "must be -180..180");
    uint32_t decimals = 0;
    if (rest.length > 1 && rest.data[0] == '.')
        for (decimals = 1; decimals < rest.length && decimals <= DEGREE_DECIMALS &&
                           rest.data[decimals] >= '0' && rest.data[decimals] <= '9';
             decimals++)
            units = units * 10 + (rest.data[decimals] - '0');
    if (decimals != rest.length)
        return refuse(reader, value, "must be degrees with at most 7 decimals");
    for (uint32_t i = decimals > 0 ? decimals - 1 : 0; i < DEGREE_DECIMALS; i++)
        units *= 10;
    if (units > limit * 10000000)
        return refuse(reader, value, limit == 90 ? "must be -90..90" : "must be -180..180");
    *out_e7 = (int32_t)(negative ? -units : units);
    return true;
}

static bool take_position(struct reader *reader, struct position *out)
{
    return take_degrees(reader, "lat", 90, &out->lat_e7) &&
           take_degrees(reader, "lon", 180, &out->lon_e7);
}

static bool take_wages(struct reader *reader, const char *const columns[2], int64_t *low_cents,
                       int64_t *high_cents)
{
    if (!take_number(reader, columns[0], 0, WAGE_LIMIT_YUAN - 1, low_cents) ||
        !take_number(reader, columns[1], 0, WAGE_LIMIT_YUAN - 1, high_cents))
        return false;
    if (*low_cents > *high_cents)
        return error_set(reader->error, ERROR_INVALID_ARGUMENT, "column '%s' is above '%s'",
                         columns[0], columns[1]);
    *low_cents *= 100;
    *high_cents *= 100;
    return true;
}

/* A word of visible ASCII, as ids and occupations are. */
static bool take_word(struct reader *reader, const char *column, uint32_t limit_bytes,
                      struct str *word)
{
    if (!take_column(reader, column, word))
        return false;
    bool visible = word->length > 0 && word->length <= limit_bytes;
    for (uint32_t i = 0; visible && i < word->length; i++)
        visible = word->data[i] > ' ' && word->data[i] <= '~';
    return visible || refuse(reader, *word, "must be a word of letters and digits");
}

static bool take_key(struct reader *reader, struct key *key)
{
    key->platform = STR("lab");
    return take_word(reader, "id", KEY_PART_LIMIT_BYTES, &key->id);
}

static bool take_occupation(struct reader *reader, struct occupation_code *occupation)
{
    occupation->system = STR("lab");
    return take_word(reader, "occupation", OCCUPATION_LIMIT_BYTES, &occupation->code);
}

/* --- Skills ---------------------------------------------------------------------------------- */

/* The numbers of one skill: id, then `count` - 1 more. */
struct skill_numbers {
    int64_t values[3];
};

/* Takes "12:3:4" off the front of *list, and the comma behind it. */
static bool take_skill(const struct reader *reader, struct str *list, size_t count,
                       struct skill_numbers *out)
{
    static const char *const shapes[] = {"must be id:level, id:level ..",
                                         "must be id:importance:min_level, .."};
    struct str whole = *list;
    for (size_t i = 0; i < count; i++) {
        if (i > 0) {
            if (list->length == 0 || list->data[0] != ':')
                return refuse(reader, whole, shapes[count - 2]);
            *list = (struct str){list->data + 1, list->length - 1};
        }
        out->values[i] = take_digits(list);
        if (out->values[i] < 0)
            return refuse(reader, whole, shapes[count - 2]);
    }
    if (list->length == 0)
        return true;
    if (list->data[0] != ',' || list->length == 1)
        return refuse(reader, whole, shapes[count - 2]);
    *list = (struct str){list->data + 1, list->length - 1};
    return true;
}

static bool check_skill(const struct reader *reader, struct str list, size_t index,
                        const struct skill_numbers *numbers)
{
    if (index >= RECORD_SKILL_LIMIT)
        return refuse(reader, list, "a record has at most 64 skills");
    if (numbers->values[0] >= TSV_SKILL_COUNT)
        return refuse(reader, list, "skill ids are 0..13899");
    return true;
}

static bool take_asked_skills(struct reader *reader, struct vacancy_draft *draft)
{
    struct skill_numbers numbers;
    struct str list, from;
    if (!take_column(reader, "skills", &list))
        return false;
    for (size_t i = 0; list.length > 0; i++) {
        from = list;
        if (!take_skill(reader, &list, 3, &numbers) || !check_skill(reader, from, i, &numbers))
            return false;
        if (numbers.values[1] < 1 || numbers.values[1] > IMPORTANCE_LIMIT)
            return refuse(reader, from, "importance must be 1..5");
        if (numbers.values[2] > SKILL_LEVEL_LIMIT)
            return refuse(reader, from, "min_level must be 0..8");
        for (size_t j = 0; j < i; j++)
            if (draft->skills[j].skill_id == numbers.values[0])
                return refuse(reader, from, "names a skill a second time");
        draft->skills[i] = (struct asked_skill){.skill_id = (uint32_t)numbers.values[0],
                                                .importance = (uint8_t)numbers.values[1],
                                                .min_level = (uint8_t)numbers.values[2]};
        draft->vacancy.skill_count = (uint8_t)(i + 1);
    }
    return true;
}

static bool take_held_skills(struct reader *reader, struct applicant_draft *draft)
{
    struct skill_numbers numbers;
    struct str list, from;
    if (!take_column(reader, "skills", &list))
        return false;
    for (size_t i = 0; list.length > 0; i++) {
        from = list;
        if (!take_skill(reader, &list, 2, &numbers) || !check_skill(reader, from, i, &numbers))
            return false;
        if (numbers.values[1] > SKILL_LEVEL_LIMIT)
            return refuse(reader, from, "level must be 0..8");
        for (size_t j = 0; j < i; j++)
            if (draft->skills[j].skill_id == numbers.values[0])
                return refuse(reader, from, "names a skill a second time");
        draft->skills[i] = (struct held_skill){.skill_id = (uint32_t)numbers.values[0],
                                               .level = (uint8_t)numbers.values[1]};
        draft->applicant.skill_count = (uint8_t)(i + 1);
    }
    return true;
}

/* --- Records --------------------------------------------------------------------------------- */

static bool check_ended(const struct reader *reader)
{
    return reader->ended || error_set(reader->error, ERROR_INVALID_ARGUMENT,
                                      "more columns than the 'skills' at the end");
}

bool tsv_read_vacancy(struct str line, struct vacancy_draft *draft, struct error *error)
{
    static const char *const wages[2] = {"wage_min", "wage_max"};
    struct reader reader = {.rest = line, .error = error};
    struct vacancy *vacancy = &draft->vacancy;
    *vacancy = (struct vacancy){.sites = draft->sites,
                                .site_count = 1,
                                .date_posted = DATE_NONE,
                                .valid_through = DATE_NONE,
                                .status = STATUS_OPEN,
                                .open = true};
    draft->sites[0] = (struct place){.area_code = {NULL, 0}};
    if (!take_key(&reader, &vacancy->key) || !take_position(&reader, &draft->sites[0].position) ||
        !take_wages(&reader, wages, &vacancy->wage_min_month_cents,
                    &vacancy->wage_max_month_cents) ||
        !take_occupation(&reader, &vacancy->occupation) || !take_asked_skills(&reader, draft))
        return false;
    vacancy->skills = vacancy->skill_count > 0 ? draft->skills : NULL;
    return check_ended(&reader);
}

bool tsv_read_applicant(struct str line, struct applicant_draft *draft, struct error *error)
{
    static const char *const wages[2] = {"wage_min", "wage_desired"};
    struct reader reader = {.rest = line, .error = error};
    struct applicant *applicant = &draft->applicant;
    int64_t radius_km;
    *applicant = (struct applicant){.desired_occupations = &draft->occupation,
                                    .occupation_count = 1,
                                    .available_from = DATE_NONE,
                                    .months_of_experience = EXPERIENCE_UNKNOWN,
                                    .status = STATUS_OPEN,
                                    .consent_matching = true,
                                    .consent_visible = true,
                                    .consent_personalised = true,
                                    .active = true,
                                    .available = true};
    if (!take_key(&reader, &applicant->key) || !take_position(&reader, &applicant->home.position) ||
        !take_number(&reader, "radius_km", 1, RADIUS_LIMIT_KM, &radius_km) ||
        !take_wages(&reader, wages, &applicant->wage_min_month_cents,
                    &applicant->wage_desired_month_cents) ||
        !take_occupation(&reader, &draft->occupation) || !take_held_skills(&reader, draft))
        return false;
    applicant->max_distance_m = (int32_t)radius_km * 1000;
    applicant->skills = applicant->skill_count > 0 ? draft->skills : NULL;
    return check_ended(&reader);
}
