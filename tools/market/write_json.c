/* See write.h. A hand-written writer: the records have a fixed shape, and 70,000 of them take a
 * fraction of a second. A comma stands before everything but the first of an object or list. */
#include "base/clock.h"
#include "write.h"

#include "base/banned.h"

struct json {
    struct buffer *out;
    bool comma; /* before the next value */
};

static void put(struct json *json, struct str text)
{
    buffer_append_str(json->out, text);
}

static void quote(struct json *json, struct str text)
{
    put(json, STR("\""));
    uint32_t clean = 0; /* everything before it is written */
    for (uint32_t i = 0; i < text.length; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if (c >= 0x20 && c != '"' && c != '\\')
            continue;
        put(json, (struct str){text.data + clean, i - clean});
        buffer_printf(json->out, c < 0x20 ? "\\u%04x" : "\\%c", c);
        clean = i + 1;
    }
    if (clean < text.length)
        put(json, (struct str){text.data + clean, text.length - clean});
    put(json, STR("\""));
}

/* The comma and, in an object, the name; NULL inside a list. */
static void begin_value(struct json *json, const char *name)
{
    if (json->comma)
        put(json, STR(","));
    json->comma = true;
    if (name) {
        put(json, STR("\""));
        put(json, str_of(name));
        put(json, STR("\":"));
    }
}

static void open_with(struct json *json, const char *name, struct str bracket)
{
    begin_value(json, name);
    put(json, bracket);
    json->comma = false;
}

static void close_with(struct json *json, struct str bracket)
{
    put(json, bracket);
    json->comma = true;
}

static void put_text(struct json *json, const char *name, struct str text)
{
    if (text.length == 0)
        return;
    begin_value(json, name);
    quote(json, text);
}

static void put_stated_number(struct json *json, const char *name, int64_t number)
{
    begin_value(json, name);
    buffer_printf(json->out, "%lld", (long long)number);
}

static void put_number(struct json *json, const char *name, int64_t number)
{
    if (number != 0)
        put_stated_number(json, name, number);
}

static void put_true(struct json *json, const char *name, bool value)
{
    if (!value)
        return;
    begin_value(json, name);
    put(json, STR("true"));
}

/* An enum value's whole name; 0 is UNSPECIFIED everywhere and is left out. */
static void put_enum(struct json *json, const char *name, const char *prefix, const char *word)
{
    if (word[0] == '\0')
        return;
    begin_value(json, name);
    put(json, STR("\""));
    put(json, str_of(prefix));
    put(json, str_of(word));
    put(json, STR("\""));
}

static void put_date(struct json *json, const char *name, int32_t day)
{
    char text[11];
    date_format(day, text);
    put_text(json, name, str_of(text));
}

static void put_texts(struct json *json, const char *name, const char *const *texts, size_t count)
{
    if (count == 0)
        return;
    open_with(json, name, STR("["));
    for (size_t i = 0; i < count; i++)
        put_text(json, NULL, str_of(texts[i]));
    close_with(json, STR("]"));
}

static void put_key(struct json *json, const struct sample_key *key)
{
    open_with(json, "key", STR("{"));
    put_text(json, "platform", str_of(key->platform));
    put_text(json, "id", str_of(key->id));
    close_with(json, STR("}"));
}

static void put_occupation(struct json *json, const char *name, const struct occupation *occupation)
{
    open_with(json, name, STR("{"));
    put_text(json, "system", STR("isco-08"));
    put_text(json, "code", occupation->code);
    put_text(json, "label", occupation->label);
    close_with(json, STR("}"));
}

static void put_skills(struct json *json, const struct sample_skill *skills, size_t count,
                       const char *level_name)
{
    open_with(json, "skills", STR("["));
    for (size_t i = 0; i < count; i++) {
        open_with(json, NULL, STR("{"));
        put_text(json, "skill", skills[i].name);
        put_number(json, "importance", skills[i].importance);
        put_number(json, level_name, skills[i].level);
        put_true(json, "essential", skills[i].essential);
        close_with(json, STR("}"));
    }
    close_with(json, STR("]"));
}

static void put_place(struct json *json, const char *name, const struct sample_place *place)
{
    open_with(json, name, STR("{"));
    if (place->has_point) {
        open_with(json, "point", STR("{"));
        begin_value(json, "latitude");
        write_degrees(json->out, place->spot.lat_e7);
        begin_value(json, "longitude");
        write_degrees(json->out, place->spot.lon_e7);
        close_with(json, STR("}"));
    }
    if (place->has_area)
        put_text(json, "area_code", str_of(place->spot.area_code));
    if (place->has_address) {
        begin_value(json, "address");
        buffer_printf(json->out, "\"%s%s\"", place->spot.city, place->spot.quarter);
    }
    close_with(json, STR("}"));
}

static void put_languages(struct json *json, const struct sample_language *languages, size_t count)
{
    if (count == 0)
        return;
    open_with(json, "languages", STR("["));
    for (size_t i = 0; i < count; i++) {
        open_with(json, NULL, STR("{"));
        put_text(json, "language", str_of(languages[i].tag));
        put_enum(json, "level", "LANGUAGE_LEVEL_", language_level_word(languages[i].level));
        close_with(json, STR("}"));
    }
    close_with(json, STR("]"));
}

