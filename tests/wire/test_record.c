/* What a lawful record becomes: every field compared with the JSON it was made of. */
#include <criterion/criterion.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "base/text.h"
#include "wire/fixture.h"
#include "wire/json_message.h"
#include "wire/random_record.h"

enum { ROUNDS = 2000 };

static int64_t number_at(const json_t *record, const char *path)
{
    return json_integer_value(json_at(record, path));
}

static struct str text_at(const json_t *record, const char *path)
{
    const json_t *text = json_at(record, path);
    return (struct str){json_string_value(text), (uint32_t)json_string_length(text)};
}

static struct str folded_at(struct fixture *f, const json_t *record, const char *path)
{
    return text_fold(&f->arena, text_at(record, path));
}

static size_t count_at(const json_t *record, const char *path)
{
    return json_array_size(json_at(record, path));
}

static int32_t day_at(const json_t *record, const char *path)
{
    int32_t day = DATE_NONE;
    if (text_at(record, path).length > 0)
        cr_assert(date_parse(text_at(record, path), &day));
    return day;
}

static void assert_text(struct str found, struct str expected)
{
    cr_assert(str_equal(found, expected), "'%.*s' is not '%.*s'", STR_ARG(found),
              STR_ARG(expected));
}
static void assert_folded_list(struct fixture *f, struct str_list list, const json_t *record,
                               const char *name)
{
    cr_assert_eq(list.count, count_at(record, name), "%s", name);
    for (uint32_t i = 0; i < list.count; i++) {
        char path[60];
        snprintf(path, sizeof path, "%s[%u]", name, i);
        assert_text(list.items[i], folded_at(f, record, path));
    }
}

static void assert_key(struct key key, const json_t *record)
{
    assert_text(key.platform, text_at(record, "key.platform"));
    assert_text(key.id, text_at(record, "key.id"));
}

static void assert_types(employment_types types, const json_t *record)
{
    employment_types expected = 0;
    for (size_t i = 0; i < count_at(record, "employment_types"); i++)
        expected |= (employment_types)(1u << json_integer_value(
                                           json_array_get(json_at(record, "employment_types"), i)));
    cr_assert_eq(types, expected);
}

static void assert_languages(const struct language *languages, size_t count, const json_t *record)
{
    cr_assert_eq(count, count_at(record, "languages"));
    for (size_t i = 0; i < count; i++) {
        const json_t *sent = json_array_get(json_at(record, "languages"), i);
        const char *tag = json_string_value(json_object_get(sent, "language"));
        cr_assert_eq(languages[i].tag.length, strlen(tag));
        cr_assert_eq(strncasecmp(languages[i].tag.data, tag, strlen(tag)), 0);
        cr_assert(languages[i].tag.data[0] >= 'a', "in small letters");
        cr_assert_eq(languages[i].level, number_at(sent, "level"));
    }
}

static void assert_place(struct fixture *f, struct place place, const json_t *sent)
{
    assert_text(place.area_code, text_at(sent, "area_code"));
    const json_t *point = json_object_get(sent, "point");
    if (point) {
        cr_assert_eq(place.position.lat_e7,
                     llround(json_number_value(json_at(point, "latitude")) * 1e7));
        cr_assert_eq(place.position.lon_e7,
                     llround(json_number_value(json_at(point, "longitude")) * 1e7));
    } else {
        const struct area *area = area_find(f->areas, text_at(sent, "area_code"));
        cr_assert_eq(place.position.lat_e7, area->centre.lat_e7);
        cr_assert_eq(place.position.lon_e7, area->centre.lon_e7);
    }
}

/* The rules of wage.h, written once more. */
static int64_t month_cents(const json_t *pay, const char *amount_name)
{
    int64_t amount = number_at(pay, amount_name), months = number_at(pay, "months_per_year");
    if (amount == 0)
        return WAGE_UNKNOWN;
    int64_t cents[] = {0,
                       amount * 8 * 2175 / 100,
                       amount * 2175 / 100,
                       amount * 52 / 12,
                       amount * (months ? months : 12) / 12,
                       amount / 12};
    int64_t month = cents[number_at(pay, "unit")];
    bool is_usd = str_equal(text_at(pay, "currency"), STR("USD"));
    return is_usd ? month * 7100000 / 1000000 : month;
}

static void assert_unresolved(struct fixture *f, const struct str_list *unresolved,
                              const json_t *record)
{
    uint32_t next = 0;
    for (size_t i = 0; i < count_at(record, "skills"); i++) {
        char path[40];
        snprintf(path, sizeof path, "skills[%zu].skill", i);
        if (taxonomy_find_skill(f->taxonomy, folded_at(f, record, path)) == SKILL_UNKNOWN)
            assert_text(unresolved->items[next++], text_at(record, path));
    }
    cr_assert_eq(unresolved->count, next);
}

