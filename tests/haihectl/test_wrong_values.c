/* Values as portals and spreadsheets write them: each row one value, what becomes of it or the
 * whole message. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "model/area.h"
#include "rows.h"

struct value_case {
    const char *column, *value;
    const char *says; /* the record without its key; or, when it begins with '!', the message
                         behind "column 'value': " */
};

/* A file of one row with the value and what `more` has beside it. */
static void check(enum source_kind kind, const struct value_case *this, const char *more_names,
                  const char *more_values)
{
    char text[512];
    struct rows rows;
    const struct source_options options = {.kind = kind};
    int length = snprintf(text, sizeof(text), "platform,id,%s%s\np,1,\"%s\"%s\n", this->column,
                          more_names, this->value, more_values);
    rows_read(&rows, ".csv", (struct str){text, (uint32_t)length}, &options);
    cr_assert_eq(rows.count, 1, "%s '%s': %s", this->column, this->value, rows.error.text);
    const struct source_row *row = &rows.rows[0];
    if (this->says[0] == '!') {
        char message[320];
        snprintf(message, sizeof(message), "%s '%s': %s", this->column, this->value,
                 this->says + 1);
        cr_expect_null(row->record, "%s '%s' was read", this->column, this->value);
        cr_expect_str_eq(row->error.text, message);
        cr_expect_str_eq(row->error.rule, "malformed_value");
        cr_expect_eq(row->line, 2);
    } else {
        cr_expect_not_null(row->record, "%s", row->error.text);
        json_object_del(row->record, "key");
        rows_expect(&rows, 0, this->says);
    }
    rows_release(&rows);
}

static void check_all(const struct value_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++)
        check(SOURCE_VACANCY, &cases[i], "", "");
}
#define CHECK_ALL(cases) check_all(cases, sizeof(cases) / sizeof((cases)[0]))

#define NO_DATE "not a date, such as 2026-12-31"

Test(wrong_values, reads_dates_that_have_one_reading)
{
    static const struct value_case cases[] = {
        {"valid_through", "2026-11-24", "{'valid_through': '2026-11-24'}"},
        {"valid_through", "2026-1-4", "{'valid_through': '2026-01-04'}"},
        {"valid_through", "2026/11/24", "{'valid_through': '2026-11-24'}"},
        {"valid_through", "2026.11.24", "{'valid_through': '2026-11-24'}"},
        {"valid_through", "2026年11月24日", "{'valid_through': '2026-11-24'}"},
        {"valid_through", "2026年1月4号", "{'valid_through': '2026-01-04'}"},
        {"valid_through", "２０２６年１１月２４日", "{'valid_through': '2026-11-24'}"},
        {"valid_through", "20261124", "{'valid_through': '2026-11-24'}"},
        {"valid_through", "24.11.2026", "{'valid_through': '2026-11-24'}"},
        {"valid_through", "3.4.2026", "{'valid_through': '2026-04-03'}"},
        {"valid_through", "24/11/2026", "{'valid_through': '2026-11-24'}"},
        {"valid_through", "11/24/2026", "{'valid_through': '2026-11-24'}"},
        {"valid_through", "05/05/2026", "{'valid_through': '2026-05-05'}"},
        {"valid_through", "2026-11-24 08:30", "{'valid_through': '2026-11-24'}"},
        {"valid_through", "2026/11/24 0:00:00", "{'valid_through': '2026-11-24'}"},
        {"valid_through", "2026-11-24T08:30:00.000Z", "{'valid_through': '2026-11-24'}"},
        {"valid_through", "2026-11-24T08:30:00+08:00", "{'valid_through': '2026-11-24'}"},
        {"valid_through", "2026年11月24日 8:30", "{'valid_through': '2026-11-24'}"},
        {"valid_through", "'2026-11-24", "{'valid_through': '2026-11-24'}"},
        {"valid_through", "03/04/2026", "!may mean 2026-04-03 or 2026-03-04: write the year first"},
        {"valid_through", "3-4-2026", "!may mean 2026-04-03 or 2026-03-04: write the year first"},
        {"valid_through", "24/11/26", "!the year needs four digits; " NO_DATE},
        {"valid_through", "46350",
         "!a spreadsheet's day number, which would mean 2026-11-24: format the column as a date "
         "and export again"},
        {"valid_through", "2026-02-30", "!there is no such day; " NO_DATE},
        {"valid_through", "13/13/2026", "!there is no such day; " NO_DATE},
        {"valid_through", "20261324", "!there is no such day; " NO_DATE},
        {"valid_through", "1795392000", "!" NO_DATE},
        {"valid_through", "2026-11-24 noon", "!" NO_DATE},
        {"valid_through", "2026-11-24 25:00", "!" NO_DATE},
        {"valid_through", "2026-11/24", "!" NO_DATE},
        {"valid_through", "2026-11", "!" NO_DATE},
        {"valid_through", "长期", "!" NO_DATE},
        {"date_posted", "2026/11/24", "{'date_posted': '2026-11-24'}"},
        {"date_posted", "#N/A", "!a spreadsheet's error in place of a value"},
    };
    CHECK_ALL(cases);
}

