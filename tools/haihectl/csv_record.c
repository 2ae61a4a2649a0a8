/* Values to JSON, a function per shape of value; csv_record_make says which column is which field.
 * All texts were checked to be UTF-8 by the CSV reader, so jansson need not check again. */
#include "haihectl/csv_record.h"

#include "base/text.h"
#include "haihectl/csv_record_part.h"

#include "base/banned.h"

static bool put_term_list(const struct making *m, const char *field, enum csv_record_column column,
                          enum term_kind kind)
{
    struct str rest = making_cell(m, column), item;
    if (rest.length == 0)
        return true;
    json_t *list = json_array();
    making_set(m->record, field, list);
    while (csv_next_item(&rest, &item)) {
        const char *name = term_find(kind, item);
        if (!name)
            return making_refuse_term(m, column, item, kind);
        json_array_append_new(list, json_string_nocheck(name));
    }
    return true;
}

static void put_text_list(const struct making *m, const char *field, enum csv_record_column column)
{
    struct str rest = making_cell(m, column), item;
    if (rest.length == 0)
        return;
    json_t *list = json_array();
    while (csv_next_item(&rest, &item))
        json_array_append_new(list, making_text(item));
    making_set(m->record, field, list);
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
    making_set(skill, "skill", making_text(item));
    if (kind == SOURCE_APPLICANT && has_last)
        making_set(skill, "level", json_integer(last));
    if (kind == SOURCE_VACANCY && has_last)
        making_set(skill, "importance", json_integer(has_first ? first : last));
    if (has_first)
        making_set(skill, "min_level", json_integer(last));
    if (essential)
        making_set(skill, "essential", json_true());
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
        making_set(occupation, "system", making_text(system));
    making_set(occupation, "code", making_text(code));
    return occupation;
}

static void put_skills(const struct making *m)
{
    struct str rest = making_cell(m, CSV_SKILLS), item;
    if (rest.length == 0)
        return;
    json_t *list = json_array();
    while (csv_next_item(&rest, &item))
        json_array_append_new(list, csv_record_skill(m->kind, item));
    making_set(m->record, "skills", list);
}

static bool put_occupations(const struct making *m)
{
    struct str rest = making_cell(m, CSV_DESIRED_OCCUPATIONS), item;
    if (rest.length == 0)
        return true;
    json_t *list = json_array();
    making_set(m->record, "desired_occupations", list);
    while (csv_next_item(&rest, &item)) {
        json_t *occupation = csv_record_occupation(item);
        if (!occupation)
            return making_refuse(m, CSV_DESIRED_OCCUPATIONS, item, "no code, such as 7212");
        json_array_append_new(list, occupation);
    }
    return true;
}

static bool put_occupation(const struct making *m)
{
    struct str value = making_cell(m, CSV_OCCUPATION);
    if (value.length == 0)
        return true;
    json_t *occupation = csv_record_occupation(value);
    if (!occupation)
        return making_refuse(m, CSV_OCCUPATION, value, "no code, such as 7212");
    making_put_text(m, occupation, "label", CSV_OCCUPATION_LABEL);
    making_set(m->record, "occupational_category", occupation);
    return true;
}

static bool put_languages(const struct making *m)
{
    struct str rest = making_cell(m, CSV_LANGUAGES), item;
    if (rest.length == 0)
        return true;
    json_t *list = json_array();
    making_set(m->record, "languages", list);
    while (csv_next_item(&rest, &item)) {
        const char *colon = memchr(item.data, ':', item.length);
        uint32_t tag_bytes = colon ? (uint32_t)(colon - item.data) : item.length;
        json_t *language = json_object();
        json_array_append_new(list, language);
        making_set(language, "language", making_text((struct str){item.data, tag_bytes}));
        if (!colon)
            continue;
        struct str level = {colon + 1, item.length - tag_bytes - 1};
        const char *name = term_find(TERM_LANGUAGE_LEVEL, level);
        if (!name)
            return making_refuse_term(m, CSV_LANGUAGES, item, TERM_LANGUAGE_LEVEL);
        making_set(language, "level", json_string_nocheck(name));
    }
    return true;
}

