/* See write.h. The columns are those of `haihectl load --help`; a list of columns stands once for
 * each kind of record, and each column is written in that order. */
#include "base/clock.h"
#include "write.h"

#include "base/banned.h"

static const char vacancy_header[] =
    "platform,id,title,description,organization,openings,occupation,occupation_label,skills,"
    "area_code,lat,lon,address,remote,wage_min,wage_max,wage_unit,months_per_year,negotiable,"
    "employment_types,date_posted,valid_through,education,months_of_experience,languages,licences,"
    "tags,status\n";

static const char applicant_header[] =
    "platform,id,desired_occupations,skills,area_code,lat,lon,max_distance_m,wage_min,wage_desired,"
    "wage_unit,employment_types,available_from,education,months_of_experience,languages,licences,"
    "priority_groups,tags,excluded_organizations,consent,status\n";

/* No value of the sample holds a quote; everything that may hold a comma is quoted. */
static void put_quoted(struct buffer *out, const char *text)
{
    buffer_printf(out, "\"%s\",", text);
}

static void put_number(struct buffer *out, int64_t number)
{
    if (number != 0)
        buffer_printf(out, "%lld", (long long)number);
    buffer_append_str(out, STR(","));
}

static void put_word(struct buffer *out, const char *word)
{
    buffer_printf(out, "%s,", word);
}

static void put_yuan(struct buffer *out, int64_t fen)
{
    if (fen % 100 != 0)
        buffer_printf(out, "%lld.%02lld", (long long)fen / 100, (long long)fen % 100);
    else if (fen != 0)
        buffer_printf(out, "%lld", (long long)fen / 100);
    buffer_append_str(out, STR(","));
}

static void put_date(struct buffer *out, int32_t day)
{
    char text[11];
    date_format(day, text);
    put_word(out, text);
}

static void put_bar(struct buffer *out, size_t index)
{
    if (index > 0)
        buffer_append_str(out, STR("|"));
}

static void put_texts(struct buffer *out, const char *const *texts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        put_bar(out, i);
        buffer_append_str(out, str_of(texts[i]));
    }
    buffer_append_str(out, STR(","));
}

static void put_types(struct buffer *out, const uint8_t *types, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        put_bar(out, i);
        buffer_append_str(out, str_of(type_word(types[i])));
    }
    buffer_append_str(out, STR(","));
}

static void put_languages(struct buffer *out, const struct sample_language *languages, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        put_bar(out, i);
        buffer_printf(out, "%s:%s", languages[i].tag, language_level_word(languages[i].level));
    }
    buffer_append_str(out, STR(","));
}

/* skill:importance:min_level! for a vacancy, skill:level for an applicant. */
static void put_skills(struct buffer *out, const struct sample_skill *skills, size_t count,
                       bool asked)
{
    for (size_t i = 0; i < count; i++) {
        put_bar(out, i);
        buffer_append_str(out, skills[i].name);
        if (asked)
            buffer_printf(out, ":%d", skills[i].importance);
        buffer_printf(out, ":%d%s", skills[i].level, skills[i].essential ? "!" : "");
    }
    buffer_append_str(out, STR(","));
}

/* Four lists of equal length: area_code, lat, lon, address (the last for vacancies only). */
static void put_places(struct buffer *out, const struct sample_place *places, size_t count,
                       bool addresses)
{
    for (size_t i = 0; i < count; i++) {
        put_bar(out, i);
        buffer_append_str(out, str_of(places[i].has_area ? places[i].spot.area_code : ""));
    }
    buffer_append_str(out, STR(","));
    for (int axis = 0; axis < 2; axis++) {
        for (size_t i = 0; i < count; i++) {
            put_bar(out, i);
            if (places[i].has_point)
                write_degrees(out, axis == 0 ? places[i].spot.lat_e7 : places[i].spot.lon_e7);
        }
        buffer_append_str(out, STR(","));
    }
    if (!addresses)
        return;
    for (size_t i = 0; i < count; i++) {
        put_bar(out, i);
        if (places[i].has_address)
            buffer_printf(out, "%s%s", places[i].spot.city, places[i].spot.quarter);
    }
    buffer_append_str(out, STR(","));
}

