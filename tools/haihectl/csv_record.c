/* Values to JSON, a function per shape of value; csv_record_make says which column is which field.
 * All texts were checked to be UTF-8 by the CSV reader, so jansson need not check again. */
#include "haihectl/csv_record.h"

#include <math.h>
#include <stdlib.h>

#include "base/text.h"
#include "haihectl/money.h"
#include "haihectl/terms.h"

#include "base/banned.h"

/* A row on its way to a record. */
struct making {
    const struct csv_row *row;
    enum source_kind kind;
    json_t *record;
    struct error *error;
};

/* --- Values --------------------------------------------------------------------------------- */

static struct str cell(const struct making *m, enum csv_record_column column)
{
    return m->row->values[column];
}

static bool refuse(const struct making *m, enum csv_record_column column, struct str value,
                   const char *reason)
{
    char shown[sizeof m->error->value];
    size_t bytes = text_whole_bytes(value.data, value.length < sizeof(shown) ? value.length
                                                                             : sizeof(shown) - 1);
    if (bytes > 0)
        memcpy(shown, value.data, bytes);
    shown[bytes] = '\0';
    return error_field(m->error, "malformed_value", csv_column_name(column), shown, "%s", reason);
}

static json_t *text_json(struct str text)
{
    return json_stringn_nocheck(text.data ? text.data : "", text.length);
}

static void set(json_t *object, const char *field, json_t *value)
{
    json_object_set_new_nocheck(object, field, value);
}

static void put_text(const struct making *m, json_t *object, const char *field,
                     enum csv_record_column column)
{
    if (cell(m, column).length > 0)
        set(object, field, text_json(cell(m, column)));
}

static bool put_integer(const struct making *m, json_t *object, const char *field,
                        enum csv_record_column column)
{
    struct str value = cell(m, column);
    int64_t number;
    if (value.length == 0)
        return true;
    if (!text_to_int64(value, &number))
        return refuse(m, column, value, "not a whole number");
    set(object, field, json_integer(number));
    return true;
}

static bool read_bool(const struct making *m, enum csv_record_column column, bool *value)
{
    *value = false;
    if (cell(m, column).length == 0 || term_bool(cell(m, column), value))
        return true;
    return refuse(m, column, cell(m, column), "neither yes nor no");
}

static bool refuse_term(const struct making *m, enum csv_record_column column, struct str value,
                        enum term_kind kind)
{
    char reason[200];
    snprintf(reason, sizeof(reason), "not one of %s", term_choices(kind));
    return refuse(m, column, value, reason);
}

static bool put_term(const struct making *m, json_t *object, const char *field,
                     enum csv_record_column column, enum term_kind kind)
{
    struct str value = cell(m, column);
    if (value.length == 0)
        return true;
    const char *name = term_find(kind, value);
    if (!name)
        return refuse_term(m, column, value, kind);
    set(object, field, json_string_nocheck(name));
    return true;
}

static bool put_term_list(const struct making *m, const char *field, enum csv_record_column column,
                          enum term_kind kind)
{
    struct str rest = cell(m, column), item;
    if (rest.length == 0)
        return true;
    json_t *list = json_array();
    set(m->record, field, list);
    while (csv_next_item(&rest, &item)) {
        const char *name = term_find(kind, item);
        if (!name)
            return refuse_term(m, column, item, kind);
        json_array_append_new(list, json_string_nocheck(name));
    }
    return true;
}

static void put_text_list(const struct making *m, const char *field, enum csv_record_column column)
{
    struct str rest = cell(m, column), item;
    if (rest.length == 0)
        return;
    json_t *list = json_array();
    while (csv_next_item(&rest, &item))
        json_array_append_new(list, text_json(item));
    set(m->record, field, list);
}

static bool put_money(const struct making *m, json_t *object, const char *field,
                      enum csv_record_column column)
{
    struct str value = cell(m, column);
    int64_t minor_units;
    if (value.length == 0)
        return true;
    if (!money_parse(value, cell(m, CSV_WAGE_CURRENCY), &minor_units))
        return refuse(m, column, value,
                      "not an amount in the currency's unit, such as 8000 or 24.40");
    set(object, field, json_integer(minor_units));
    return true;
}

/* --- Skills, occupations, languages ---------------------------------------------------------- */

