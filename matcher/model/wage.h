/* Pay, normalised once at ingest to cents a month of the server's currency, in integers.
 *
 *   HOUR  amount * 174       (8 * 21.75)       DAY   floor(amount * 87 / 4)   (21.75)
 *   WEEK  floor(amount * 13 / 3)   (52 / 12)   MONTH floor(amount * months_per_year / 12)
 *   YEAR  floor(amount / 12)                   then floor(that * rate_e6 / 1,000,000)
 *
 * (21.75 paid days a month: Chinese labour ministry notice 2008 No. 3.) Amounts are at most 10^13
 * minor units; wage.c shows that no intermediate value leaves int64. Thread: any.
 */
#ifndef HAIHE_MODEL_WAGE_H
#define HAIHE_MODEL_WAGE_H

#include "base/error.h"
#include "base/str.h"

#define WAGE_UNKNOWN           INT64_C(-1)
#define WAGE_AMOUNT_LIMIT      INT64_C(10000000000000)
#define WAGE_MONTH_LIMIT_CENTS INT64_C(1000000000000000)

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

/* A stated amount (> 0) in month cents, at most WAGE_MONTH_LIMIT_CENTS; false with the field
 * "currency", "unit" or "months_per_year" relative to the salary when there is no rate, no unit or
 * no such year, or "amount" when it is out of range or the result would exceed the limit. An amount
 * of 0 gives WAGE_UNKNOWN. */
bool wage_to_month_cents(const struct currency_table *currencies, const struct salary *salary,
                         int64_t amount, int64_t *month_cents, struct error *error);
/* The same for the currency alone: an amount an hour, a day.. in home cents for the same time. */
bool wage_to_home_cents(const struct currency_table *currencies, const char *currency,
                        int64_t amount, int64_t *cents, struct error *error);

/* Statutory minimum wages: rows of (area, from-date, month, hour), CSV
 * `area,from,month_yuan,hour_yuan` with at most two decimals. No two rows share area and date. */
struct minimum_wage {
    struct str area; /* owned by the table */
    int32_t from_day;
    int64_t month_cents;
    int64_t hour_cents;
};

struct minimum_wage_table;

/* NULL with line, column and value in `error` when the text is wrong. */
struct minimum_wage_table *minimum_wage_load(struct str csv, struct error *error);
struct minimum_wage_table *minimum_wage_builtin(struct error *error);
void minimum_wage_free(struct minimum_wage_table *table);
/* XXH3-64 of the text it was loaded from. */
uint64_t minimum_wage_version(const struct minimum_wage_table *table);
/* The row in force on that day for the most exact area that holds `area_code`; NULL when none. */
const struct minimum_wage *minimum_wage_find(const struct minimum_wage_table *table,
                                             struct str area_code, int32_t day);

#endif