void vacancy_write_csv_header(struct buffer *out)
{
    buffer_append_str(out, STR(vacancy_header));
}

void vacancy_write_csv(struct buffer *out, const struct sample_vacancy *vacancy)
{
    put_word(out, vacancy->key.platform);
    put_word(out, vacancy->key.id);
    put_quoted(out, vacancy->title);
    put_quoted(out, vacancy->description);
    put_quoted(out, vacancy->organization);
    put_number(out, vacancy->openings);
    buffer_printf(out, "%.*s,%.*s,", STR_ARG(vacancy->occupation->code),
                  STR_ARG(vacancy->occupation->label));
    put_skills(out, vacancy->skills, vacancy->skill_count, true);
    put_places(out, vacancy->sites, vacancy->site_count, true);
    put_word(out, vacancy->remote ? "yes" : "");
    put_yuan(out, vacancy->pay.min_fen);
    put_yuan(out, vacancy->pay.max_fen);
    put_word(out, unit_word(vacancy->pay.unit));
    put_number(out, vacancy->pay.months_per_year);
    put_word(out, vacancy->pay.negotiable ? "yes" : "");
    put_types(out, vacancy->types, vacancy->type_count);
    put_date(out, vacancy->date_posted);
    put_date(out, vacancy->valid_through);
    put_word(out, education_word(vacancy->education));
    put_number(out, vacancy->months_of_experience);
    put_languages(out, vacancy->languages, vacancy->language_count);
    put_texts(out, vacancy->licences, vacancy->licence_count);
    put_texts(out, vacancy->tags, vacancy->tag_count);
    buffer_printf(out, "%s\n", vacancy_status_word(vacancy->status));
}

void applicant_write_csv_header(struct buffer *out)
{
    buffer_append_str(out, STR(applicant_header));
}

static void put_consent(struct buffer *out, const struct sample_applicant *applicant)
{
    const char *words[3];
    size_t count = 0;
    if (applicant->consent_matching)
        words[count++] = "matching";
    if (applicant->consent_visible)
        words[count++] = "visible_to_employers";
    if (applicant->consent_personalised)
        words[count++] = "personalised";
    put_texts(out, words, count);
}

void applicant_write_csv(struct buffer *out, const struct sample_applicant *applicant)
{
    put_word(out, applicant->key.platform);
    put_word(out, applicant->key.id);
    for (size_t i = 0; i < applicant->occupation_count; i++) {
        put_bar(out, i);
        buffer_append_str(out, applicant->occupations[i]->code);
    }
    buffer_append_str(out, STR(","));
    put_skills(out, applicant->skills, applicant->skill_count, false);
    put_places(out, &applicant->home, 1, false);
    put_number(out, applicant->max_distance_m);
    put_yuan(out, applicant->wish.min_fen);
    put_yuan(out, applicant->wish.max_fen);
    put_word(out, unit_word(applicant->wish.unit));
    put_types(out, applicant->types, applicant->type_count);
    put_date(out, applicant->available_from);
    put_word(out, education_word(applicant->education));
    if (applicant->months_of_experience >= 0)
        buffer_printf(out, "%d", applicant->months_of_experience);
    buffer_append_str(out, STR(","));
    put_languages(out, applicant->languages, applicant->language_count);
    put_texts(out, applicant->licences, applicant->licence_count);
    put_texts(out, applicant->priority_groups, applicant->group_count);
    put_texts(out, applicant->tags, applicant->tag_count);
    put_texts(out, applicant->excluded, applicant->excluded_count);
    put_consent(out, applicant);
    buffer_printf(out, "%s\n", applicant_status_word(applicant->status));
}