#define NO_WHOLE "not a whole number, such as 1200"
#define LOST                                                                                       \
    "a spreadsheet's short form of a long number, whose last digits are lost: format the column "  \
    "as text and export again"

Test(wrong_values, reads_whole_numbers)
{
    static const struct value_case cases[] = {
        {"openings", "1,234", "{'total_job_openings': 1234}"},
        {"openings", "1 234", "{'total_job_openings': 1234}"},
        {"openings", "1，234", "{'total_job_openings': 1234}"},
        {"openings", "1\u00a0234", "{'total_job_openings': 1234}"},
        {"openings", "1,234,567", "{'total_job_openings': 1234567}"},
        {"openings", "１２", "{'total_job_openings': 12}"},
        {"openings", "　12　", "{'total_job_openings': 12}"},
        {"openings", "'12", "{'total_job_openings': 12}"},
        {"openings", "12.0", "{'total_job_openings': 12}"},
        {"openings", "12.5", "!" NO_WHOLE},
        {"openings", "1.234", "!" NO_WHOLE},
        {"openings", "1,23", "!" NO_WHOLE},
        {"openings", "12345,678", "!" NO_WHOLE},
        {"openings", "1,234 567", "!" NO_WHOLE},
        {"openings", "1.2E+17", "!" LOST},
        {"openings", "若干", "!" NO_WHOLE},
        {"openings", "-", "!" NO_WHOLE "; leave the value empty when nothing is stated"},
        {"openings", "NULL", "!" NO_WHOLE "; leave the value empty when nothing is stated"},
        {"openings", "#REF!", "!a spreadsheet's error in place of a value"},
        {"openings", "99999999999999999999", "!" NO_WHOLE},
        {"title", "#VALUE!", "!a spreadsheet's error in place of a value"},
        {"title", "#1 cook", "{'title': '#1 cook'}"},
        {"remote", "Ｙ", "{'job_location_type': 'JOB_LOCATION_TYPE_REMOTE'}"},
        {"remote", "是", "{'job_location_type': 'JOB_LOCATION_TYPE_REMOTE'}"},
        {"remote", "TRUE", "{'job_location_type': 'JOB_LOCATION_TYPE_REMOTE'}"},
        {"remote", "否", "{}"},
        {"remote", "perhaps", "!neither yes nor no"},
        {"area_code", "120101.0", "{'job_locations': [{'area_code': '120101'}]}"},
        {"area_code", "'120101", "{'job_locations': [{'area_code': '120101'}]}"},
        {"area_code", "1.2E+05", "!" LOST},
    };
    CHECK_ALL(cases);
}

#define MONTH             ", 'unit': 'PAY_UNIT_MONTH'}}"
#define AMOUNTS(min, max) "{'base_salary': {'min_amount': " #min ", 'max_amount': " #max
#define NO_PAY            "not an amount in the currency's unit, such as 8000 or 24.40"

