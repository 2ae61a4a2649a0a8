#include "wire/random_record.h"

#include <criterion/criterion.h>
#include <stdio.h>

static bool chance(struct rng *rng, uint64_t n)
{
    return rng_below(rng, n) == 0;
}

/* A text of up to `characters` letters, Chinese, full-width, spaces between. */
static json_t *random_text(struct rng *rng, size_t characters)
{
    static const char *const PIECES[] = {"a", "Z", "7", "焊",  "数", "Ａ",
                                         "é", "ß", "-", "x y", "\t", "𝄞"};
    char text[400] = "q";
    size_t length = 1, count = rng_below(rng, characters);
    for (size_t i = 0; i < count; i++) {
        const char *piece = PIECES[rng_below(rng, sizeof PIECES / sizeof PIECES[0])];
        memcpy(text + length, piece, strlen(piece) + 1);
        length += strlen(piece);
    }
    return json_string(text);
}

static json_t *random_key(struct rng *rng)
{
    json_t *key = json_object();
    json_object_set_new(key, "platform", random_text(rng, 10));
    json_object_set_new(key, "id", random_text(rng, 14));
    return key;
}

static json_t *random_code_list(struct rng *rng, size_t limit, const char *prefix)
{
    json_t *list = json_array();
    size_t count = rng_below(rng, limit + 1);
    for (size_t i = 0; i < count; i++) {
        char text[40];
        snprintf(text, sizeof text, " %s %zu", prefix, i);
        json_array_append_new(list, json_string(text));
    }
    return list;
}

/* Known ones by code or label, unknown ones by a name of their own; no two the same. */
static json_t *random_skills(struct rng *rng, const struct model *model, bool asked)
{
    json_t *list = json_array();
    size_t count = rng_below(rng, 12), known = taxonomy_skill_count(model->taxonomy);
    if (chance(rng, 20))
        count = RECORD_SKILL_LIMIT;
    uint32_t next = (uint32_t)rng_below(rng, known);
    for (size_t i = 0; i < count; i++) {
        json_t *skill = json_object();
        next = (uint32_t)((next + 1 + rng_below(rng, 2)) % known);
        struct str name = chance(rng, 2) ? taxonomy_skill_code(model->taxonomy, next)
                                         : taxonomy_skill_label(model->taxonomy, next, "zh");
        char unknown[40];
        snprintf(unknown, sizeof unknown, "Unbekannt %zu 未知", i);
        json_object_set_new(skill, "skill",
                            chance(rng, 4) ? json_string(unknown)
                                           : json_stringn(name.data, name.length));
        if (asked) {
            json_object_set_new(skill, "importance", json_integer(rng_between(rng, 0, 5)));
            json_object_set_new(skill, "min_level", json_integer(rng_between(rng, 0, 8)));
            json_object_set_new(skill, "essential", json_boolean(chance(rng, 3)));
        } else {
            json_object_set_new(skill, "level", json_integer(rng_between(rng, 0, 8)));
        }
        json_array_append_new(list, skill);
    }
    return list;
}

static json_t *random_place(struct rng *rng, const struct model *model)
{
    json_t *place = json_object();
    bool has_point = chance(rng, 2);
    if (has_point) {
        json_t *point = json_object();
        json_object_set_new(point, "latitude",
                            json_real((double)rng_between(rng, -900000000, 900000000) / 1e7));
        json_object_set_new(point, "longitude",
                            json_real((double)rng_between(rng, -1800000000, 1800000000) / 1e7));
        json_object_set_new(place, "point", point);
    }
    if (!has_point || chance(rng, 2)) {
        const struct area *area = area_at(model->areas, rng_below(rng, area_count(model->areas)));
        json_object_set_new(place, "area_code",
                            has_point && chance(rng, 2)
                                ? json_string("nowhere")
                                : json_stringn(area->code.data, area->code.length));
    }
    if (chance(rng, 3))
        json_object_set_new(place, "address", random_text(rng, 40));
    return place;
}

static json_t *random_pay(struct rng *rng, const char *most)
{
    json_t *pay = json_object();
    int64_t least = rng_between(rng, 1, 1000000), more = least + rng_between(rng, 0, 500000);
    if (!chance(rng, 4))
        json_object_set_new(pay, "min_amount", json_integer(least));
    if (!chance(rng, 4))
        json_object_set_new(pay, most, json_integer(more));
    if (chance(rng, 2))
        json_object_set_new(pay, "currency", json_string(chance(rng, 2) ? "CNY" : "USD"));
    json_object_set_new(pay, "unit", json_integer(rng_between(rng, 1, 5)));
    return pay;
}

static json_t *random_occupation(struct rng *rng)
{
    json_t *occupation = json_object();
    if (chance(rng, 2))
        json_object_set_new(occupation, "system", json_string("cn-2022"));
    json_object_set_new(occupation, "code", json_string(chance(rng, 2) ? "7223" : "2-02.a"));
    if (chance(rng, 2))
        json_object_set_new(occupation, "label", random_text(rng, 20));
    return occupation;
}

/* Distinct numbers from 1..8, in random order. */
static json_t *random_types(struct rng *rng)
{
    json_t *list = json_array();
    int64_t first = rng_between(rng, 0, 7), count = rng_between(rng, 0, 8);
    for (int64_t i = 0; i < count; i++)
        json_array_append_new(list, json_integer((first + i * 3) % 8 + 1));
    return list;
}

