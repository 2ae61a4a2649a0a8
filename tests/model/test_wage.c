#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/rng.h"
#include "memory/failing_memory.h"
#include "model/wage.h"

static const struct currency_rate rates[] = {
    {"USD", 7100000}, {"JPY", 4800000}, {"VND", 28}, {"XXX", INT64_C(1000000000000)}, {"ONE", 1}};
static const struct currency_table currencies = {"CNY", rates, sizeof rates / sizeof rates[0]};

/* --- Normalisation -------------------------------------------------------------------------- */

Test(wage, is_normalised_by_unit_months_and_currency)
{
    static const struct {
        int64_t amount;
        enum pay_unit unit;
        int months;
        const char *currency;
        int64_t month_cents;
    } cases[] = {
        {2440, PAY_HOUR, 0, "", 424560}, /* 24.40 * 8 * 21.75 */
        {1, PAY_HOUR, 0, "CNY", 174},
        {20000, PAY_DAY, 0, "", 435000}, /* 200 * 21.75 */
        {1, PAY_DAY, 0, "", 21},         /* 21.75 floors */
        {3, PAY_DAY, 0, "", 65},
        {100000, PAY_WEEK, 0, "", 433333}, /* 1000 * 52 / 12 */
        {1, PAY_WEEK, 0, "", 4},
        {800000, PAY_MONTH, 0, "", 800000},
        {800000, PAY_MONTH, 12, "", 800000},
        {800000, PAY_MONTH, 13, "", 866666},
        {800000, PAY_MONTH, 24, "", 1600000},
        {800000, PAY_HOUR, 13, "", 139200000}, /* months count for monthly pay only */
        {9600000, PAY_YEAR, 0, "", 800000},
        {9600000, PAY_YEAR, 14, "", 800000},
        {11, PAY_YEAR, 0, "", 0},
        {100000, PAY_MONTH, 0, "USD", 710000},
        {1, PAY_MONTH, 0, "USD", 7},
        {300000, PAY_MONTH, 0, "JPY", 1440000},
        {15000000, PAY_MONTH, 0, "VND", 420},
        {100, PAY_DAY, 0, "USD", 15442}, /* floor(2175 * 7.1) */
        {101, PAY_DAY, 0, "USD", 15591}, /* floor(2196 * 7.1): floored twice */
        {0, PAY_MONTH, 0, "", WAGE_UNKNOWN},
        {0, PAY_UNSTATED, 0, "", WAGE_UNKNOWN},
        {WAGE_AMOUNT_LIMIT, PAY_MONTH, 0, "", WAGE_AMOUNT_LIMIT},
        {WAGE_AMOUNT_LIMIT, PAY_DAY, 0, "", WAGE_AMOUNT_LIMIT / 4 * 87},
        {1000000000, PAY_MONTH, 0, "XXX", WAGE_MONTH_LIMIT_CENTS},
        {999999, PAY_MONTH, 0, "ONE", 0},
        {WAGE_AMOUNT_LIMIT, PAY_MONTH, 0, "ONE", WAGE_AMOUNT_LIMIT / 1000000},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct salary salary = {.unit = cases[i].unit, .months_per_year = (uint8_t)cases[i].months};
        snprintf(salary.currency, sizeof salary.currency, "%s", cases[i].currency);
        int64_t month_cents = -7;
        struct error error = {0};
        cr_assert(wage_to_month_cents(&currencies, &salary, cases[i].amount, &month_cents, &error),
                  "case %zu: %s", i, error.text);
        cr_assert_eq(month_cents, cases[i].month_cents, "case %zu gives %" PRId64, i, month_cents);
    }
}

