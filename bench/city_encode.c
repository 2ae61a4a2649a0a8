/* See city.h: drawn records as ApplyRequests, field by field in record.proto's numbers. What a
 * record would say in JSON is the same: tests/bench/test_city_encode.c compares them byte by byte.
 * Written by hand because ten million records through JSON take minutes. */
#include "city.h"

#include <stdio.h>

#include "base/clock.h"
#include "wire/raw.h"

#include "base/banned.h"

enum { REMOTE = 2 /* JOB_LOCATION_TYPE_REMOTE */ };

/* --- Parts ----------------------------------------------------------------------------------- */

static void put_day(struct raw_writer *writer, uint32_t number, int32_t day)
{
    char text[11];
    date_format(day, text);
    raw_put_text(writer, number, str_of(text));
}

static void put_texts(struct raw_writer *writer, uint32_t number, const char *const *texts,
                      size_t count)
{
    for (size_t i = 0; i < count; i++)
        raw_put_bytes_always(writer, number, str_of(texts[i]));
}

static void key_fields(struct raw_writer *writer, const void *what)
{
    const struct sample_key *key = what;
    raw_put_text(writer, 1, str_of(key->platform));
    raw_put_text(writer, 2, str_of(key->id));
}

static void occupation_fields(struct raw_writer *writer, const void *what)
{
    const struct occupation *occupation = what;
    raw_put_text(writer, 1, STR("isco-08"));
    raw_put_text(writer, 2, occupation->code);
    raw_put_text(writer, 3, occupation->label);
}

static void asked_skill_fields(struct raw_writer *writer, const void *what)
{
    const struct sample_skill *skill = what;
    raw_put_text(writer, 1, skill->name);
    raw_put_varint(writer, 2, skill->importance);
    raw_put_varint(writer, 3, skill->level);
    raw_put_varint(writer, 4, skill->essential);
}

static void held_skill_fields(struct raw_writer *writer, const void *what)
{
    const struct sample_skill *skill = what;
    raw_put_text(writer, 1, skill->name);
    raw_put_varint(writer, 2, skill->level);
}

static void language_fields(struct raw_writer *writer, const void *what)
{
    const struct sample_language *language = what;
    raw_put_text(writer, 1, str_of(language->tag));
    raw_put_varint(writer, 2, language->level);
}

/* The nearest double to a decimal with seven places, as a parser of its text gives. */
static void put_degrees(struct raw_writer *writer, uint32_t number, int32_t degrees_e7)
{
    double degrees = degrees_e7 / 1e7;
    uint64_t bits;
    memcpy(&bits, &degrees, sizeof bits);
    raw_put_fixed64(writer, number, bits);
}

static void point_fields(struct raw_writer *writer, const void *what)
{
    const struct spot *spot = what;
    put_degrees(writer, 1, spot->lat_e7);
    put_degrees(writer, 2, spot->lon_e7);
}

static void place_fields(struct raw_writer *writer, const void *what)
{
    const struct sample_place *place = what;
    if (place->has_point)
        raw_put_message(writer, 1, point_fields, &place->spot);
    if (place->has_area)
        raw_put_text(writer, 2, str_of(place->spot.area_code));
    if (place->has_address) {
        char address[ADDRESS_LIMIT_BYTES];
        snprintf(address, sizeof address, "%s%s", place->spot.city, place->spot.quarter);
        raw_put_text(writer, 3, str_of(address));
    }
}

/* A Salary; a WageWish has the same fields without the last two. */
static void pay_fields(struct raw_writer *writer, const void *what)
{
    const struct sample_pay *pay = what;
    raw_put_varint(writer, 1, (uint64_t)pay->min_fen);
    raw_put_varint(writer, 2, (uint64_t)pay->max_fen);
    if (pay->unit != UNIT_NONE)
        raw_put_text(writer, 3, STR("CNY"));
    raw_put_varint(writer, 4, pay->unit);
    raw_put_varint(writer, 5, pay->months_per_year);
    raw_put_varint(writer, 6, pay->negotiable);
}

/* A packed list; every type is below 128, one byte. */
static void put_types(struct raw_writer *writer, uint32_t number, const uint8_t *types,
                      size_t count)
{
    if (count > 0)
        raw_put_bytes_always(writer, number, (struct str){(const char *)types, (uint32_t)count});
}

static void put_languages(struct raw_writer *writer, uint32_t number,
                          const struct sample_language *languages, size_t count)
{
    for (size_t i = 0; i < count; i++)
        raw_put_message(writer, number, language_fields, &languages[i]);
}

/* --- Records --------------------------------------------------------------------------------- */

