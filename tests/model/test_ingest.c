#include <criterion/criterion.h>
#include <stdio.h>

#include "memory/failing_memory.h"
#include "model/ingest.h"
#include "model/sample.h"

static const struct currency_rate rates[] = {{"USD", 7000000}};
static const struct str banned[] = {{"", 0}, {"限男性", 9}, {"deposit", 7}};

static struct area_table *areas;
static struct minimum_wage_table *minimum_wages;
static struct model model;
static struct vacancy_sample sample;
static struct vacancy *const vacancy = &sample.vacancy;
static int32_t today;

static int32_t day_of(const char *text)
{
    int32_t day;
    cr_assert(date_parse(str_of(text), &day));
    return day;
}

static void setup(void)
{
    struct error error;
    areas = area_table_builtin(&error);
    cr_assert(areas, "%s", error.text);
    minimum_wages = minimum_wage_builtin(&error);
    cr_assert(minimum_wages, "%s", error.text);
    model = (struct model){.areas = areas,
                           .minimum_wages = minimum_wages,
                           .currencies = {"CNY", rates, 1},
                           .banned_terms = {banned, 3}};
    today = day_of("2026-11-23");
    vacancy_sample_init(&sample);
    vacancy->date_posted = today - 10;
    vacancy->valid_through = today + 10;
    vacancy->types = 1 << 1;
}

static void teardown(void)
{
    area_table_free(areas);
    minimum_wage_free(minimum_wages);
}

TestSuite(ingest, .init = setup, .fini = teardown);

static void assert_passes(void)
{
    struct error error;
    cr_assert(ingest_check_vacancy(&model, vacancy, STR("岗位职责"), today, &error), "%s",
              error.text);
}

static void assert_refused(const char *rule, const char *field, const char *text)
{
    struct error error;
    cr_assert(!ingest_check_vacancy(&model, vacancy, STR("岗位职责"), today, &error), "passes: %s",
              text);
    cr_assert_str_eq(error.rule, rule);
    cr_assert_str_eq(error.field, field);
    cr_assert_str_eq(error.text, text);
    cr_assert_eq(error.code, ERROR_INVALID_ARGUMENT);
}

static void pay(int64_t min_amount, int64_t max_amount, enum pay_unit unit)
{
    vacancy->base_salary =
        (struct salary){.min_amount = min_amount, .max_amount = max_amount, .unit = unit};
}

/* --- What is missing ------------------------------------------------------------------------ */

Test(ingest, a_complete_vacancy_passes)
{
    assert_passes();
}

Test(ingest, content_must_be_stated)
{
    static const char *const blanks[] = {"", " ", "\t\n", "　　"};
    for (size_t i = 0; i < 4; i++) {
        vacancy->title = str_of(blanks[i]);
        assert_refused("missing_content", "title", "title: must say what the job is");
    }
    vacancy->title = STR("　焊工");
    assert_passes();
}

Test(ingest, the_employer_must_be_stated)
{
    vacancy->hiring_organization = vacancy->hiring_organization_folded = STR("");
    assert_refused("missing_employer", "hiring_organization",
                   "hiring_organization: must name the employer");
}

Test(ingest, the_headcount_must_be_stated)
{
    vacancy->total_job_openings = 0;
    assert_refused("missing_headcount", "total_job_openings",
                   "total_job_openings: must say how many are sought");
}

Test(ingest, a_place_must_be_stated_unless_the_job_is_remote)
{
    const char *text = "job_locations: must name a workplace, unless the job is remote";
    sample.sites[0] = sample.sites[1] = (struct place){POSITION_NONE, STR("")};
    assert_refused("missing_place", "job_locations", text);
    vacancy->site_count = 0;
    vacancy->sites = NULL;
    assert_refused("missing_place", "job_locations", text);
    vacancy->remote = true;
    assert_passes();
}

Test(ingest, pay_must_be_stated_or_negotiable)
{
    pay(0, 0, PAY_UNSTATED);
    assert_refused("missing_pay", "base_salary",
                   "base_salary: must state pay, or that it is negotiable");
    vacancy->base_salary.negotiable = true;
    assert_passes();
}

Test(ingest, the_validity_must_be_stated_and_not_over)
{
    vacancy->valid_through = DATE_NONE;
    assert_refused("missing_validity", "valid_through",
                   "valid_through: must say until when the offer stands");
    vacancy->valid_through = today - 1;
    assert_refused("already_expired", "valid_through",
                   "valid_through '2026-11-22': is before today, 2026-11-23");
    vacancy->valid_through = today;
    assert_passes();
}

/* --- Minimum wages -------------------------------------------------------------------------- */

Test(ingest, pay_below_the_minimum_is_refused_with_both_numbers)
{
    pay(210000, 300000, PAY_MONTH);
    assert_refused("wage_below_statutory_minimum", "base_salary.min_amount",
                   "base_salary.min_amount '210000': 2100.00 yuan a month is below 120000's "
                   "minimum of 2320.00 since 2023-11-01");
}