/* Cuts ":digits" off the end of *text into *number. */
static bool cut_number(struct str *text, int64_t *number)
{
    uint32_t at = text->length;
    while (at > 0 && text->data[at - 1] >= '0' && text->data[at - 1] <= '9')
        at--;
    if (at == text->length || at < 2 || text->data[at - 1] != ':')
        return false;
    if (!text_to_int64((struct str){text->data + at, text->length - at}, number))
        return false;
    text->length = at - 1;
    return true;
}

json_t *csv_record_skill(enum source_kind kind, struct str item)
{
    bool essential = kind == SOURCE_VACANCY && item.length > 1 && item.data[item.length - 1] == '!';
    item.length -= essential;
    int64_t last = 0, first = 0;
    bool has_last = cut_number(&item, &last);
    bool has_first = kind == SOURCE_VACANCY && has_last && cut_number(&item, &first);
    json_t *skill = json_object();
    set(skill, "skill", text_json(item));
    if (kind == SOURCE_APPLICANT && has_last)
        set(skill, "level", json_integer(last));
    if (kind == SOURCE_VACANCY && has_last)
        set(skill, "importance", json_integer(has_first ? first : last));
    if (has_first)
        set(skill, "min_level", json_integer(last));
    if (essential)
        set(skill, "essential", json_true());
    return skill;
}

json_t *csv_record_occupation(struct str item)
{
    const char *colon = item.length ? memchr(item.data, ':', item.length) : NULL;
    struct str system = {item.data, colon ? (uint32_t)(colon - item.data) : 0};
    struct str code = colon ? (struct str){colon + 1, item.length - system.length - 1} : item;
    if (code.length == 0)
        return NULL;
    json_t *occupation = json_object();
    if (system.length > 0)
        set(occupation, "system", text_json(system));
    set(occupation, "code", text_json(code));
    return occupation;
}

static void put_skills(const struct making *m)
{
    struct str rest = cell(m, CSV_SKILLS), item;
    if (rest.length == 0)
        return;
    json_t *list = json_array();
    while (csv_next_item(&rest, &item))
        json_array_append_new(list, csv_record_skill(m->kind, item));
    set(m->record, "skills", list);
}

static bool put_occupations(const struct making *m)
{
    struct str rest = cell(m, CSV_DESIRED_OCCUPATIONS), item;
    if (rest.length == 0)
        return true;
    json_t *list = json_array();
    set(m->record, "desired_occupations", list);
    while (csv_next_item(&rest, &item)) {
        json_t *occupation = csv_record_occupation(item);
        if (!occupation)
            return refuse(m, CSV_DESIRED_OCCUPATIONS, item, "no code, such as 7212");
        json_array_append_new(list, occupation);
    }
    return true;
}

static bool put_occupation(const struct making *m)
{
    struct str value = cell(m, CSV_OCCUPATION);
    if (value.length == 0)
        return true;
    json_t *occupation = csv_record_occupation(value);
    if (!occupation)
        return refuse(m, CSV_OCCUPATION, value, "no code, such as 7212");
    put_text(m, occupation, "label", CSV_OCCUPATION_LABEL);
    set(m->record, "occupational_category", occupation);
    return true;
}

static bool put_languages(const struct making *m)
{
    struct str rest = cell(m, CSV_LANGUAGES), item;
    if (rest.length == 0)
        return true;
    json_t *list = json_array();
    set(m->record, "languages", list);
    while (csv_next_item(&rest, &item)) {
        const char *colon = memchr(item.data, ':', item.length);
        uint32_t tag_bytes = colon ? (uint32_t)(colon - item.data) : item.length;
        json_t *language = json_object();
        json_array_append_new(list, language);
        set(language, "language", text_json((struct str){item.data, tag_bytes}));
        if (!colon)
            continue;
        struct str level = {colon + 1, item.length - tag_bytes - 1};
        const char *name = term_find(TERM_LANGUAGE_LEVEL, level);
        if (!name)
            return refuse_term(m, CSV_LANGUAGES, item, TERM_LANGUAGE_LEVEL);
        set(language, "level", json_string_nocheck(name));
    }
    return true;
}

/* --- Places --------------------------------------------------------------------------------- */

/* The next item of a list in which empty items count. */
static bool next_item(struct str *rest, bool *more, struct str *item)
{
    if (!*more)
        return false;
    const char *bar = rest->length ? memchr(rest->data, '|', rest->length) : NULL;
    *more = bar != NULL;
    *item = (struct str){rest->data, bar ? (uint32_t)(bar - rest->data) : rest->length};
    uint32_t taken = item->length + (bar != NULL);
    *rest = (struct str){rest->data + taken, rest->length - taken};
    while (item->length > 0 && item->data[0] == ' ')
        *item = (struct str){item->data + 1, item->length - 1};
    while (item->length > 0 && item->data[item->length - 1] == ' ')
        item->length--;
    return true;
}

