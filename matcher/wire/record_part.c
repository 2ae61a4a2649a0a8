/* See record_part.h. Lists are short (at most 64 items), so duplicates are found by comparing all
 * pairs. Thread: any.
 */
#include "wire/record_part.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/text.h"

#include "base/banned.h"

/* --- Keys ----------------------------------------------------------------------------------- */

/* A number that identifies a person is not repeated in answers and logs: the area stays. */
static bool refuse_identity_number(struct error *error, const char *field, struct str text)
{
    enum { AREA_BYTES = 6 };
    char shown[40];
    snprintf(shown, sizeof shown, "%.*s************", AREA_BYTES, text.data);
    return refuse_text(error, "identity_number", field, str_of(shown),
                       "a resident identity number must not be a key");
}

static bool read_key_part(const char *key_field, const char *part_field, const char *text,
                          struct str *out, struct error *error)
{
    char field[FIELD_NAME_BYTES];
    snprintf(field, sizeof field, "%s.%s", key_field, part_field);
    *out = message_text(text);
    if (out->length == 0)
        return refuse_text(error, "required", field, *out, "must not be empty");
    if (key_part_is_identity_number(*out))
        return refuse_identity_number(error, field, *out);
    return true;
}

bool read_key(const Haihe__V1__Key *message, const char *field, struct key *out,
              struct error *error)
{
    if (!message)
        return refuse_text(error, "required", field, STR(""), "must be stated");
    return read_key_part(field, "platform", message->platform, &out->platform, error) &&
           read_key_part(field, "id", message->id, &out->id, error);
}

bool read_record_key(const struct reading *reading, const Haihe__V1__Key *message, struct key *out)
{
    bool is_empty = !message || (message_text(message->platform).length == 0 &&
                                 message_text(message->id).length == 0);
    if (is_empty && reading->use == RECORD_FOR_SEARCH) {
        *out = (struct key){0};
        return true;
    }
    return read_key(message, "key", out, reading->error);
}

/* --- Texts ---------------------------------------------------------------------------------- */

bool read_date(const struct reading *reading, const char *field, const char *text, int32_t *out)
{
    struct str date = message_text(text);
    *out = DATE_NONE;
    if (date.length == 0 || date_parse(date, out))
        return true;
    return refuse_text(reading->error, "invalid_date", field, date,
                       "must be a day such as 2026-11-23");
}

bool read_folded(const struct reading *reading, const char *field, size_t index, struct str text,
                 struct str *out)
{
    *out = text_fold(reading->arena, text);
    if (!out->data)
        return message_exhausted(reading->arena, reading->error);
    if (out->length > 0)
        return true;
    char name[FIELD_NAME_BYTES];
    return refuse_text(reading->error, "required", field_name(name, field, index), text,
                       "must hold more than spaces");
}

static bool refuse_duplicate(const struct reading *reading, const char *rule, const char *field,
                             size_t index, struct str value, size_t first)
{
    char name[FIELD_NAME_BYTES], reason[48];
    snprintf(reason, sizeof reason, "is the same as item %zu", first);
    return refuse_text(reading->error, rule, field_name(name, field, index), value, reason);
}

/* An array of texts in the arena; NULL is lawful when the count is 0. */
static bool new_texts(const struct reading *reading, size_t count, struct str **items,
                      struct str_list *out)
{
    *items = NULL;
    *out = (struct str_list){0};
    if (count == 0)
        return true;
    *items = arena_alloc_zeroed(reading->arena, count, sizeof **items);
    if (!*items)
        return message_exhausted(reading->arena, reading->error);
    *out = (struct str_list){*items, (uint32_t)count};
    return true;
}

