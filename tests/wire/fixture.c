#include "wire/fixture.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "wire/json_message.h"

static const struct str PRIORITY_GROUPS[] = {{"graduate", 8}, {"veteran", 7}};
static const struct currency_rate RATES[] = {{"USD", 7100000}};

void fixture_init(struct fixture *fixture)
{
    struct error error = {0};
    *fixture = (struct fixture){.taxonomy = taxonomy_builtin(&error),
                                .areas = area_table_builtin(&error),
                                .minimum_wages = minimum_wage_builtin(&error)};
    cr_assert(fixture->taxonomy && fixture->areas && fixture->minimum_wages, "%s", error.text);
    fixture->model = (struct model){.taxonomy = fixture->taxonomy,
                                    .areas = fixture->areas,
                                    .minimum_wages = fixture->minimum_wages,
                                    .currencies = {.home = "CNY", .rates = RATES, .rate_count = 1},
                                    .priority_groups = {PRIORITY_GROUPS, 2}};
    arena_init(&fixture->arena, 64 << 20);
    buffer_init(&fixture->out, 64 << 20);
    cr_assert(date_parse(STR("2026-11-23"), &fixture->today));
}

void fixture_release(struct fixture *fixture)
{
    taxonomy_free(fixture->taxonomy);
    area_table_free(fixture->areas);
    minimum_wage_free(fixture->minimum_wages);
    arena_release(&fixture->arena);
    buffer_release(&fixture->out);
}

json_t *fixture_json(const char *text)
{
    size_t length = strlen(text);
    char *copy = malloc(length + 1);
    for (size_t i = 0; i <= length; i++)
        copy[i] = text[i] == '\'' ? '"' : text[i];
    json_error_t failed;
    json_t *json = json_loads(copy, JSON_DECODE_ANY, &failed);
    cr_assert(json, "%s in %s", failed.text, copy);
    free(copy);
    return json;
}

struct str fixture_encode(struct fixture *fixture, const char *message, json_t *json)
{
    struct buffer encoded;
    buffer_init(&encoded, 64 << 20);
    struct error error = {0};
    cr_assert(wire_json_encode(message, json, &fixture->arena, &encoded, &error), "%s", error.text);
    struct str copy = arena_copy(&fixture->arena, buffer_borrow(&encoded));
    cr_assert(copy.data);
    buffer_release(&encoded);
    json_decref(json);
    return copy;
}

struct str fixture_message(struct fixture *fixture, const char *message, const char *text)
{
    return fixture_encode(fixture, message, fixture_json(text));
}

json_t *fixture_written(struct fixture *fixture, const char *message)
{
    json_t *json = wire_json_decode(message, buffer_borrow(&fixture->out), false, &fixture->arena,
                                    &fixture->error);
    cr_assert(json, "%s: %s", message, fixture->error.text);
    buffer_clear(&fixture->out);
    return json;
}

json_t *fixture_vacancy(void)
{
    return fixture_json(
        "{'key': {'platform': 'tj', 'id': 'v-1'}, 'title': '数控车工', 'description': '两班\\n倒',"
        " 'occupational_category': {'system': 'isco-08', 'code': '7223', 'label': '车工'},"
        " 'skills': [{'skill': 'hs:welding', 'importance': 5, 'min_level': 4, 'essential': true},"
        "            {'skill': '不存在的技能', 'importance': 1, 'min_level': 0}],"
        " 'job_locations': [{'point': {'latitude': 39.1, 'longitude': 117.2},"
        "                    'area_code': '120101', 'address': '和平区'},"
        "                   {'area_code': '120102'}],"
        " 'job_location_type': 'JOB_LOCATION_TYPE_ON_SITE',"
        " 'base_salary': {'min_amount': 600000, 'max_amount': 900000, 'currency': 'CNY',"
        "                 'unit': 'PAY_UNIT_MONTH', 'months_per_year': 13, 'negotiable': true},"
        " 'employment_types': ['EMPLOYMENT_TYPE_FULL_TIME', 'EMPLOYMENT_TYPE_PART_TIME'],"
        " 'hiring_organization': '海河精密制造 Co', 'total_job_openings': 3,"
        " 'date_posted': '2026-11-01', 'valid_through': '2026-12-31',"
        " 'education_level': 'EDUCATION_LEVEL_SHORT_TERTIARY', 'months_of_experience': 24,"
        " 'languages': [{'language': 'ZH', 'level': 'LANGUAGE_LEVEL_C1'}, {'language': 'en'}],"
        " 'licences': ['焊工证', 'Forklift B'], 'tags': ['Fair-2026', '招聘会'],"
        " 'status': 'VACANCY_STATUS_OPEN'}");
}