static json_t *random_languages(struct rng *rng, size_t limit)
{
    static const char *const TAGS[] = {"zh", "EN", "Deu", "ja", "ko", "fr", "yue", "ru",
                                       "it", "pt", "nl",  "pl", "sv", "tr", "vi",  "th"};
    json_t *list = json_array();
    size_t count = rng_below(rng, limit + 1);
    for (size_t i = 0; i < count; i++) {
        json_t *language = json_object();
        json_object_set_new(language, "language", json_string(TAGS[i]));
        json_object_set_new(language, "level", json_integer(rng_between(rng, 0, 6)));
        json_array_append_new(list, language);
    }
    return list;
}

static json_t *random_day(struct rng *rng, int year)
{
    char text[16];
    snprintf(text, sizeof text, "%d-%02d-%02d", year, (int)rng_between(rng, 1, 12),
             (int)rng_between(rng, 1, 28));
    return json_string(text);
}

/* Leaves out some of the fields that may be missing. */
static json_t *thinned(struct rng *rng, json_t *record)
{
    const char *key;
    json_t *value;
    void *next;
    json_object_foreach_safe(record, next, key, value)
    {
        if (strcmp(key, "key") != 0 && chance(rng, 8))
            json_object_del(record, key);
    }
    return record;
}

json_t *random_vacancy(struct rng *rng, const struct model *model)
{
    json_t *record = json_object(), *places = json_array();
    size_t place_count = rng_below(rng, 4);
    for (size_t i = 0; i < place_count; i++)
        json_array_append_new(places, random_place(rng, model));
    json_t *salary = random_pay(rng, "max_amount");
    json_object_set_new(salary, "months_per_year",
                        json_integer(chance(rng, 2) ? 0 : rng_between(rng, 12, 24)));
    json_object_set_new(salary, "negotiable", json_boolean(chance(rng, 2)));
    json_object_set_new(record, "key", random_key(rng));
    json_object_set_new(record, "title", random_text(rng, 40));
    json_object_set_new(record, "description", random_text(rng, 90));
    json_object_set_new(record, "occupational_category", random_occupation(rng));
    json_object_set_new(record, "skills", random_skills(rng, model, true));
    json_object_set_new(record, "job_locations", places);
    json_object_set_new(record, "job_location_type", json_integer(rng_between(rng, 0, 2)));
    json_object_set_new(record, "base_salary", salary);
    json_object_set_new(record, "employment_types", random_types(rng));
    json_object_set_new(record, "hiring_organization", random_text(rng, 40));
    json_object_set_new(record, "total_job_openings", json_integer(rng_between(rng, 0, 100000)));
    json_object_set_new(record, "date_posted", random_day(rng, 2026));
    json_object_set_new(record, "valid_through", random_day(rng, 2027));
    json_object_set_new(record, "education_level", json_integer(rng_between(rng, 0, 8)));
    json_object_set_new(record, "months_of_experience", json_integer(rng_between(rng, 0, 720)));
    json_object_set_new(record, "languages", random_languages(rng, 8));
    json_object_set_new(record, "licences", random_code_list(rng, 16, "证 B"));
    json_object_set_new(record, "tags", random_code_list(rng, 16, "Fair"));
    json_object_set_new(record, "status", json_integer(rng_between(rng, 0, 4)));
    return thinned(rng, record);
}

json_t *random_applicant(struct rng *rng, const struct model *model)
{
    static const char *const GROUPS[] = {"veteran", "graduate"};
    json_t *record = json_object(), *occupations = json_array(), *groups = json_array(),
           *consent = json_object();
    size_t occupation_count = rng_below(rng, 17), group_count = rng_below(rng, 3);
    for (size_t i = 0; i < occupation_count; i++)
        json_array_append_new(occupations, random_occupation(rng));
    for (size_t i = 0; i < group_count; i++)
        json_array_append_new(groups, json_string(GROUPS[i]));
    json_object_set_new(consent, "matching", json_boolean(chance(rng, 2)));
    json_object_set_new(consent, "visible_to_employers", json_boolean(chance(rng, 2)));
    json_object_set_new(consent, "personalised", json_boolean(chance(rng, 2)));
    json_object_set_new(record, "key", random_key(rng));
    json_object_set_new(record, "skills", random_skills(rng, model, false));
    json_object_set_new(record, "home", random_place(rng, model));
    json_object_set_new(record, "max_distance_m", json_integer(rng_between(rng, 0, 20000000)));
    json_object_set_new(record, "wage", random_pay(rng, "desired_amount"));
    json_object_set_new(record, "desired_occupations", occupations);
    json_object_set_new(record, "employment_types", random_types(rng));
    json_object_set_new(record, "education_level", json_integer(rng_between(rng, 0, 8)));
    json_object_set_new(record, "months_of_experience", json_integer(rng_between(rng, 0, 720)));
    json_object_set_new(record, "languages", random_languages(rng, 16));
    json_object_set_new(record, "licences", random_code_list(rng, 32, "证 B"));
    json_object_set_new(record, "available_from", random_day(rng, 2026));
    json_object_set_new(record, "priority_groups", groups);
    json_object_set_new(record, "tags", random_code_list(rng, 16, "Fair"));
    json_object_set_new(record, "excluded_organizations", random_code_list(rng, 32, "Co"));
    json_object_set_new(record, "consent", consent);
    json_object_set_new(record, "status", json_integer(rng_between(rng, 0, 3)));
    return thinned(rng, record);
}