static void assert_skill(struct fixture *f, uint32_t skill_id, struct str name, const json_t *sent)
{
    struct str folded = folded_at(f, sent, "skill");
    cr_assert_eq(skill_id, taxonomy_find_skill(f->taxonomy, folded));
    if (skill_id == SKILL_UNKNOWN)
        assert_text(name, folded);
    else
        cr_assert_eq(name.length, 0);
}

static void assert_vacancy(struct fixture *f, const struct vacancy *vacancy,
                           const struct record_extras *extras, const json_t *record)
{
    assert_key(vacancy->key, record);
    assert_text(vacancy->title, text_at(record, "title"));
    assert_text(extras->description, text_at(record, "description"));
    assert_text(vacancy->hiring_organization, text_at(record, "hiring_organization"));
    assert_text(vacancy->hiring_organization_folded, folded_at(f, record, "hiring_organization"));
    assert_text(vacancy->occupation.code, text_at(record, "occupational_category.code"));
    if (json_at(record, "occupational_category"))
        assert_text(vacancy->occupation.system, json_at(record, "occupational_category.system")
                                                    ? STR("cn-2022")
                                                    : STR("isco-08"));
    cr_assert_eq(vacancy->skill_count, count_at(record, "skills"));
    for (size_t i = 0; i < vacancy->skill_count; i++) {
        const json_t *sent = json_array_get(json_at(record, "skills"), i);
        int64_t importance = number_at(sent, "importance");
        assert_skill(f, vacancy->skills[i].skill_id, vacancy->skills[i].name, sent);
        cr_assert_eq(vacancy->skills[i].importance, importance ? importance : 3);
        cr_assert_eq(vacancy->skills[i].min_level, number_at(sent, "min_level"));
        cr_assert_eq(vacancy->skills[i].essential, json_is_true(json_at(sent, "essential")));
    }
    assert_unresolved(f, &extras->unresolved_skills, record);
    cr_assert_eq(vacancy->site_count, count_at(record, "job_locations"));
    for (size_t i = 0; i < vacancy->site_count; i++)
        assert_place(f, vacancy->sites[i], json_array_get(json_at(record, "job_locations"), i));
    const json_t *salary = json_at(record, "base_salary");
    cr_assert_eq(vacancy->wage_min_month_cents, month_cents(salary, "min_amount"));
    cr_assert_eq(vacancy->wage_max_month_cents, month_cents(salary, "max_amount"));
    cr_assert_eq(vacancy->base_salary.negotiable, json_is_true(json_at(salary, "negotiable")));
    assert_types(vacancy->types, record);
    assert_languages(vacancy->languages, vacancy->language_count, record);
    assert_folded_list(f, vacancy->licences, record, "licences");
    assert_folded_list(f, vacancy->tags, record, "tags");
    cr_assert_eq(vacancy->total_job_openings, number_at(record, "total_job_openings"));
    cr_assert_eq(vacancy->date_posted, day_at(record, "date_posted"));
    cr_assert_eq(vacancy->valid_through, day_at(record, "valid_through"));
    cr_assert_eq(vacancy->education_level, number_at(record, "education_level"));
    cr_assert_eq(vacancy->months_of_experience, number_at(record, "months_of_experience"));
    int64_t status = number_at(record, "status");
    cr_assert_eq(vacancy->status, status ? status : STATUS_OPEN);
    cr_assert_eq(vacancy->remote, number_at(record, "job_location_type") == 2);
    cr_assert_eq(vacancy->open, vacancy_is_open_on(vacancy, f->today));
}