json_t *fixture_applicant(void)
{
    return fixture_json(
        "{'key': {'platform': 'tj', 'id': 'a-1'},"
        " 'skills': [{'skill': 'TIG Welding', 'level': 5}, {'skill': '看不懂的技能'}],"
        " 'home': {'point': {'latitude': -39.1, 'longitude': -117.2}, 'area_code': '120103',"
        "          'address': '河西区'},"
        " 'max_distance_m': 20000,"
        " 'wage': {'min_amount': 3000, 'desired_amount': 4000, 'currency': 'USD',"
        "          'unit': 'PAY_UNIT_HOUR'},"
        " 'desired_occupations': [{'system': 'cn-2022', 'code': '6-18', 'label': '工'},"
        "                         {'code': '7212'}],"
        " 'employment_types': ['EMPLOYMENT_TYPE_FULL_TIME'],"
        " 'education_level': 'EDUCATION_LEVEL_BACHELOR', 'months_of_experience': 0,"
        " 'languages': [{'language': 'zh', 'level': 'LANGUAGE_LEVEL_C2'}],"
        " 'licences': ['焊工证'], 'available_from': '2026-12-01',"
        " 'priority_groups': ['graduate', 'veteran'], 'tags': ['Fair-2026'],"
        " 'excluded_organizations': ['坏公司'],"
        " 'consent': {'matching': true, 'visible_to_employers': true, 'personalised': true},"
        " 'status': 'APPLICANT_STATUS_PAUSED'}");
}

/* --- Paths ---------------------------------------------------------------------------------- */

/* Takes "name" or "[index]" off the path; index is SIZE_MAX for a name. */
static const char *next_step(const char *path, char name[64], size_t *index)
{
    *index = SIZE_MAX;
    if (*path == '[') {
        char *end;
        *index = strtoul(path + 1, &end, 10);
        path = end + 1;
    } else {
        size_t length = strcspn(path, ".[");
        cr_assert_lt(length, 64);
        memcpy(name, path, length);
        name[length] = '\0';
        path += length;
    }
    return *path == '.' ? path + 1 : path;
}

/* The child, made when it is missing: a list when the rest of the path begins with an index. */
static json_t *child(json_t *parent, const char *name, size_t index, const char *rest)
{
    json_t *found =
        index == SIZE_MAX ? json_object_get(parent, name) : json_array_get(parent, index);
    if (found)
        return found;
    found = *rest == '[' ? json_array() : json_object();
    if (index == SIZE_MAX)
        json_object_set_new(parent, name, found);
    else
        json_array_append_new(parent, found);
    return found;
}

void json_put(json_t *root, const char *path, json_t *value)
{
    char name[64];
    size_t index;
    for (;;) {
        path = next_step(path, name, &index);
        if (*path == '\0')
            break;
        root = child(root, name, index, path);
    }
    if (index == SIZE_MAX)
        cr_assert_eq(json_object_set_new(root, name, value), 0);
    else if (index < json_array_size(root))
        cr_assert_eq(json_array_set_new(root, index, value), 0);
    else
        cr_assert_eq(json_array_append_new(root, value), 0);
}

json_t *json_at(const json_t *root, const char *path)
{
    char name[64];
    size_t index;
    while (root && *path) {
        path = next_step(path, name, &index);
        root = index == SIZE_MAX ? json_object_get(root, name) : json_array_get(root, index);
    }
    return (json_t *)root;
}

void assert_refused(const struct error *error, const char *rule, const char *field,
                    const char *value, const char *context)
{
    cr_assert_eq(error->code, ERROR_INVALID_ARGUMENT, "%s: %d %s", context, error->code,
                 error->text);
    cr_assert_str_eq(error->rule, rule, "%s: %s", context, error->text);
    cr_assert_str_eq(error->field, field, "%s: %s", context, error->text);
    if (value)
        cr_assert_str_eq(error->value, value, "%s: %s", context, error->text);
    cr_assert(strstr(error->text, field), "%s: %s", context, error->text);
    cr_assert(strstr(error->text, error->value), "%s: %s", context, error->text);
}