bool read_folded_list(const struct reading *reading, const char *field, char *const *texts,
                      size_t count, const char *duplicate_rule, struct str_list *out)
{
    struct str *items;
    if (!new_texts(reading, count, &items, out))
        return false;
    for (size_t i = 0; i < count; i++) {
        struct str text = message_text(texts[i]);
        if (!read_folded(reading, field, i, text, &items[i]))
            return false;
        for (size_t j = 0; duplicate_rule && j < i; j++)
            if (str_equal(items[i], items[j]))
                return refuse_duplicate(reading, duplicate_rule, field, i, text, j);
    }
    return true;
}

bool read_text_list(const struct reading *reading, char *const *texts, size_t count,
                    struct str_list *out)
{
    struct str *items;
    if (!new_texts(reading, count, &items, out))
        return false;
    for (size_t i = 0; i < count; i++)
        items[i] = message_text(texts[i]);
    return true;
}

bool read_priority_groups(const struct reading *reading, char *const *texts, size_t count,
                          struct str_list *out)
{
    if (!read_text_list(reading, texts, count, out))
        return false;
    const struct str_list *known = &reading->model->priority_groups;
    for (uint32_t i = 0; i < out->count; i++) {
        uint32_t k = 0;
        while (k < known->count && !str_equal(out->items[i], known->items[k]))
            k++;
        if (k < known->count)
            continue;
        char name[FIELD_NAME_BYTES];
        return refuse_text(reading->error, "unknown_priority_group",
                           field_name(name, "priority_groups", i), out->items[i],
                           "is no configured priority group");
    }
    return true;
}

/* --- Enums, codes, languages ---------------------------------------------------------------- */

bool read_employment_types(const struct reading *reading, const Haihe__V1__EmploymentType *types,
                           size_t count, employment_types *out)
{
    *out = 0;
    for (size_t i = 0; i < count; i++) {
        employment_types bit = (employment_types)(1u << types[i]);
        if (*out & bit) {
            char name[FIELD_NAME_BYTES];
            return refuse_number(reading->error, "duplicate_employment_type",
                                 field_name(name, "employment_types", i), types[i],
                                 "is named twice");
        }
        *out |= bit;
    }
    return true;
}

void read_occupation(const Haihe__V1__Occupation *message, struct occupation_code *out)
{
    struct str system = message_text(message->system);
    out->system = system.length > 0 ? system : STR("isco-08");
    out->code = message_text(message->code);
}

bool read_languages(const struct reading *reading, Haihe__V1__LanguageSkill *const *messages,
                    size_t count, const struct language **out, uint8_t *count_out)
{
    *out = NULL;
    *count_out = (uint8_t)count;
    if (count == 0)
        return true;
    struct language *languages = arena_alloc_zeroed(reading->arena, count, sizeof *languages);
    if (!languages)
        return message_exhausted(reading->arena, reading->error);
    *out = languages;
    for (size_t i = 0; i < count; i++) {
        struct str tag = message_text(messages[i]->language);
        /* Letters only: folding makes them small. */
        languages[i].tag = text_fold(reading->arena, tag);
        languages[i].level = (uint8_t)messages[i]->level;
        if (!languages[i].tag.data)
            return message_exhausted(reading->arena, reading->error);
        for (size_t j = 0; j < i; j++) {
            if (!str_equal(languages[i].tag, languages[j].tag))
                continue;
            refuse_duplicate(reading, "duplicate_language", "language", SIZE_MAX, tag, j);
            char name[FIELD_NAME_BYTES];
            error_prefix_field(reading->error, field_name(name, "languages", i));
            return false;
        }
    }
    return true;
}

/* --- Places and pay ------------------------------------------------------------------------- */

bool read_place(const struct reading *reading, const Haihe__V1__Place *message, struct place *out)
{
    *out = (struct place){.position = POSITION_NONE, .area_code = message_text(message->area_code)};
    if (message->point) {
        bool is_position = position_from_degrees(message->point->latitude,
                                                 message->point->longitude, &out->position);
        assert(is_position); /* message_check knows the range */
        (void)is_position;
        return true;
    }
    if (out->area_code.length == 0)
        return true;
    const struct area *area = area_find(reading->model->areas, out->area_code);
    if (!area)
        return refuse_text(reading->error, "unknown_area_code", "area_code", out->area_code,
                           "is not in the area table, and there is no point");
    out->position = area->centre;
    return true;
}