Test(wage, what_cannot_be_normalised_names_its_field_and_value)
{
    static const struct {
        int64_t amount;
        int unit, months;
        const char *currency, *field, *value;
    } cases[] = {
        {100, PAY_UNSTATED, 0, "", "unit", "0"},
        {100, PAY_UNIT_COUNT, 0, "", "unit", "6"},
        {100, 255, 0, "", "unit", "255"},
        {100, PAY_MONTH, 11, "", "months_per_year", "11"},
        {100, PAY_MONTH, 25, "", "months_per_year", "25"},
        {100, PAY_MONTH, 0, "EUR", "currency", "EUR"},
        {-1, PAY_MONTH, 0, "", "amount", "-1"},
        {WAGE_AMOUNT_LIMIT + 1, PAY_MONTH, 0, "", "amount", "10000000000001"},
        {INT64_MAX, PAY_HOUR, 0, "", "amount", "9223372036854775807"},
        {WAGE_AMOUNT_LIMIT, PAY_HOUR, 0, "", "amount", "10000000000000"},
        {1000000001, PAY_MONTH, 0, "XXX", "amount", "1000000001"},
        {WAGE_AMOUNT_LIMIT, PAY_MONTH, 24, "XXX", "amount", "10000000000000"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct salary salary = {.unit = (uint8_t)cases[i].unit,
                                .months_per_year = (uint8_t)cases[i].months};
        snprintf(salary.currency, sizeof salary.currency, "%s", cases[i].currency);
        int64_t month_cents = -7;
        struct error error = {0};
        cr_assert(!wage_to_month_cents(&currencies, &salary, cases[i].amount, &month_cents, &error),
                  "case %zu", i);
        cr_assert_str_eq(error.field, cases[i].field, "case %zu", i);
        cr_assert_str_eq(error.value, cases[i].value, "case %zu", i);
        cr_assert_eq(month_cents, -7, "a refusal writes nothing");
    }
}

/* The formula of wage.h in 128 bits. */
static __int128 plain(int64_t amount, enum pay_unit unit, int months, int64_t rate_e6)
{
    static const int numerators[] = {0, 174, 87, 13, 0, 1}, denominators[] = {1, 1, 4, 3, 12, 12};
    __int128 value =
        (__int128)amount * (unit == PAY_MONTH ? months : numerators[unit]) / denominators[unit];
    return value * rate_e6 / 1000000;
}

Test(wage, never_overflows)
{
    struct rng rng;
    const uint64_t seed = 31;
    rng_init(&rng, seed);
    int refused = 0;
    for (int i = 0; i < 200000; i++) {
        int64_t amount = (int64_t)rng_below(&rng, UINT64_C(1) << rng_between(&rng, 1, 43)) + 1;
        int64_t rate = (int64_t)rng_below(&rng, UINT64_C(1) << rng_between(&rng, 1, 39)) + 1;
        struct currency_rate one = {"USD", rate};
        struct currency_table table = {"CNY", &one, 1};
        struct salary salary = {.currency = "USD",
                                .unit = (uint8_t)rng_between(&rng, PAY_HOUR, PAY_YEAR),
                                .months_per_year = (uint8_t)rng_between(&rng, 12, 24)};
        int64_t cents;
        bool well = wage_to_month_cents(&table, &salary, amount, &cents, NULL);
        __int128 truth = plain(amount, salary.unit, salary.months_per_year, rate);
        cr_assert_eq(well, truth <= WAGE_MONTH_LIMIT_CENTS, "seed %" PRIu64, seed);
        cr_assert(!well || cents == truth, "seed %" PRIu64, seed);
        refused += !well;
    }
    cr_assert(refused > 1000 && refused < 190000, "%d refused", refused);
}

Test(wage, more_pay_is_never_fewer_cents)
{
    struct salary salary = {.months_per_year = 13, .currency = "USD"};
    for (salary.unit = PAY_HOUR; salary.unit < PAY_UNIT_COUNT; salary.unit++) {
        int64_t before = 0;
        for (int64_t amount = 1; amount < 3000; amount++) {
            int64_t cents;
            cr_assert(wage_to_month_cents(&currencies, &salary, amount, &cents, NULL));
            cr_assert_geq(cents, before);
            before = cents;
        }
    }
}

Test(wage, converts_the_currency_alone)
{
    int64_t cents;
    struct error error;
    cr_assert(wage_to_home_cents(&currencies, "USD", 1000, &cents, &error));
    cr_assert_eq(cents, 7100);
    cr_assert(wage_to_home_cents(&currencies, "", 1000, &cents, &error));
    cr_assert_eq(cents, 1000);
    cr_assert(!wage_to_home_cents(&currencies, "EUR", 1000, &cents, &error));
    cr_assert_str_eq(error.text, "currency 'EUR': no rate to CNY is configured");
    cr_assert(!wage_to_home_cents(&currencies, "", -1, &cents, &error));
    cr_assert_str_eq(error.field, "amount");
}

/* --- Minimum wages -------------------------------------------------------------------------- */

#define HEADER "area,from,month_yuan,hour_yuan\n"

static int32_t day_of(const char *text)
{
    int32_t day;
    cr_assert(date_parse(str_of(text), &day));
    return day;
}

static struct minimum_wage_table *load(const char *csv)
{
    struct error error;
    struct minimum_wage_table *table = minimum_wage_load(str_of(csv), &error);
    cr_assert(table, "%s", error.text);
    return table;
}

Test(minimum_wage, the_builtin_table_has_tianjin_by_date)
{
    struct error error;
    struct minimum_wage_table *table = minimum_wage_builtin(&error);
    cr_assert(table, "%s", error.text);
    const struct minimum_wage *wage = minimum_wage_find(table, STR("120101"), day_of("2023-11-01"));
    cr_assert(wage && wage->month_cents == 232000 && wage->hour_cents == 2440);
    cr_assert(str_equal(wage->area, STR("120000")));
    cr_assert_eq(wage->from_day, day_of("2023-11-01"));
    wage = minimum_wage_find(table, STR("120101"), day_of("2023-10-31"));
    cr_assert(wage && wage->month_cents == 218000 && wage->hour_cents == 2260);
    cr_assert_null(minimum_wage_find(table, STR("120101"), day_of("2021-06-30")));
    cr_assert_null(minimum_wage_find(table, STR("100000"), day_of("2026-01-01")));
    minimum_wage_free(table);
}

Test(minimum_wage, the_most_exact_area_in_force_counts)
{
    struct minimum_wage_table *table = load(HEADER "130000,2020-01-01,1000,10\n"
                                                   "130100,2022-01-01,2000,20\n"
                                                   "130102,2024-01-01,3000,30\n"
                                                   "130000,2025-01-01,4000,40\n"
                                                   "site-9,2020-01-01,5000.5,50.05\n");
    static const struct {
        const char *area, *day;
        int64_t month_cents; /* 0 = none */
    } cases[] = {
        {"130102", "2024-01-01", 300000}, {"130102", "2023-12-31", 200000},
        {"130102", "2021-12-31", 100000}, {"130102", "2019-12-31", 0},
        {"130103", "2026-01-01", 200000}, {"130100", "2026-01-01", 200000},
        {"130200", "2026-01-01", 400000}, {"130000", "2024-12-31", 100000},
        {"140000", "2026-01-01", 0},      {"site-9", "2026-01-01", 500050},
        {"site-8", "2026-01-01", 0},      {"", "2026-01-01", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct minimum_wage *wage =
            minimum_wage_find(table, str_of(cases[i].area), day_of(cases[i].day));
        cr_assert_eq(wage ? wage->month_cents : 0, cases[i].month_cents, "%s on %s", cases[i].area,
                     cases[i].day);
    }
    minimum_wage_free(table);
}

Test(minimum_wage, an_empty_table_binds_nobody)
{
    struct minimum_wage_table *table = load(HEADER);
    cr_assert_null(minimum_wage_find(table, STR("120000"), day_of("2026-01-01")));
    minimum_wage_free(table);
    minimum_wage_free(NULL);
}

Test(minimum_wage, the_version_follows_the_content)
{
    struct minimum_wage_table *a = load(HEADER "1,2020-01-01,1,1\n");
    struct minimum_wage_table *b = load(HEADER "1,2020-01-01,1,2\n");
    cr_assert_neq(minimum_wage_version(a), minimum_wage_version(b));
    minimum_wage_free(a);
    minimum_wage_free(b);
}

Test(minimum_wage, a_wrong_file_is_named_by_line_column_and_value)
{
    static const struct {
        const char *rows, *text;
    } cases[] = {
        {",2020-01-01,1,1\n", "line 2, column 'area' '': must be 1..32 bytes"},
        {"1,2020-13-01,1,1\n", "line 2, column 'from' '2020-13-01': must be a date as 2023-11-01"},
        {"1,2020-01-01,1,1\n1,yesterday,1,1\n",
         "line 3, column 'from' 'yesterday': must be a date as 2023-11-01"},
        {"1,2020-01-01,2320.005,1\n",
         "line 2, column 'month_yuan' '2320.005': must be yuan with at most 2 decimals"},
        {"1,2020-01-01,0,1\n", "line 2, column 'month_yuan' '0': must be 0.01..100000000 yuan"},
        {"1,2020-01-01,1,-1\n", "line 2, column 'hour_yuan' '-1': must be 0.01..100000000 yuan"},
        {"1,2020-01-01,1,100000000.01\n",
         "line 2, column 'hour_yuan' '100000000.01': must be 0.01..100000000 yuan"},
        {"1,2020-01-01,1,1\n2,2020-01-01,1,1\n1,2020-01-01,2,2\n",
         "line 4, column 'from' '2020-01-01': line 2 has this date for area '1' already"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char csv[256];
        snprintf(csv, sizeof csv, HEADER "%s", cases[i].rows);
        struct error error;
        cr_assert_null(minimum_wage_load(str_of(csv), &error), "%s", csv);
        cr_assert_str_eq(error.text, cases[i].text);
    }
}

Test(minimum_wage, short_memory_fails_the_load_and_leaks_nothing)
{
    bool failed = true;
    for (int n = 0; failed; n++) {
        struct error error = {0};
        memory_fail_after(n);
        struct minimum_wage_table *table =
            minimum_wage_load(STR(HEADER "1,2020-01-01,1,1\n"), &error);
        failed = memory_has_failed();
        cr_assert_eq(table == NULL, failed, "allocation %d", n);
        cr_assert_eq(error.code, failed ? ERROR_RESOURCE_EXHAUSTED : ERROR_OK);
        minimum_wage_free(table);
    }
}