static size_t item_count(struct str list)
{
    size_t count = list.length > 0;
    for (uint32_t i = 0; i < list.length; i++)
        count += list.data[i] == '|';
    return count;
}

static bool read_degrees(const struct making *m, enum csv_record_column column, struct str item,
                         double *degrees)
{
    char text[32];
    char *end = text;
    if (item.length > 0 && item.length < sizeof(text)) {
        memcpy(text, item.data, item.length);
        text[item.length] = '\0';
        *degrees = strtod(text, &end);
    }
    if (end == text || *end != '\0' || !isfinite(*degrees))
        return refuse(m, column, item, "not degrees, such as 39.0842");
    return true;
}

static const enum csv_record_column PLACE_COLUMNS[] = {CSV_AREA_CODE, CSV_LAT, CSV_LON,
                                                       CSV_ADDRESS};
enum { PLACE_COLUMN_COUNT = 4 };

/* One place from its four items, NULL with an error when one is wrong. */
static json_t *make_place(const struct making *m, const struct str items[PLACE_COLUMN_COUNT])
{
    json_t *place = json_object();
    if (items[0].length > 0)
        set(place, "area_code", text_json(items[0]));
    if (items[3].length > 0)
        set(place, "address", text_json(items[3]));
    if (items[1].length == 0 && items[2].length == 0)
        return place;
    double latitude = 0, longitude = 0;
    if (read_degrees(m, CSV_LAT, items[1], &latitude) &&
        read_degrees(m, CSV_LON, items[2], &longitude)) {
        json_t *point = json_object();
        set(point, "latitude", json_real(latitude));
        set(point, "longitude", json_real(longitude));
        set(place, "point", point);
        return place;
    }
    json_decref(place);
    return NULL;
}

/* The row's places, one for each item of the longest list; NULL with an error when the lists do
 * not fit together. An empty array when nothing is stated. */
static json_t *make_places(const struct making *m)
{
    struct str rests[PLACE_COLUMN_COUNT];
    bool more[PLACE_COLUMN_COUNT];
    size_t count = 0;
    for (size_t i = 0; i < PLACE_COLUMN_COUNT; i++) {
        rests[i] = cell(m, PLACE_COLUMNS[i]);
        more[i] = rests[i].length > 0;
        size_t items = item_count(rests[i]);
        count = items > count ? items : count;
    }
    for (size_t i = 0; i < PLACE_COLUMN_COUNT; i++) {
        if (rests[i].length > 0 && item_count(rests[i]) != count) {
            refuse(m, PLACE_COLUMNS[i], rests[i],
                   "area_code, lat, lon and address must list equally many places");
            return NULL;
        }
    }
    json_t *places = json_array();
    for (size_t at = 0; at < count; at++) {
        struct str items[PLACE_COLUMN_COUNT] = {{NULL, 0}};
        for (size_t i = 0; i < PLACE_COLUMN_COUNT; i++)
            next_item(&rests[i], &more[i], &items[i]);
        json_t *place = make_place(m, items);
        if (!place) {
            json_decref(places);
            return NULL;
        }
        json_array_append_new(places, place);
    }
    return places;
}

static bool put_workplaces(const struct making *m)
{
    json_t *places = make_places(m);
    if (!places)
        return false;
    if (json_array_size(places) > 0)
        set(m->record, "job_locations", places);
    else
        json_decref(places);
    bool remote;
    if (!read_bool(m, CSV_REMOTE, &remote))
        return false;
    if (remote)
        set(m->record, "job_location_type", json_string_nocheck("JOB_LOCATION_TYPE_REMOTE"));
    return true;
}

static bool put_home(const struct making *m)
{
    json_t *places = make_places(m);
    if (!places)
        return false;
    size_t count = json_array_size(places);
    if (count == 1)
        json_object_set_nocheck(m->record, "home", json_array_get(places, 0));
    json_decref(places);
    return count <= 1 || refuse(m, CSV_AREA_CODE, cell(m, CSV_AREA_CODE), "a home is one place");
}

/* --- Records -------------------------------------------------------------------------------- */