Test(wrong_values, reads_pay_as_job_boards_write_it)
{
    static const struct value_case cases[] = {
        {"wage_min", "8,000", "{'base_salary': {'min_amount': 800000}}"},
        {"wage_min", "8 000.50", "{'base_salary': {'min_amount': 800050}}"},
        {"wage_min", "８０００", "{'base_salary': {'min_amount': 800000}}"},
        {"wage_min", "¥8000", "{'base_salary': {'min_amount': 800000}}"},
        {"wage_min", "￥8,000元", "{'base_salary': {'min_amount': 800000}}"},
        {"wage_min", "8000.000", "{'base_salary': {'min_amount': 800000}}"},
        {"wage_min", "8k", "{'base_salary': {'min_amount': 800000}}"},
        {"wage_max", "8K", "{'base_salary': {'max_amount': 800000}}"},
        {"wage_min", "8千", "{'base_salary': {'min_amount': 800000}}"},
        {"wage_min", "1.2万", "{'base_salary': {'min_amount': 1200000}}"},
        {"wage_min", "8k-12k", AMOUNTS(800000, 1200000) "}}"},
        {"wage_max", "8k-12k", AMOUNTS(800000, 1200000) "}}"},
        {"wage_min", "8-12k", AMOUNTS(800000, 1200000) "}}"},
        {"wage_min", "8000-1.2万", AMOUNTS(800000, 1200000) "}}"},
        {"wage_min", "1.2万-1.8万/月", AMOUNTS(1200000, 1800000) MONTH},
        {"wage_min", "1.2～1.8万元/月", AMOUNTS(1200000, 1800000) MONTH},
        {"wage_min", "8000至12000元/月", AMOUNTS(800000, 1200000) MONTH},
        {"wage_min", "8000-12000元/月·13薪",
         AMOUNTS(800000, 1200000) ", 'unit': 'PAY_UNIT_MONTH', 'months_per_year': 13}}"},
        {"wage_min", "15-25K·16薪", AMOUNTS(1500000, 2500000) ", 'months_per_year': 16}}"},
        {"wage_min", "年薪20万",
         "{'base_salary': {'min_amount': 20000000, 'unit': "
         "'PAY_UNIT_YEAR'}}"},
        {"wage_min", "年薪：20-30万", AMOUNTS(20000000, 30000000) ", 'unit': 'PAY_UNIT_YEAR'}}"},
        {"wage_min", "25元/小时", "{'base_salary': {'min_amount': 2500, 'unit': 'PAY_UNIT_HOUR'}}"},
        {"wage_min", "200/天", "{'base_salary': {'min_amount': 20000, 'unit': 'PAY_UNIT_DAY'}}"},
        {"wage_min", "8000元以上", "{'base_salary': {'min_amount': 800000}}"},
        {"wage_min", "8000元/月以上", "{'base_salary': {'min_amount': 800000" MONTH},
        {"wage_min", "8000以下", "{'base_salary': {'max_amount': 800000}}"},
        {"wage_min", "面议", "{'base_salary': {'negotiable': true}}"},
        {"wage_max", "薪资面议", "{'base_salary': {'negotiable': true}}"},
        {"wage_min", "Negotiable", "{'base_salary': {'negotiable': true}}"},
        {"wage_min", "24,5", "!a decimal comma? write a point: 24.5"},
        {"wage_min", "8.000", "{'base_salary': {'min_amount': 800}}"},
        {"wage_min", "8.125", "!more decimals than the currency has; for thousands write no point"},
        {"wage_min", "24.405x",
         "!more decimals than the currency has; for thousands write no "
         "point"},
        {"wage_min", "12k-8k", "!the range ends below its beginning"},
        {"wage_min", "8k-12", "!the range ends below its beginning"},
        {"wage_min", "$8000", "!a currency belongs into wage_currency; " NO_PAY},
        {"wage_min", "8000/季", "!not per hour, day, week, month or year"},
        {"wage_min", "年薪20万/月", "!names two units of time"},
        {"wage_min", "12a", "!" NO_PAY ", 8k-12k or 1.2万/月"},
        {"wage_min", "-1", "!" NO_PAY ", 8k-12k or 1.2万/月"},
        {"wage_min", "8000 bonus", "!" NO_PAY ", 8k-12k or 1.2万/月"},
        {"wage_min", "1.2E+17", "!" LOST},
        {"wage_min", "9999999999999万", "!too large a number"},
    };
    CHECK_ALL(cases);
}