Test(ingest, each_unit_has_its_own_edge)
{
    static const struct {
        enum pay_unit unit;
        int64_t least_amount; /* the least that passes */
    } cases[] = {
        {PAY_HOUR, 2440},    {PAY_DAY, 10667},    {PAY_WEEK, 53539},
        {PAY_MONTH, 232000}, {PAY_YEAR, 2784000},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct error error;
        pay(cases[i].least_amount, 0, cases[i].unit);
        assert_passes();
        pay(cases[i].least_amount - 1, 0, cases[i].unit);
        cr_assert(!ingest_check_vacancy(&model, vacancy, STR(""), today, &error), "unit %d",
                  cases[i].unit);
        cr_assert_str_eq(error.rule, "wage_below_statutory_minimum");
    }
}

Test(ingest, hourly_pay_is_held_against_the_hourly_amount)
{
    pay(2439, 0, PAY_HOUR);
    assert_refused("wage_below_statutory_minimum", "base_salary.min_amount",
                   "base_salary.min_amount '2439': 24.39 yuan an hour is below 120000's minimum of "
                   "24.40 since 2023-11-01");
}

Test(ingest, the_maximum_counts_when_it_stands_alone)
{
    pay(0, 200000, PAY_MONTH);
    assert_refused("wage_below_statutory_minimum", "base_salary.max_amount",
                   "base_salary.max_amount '200000': 2000.00 yuan a month is below 120000's "
                   "minimum of 2320.00 since 2023-11-01");
}

Test(ingest, negotiable_pay_does_not_excuse_a_stated_amount)
{
    pay(200000, 0, PAY_MONTH);
    vacancy->base_salary.negotiable = true;
    assert_refused("wage_below_statutory_minimum", "base_salary.min_amount",
                   "base_salary.min_amount '200000': 2000.00 yuan a month is below 120000's "
                   "minimum of 2320.00 since 2023-11-01");
}

Test(ingest, a_thirteenth_salary_does_not_lift_monthly_pay_over_the_minimum)
{
    pay(220000, 0, PAY_MONTH);
    vacancy->base_salary.months_per_year = 14;
    assert_refused("wage_below_statutory_minimum", "base_salary.min_amount",
                   "base_salary.min_amount '220000': 2200.00 yuan a month is below 120000's "
                   "minimum of 2320.00 since 2023-11-01");
}

Test(ingest, part_time_and_per_diem_work_is_bound_by_the_hour_only)
{
    pay(9000, 0, PAY_DAY);
    vacancy->types = 1 << 2; /* part time */
    assert_passes();
    vacancy->types = 1 << 2 | 1 << 7; /* or per diem */
    assert_passes();
    pay(2000, 0, PAY_HOUR);
    assert_refused("wage_below_statutory_minimum", "base_salary.min_amount",
                   "base_salary.min_amount '2000': 20.00 yuan an hour is below 120000's minimum of "
                   "24.40 since 2023-11-01");
    pay(9000, 0, PAY_DAY);
    static const employment_types bound[] = {0, 1 << 1, 1 << 1 | 1 << 2};
    for (size_t i = 0; i < 3; i++) {
        vacancy->types = bound[i]; /* none stated, full time, full or part time */
        assert_refused("wage_below_statutory_minimum", "base_salary.min_amount",
                       "base_salary.min_amount '9000': 1957.50 yuan a month is below 120000's "
                       "minimum of 2320.00 since 2023-11-01");
    }
}

Test(ingest, the_day_is_the_later_of_today_and_posting)
{
    pay(220000, 0, PAY_MONTH); /* above 2180, below 2320 */
    today = day_of("2023-10-20");
    vacancy->date_posted = day_of("2023-10-01");
    vacancy->valid_through = day_of("2023-12-31");
    assert_passes();
    vacancy->date_posted = DATE_NONE;
    assert_passes();
    vacancy->date_posted = day_of("2023-11-01");
    assert_refused("wage_below_statutory_minimum", "base_salary.min_amount",
                   "base_salary.min_amount '220000': 2200.00 yuan a month is below 120000's "
                   "minimum of 2320.00 since 2023-11-01");
    today = day_of("2023-11-01");
    vacancy->date_posted = day_of("2023-10-01");
    assert_refused("wage_below_statutory_minimum", "base_salary.min_amount",
                   "base_salary.min_amount '220000': 2200.00 yuan a month is below 120000's "
                   "minimum of 2320.00 since 2023-11-01");
}

Test(ingest, every_workplace_binds)
{
    pay(200000, 0, PAY_MONTH);
    sample.sites[0].area_code = STR("110101"); /* no row for Beijing in the built-in table */
    assert_refused("wage_below_statutory_minimum", "base_salary.min_amount",
                   "base_salary.min_amount '200000': 2000.00 yuan a month is below 120000's "
                   "minimum of 2320.00 since 2023-11-01");
    sample.sites[1].area_code = STR("110101");
    assert_passes();
}