static void put_types(struct json *json, const uint8_t *types, size_t count)
{
    if (count == 0)
        return;
    open_with(json, "employment_types", STR("["));
    for (size_t i = 0; i < count; i++)
        put_enum(json, NULL, "EMPLOYMENT_TYPE_", type_word(types[i]));
    close_with(json, STR("]"));
}

static void put_salary(struct json *json, const struct sample_pay *pay)
{
    open_with(json, "base_salary", STR("{"));
    put_number(json, "min_amount", pay->min_fen);
    put_number(json, "max_amount", pay->max_fen);
    if (pay->unit != UNIT_NONE)
        put_text(json, "currency", STR("CNY"));
    put_enum(json, "unit", "PAY_UNIT_", unit_word(pay->unit));
    put_number(json, "months_per_year", pay->months_per_year);
    put_true(json, "negotiable", pay->negotiable);
    close_with(json, STR("}"));
}

static void put_wish(struct json *json, const struct sample_pay *wish)
{
    if (wish->unit == UNIT_NONE)
        return;
    open_with(json, "wage", STR("{"));
    put_number(json, "min_amount", wish->min_fen);
    put_number(json, "desired_amount", wish->max_fen);
    put_text(json, "currency", STR("CNY"));
    put_enum(json, "unit", "PAY_UNIT_", unit_word(wish->unit));
    close_with(json, STR("}"));
}

void vacancy_write_json(struct buffer *out, const struct sample_vacancy *vacancy)
{
    struct json json = {.out = out};
    open_with(&json, NULL, STR("{"));
    put_key(&json, &vacancy->key);
    put_text(&json, "title", str_of(vacancy->title));
    put_text(&json, "description", str_of(vacancy->description));
    put_occupation(&json, "occupational_category", vacancy->occupation);
    put_skills(&json, vacancy->skills, vacancy->skill_count, "min_level");
    open_with(&json, "job_locations", STR("["));
    for (size_t i = 0; i < vacancy->site_count; i++)
        put_place(&json, NULL, &vacancy->sites[i]);
    close_with(&json, STR("]"));
    put_enum(&json, "job_location_type", "JOB_LOCATION_TYPE_", vacancy->remote ? "REMOTE" : "");
    put_salary(&json, &vacancy->pay);
    put_types(&json, vacancy->types, vacancy->type_count);
    put_text(&json, "hiring_organization", str_of(vacancy->organization));
    put_number(&json, "total_job_openings", vacancy->openings);
    put_date(&json, "date_posted", vacancy->date_posted);
    put_date(&json, "valid_through", vacancy->valid_through);
    put_enum(&json, "education_level", "EDUCATION_LEVEL_", education_word(vacancy->education));
    put_number(&json, "months_of_experience", vacancy->months_of_experience);
    put_languages(&json, vacancy->languages, vacancy->language_count);
    put_texts(&json, "licences", vacancy->licences, vacancy->licence_count);
    put_texts(&json, "tags", vacancy->tags, vacancy->tag_count);
    put_enum(&json, "status", "VACANCY_STATUS_", vacancy_status_word(vacancy->status));
    close_with(&json, STR("}\n"));
}

static void put_consent(struct json *json, const struct sample_applicant *applicant)
{
    open_with(json, "consent", STR("{"));
    put_true(json, "matching", applicant->consent_matching);
    put_true(json, "visible_to_employers", applicant->consent_visible);
    put_true(json, "personalised", applicant->consent_personalised);
    close_with(json, STR("}"));
}

void applicant_write_json(struct buffer *out, const struct sample_applicant *applicant)
{
    struct json json = {.out = out};
    open_with(&json, NULL, STR("{"));
    put_key(&json, &applicant->key);
    put_skills(&json, applicant->skills, applicant->skill_count, "level");
    put_place(&json, "home", &applicant->home);
    put_number(&json, "max_distance_m", applicant->max_distance_m);
    put_wish(&json, &applicant->wish);
    open_with(&json, "desired_occupations", STR("["));
    for (size_t i = 0; i < applicant->occupation_count; i++)
        put_occupation(&json, NULL, applicant->occupations[i]);
    close_with(&json, STR("]"));
    put_types(&json, applicant->types, applicant->type_count);
    put_enum(&json, "education_level", "EDUCATION_LEVEL_", education_word(applicant->education));
    if (applicant->months_of_experience >= 0) /* 0 is a value of its own */
        put_stated_number(&json, "months_of_experience", applicant->months_of_experience);
    put_languages(&json, applicant->languages, applicant->language_count);
    put_texts(&json, "licences", applicant->licences, applicant->licence_count);
    put_date(&json, "available_from", applicant->available_from);
    put_texts(&json, "priority_groups", applicant->priority_groups, applicant->group_count);
    put_texts(&json, "tags", applicant->tags, applicant->tag_count);
    put_texts(&json, "excluded_organizations", applicant->excluded, applicant->excluded_count);
    put_consent(&json, applicant);
    put_enum(&json, "status", "APPLICANT_STATUS_", applicant_status_word(applicant->status));
    close_with(&json, STR("}\n"));
}
