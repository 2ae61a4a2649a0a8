/* baseSalary: MonetaryAmount, QuantitativeValue, numbers and texts, in major units. */
#include <stdio.h>

#include "haihectl/jobposting_part.h"
#include "haihectl/money.h"
#include "haihectl/terms.h"

#include "base/banned.h"

/* What a portal writes in place of an amount. */
static bool means_negotiable(struct str text)
{
    static const char *const words[] = {"negotiable", "面议", "薪资面议", "工资面议",
                                        "competitive"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (text.length == strlen(words[i]) && strncasecmp(text.data, words[i], text.length) == 0)
            return true;
    return false;
}

/* An amount into salary[field]; absent is fine. 24.350000 of a JSON number is an amount, too. */
static bool read_amount(const struct posting *posting, const char *property, const json_t *value,
                        struct str currency, json_t *salary, const char *field)
{
    char scratch[POSTING_SCRATCH_BYTES];
    struct str text = posting_text(value, scratch);
    int64_t minor_units;
    if (posting_count(value) == 0 || (json_is_string(value) && text.length == 0))
        return true;
    if (means_negotiable(text)) {
        json_object_set_new(salary, "negotiable", json_true());
        return true;
    }
    if (!money_parse(text, currency, &minor_units))
        return posting_refuse(posting, property, value,
                              "not an amount in the currency's unit, such as 8000 or 24.40");
    if (minor_units > 0)
        json_object_set_new(salary, field, json_integer(minor_units));
    return true;
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
    json_object_set_new(salary, "unit", json_string(name));
    return true;
}

/* `value` is a QuantitativeValue or an amount. */
static bool read_quantity(const struct posting *posting, const json_t *value, struct str currency,
                          json_t *salary)
{
    if (!json_is_object(value))
        return read_amount(posting, "baseSalary.value", value, currency, salary, "min_amount") &&
               read_amount(posting, "baseSalary.value", value, currency, salary, "max_amount");
    const json_t *exact = json_object_get(value, "value");
    if (exact && !json_is_null(exact) && !read_quantity(posting, exact, currency, salary))
        return false;
    return read_amount(posting, "baseSalary.value.minValue", json_object_get(value, "minValue"),
                       currency, salary, "min_amount") &&
           read_amount(posting, "baseSalary.value.maxValue", json_object_get(value, "maxValue"),
                       currency, salary, "max_amount") &&
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
