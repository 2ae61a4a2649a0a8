/* The columns of pay: what an amount's text says beside the amount fills the columns that say
 * nothing, and must not contradict those that do. */
#include <stdio.h>

#include "haihectl/csv_record_part.h"

#include "base/banned.h"

/* What the columns and the texts of the amounts state together. */
struct pay {
    const struct making *making;
    int64_t low, high; /* minor units, -1 = not stated */
    const char *unit;
    int64_t months_per_year; /* 0 = not stated */
    bool negotiable;
};

/* The unit and months of one amount's text. */
static bool take_terms(struct pay *pay, enum csv_record_column column,
                       const struct spelling_pay *stated)
{
    struct str value = making_cell(pay->making, column);
    if (stated->unit && pay->unit && strcmp(stated->unit, pay->unit) != 0)
        return making_refuse(pay->making, column, value,
                             "its unit of time is not the one stated beside it (wage_unit)");
    if (stated->months_per_year && pay->months_per_year &&
        stated->months_per_year != pay->months_per_year)
        return making_refuse(pay->making, column, value,
                             "its months a year are not those of months_per_year");
    pay->unit = stated->unit ? stated->unit : pay->unit;
    if (stated->months_per_year)
        pay->months_per_year = stated->months_per_year;
    pay->negotiable |= stated->negotiable;
    return true;
}

/* One amount's column into *amount; a range also into *other, when `other_column` is empty. */
static bool take_amount(struct pay *pay, enum csv_record_column column, int64_t *amount,
                        enum csv_record_column other_column, int64_t *other)
{
    struct str value = making_cell(pay->making, column);
    struct spelling_pay stated;
    struct spelling_reason reason;
    if (value.length == 0)
        return true;
    if (!spelling_pay(value, making_cell(pay->making, CSV_WAGE_CURRENCY), &stated, &reason))
        return making_refuse(pay->making, column, value, reason.text);
    bool is_low = column == CSV_WAGE_MIN;
    int64_t own = is_low ? stated.min_minor_units : stated.max_minor_units;
    int64_t others = is_low ? stated.max_minor_units : stated.min_minor_units;
    if (stated.is_range && pay->making->kind == SOURCE_APPLICANT)
        return making_refuse(pay->making, column, value,
                             "a range, where one amount is expected: wage_min is what is needed, "
                             "wage_desired what is wished");
    if (stated.is_range && making_cell(pay->making, other_column).length > 0)
        return making_refuse(pay->making, column, value,
                             "a range, where wage_min and wage_max each state one amount");
    *amount = own;
    if (stated.is_range)
        *other = others;
    return take_terms(pay, column, &stated);
}

/* All columns but the currency; the unit's and the months' own columns come first, so that a text
 * that contradicts them is what is refused. */
static bool read_pay(struct pay *pay, enum csv_record_column low, enum csv_record_column high,
                     json_t *salary)
{
    const struct making *m = pay->making;
    if (!making_put_term(m, salary, "unit", CSV_WAGE_UNIT, TERM_PAY_UNIT))
        return false;
    pay->unit = json_string_value(json_object_get(salary, "unit"));
    if (m->kind == SOURCE_VACANCY &&
        (!making_put_integer(m, salary, "months_per_year", CSV_MONTHS_PER_YEAR) ||
         !making_read_bool(m, CSV_NEGOTIABLE, &pay->negotiable)))
        return false;
    pay->months_per_year = json_integer_value(json_object_get(salary, "months_per_year"));
    return take_amount(pay, low, &pay->low, high, &pay->high) &&
           take_amount(pay, high, &pay->high, low, &pay->low);
}

static bool put_pay(const struct making *m, const char *field, enum csv_record_column high_column,
                    const char *high_field)
{
    struct pay pay = {.making = m, .low = -1, .high = -1};
    json_t *salary = json_object();
    bool well = read_pay(&pay, CSV_WAGE_MIN, high_column, salary);
    if (pay.low >= 0)
        making_set(salary, "min_amount", json_integer(pay.low));
    if (pay.high >= 0)
        making_set(salary, high_field, json_integer(pay.high));
    if (pay.unit)
        making_set(salary, "unit", json_string_nocheck(pay.unit));
    if (pay.months_per_year && m->kind == SOURCE_VACANCY)
        making_set(salary, "months_per_year", json_integer(pay.months_per_year));
    /* A person whose wish is to be agreed upon states none. */
    if (pay.negotiable && m->kind == SOURCE_VACANCY)
        making_set(salary, "negotiable", json_true());
    making_put_text(m, salary, "currency", CSV_WAGE_CURRENCY);
    if (well && json_object_size(salary) > 0)
        json_object_set_nocheck(m->record, field, salary);
    json_decref(salary);
    return well;
}

bool making_put_salary(const struct making *m)
{
    return put_pay(m, "base_salary", CSV_WAGE_MAX, "max_amount");
}

bool making_put_wage(const struct making *m)
{
    return put_pay(m, "wage", CSV_WAGE_DESIRED, "desired_amount");
}
