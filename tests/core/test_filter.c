#include <criterion/criterion.h>

#include "core/oracle.h"
#include "core/random_records.h"

Test(filter, agrees_with_the_oracle_on_random_records)
{
    enum { ROUNDS = 40000 };
    int vacancies_passed = 0, applicants_passed = 0;
    struct market market;
    market_init(&market, 30261);
    for (int i = 0; i < ROUNDS; i++) {
        const struct filter *filter = market_filter(&market);
        const struct vacancy *vacancy = market_vacancy(&market);
        const struct applicant *applicant = market_applicant(&market);
        bool vacancy_passes = oracle_filter_vacancy(filter, vacancy);
        bool applicant_passes = oracle_filter_applicant(filter, applicant);
        cr_assert_eq(filter_passes_vacancy(filter, vacancy), vacancy_passes, "round %d", i);
        cr_assert_eq(filter_passes_applicant(filter, applicant), applicant_passes, "round %d", i);
        vacancies_passed += vacancy_passes;
        applicants_passed += applicant_passes;
        market_clear(&market);
    }
    cr_assert(vacancies_passed > ROUNDS / 20 && vacancies_passed < ROUNDS / 2);
    cr_assert(applicants_passed > ROUNDS / 20 && applicants_passed < ROUNDS / 2);
    market_release(&market);
}

Test(filter, an_empty_one_asks_nothing)
{
    struct market market;
    const struct filter filter = {0};
    market_init(&market, 30262);
    for (int i = 0; i < 2000; i++) {
        cr_assert(filter_passes_vacancy(&filter, market_vacancy(&market)));
        cr_assert(filter_passes_applicant(&filter, market_applicant(&market)));
    }
    market_release(&market);
}

/* One condition at a time: what it lets pass and what not. */
Test(filter, pay_that_is_not_known_meets_no_floor_but_every_ceiling)
{
    const struct filter floor = {.wage_at_least_month_cents = 500000};
    const struct filter ceiling = {.wage_at_most_month_cents = 500000};
    struct vacancy vacancy = {.wage_min_month_cents = 300000, .wage_max_month_cents = 500000};
    struct applicant applicant = {.wage_min_month_cents = 500000,
                                  .wage_desired_month_cents = 900000};
    cr_assert(filter_passes_vacancy(&floor, &vacancy));
    vacancy.wage_max_month_cents = 499999;
    cr_assert_not(filter_passes_vacancy(&floor, &vacancy));
    vacancy.wage_max_month_cents = WAGE_UNKNOWN;
    cr_assert_not(filter_passes_vacancy(&floor, &vacancy), "its only end is 300000");
    vacancy.wage_min_month_cents = WAGE_UNKNOWN;
    cr_assert_not(filter_passes_vacancy(&floor, &vacancy));
    cr_assert(filter_passes_applicant(&ceiling, &applicant));
    applicant.wage_min_month_cents = 500001;
    cr_assert_not(filter_passes_applicant(&ceiling, &applicant));
    applicant.wage_min_month_cents = WAGE_UNKNOWN;
    cr_assert(filter_passes_applicant(&ceiling, &applicant));
}

Test(filter, an_area_holds_those_below_it_and_an_occupation_too)
{
    const struct str city = STR("120000");
    const struct occupation_code upper = {STR("isco-08"), STR("25")};
    const struct filter area = {.area_codes = {&city, 1}};
    const struct filter occupation = {.occupations = &upper, .occupation_count = 1};
    struct place sites[2] = {{.area_code = STR("130200")}, {.area_code = STR("120101")}};
    struct vacancy vacancy = {
        .sites = sites, .site_count = 2, .occupation = {STR("isco-08"), STR("2512")}};
    cr_assert(filter_passes_vacancy(&area, &vacancy), "any workplace will do");
    vacancy.site_count = 1;
    cr_assert_not(filter_passes_vacancy(&area, &vacancy));
    sites[0].area_code = STR("");
    cr_assert_not(filter_passes_vacancy(&area, &vacancy), "no code stated");
    cr_assert(filter_passes_vacancy(&occupation, &vacancy));
    vacancy.occupation.system = STR("esco");
    cr_assert_not(filter_passes_vacancy(&occupation, &vacancy), "another system");
    vacancy.occupation = (struct occupation_code){0};
    cr_assert_not(filter_passes_vacancy(&occupation, &vacancy), "none stated");
}
