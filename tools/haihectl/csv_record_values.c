/* One column, one value: what the parts of csv_record.c share. */
#include <stdio.h>

#include "base/text.h"
#include "haihectl/csv_record_part.h"

#include "base/banned.h"

struct str making_cell(const struct making *m, enum csv_record_column column)
{
    return m->row->values[column];
}

bool making_refuse(const struct making *m, enum csv_record_column column, struct str value,
                   const char *reason)
{
    char masked[SPELLING_LIMIT_BYTES];
    char shown[sizeof m->error->value];
    value = spelling_mask(value, masked);
    size_t bytes = text_whole_bytes(value.data, value.length < sizeof(shown) ? value.length
                                                                             : sizeof(shown) - 1);
    if (bytes > 0)
        memcpy(shown, value.data, bytes);
    shown[bytes] = '\0';
    return error_field(m->error, "malformed_value", csv_column_name(column), shown, "%s", reason);
}

bool making_refuse_term(const struct making *m, enum csv_record_column column, struct str value,
                        enum term_kind kind)
{
    char reason[200];
    snprintf(reason, sizeof(reason), "not one of %s", term_choices(kind));
    return making_refuse(m, column, value, reason);
}

json_t *making_text(struct str text)
{
    return json_stringn_nocheck(text.data ? text.data : "", text.length);
}

void making_set(json_t *object, const char *field, json_t *value_take)
{
    json_object_set_new_nocheck(object, field, value_take);
}

void making_put_text(const struct making *m, json_t *object, const char *field,
                     enum csv_record_column column)
{
    if (making_cell(m, column).length > 0)
        making_set(object, field, making_text(making_cell(m, column)));
}

static bool is_digits(struct str text)
{
    for (uint32_t i = 0; i < text.length; i++)
        if (text.data[i] < '0' || text.data[i] > '9')
            return false;
    return text.length > 0;
}

bool making_read_code(const struct making *m, enum csv_record_column column, struct str *code,
                      char scratch[SPELLING_LIMIT_BYTES])
{
    struct str plain = spelling_plain(*code, scratch);
    if (spelling_is_short_number(plain))
        return making_refuse(m, column, plain,
                             "a spreadsheet's short form of a long number, whose last digits are "
                             "lost: format the column as text and export again");
    struct str whole = {plain.data, plain.length > 2 ? plain.length - 2 : 0};
    if (is_digits(whole) && memcmp(plain.data + whole.length, ".0", 2) == 0)
        plain = whole;
    if (is_digits(plain))
        *code = plain;
    return true;
}

bool making_put_code(const struct making *m, json_t *object, const char *field,
                     enum csv_record_column column)
{
    char scratch[SPELLING_LIMIT_BYTES];
    struct str code = making_cell(m, column);
    if (!making_read_code(m, column, &code, scratch))
        return false;
    if (code.length > 0)
        making_set(object, field, making_text(code));
    return true;
}

bool making_put_integer(const struct making *m, json_t *object, const char *field,
                        enum csv_record_column column)
{
    struct str value = making_cell(m, column);
    struct spelling_reason reason;
    int64_t number;
    if (value.length == 0)
        return true;
    if (!spelling_integer(value, &number, &reason))
        return making_refuse(m, column, value, reason.text);
    making_set(object, field, json_integer(number));
    return true;
}

bool making_put_date(const struct making *m, const char *field, enum csv_record_column column)
{
    struct str value = making_cell(m, column);
    struct spelling_reason reason;
    char date[11];
    if (value.length == 0)
        return true;
    if (!spelling_date(value, date, &reason))
        return making_refuse(m, column, value, reason.text);
    making_set(m->record, field, json_string_nocheck(date));
    return true;
}

bool making_read_bool(const struct making *m, enum csv_record_column column, bool *value)
{
    char scratch[SPELLING_LIMIT_BYTES];
    struct str plain = spelling_plain(making_cell(m, column), scratch);
    *value = false;
    if (plain.length == 0 || term_bool(plain, value))
        return true;
    return making_refuse(m, column, making_cell(m, column), "neither yes nor no");
}

bool making_put_term(const struct making *m, json_t *object, const char *field,
                     enum csv_record_column column, enum term_kind kind)
{
    char scratch[SPELLING_LIMIT_BYTES];
    struct str value = making_cell(m, column);
    if (value.length == 0)
        return true;
    const char *name = term_find(kind, spelling_plain(value, scratch));
    if (!name)
        return making_refuse_term(m, column, value, kind);
    making_set(object, field, json_string_nocheck(name));
    return true;
}
