/* Pay, normalised once at ingest to cents a month of the server's currency, in integers.
 *
 *   HOUR  amount * 8 * 21.75                DAY   amount * 21.75
 *   WEEK  amount * 52 / 12                  MONTH amount * months_per_year / 12
 *   YEAR  amount / 12                       then * the currency's rate; every division floors
 *
 * (21.75 paid days a month: Chinese labour ministry notice 2008 No. 3.) Amounts are at most 10^13
 * minor units, so that no intermediate value leaves int64. Thread: any.
 */
#ifndef HAIHE_MODEL_WAGE_H
#define HAIHE_MODEL_WAGE_H

#include "base/error.h"
#include "base/str.h"

#define WAGE_UNKNOWN      INT64_C(-1)
#define WAGE_AMOUNT_LIMIT INT64_C(10000000000000)

enum pay_unit { PAY_UNSTATED, PAY_HOUR, PAY_DAY, PAY_WEEK, PAY_MONTH, PAY_YEAR, PAY_UNIT_COUNT };

/* As stated, before normalisation. */
struct salary {
    int64_t min_amount;      /* minor units; 0 = not stated */
    int64_t max_amount;      /* minor units; 0 = not stated; an applicant's desired amount */
    char currency[4];        /* ISO 4217 and NUL; "" = the server's */
    uint8_t unit;            /* enum pay_unit */
    uint8_t months_per_year; /* 0 = 12 */
    bool negotiable;
};

/* One minor unit of `currency` is rate_e6 / 1,000,000 minor units of the server's currency. */
struct currency_rate {
    char currency[4];
    int64_t rate_e6; /* 1..10^12 */
};

struct currency_table {
    char home[4];                      /* "CNY" */
    const struct currency_rate *rates; /* borrowed; the home currency needs none */
    size_t rate_count;
};

/* A stated amount (> 0) in month cents, at most 10^15; false with the field "currency" or "unit"
 * relative to the salary when there is no rate or no unit, or "amount" when it would exceed the
 * limit. An amount of 0 gives WAGE_UNKNOWN. */
bool wage_to_month_cents(const struct currency_table *currencies, const struct salary *salary,
                         int64_t amount, int64_t *month_cents, struct error *error);

/* Statutory minimum wages: rows of (area, from-date, month, hour), CSV
 * `area,from,month_yuan,hour_yuan` with at most two decimals. */
struct minimum_wage {
    struct str area; /* owned by the table */
    int32_t from_day;
    int64_t month_cents;
    int64_t hour_cents;
};

struct minimum_wage_table;

struct minimum_wage_table *minimum_wage_load(struct str csv, struct error *error);
struct minimum_wage_table *minimum_wage_builtin(struct error *error);
void minimum_wage_free(struct minimum_wage_table *table);
uint64_t minimum_wage_version(const struct minimum_wage_table *table);
/* The row in force on that day for the most exact area that holds `area_code`; NULL when none. */
const struct minimum_wage *minimum_wage_find(const struct minimum_wage_table *table,
                                             struct str area_code, int32_t day);

#endif