static void assert_applicant(struct fixture *f, const struct applicant *applicant,
                             const struct record_extras *extras, const json_t *record)
{
    assert_key(applicant->key, record);
    cr_assert_eq(applicant->skill_count, count_at(record, "skills"));
    for (size_t i = 0; i < applicant->skill_count; i++) {
        const json_t *sent = json_array_get(json_at(record, "skills"), i);
        assert_skill(f, applicant->skills[i].skill_id, applicant->skills[i].name, sent);
        cr_assert_eq(applicant->skills[i].level, number_at(sent, "level"));
    }
    assert_unresolved(f, &extras->unresolved_skills, record);
    if (json_at(record, "home"))
        assert_place(f, applicant->home, json_at(record, "home"));
    else
        cr_assert_not(position_is_known(applicant->home.position));
    const json_t *wage = json_at(record, "wage");
    int64_t desired = month_cents(wage, "desired_amount");
    cr_assert_eq(applicant->wage_min_month_cents, month_cents(wage, "min_amount"));
    cr_assert_eq(applicant->wage_desired_month_cents,
                 desired != WAGE_UNKNOWN ? desired : applicant->wage_min_month_cents);
    cr_assert_eq(applicant->occupation_count, count_at(record, "desired_occupations"));
    for (size_t i = 0; i < applicant->occupation_count; i++) {
        const json_t *sent = json_array_get(json_at(record, "desired_occupations"), i);
        assert_text(applicant->desired_occupations[i].code, text_at(sent, "code"));
        assert_text(applicant->desired_occupations[i].system,
                    json_at(sent, "system") ? STR("cn-2022") : STR("isco-08"));
    }
    assert_types(applicant->types, record);
    assert_languages(applicant->languages, applicant->language_count, record);
    assert_folded_list(f, applicant->licences, record, "licences");
    assert_folded_list(f, applicant->tags, record, "tags");
    assert_folded_list(f, applicant->excluded_organizations, record, "excluded_organizations");
    assert_folded_list(f, applicant->priority_groups, record, "priority_groups");
    cr_assert_eq(applicant->max_distance_m, number_at(record, "max_distance_m"));
    cr_assert_eq(applicant->available_from, day_at(record, "available_from"));
    cr_assert_eq(applicant->education_level, number_at(record, "education_level"));
    cr_assert_eq(applicant->months_of_experience, json_at(record, "months_of_experience")
                                                      ? number_at(record, "months_of_experience")
                                                      : EXPERIENCE_UNKNOWN);
    int64_t status = number_at(record, "status");
    cr_assert_eq(applicant->status, status ? status : STATUS_OPEN);
    cr_assert_eq(applicant->active, applicant->status == STATUS_OPEN);
    cr_assert_eq(applicant->available, applicant_is_available_on(applicant, f->today));
    cr_assert_eq(applicant->consent_matching, json_is_true(json_at(record, "consent.matching")));
    cr_assert_eq(applicant->consent_visible,
                 json_is_true(json_at(record, "consent.visible_to_employers")));
    cr_assert_eq(applicant->consent_personalised,
                 json_is_true(json_at(record, "consent.personalised")));
}

Test(record, a_random_vacancy_is_read_field_by_field)
{
    const uint64_t seed = 20261123;
    fprintf(stderr, "record: seed %" PRIu64 "\n", seed);
    struct rng rng;
    rng_init(&rng, seed);
    struct fixture f;
    fixture_init(&f);
    for (int round = 0; round < ROUNDS; round++) {
        json_t *record = random_vacancy(&rng, &f.model);
        struct str bytes = fixture_encode(&f, "haihe.v1.Vacancy", json_incref(record));
        struct vacancy vacancy;
        struct record_extras extras;
        cr_assert(wire_read_vacancy(&f.model, bytes, RECORD_FOR_STORE, f.today, &f.arena, &vacancy,
                                    &extras, &f.error),
                  "%s", f.error.text);
        cr_assert(vacancy_validate(&vacancy, &f.error), "%s", f.error.text);
        assert_vacancy(&f, &vacancy, &extras, record);
        json_decref(record);
        arena_clear(&f.arena);
    }
    fixture_release(&f);
}

Test(record, a_random_applicant_is_read_field_by_field)
{
    const uint64_t seed = 20261124;
    fprintf(stderr, "record: seed %" PRIu64 "\n", seed);
    struct rng rng;
    rng_init(&rng, seed);
    struct fixture f;
    fixture_init(&f);
    for (int round = 0; round < ROUNDS; round++) {
        json_t *record = random_applicant(&rng, &f.model);
        struct str bytes = fixture_encode(&f, "haihe.v1.Applicant", json_incref(record));
        struct applicant applicant;
        struct record_extras extras;
        cr_assert(wire_read_applicant(&f.model, bytes, RECORD_FOR_STORE, f.today, &f.arena,
                                      &applicant, &extras, &f.error),
                  "%s", f.error.text);
        cr_assert(applicant_validate(&applicant, &f.error), "%s", f.error.text);
        assert_applicant(&f, &applicant, &extras, record);
        json_decref(record);
        arena_clear(&f.arena);
    }
    fixture_release(&f);
}

/* --- What random records do not show -------------------------------------------------------- */

static bool read_vacancy_text(struct fixture *f, const char *text, enum record_use use,
                              struct vacancy *out)
{
    struct record_extras extras;
    return wire_read_vacancy(&f->model, fixture_message(f, "haihe.v1.Vacancy", text), use, f->today,
                             &f->arena, out, &extras, &f->error);
}