static bool currency_is_known(const struct currency_table *currencies, const char *currency)
{
    if (currency[0] == '\0' || strcmp(currency, currencies->home) == 0)
        return true;
    for (size_t i = 0; i < currencies->rate_count; i++)
        if (strcmp(currency, currencies->rates[i].currency) == 0)
            return true;
    return false;
}

/* Checks what does not depend on one amount. */
static bool check_pay(const struct reading *reading, const struct pay_fields *fields,
                      const struct salary *salary)
{
    struct error *error = reading->error;
    if (!currency_is_known(&reading->model->currencies, salary->currency))
        return refuse_text(error, "unknown_currency", "currency", str_of(salary->currency),
                           "has no configured rate");
    bool has_amount = salary->min_amount > 0 || salary->max_amount > 0;
    if (has_amount && salary->unit == PAY_UNSTATED)
        return refuse_text(error, "required", "unit", STR("PAY_UNIT_UNSPECIFIED"),
                           "must be stated with an amount");
    if (salary->max_amount > 0 && salary->min_amount > salary->max_amount) {
        char reason[80];
        snprintf(reason, sizeof reason, "is above %s %" PRId64, fields->max_amount,
                 salary->max_amount);
        return refuse_number(error, fields->order_rule, "min_amount", salary->min_amount, reason);
    }
    return true;
}

static bool read_amount(const struct reading *reading, const struct salary *salary,
                        const char *field, int64_t amount, int64_t *month_cents)
{
    struct error failed = {0};
    if (wage_to_month_cents(&reading->model->currencies, salary, amount, month_cents, &failed))
        return true;
    return refuse_number(reading->error, "out_of_range", field, amount,
                         "is more a month than the server can count");
}

bool read_pay(const struct reading *reading, const struct pay_fields *fields,
              const struct salary *salary, int64_t *min_month_cents, int64_t *max_month_cents)
{
    if (check_pay(reading, fields, salary) &&
        read_amount(reading, salary, "min_amount", salary->min_amount, min_month_cents) &&
        read_amount(reading, salary, fields->max_amount, salary->max_amount, max_month_cents))
        return true;
    error_prefix_field(reading->error, fields->message);
    return false;
}

/* --- Skills --------------------------------------------------------------------------------- */

bool read_skill_name(const struct reading *reading, const char *text, size_t index,
                     struct skill_name *names)
{
    struct str written = message_text(text), folded;
    char prefix[FIELD_NAME_BYTES];
    if (!read_folded(reading, "skill", SIZE_MAX, written, &folded)) {
        error_prefix_field(reading->error, field_name(prefix, "skills", index));
        return false;
    }
    uint32_t skill_id = taxonomy_find_skill(reading->model->taxonomy, folded);
    if (skill_id != SKILL_UNKNOWN)
        folded = (struct str){NULL, 0};
    for (size_t j = 0; j < index; j++) {
        if (names[j].skill_id != skill_id || !str_equal(names[j].folded, folded))
            continue;
        refuse_duplicate(reading, "duplicate_skill", "skill", SIZE_MAX, written, j);
        error_prefix_field(reading->error, field_name(prefix, "skills", index));
        return false;
    }
    names[index] = (struct skill_name){skill_id, folded};
    return true;
}

bool read_unresolved(const struct reading *reading, const struct skill_name *names,
                     const struct str *written, size_t count, struct str_list *out)
{
    size_t unknown = 0;
    for (size_t i = 0; i < count; i++)
        unknown += names[i].skill_id == SKILL_UNKNOWN;
    struct str *items;
    if (!new_texts(reading, unknown, &items, out))
        return false;
    for (size_t i = 0, next = 0; next < unknown; i++)
        if (names[i].skill_id == SKILL_UNKNOWN)
            items[next++] = written[i];
    return true;
}
