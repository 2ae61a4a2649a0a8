/* Pay in month cents. Each unit is a fraction of the month, multiplied first and floored once:
 *
 *   HOUR  8 * 21.75 = 174 / 1     DAY 21.75 = 87 / 4     WEEK 52 / 12 = 13 / 3
 *   MONTH months_per_year / 12    YEAR 1 / 12
 *
 * An amount is at most 10^13 and a numerator at most 174, so the product is below 1.8e15. The rate
 * follows in two parts, value = q * 10^6 + r: q * rate may overflow, and then the result is beyond
 * the limit anyway; r * rate is below 10^6 * 10^12. Thread: any.
 */
#include "model/wage.h"

#include <assert.h>
#include <stdio.h>

#include "model/limits.h"

#include "base/banned.h"

#define RATE_ONE      INT64_C(1000000)
#define RATE_LIMIT_E6 INT64_C(1000000000000)

static bool fail_number(struct error *error, const char *field, int64_t value, const char *reason)
{
    char shown[24];
    snprintf(shown, sizeof shown, "%lld", (long long)value);
    return error_field(error, "", field, shown, "%s", reason);
}

/* Minor units of the home currency for one of `currency`, in millionths; 0 when there is none. */
static int64_t rate_of(const struct currency_table *currencies, const char *currency)
{
    if (currency[0] == '\0' || strcmp(currency, currencies->home) == 0)
        return RATE_ONE;
    for (size_t i = 0; i < currencies->rate_count; i++)
        if (strcmp(currency, currencies->rates[i].currency) == 0)
            return currencies->rates[i].rate_e6;
    return 0;
}

/* floor(value * rate / 10^6), or -1 when that is beyond the limit. */
static int64_t convert(int64_t value, int64_t rate_e6)
{
    int64_t whole;
    if (__builtin_mul_overflow(value / RATE_ONE, rate_e6, &whole) || whole > WAGE_MONTH_LIMIT_CENTS)
        return -1;
    whole += value % RATE_ONE * rate_e6 / RATE_ONE;
    return whole <= WAGE_MONTH_LIMIT_CENTS ? whole : -1;
}

static bool to_home(const struct currency_table *currencies, const char *currency, int64_t amount,
                    int64_t value, int64_t *cents, struct error *error)
{
    int64_t rate_e6 = rate_of(currencies, currency);
    if (rate_e6 == 0)
        return error_field(error, "", "currency", currency, "no rate to %s is configured",
                           currencies->home);
    assert(rate_e6 >= 1 && rate_e6 <= RATE_LIMIT_E6);
    int64_t converted = convert(value, rate_e6);
    if (converted < 0)
        return fail_number(error, "amount", amount, "more than 10^15 cents");
    *cents = converted;
    return true;
}

static bool check_amount(int64_t amount, struct error *error)
{
    if (amount < 0 || amount > WAGE_AMOUNT_LIMIT)
        return fail_number(error, "amount", amount, "must be 0..10^13");
    return true;
}

bool wage_to_home_cents(const struct currency_table *currencies, const char *currency,
                        int64_t amount, int64_t *cents, struct error *error)
{
    return check_amount(amount, error) &&
           to_home(currencies, currency, amount, amount, cents, error);
}

bool wage_to_month_cents(const struct currency_table *currencies, const struct salary *salary,
                         int64_t amount, int64_t *month_cents, struct error *error)
{
    if (!check_amount(amount, error))
        return false;
    if (amount == 0) {
        *month_cents = WAGE_UNKNOWN;
        return true;
    }
    int64_t months = salary->months_per_year;
    if (months != 0 && (months < MONTHS_PER_YEAR_MINIMUM || months > MONTHS_PER_YEAR_LIMIT))
        return fail_number(error, "months_per_year", months, "must be 0 or 12..24");
    int64_t value;
    switch ((enum pay_unit)salary->unit) {
    case PAY_HOUR:
        value = amount * 174;
        break;
    case PAY_DAY:
        value = amount * 87 / 4;
        break;
    case PAY_WEEK:
        value = amount * 13 / 3;
        break;
    case PAY_MONTH:
        value = amount * (months ? months : 12) / 12;
        break;
    case PAY_YEAR:
        value = amount / 12;
        break;
    default:
        return fail_number(error, "unit", salary->unit, "must be stated with an amount");
    }
    return to_home(currencies, salary->currency, amount, value, month_cents, error);
}