static void vacancy_fields(struct raw_writer *writer, const void *what)
{
    const struct sample_vacancy *vacancy = what;
    raw_put_message(writer, 1, key_fields, &vacancy->key);
    raw_put_text(writer, 2, str_of(vacancy->title));
    raw_put_text(writer, 3, str_of(vacancy->description));
    raw_put_message(writer, 4, occupation_fields, vacancy->occupation);
    for (size_t i = 0; i < vacancy->skill_count; i++)
        raw_put_message(writer, 5, asked_skill_fields, &vacancy->skills[i]);
    for (size_t i = 0; i < vacancy->site_count; i++)
        raw_put_message(writer, 6, place_fields, &vacancy->sites[i]);
    raw_put_varint(writer, 7, vacancy->remote ? REMOTE : 0);
    raw_put_message(writer, 8, pay_fields, &vacancy->pay);
    put_types(writer, 9, vacancy->types, vacancy->type_count);
    raw_put_text(writer, 10, str_of(vacancy->organization));
    raw_put_varint(writer, 11, (uint64_t)vacancy->openings);
    put_day(writer, 12, vacancy->date_posted);
    put_day(writer, 13, vacancy->valid_through);
    raw_put_varint(writer, 14, vacancy->education);
    raw_put_varint(writer, 15, (uint64_t)vacancy->months_of_experience);
    put_languages(writer, 16, vacancy->languages, vacancy->language_count);
    put_texts(writer, 17, vacancy->licences, vacancy->licence_count);
    put_texts(writer, 18, vacancy->tags, vacancy->tag_count);
    raw_put_varint(writer, 19, vacancy->status);
}

static void consent_fields(struct raw_writer *writer, const void *what)
{
    const struct sample_applicant *applicant = what;
    raw_put_varint(writer, 1, applicant->consent_matching);
    raw_put_varint(writer, 2, applicant->consent_visible);
    raw_put_varint(writer, 3, applicant->consent_personalised);
}

static void applicant_fields(struct raw_writer *writer, const void *what)
{
    const struct sample_applicant *applicant = what;
    raw_put_message(writer, 1, key_fields, &applicant->key);
    for (size_t i = 0; i < applicant->skill_count; i++)
        raw_put_message(writer, 2, held_skill_fields, &applicant->skills[i]);
    raw_put_message(writer, 3, place_fields, &applicant->home);
    raw_put_varint(writer, 4, (uint64_t)applicant->max_distance_m);
    if (applicant->wish.unit != UNIT_NONE)
        raw_put_message(writer, 5, pay_fields, &applicant->wish);
    for (size_t i = 0; i < applicant->occupation_count; i++)
        raw_put_message(writer, 6, occupation_fields, applicant->occupations[i]);
    put_types(writer, 7, applicant->types, applicant->type_count);
    raw_put_varint(writer, 8, applicant->education);
    if (applicant->months_of_experience >= 0) /* 0 is a value of its own */
        raw_put_varint_always(writer, 9, (uint64_t)applicant->months_of_experience);
    put_languages(writer, 10, applicant->languages, applicant->language_count);
    put_texts(writer, 11, applicant->licences, applicant->licence_count);
    put_day(writer, 12, applicant->available_from);
    put_texts(writer, 13, applicant->priority_groups, applicant->group_count);
    put_texts(writer, 14, applicant->tags, applicant->tag_count);
    put_texts(writer, 15, applicant->excluded, applicant->excluded_count);
    raw_put_message(writer, 16, consent_fields, applicant);
    raw_put_varint(writer, 17, applicant->status);
}

/* --- Requests -------------------------------------------------------------------------------- */

/* Of the oneof in ApplyRequest. */
enum { UPSERT_VACANCY = 2, UPSERT_APPLICANT = 3, DELETE_RECORD = 4 };

static bool encode(struct city_scratch *scratch, uint32_t number, raw_fields *fields,
                   const void *what, struct str *request, struct error *error)
{
    buffer_clear(&scratch->bytes);
    if (!raw_append(&scratch->bytes, number, fields, what))
        return error_set(error, ERROR_RESOURCE_EXHAUSTED, "no memory for a record's bytes");
    *request = buffer_borrow(&scratch->bytes);
    return true;
}

bool city_encode_vacancy(struct city_scratch *scratch, const struct sample_vacancy *vacancy,
                         struct str *request, struct error *error)
{
    return encode(scratch, UPSERT_VACANCY, vacancy_fields, vacancy, request, error);
}

bool city_encode_applicant(struct city_scratch *scratch, const struct sample_applicant *applicant,
                           struct str *request, struct error *error)
{
    return encode(scratch, UPSERT_APPLICANT, applicant_fields, applicant, request, error);
}

struct leaving {
    enum record_kind kind;
    const struct sample_key *key;
};

static void delete_fields(struct raw_writer *writer, const void *what)
{
    const struct leaving *leaving = what;
    raw_put_varint(writer, 1, leaving->kind);
    raw_put_message(writer, 2, key_fields, leaving->key);
}

bool city_encode_delete(struct city_scratch *scratch, enum record_kind kind,
                        const struct sample_key *key, struct str *request, struct error *error)
{
    const struct leaving leaving = {kind, key};
    return encode(scratch, DELETE_RECORD, delete_fields, &leaving, request, error);
}