static bool read_applicant_text(struct fixture *f, const char *text, enum record_use use,
                                struct applicant *out)
{
    struct record_extras extras;
    return wire_read_applicant(&f->model, fixture_message(f, "haihe.v1.Applicant", text), use,
                               f->today, &f->arena, out, &extras, &f->error);
}

Test(record, a_stored_record_needs_its_key_and_an_inline_one_does_not)
{
    struct fixture f;
    fixture_init(&f);
    struct vacancy vacancy;
    struct applicant applicant;
    static const char *const WITHOUT[] = {"{}", "{'key': {}}"};
    for (size_t i = 0; i < 2; i++) {
        cr_assert(read_vacancy_text(&f, WITHOUT[i], RECORD_FOR_SEARCH, &vacancy));
        cr_assert_eq(vacancy.key.id.length, 0);
        cr_assert(read_applicant_text(&f, WITHOUT[i], RECORD_FOR_SEARCH, &applicant));
        cr_assert_eq(applicant.key.platform.length, 0);
    }
    cr_assert_not(read_vacancy_text(&f, "{}", RECORD_FOR_STORE, &vacancy));
    assert_refused(&f.error, "required", "key", "", "vacancy");
    cr_assert_not(read_applicant_text(&f, "{'key': {}}", RECORD_FOR_STORE, &applicant));
    assert_refused(&f.error, "required", "key.platform", "", "applicant");
    /* Half a key is none. */
    cr_assert_not(read_vacancy_text(&f, "{'key': {'platform': 'p'}}", RECORD_FOR_SEARCH, &vacancy));
    assert_refused(&f.error, "required", "key.id", "", "half");
    fixture_release(&f);
}

Test(record, an_employer_of_spaces_is_left_to_the_ingest_gate)
{
    struct fixture f;
    fixture_init(&f);
    struct vacancy vacancy;
    cr_assert(
        read_vacancy_text(&f, "{'hiring_organization': ' \\u3000 '}", RECORD_FOR_SEARCH, &vacancy));
    cr_assert_eq(vacancy.hiring_organization.length, 0);
    cr_assert_eq(vacancy.hiring_organization_folded.length, 0);
    fixture_release(&f);
}

Test(record, a_home_without_place_is_not_stated)
{
    struct fixture f;
    fixture_init(&f);
    struct applicant applicant;
    cr_assert(
        read_applicant_text(&f, "{'home': {'address': '某处'}}", RECORD_FOR_SEARCH, &applicant));
    cr_assert_not(position_is_known(applicant.home.position));
    fixture_release(&f);
}

Test(record, dates_decide_what_is_open_and_available)
{
    struct fixture f;
    fixture_init(&f);
    struct vacancy vacancy;
    struct applicant applicant;
    /* Both days included. */
    cr_assert(read_vacancy_text(&f, "{'date_posted': '2026-11-23', 'valid_through': '2026-11-23'}",
                                RECORD_FOR_SEARCH, &vacancy));
    cr_assert(vacancy.open);
    cr_assert(read_vacancy_text(&f, "{'date_posted': '2026-11-24'}", RECORD_FOR_SEARCH, &vacancy));
    cr_assert_not(vacancy.open);
    cr_assert(
        read_vacancy_text(&f, "{'valid_through': '2026-11-22'}", RECORD_FOR_SEARCH, &vacancy));
    cr_assert_not(vacancy.open);
    cr_assert(
        read_applicant_text(&f, "{'available_from': '2026-11-23'}", RECORD_FOR_SEARCH, &applicant));
    cr_assert(applicant.available);
    cr_assert(
        read_applicant_text(&f, "{'available_from': '2026-11-24'}", RECORD_FOR_SEARCH, &applicant));
    cr_assert_not(applicant.available);
    fixture_release(&f);
}

Test(record, a_pay_that_is_not_stated_is_unknown)
{
    struct fixture f;
    fixture_init(&f);
    struct vacancy vacancy;
    cr_assert(read_vacancy_text(&f, "{'base_salary': {'negotiable': true}}", RECORD_FOR_SEARCH,
                                &vacancy));
    cr_assert_eq(vacancy.wage_min_month_cents, WAGE_UNKNOWN);
    cr_assert_eq(vacancy.wage_max_month_cents, WAGE_UNKNOWN);
    cr_assert_not(
        read_vacancy_text(&f, "{'base_salary': {'currency': 'XXX'}}", RECORD_FOR_SEARCH, &vacancy));
    assert_refused(&f.error, "unknown_currency", "base_salary.currency", "XXX", "no amount");
    fixture_release(&f);
}