Test(ingest, a_workplace_without_a_known_code_is_bound_by_the_nearest_centre)
{
    pay(200000, 0, PAY_MONTH);
    const char *text = "base_salary.min_amount '200000': 2000.00 yuan a month is below 120000's "
                       "minimum of 2320.00 since 2023-11-01";
    static const char *const codes[] = {"", "nowhere", "120199"};
    for (size_t i = 0; i < 3; i++) {
        sample.sites[0].area_code = sample.sites[1].area_code = str_of(codes[i]);
        assert_refused("wage_below_statutory_minimum", "base_salary.min_amount", text);
    }
    sample.sites[0] = sample.sites[1] = (struct place){{0, 0}, STR("")}; /* in the Atlantic */
    assert_passes();
    sample.sites[0].area_code = STR("120101"); /* the code counts before the point */
    assert_refused("wage_below_statutory_minimum", "base_salary.min_amount", text);
}

Test(ingest, remote_work_without_a_workplace_is_bound_by_no_area)
{
    pay(100, 0, PAY_MONTH);
    vacancy->remote = true;
    vacancy->site_count = 0;
    vacancy->sites = NULL;
    assert_passes();
}

Test(ingest, foreign_money_is_converted_before_it_is_compared)
{
    pay(40000, 0, PAY_MONTH); /* 400 dollars are 2800 yuan */
    memcpy(vacancy->base_salary.currency, "USD", 4);
    assert_passes();
    pay(30000, 0, PAY_MONTH);
    memcpy(vacancy->base_salary.currency, "USD", 4);
    assert_refused("wage_below_statutory_minimum", "base_salary.min_amount",
                   "base_salary.min_amount '30000': 2100.00 yuan a month is below 120000's minimum "
                   "of 2320.00 since 2023-11-01");
    pay(300, 0, PAY_HOUR);
    memcpy(vacancy->base_salary.currency, "USD", 4);
    assert_refused("wage_below_statutory_minimum", "base_salary.min_amount",
                   "base_salary.min_amount '300': 21.00 yuan an hour is below 120000's minimum of "
                   "24.40 since 2023-11-01");
    pay(300, 0, PAY_HOUR);
    memcpy(vacancy->base_salary.currency, "EUR", 4);
    assert_refused("", "base_salary.currency",
                   "base_salary.currency 'EUR': no rate to CNY is configured");
}

Test(ingest, another_home_currency_is_named_by_its_code)
{
    pay(200000, 0, PAY_MONTH);
    memcpy(model.currencies.home, "HKD", 4);
    assert_refused("wage_below_statutory_minimum", "base_salary.min_amount",
                   "base_salary.min_amount '200000': 2000.00 HKD a month is below 120000's minimum "
                   "of 2320.00 since 2023-11-01");
}

Test(ingest, no_table_no_rule_about_pay)
{
    pay(1, 0, PAY_MONTH);
    model.minimum_wages = NULL;
    assert_passes();
}

/* --- Banned terms --------------------------------------------------------------------------- */

Test(ingest, banned_terms_are_found_after_folding)
{
    struct error error;
    vacancy->title = STR("焊工 限男性");
    assert_refused("banned_term", "title", "title '限男性': must not be published");
    vacancy->title = STR("Ｄｅｐｏｓｉｔ first");
    assert_refused("banned_term", "title", "title 'deposit': must not be published");
    vacancy->title = STR("焊工");
    cr_assert(!ingest_check_vacancy(&model, vacancy, STR("pay a DEPOSIT of 100"), today, &error));
    cr_assert_str_eq(error.field, "description");
    cr_assert_str_eq(error.value, "deposit");
    cr_assert(ingest_check_vacancy(&model, vacancy, STR("限 男 性, deposi"), today, &error));
    model.banned_terms.count = 0;
    cr_assert(ingest_check_vacancy(&model, vacancy, STR("deposit"), today, &error));
}

Test(ingest, the_longest_description_folds)
{
    static char text[DESCRIPTION_LIMIT_BYTES];
    for (size_t i = 0; i + 3 <= sizeof text; i += 3)
        memcpy(text + i, "\xef\xb7\xba", 3); /* U+FDFA, 18 characters when decomposed */
    struct error error;
    cr_assert(ingest_check_vacancy(&model, vacancy, (struct str){text, sizeof text / 3 * 3}, today,
                                   &error),
              "%s", error.text);
}

Test(ingest, short_memory_is_no_verdict)
{
    struct error error;
    memory_fail_after(0);
    cr_assert(!ingest_check_vacancy(&model, vacancy, STR(""), today, &error));
    cr_assert(memory_has_failed());
    cr_assert_eq(error.code, ERROR_RESOURCE_EXHAUSTED);
    cr_assert_str_eq(error.text, "no memory to check title");
}