/* --- Records -------------------------------------------------------------------------------- */

static bool put_consent(const struct making *m)
{
    static const char *const names[] = {"matching", "visible_to_employers", "personalised"};
    struct str rest = making_cell(m, CSV_CONSENT), item;
    if (rest.length == 0)
        return true;
    json_t *consent = json_object();
    making_set(m->record, "consent", consent);
    while (csv_next_item(&rest, &item)) {
        bool known = false;
        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
            if (str_equal(item, STR("all")) || str_equal(item, str_of(names[i]))) {
                making_set(consent, names[i], json_true());
                known = true;
            }
        }
        if (!known)
            return making_refuse(m, CSV_CONSENT, item,
                                 "not one of all, matching, visible_to_employers, personalised");
    }
    return true;
}

static bool put_vacancy(const struct making *m)
{
    making_put_text(m, m->record, "title", CSV_TITLE);
    making_put_text(m, m->record, "description", CSV_DESCRIPTION);
    making_put_text(m, m->record, "hiring_organization", CSV_ORGANIZATION);
    return making_put_date(m, "date_posted", CSV_DATE_POSTED) &&
           making_put_date(m, "valid_through", CSV_VALID_THROUGH) &&
           making_put_integer(m, m->record, "total_job_openings", CSV_OPENINGS) &&
           put_occupation(m) && making_put_workplaces(m) && making_put_salary(m) &&
           making_put_term(m, m->record, "status", CSV_STATUS, TERM_VACANCY_STATUS);
}

static bool put_applicant(const struct making *m)
{
    put_text_list(m, "priority_groups", CSV_PRIORITY_GROUPS);
    put_text_list(m, "excluded_organizations", CSV_EXCLUDED);
    return making_put_date(m, "available_from", CSV_AVAILABLE_FROM) &&
           making_put_integer(m, m->record, "max_distance_m", CSV_MAX_DISTANCE) &&
           making_put_home(m) && making_put_wage(m) && put_occupations(m) && put_consent(m) &&
           making_put_term(m, m->record, "status", CSV_STATUS, TERM_APPLICANT_STATUS);
}

/* A formula that failed stands in place of a value: nobody knows which. */
static bool check_cells(const struct making *m)
{
    for (int i = 0; i < CSV_RECORD_COLUMN_COUNT; i++) {
        struct str value = making_cell(m, (enum csv_record_column)i);
        if (value.length > 0 && value.data[0] == '#' && spelling_is_sheet_error(value))
            return making_refuse(m, (enum csv_record_column)i, value,
                                 "a spreadsheet's error in place of a value");
    }
    return true;
}

json_t *csv_record_make(const struct source_options *options, const struct csv_row *row,
                        struct error *error)
{
    const enum source_kind kind = options->kind;
    struct making making = {row, kind, options->areas, json_object(), error};
    const struct making *m = &making;
    json_t *key = json_object();
    making_put_text(m, key, "platform", CSV_PLATFORM);
    bool has_id = making_put_code(m, key, "id", CSV_ID);
    making_set(m->record, "key", key);
    put_skills(m);
    put_text_list(m, "licences", CSV_LICENCES);
    put_text_list(m, "tags", CSV_TAGS);
    bool well =
        has_id && check_cells(m) &&
        put_term_list(m, "employment_types", CSV_EMPLOYMENT_TYPES, TERM_EMPLOYMENT_TYPE) &&
        making_put_term(m, m->record, "education_level", CSV_EDUCATION, TERM_EDUCATION_LEVEL) &&
        making_put_integer(m, m->record, "months_of_experience", CSV_EXPERIENCE) &&
        put_languages(m) && (kind == SOURCE_VACANCY ? put_vacancy(m) : put_applicant(m));
    if (well)
        return m->record;
    json_decref(m->record);
    return NULL;
}