Test(wrong_values, wants_the_columns_of_pay_to_agree)
{
    static const struct {
        enum source_kind kind;
        struct value_case value;
        const char *names, *values;
    } cases[] = {
        {SOURCE_VACANCY,
         {"wage_min", "8k-12k", "!a range, where wage_min and wage_max each state one amount"},
         ",wage_max",
         ",12000"},
        {SOURCE_VACANCY,
         {"wage_min", "8k/月", "!its unit of time is not the one stated beside it (wage_unit)"},
         ",wage_unit",
         ",year"},
        {SOURCE_VACANCY,
         {"wage_min", "8k*13薪", "!its months a year are not those of months_per_year"},
         ",months_per_year",
         ",14"},
        {SOURCE_VACANCY,
         {"wage_min", "8千元", "!yuan, where wage_currency is 'USD'"},
         ",wage_currency",
         ",USD"},
        {SOURCE_VACANCY,
         {"wage_min", "8,000", "!a thousands separator or a decimal comma? write neither"},
         ",wage_currency",
         ",KWD"},
        {SOURCE_VACANCY,
         {"wage_min", "8k/月", "{'base_salary': {'min_amount': 800000, 'max_amount': 900000" MONTH},
         ",wage_max,wage_unit",
         ",9000元/月,month"},
        {SOURCE_APPLICANT,
         {"wage_min", "8k-12k",
          "!a range, where one amount is expected: wage_min is what is needed, wage_desired what "
          "is wished"},
         "",
         ""},
        {SOURCE_APPLICANT,
         {"wage_desired", "1.2万", "{'wage': {'desired_amount': 1200000}}"},
         "",
         ""},
        {SOURCE_APPLICANT, {"wage_desired", "面议", "{}"}, "", ""},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        check(cases[i].kind, &cases[i].value, cases[i].names, cases[i].values);
}

#define SWAPPED "not a latitude (-90..90) but may be a longitude: lat and lon look swapped"

Test(wrong_values, refuses_points_that_look_swapped)
{
    static const struct {
        struct value_case value;
        const char *lon;
    } cases[] = {
        {{"lat", "117.2", "!" SWAPPED}, ",39.1"},
        {{"lat", "-117.2", "!" SWAPPED}, ",39.1"},
        {{"lat", "117.2", "!not a latitude: -90..90"}, ",117.2"},
        {{"lat", "39,1", "!not degrees, such as 39.0842: with a point, and one number"}, ",117"},
        {{"lat", "３９．１",
          "{'job_locations': [{'point': {'latitude': 39.1, 'longitude': 117.0}}]}"},
         ",117"},
        {{"lat", "N39.1", "!not degrees, such as 39.0842"}, ",117"},
        {{"lat", "0x1p3", "!not degrees, such as 39.0842"}, ",117"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        check(SOURCE_VACANCY, &cases[i].value, ",lon", cases[i].lon);
}

Test(wrong_values, compares_a_point_with_the_area_beside_it)
{
    struct error error;
    struct rows rows;
    struct area_table *areas = area_table_load(
        STR("code,zh,latitude,longitude\n650100,乌鲁木齐,43.8256,87.6168\n"), &error);
    cr_assert_not_null(areas, "%s", error.text);
    const struct source_options options = {.kind = SOURCE_VACANCY, .areas = areas};
    rows_read(&rows, ".csv",
              STR("platform,id,area_code,lat,lon\n"
                  "p,1,650100,43.8,87.6\n"
                  "p,2,650100,87.6,43.8\n"
                  "p,3,120101,87.6,43.8\n"   /* an area nobody knows */
                  "p,4,650100,30.0,60.0\n"), /* far away either way */
              &options);
    cr_expect_not_null(rows.rows[0].record, "%s", rows.rows[0].error.text);
    rows_expect_refused(&rows, 1, 3, "lat", "87.6");
    cr_expect_str_eq(rows.rows[1].error.text,
                     "lat '87.6': far from the place that area_code names, and near it the other "
                     "way round: lat and lon look swapped");
    cr_expect_not_null(rows.rows[2].record, "%s", rows.rows[2].error.text);
    cr_expect_not_null(rows.rows[3].record, "%s", rows.rows[3].error.text);
    rows_release(&rows);
    area_table_free(areas);
}

Test(wrong_values, repairs_ids_only_where_nothing_is_lost)
{
    static const struct {
        const char *id, *says;
    } cases[] = {
        {"'120000", "120000"}, {"120000.0", "120000"}, {"'tis", "'tis"}, {"a-1.0", "a-1.0"},
        {"1.5", "1.5"},        {"1.2E+17", NULL},      {"1E5", "1E5"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[128];
        struct rows rows;
        int length = snprintf(text, sizeof(text), "platform,id\np,%s\n", cases[i].id);
        rows_read(&rows, ".csv", (struct str){text, (uint32_t)length}, NULL);
        cr_assert_eq(rows.count, 1);
        if (cases[i].says)
            cr_expect_str_eq(json_string_value(json_object_get(
                                 json_object_get(rows.rows[0].record, "key"), "id")),
                             cases[i].says);
        else
            cr_expect_str_eq(rows.rows[0].error.text, "id '1.2E+17': " LOST);
        rows_release(&rows);
    }
}

Test(wrong_values, does_not_repeat_an_identity_number)
{
    static const struct value_case value = {"openings", "11010519491231002X", ""};
    char text[128];
    struct rows rows;
    int length =
        snprintf(text, sizeof(text), "platform,id,%s\np,1,%s\n", value.column, value.value);
    rows_read(&rows, ".csv", (struct str){text, (uint32_t)length}, NULL);
    rows_expect_refused(&rows, 0, 2, "openings", "110105************");
    cr_expect_null(strstr(rows.rows[0].error.text, "19491231"));
    rows_release(&rows);
}
