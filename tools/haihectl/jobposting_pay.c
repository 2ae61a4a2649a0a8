/* baseSalary: MonetaryAmount, QuantitativeValue, numbers and texts, in major units. */
#include "haihectl/jobposting_part.h"
#include "haihectl/spelling.h"
#include "haihectl/terms.h"

#include "base/banned.h"

/* What an amount's text says beside the amount; must not contradict what is there. */
static bool take_terms(const struct posting *posting, const char *property, const json_t *value,
                       const struct spelling_pay *pay, json_t *salary)
{
    const char *unit = json_string_value(json_object_get(salary, "unit"));
    if (pay->unit && unit && strcmp(pay->unit, unit) != 0)
        return posting_refuse(posting, property, value, "its unit of time is not the other's");
    if (pay->unit)
        json_object_set_new(salary, "unit", json_string(pay->unit));
    if (pay->months_per_year)
        json_object_set_new(salary, "months_per_year", json_integer(pay->months_per_year));
    if (pay->negotiable)
        json_object_set_new(salary, "negotiable", json_true());
    return true;
}

enum bounds { LOWER = 1, UPPER = 2, BOTH = LOWER | UPPER };

/* An amount, or a range where it stands for both bounds; absent is fine. 24.350000 of a JSON number
 * is an amount, too. */
static bool read_amount(const struct posting *posting, const char *property, const json_t *value,
                        struct str currency, json_t *salary, enum bounds bounds)
{
    char scratch[POSTING_SCRATCH_BYTES];
    struct str text = posting_text(value, scratch);
    struct spelling_pay pay;
    struct spelling_reason reason;
    if (posting_count(value) == 0 || (json_is_string(value) && text.length == 0))
        return true;
    if (!spelling_pay(text, currency, &pay, &reason))
        return posting_refuse(posting, property, value, reason.text);
    if (pay.is_range && bounds != BOTH)
        return posting_refuse(posting, property, value, "a range, where one amount is expected");
    if ((bounds & LOWER) && pay.min_minor_units > 0)
        json_object_set_new(salary, "min_amount", json_integer(pay.min_minor_units));
    if ((bounds & UPPER) && pay.max_minor_units > 0)
        json_object_set_new(salary, "max_amount", json_integer(pay.max_minor_units));
    return take_terms(posting, property, value, &pay, salary);
}

static bool read_unit(const struct posting *posting, const json_t *quantity, json_t *salary)
{
    char scratch[POSTING_SCRATCH_BYTES];
    const json_t *unit = json_object_get(quantity, "unitText");
    if (!unit)
        unit = json_object_get(quantity, "unitCode");
    struct str text = posting_text(unit, scratch);
    if (text.length == 0)
        return true;
    const char *name = term_find(TERM_PAY_UNIT, text);
    if (!name)
        return posting_refuse(posting, "baseSalary.value.unitText", unit,
                              "not one of HOUR, DAY, WEEK, MONTH, YEAR");
    const char *stated = json_string_value(json_object_get(salary, "unit"));
    if (stated && strcmp(stated, name) != 0)
        return posting_refuse(posting, "baseSalary.value.unitText", unit,
                              "not the unit of time that the amount's text states");
    json_object_set_new(salary, "unit", json_string(name));
    return true;
}

/* `value` is a QuantitativeValue or an amount. */
static bool read_quantity(const struct posting *posting, const json_t *value, struct str currency,
                          json_t *salary)
{
    if (!json_is_object(value))
        return read_amount(posting, "baseSalary.value", value, currency, salary, BOTH);
    const json_t *exact = json_object_get(value, "value");
    if (exact && !json_is_null(exact) && !read_quantity(posting, exact, currency, salary))
        return false;
    return read_amount(posting, "baseSalary.value.minValue", json_object_get(value, "minValue"),
                       currency, salary, LOWER) &&
           read_amount(posting, "baseSalary.value.maxValue", json_object_get(value, "maxValue"),
                       currency, salary, UPPER) &&
           read_unit(posting, value, salary);
}

static bool read_salary(const struct posting *posting, const json_t *base, json_t *salary)
{
    char scratch[POSTING_SCRATCH_BYTES], base_scratch[POSTING_SCRATCH_BYTES];
    struct str currency = posting_text(json_object_get(base, "currency"), base_scratch);
    if (currency.length == 0)
        currency = posting_text(json_object_get(posting->json, "salaryCurrency"), scratch);
    if (currency.length > 0)
        json_object_set_new(salary, "currency", posting_text_json(currency));
    /* MonetaryAmount may hold minValue and maxValue itself. */
    bool bare = json_is_object(base) && !json_object_get(base, "minValue") &&
                !json_object_get(base, "maxValue");
    const json_t *value = bare ? json_object_get(base, "value") : base;
    if (!read_quantity(posting, value, currency, salary) ||
        (bare && !read_unit(posting, base, salary)))
        return false;
    bool amount = json_object_get(salary, "min_amount") || json_object_get(salary, "max_amount");
    if (amount && !json_object_get(salary, "unit") && !json_is_object(base))
        json_object_set_new(salary, "unit", json_string("PAY_UNIT_MONTH"));
    return true;
}

bool posting_read_pay(const struct posting *posting)
{
    const json_t *base = posting_item(json_object_get(posting->json, "baseSalary"), 0);
    if (!base || json_is_null(base))
        return true;
    json_t *salary = json_object();
    bool well = read_salary(posting, base, salary);
    /* A currency alone states no pay. */
    if (well && (json_object_get(salary, "min_amount") || json_object_get(salary, "max_amount") ||
                 json_object_get(salary, "negotiable")))
        json_object_set(posting->vacancy, "base_salary", salary);
    json_decref(salary);
    return well;
}