static bool put_salary(const struct making *m)
{
    json_t *salary = json_object();
    bool negotiable = false;
    bool well = put_money(m, salary, "min_amount", CSV_WAGE_MIN) &&
                put_money(m, salary, "max_amount", CSV_WAGE_MAX) &&
                put_term(m, salary, "unit", CSV_WAGE_UNIT, TERM_PAY_UNIT) &&
                put_integer(m, salary, "months_per_year", CSV_MONTHS_PER_YEAR) &&
                read_bool(m, CSV_NEGOTIABLE, &negotiable);
    put_text(m, salary, "currency", CSV_WAGE_CURRENCY);
    if (negotiable)
        set(salary, "negotiable", json_true());
    if (json_object_size(salary) > 0)
        set(m->record, "base_salary", salary);
    else
        json_decref(salary);
    return well;
}

static bool put_wage(const struct making *m)
{
    json_t *wage = json_object();
    bool well = put_money(m, wage, "min_amount", CSV_WAGE_MIN) &&
                put_money(m, wage, "desired_amount", CSV_WAGE_DESIRED) &&
                put_term(m, wage, "unit", CSV_WAGE_UNIT, TERM_PAY_UNIT);
    put_text(m, wage, "currency", CSV_WAGE_CURRENCY);
    if (json_object_size(wage) > 0)
        set(m->record, "wage", wage);
    else
        json_decref(wage);
    return well;
}

static bool put_consent(const struct making *m)
{
    static const char *const names[] = {"matching", "visible_to_employers", "personalised"};
    struct str rest = cell(m, CSV_CONSENT), item;
    if (rest.length == 0)
        return true;
    json_t *consent = json_object();
    set(m->record, "consent", consent);
    while (csv_next_item(&rest, &item)) {
        bool known = false;
        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
            if (str_equal(item, STR("all")) || str_equal(item, str_of(names[i]))) {
                set(consent, names[i], json_true());
                known = true;
            }
        }
        if (!known)
            return refuse(m, CSV_CONSENT, item,
                          "not one of all, matching, visible_to_employers, personalised");
    }
    return true;
}

static bool put_vacancy(const struct making *m)
{
    put_text(m, m->record, "title", CSV_TITLE);
    put_text(m, m->record, "description", CSV_DESCRIPTION);
    put_text(m, m->record, "hiring_organization", CSV_ORGANIZATION);
    put_text(m, m->record, "date_posted", CSV_DATE_POSTED);
    put_text(m, m->record, "valid_through", CSV_VALID_THROUGH);
    return put_integer(m, m->record, "total_job_openings", CSV_OPENINGS) && put_occupation(m) &&
           put_workplaces(m) && put_salary(m) &&
           put_term(m, m->record, "status", CSV_STATUS, TERM_VACANCY_STATUS);
}

static bool put_applicant(const struct making *m)
{
    put_text(m, m->record, "available_from", CSV_AVAILABLE_FROM);
    put_text_list(m, "priority_groups", CSV_PRIORITY_GROUPS);
    put_text_list(m, "excluded_organizations", CSV_EXCLUDED);
    return put_integer(m, m->record, "max_distance_m", CSV_MAX_DISTANCE) && put_home(m) &&
           put_wage(m) && put_occupations(m) && put_consent(m) &&
           put_term(m, m->record, "status", CSV_STATUS, TERM_APPLICANT_STATUS);
}

json_t *csv_record_make(enum source_kind kind, const struct csv_row *row, struct error *error)
{
    struct making making = {row, kind, json_object(), error};
    const struct making *m = &making;
    json_t *key = json_object();
    put_text(m, key, "platform", CSV_PLATFORM);
    put_text(m, key, "id", CSV_ID);
    set(m->record, "key", key);
    put_skills(m);
    put_text_list(m, "licences", CSV_LICENCES);
    put_text_list(m, "tags", CSV_TAGS);
    bool well = put_term_list(m, "employment_types", CSV_EMPLOYMENT_TYPES, TERM_EMPLOYMENT_TYPE) &&
                put_term(m, m->record, "education_level", CSV_EDUCATION, TERM_EDUCATION_LEVEL) &&
                put_integer(m, m->record, "months_of_experience", CSV_EXPERIENCE) &&
                put_languages(m) && (kind == SOURCE_VACANCY ? put_vacancy(m) : put_applicant(m));
    if (well)
        return m->record;
    json_decref(m->record);
    return NULL;
}
