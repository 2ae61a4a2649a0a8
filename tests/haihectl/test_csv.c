/* CSV files: every column, and what is wrong with files that people make. */
#include <criterion/criterion.h>

#include "haihectl/csv_columns.h"
#include "rows.h"

static const struct source_options APPLICANTS = {.kind = SOURCE_APPLICANT};

Test(csv, fills_every_field_of_a_vacancy)
{
    struct rows rows;
    rows_read(
        &rows, ".csv",
        STR("platform,id,title,description,organization,openings,occupation,occupation_label,"
            "skills,area_code,lat,lon,address,remote,wage_min,wage_max,wage_currency,wage_unit,"
            "months_per_year,negotiable,employment_types,date_posted,valid_through,education,"
            "months_of_experience,languages,licences,tags,status\n"
            "p,1,Welder,\"Long, text\",Works,5,cn-2022:6-18-02-04,焊工,"
            "hs:welding:5:4!|forklift:2|读图,120116|120101,39.5|39,117.25|117,a|b,yes,8000,"
            "11000.50,CNY,month,13,no,full_time|兼职,2026-01-02,2026-12-31,bachelor,24,"
            "en:B2|zh,焊工证,fair,paused\n"),
        NULL);
    cr_assert_eq(rows.count, 1);
    rows_expect(
        &rows, 0,
        "{'key': {'platform': 'p', 'id': '1'}, 'title': 'Welder', 'description': 'Long, text',"
        "'hiring_organization': 'Works', 'total_job_openings': 5,"
        "'occupational_category': {'system': 'cn-2022', 'code': '6-18-02-04', 'label': '焊工'},"
        "'skills': [{'skill': 'hs:welding', 'importance': 5, 'min_level': 4, 'essential': true},"
        "{'skill': 'forklift', 'importance': 2}, {'skill': '读图'}],"
        "'job_locations': [{'area_code': '120116', 'address': 'a',"
        "'point': {'latitude': 39.5, 'longitude': 117.25}},"
        "{'area_code': '120101', 'address': 'b',"
        "'point': {'latitude': 39.0, 'longitude': 117.0}}],"
        "'job_location_type': 'JOB_LOCATION_TYPE_REMOTE',"
        "'base_salary': {'min_amount': 800000, 'max_amount': 1100050, 'currency': 'CNY',"
        "'unit': 'PAY_UNIT_MONTH', 'months_per_year': 13},"
        "'employment_types': ['EMPLOYMENT_TYPE_FULL_TIME', 'EMPLOYMENT_TYPE_PART_TIME'],"
        "'date_posted': '2026-01-02', 'valid_through': '2026-12-31',"
        "'education_level': 'EDUCATION_LEVEL_BACHELOR', 'months_of_experience': 24,"
        "'languages': [{'language': 'en', 'level': 'LANGUAGE_LEVEL_B2'}, {'language': 'zh'}],"
        "'licences': ['焊工证'], 'tags': ['fair'], 'status': 'VACANCY_STATUS_PAUSED'}");
    rows_release(&rows);
}

Test(csv, fills_every_field_of_an_applicant)
{
    struct rows rows;
    rows_read(&rows, ".csv",
              STR("platform,id,skills,area_code,lat,lon,address,max_distance_m,wage_min,"
                  "wage_desired,wage_currency,wage_unit,desired_occupations,employment_types,"
                  "education,months_of_experience,languages,licences,available_from,"
                  "priority_groups,tags,excluded_organizations,consent,status\n"
                  "p,1,hs:welding:5|读图,120101,39.5,117.5,家,5000,24.4,30,,hour,7212|esco:x.1,"
                  "per_diem,大专,0,zh:C2,C1,2026-02-01,veteran,fair,Bad Ltd|Worse Ltd,"
                  "matching|personalised,placed\n"),
              &APPLICANTS);
    rows_expect(
        &rows, 0,
        "{'key': {'platform': 'p', 'id': '1'},"
        "'skills': [{'skill': 'hs:welding', 'level': 5}, {'skill': '读图'}],"
        "'home': {'area_code': '120101', 'address': '家',"
        "'point': {'latitude': 39.5, 'longitude': 117.5}},"
        "'max_distance_m': 5000, 'wage': {'min_amount': 2440, 'desired_amount': 3000,"
        "'unit': 'PAY_UNIT_HOUR'},"
        "'desired_occupations': [{'code': '7212'}, {'system': 'esco', 'code': 'x.1'}],"
        "'employment_types': ['EMPLOYMENT_TYPE_PER_DIEM'],"
        "'education_level': 'EDUCATION_LEVEL_SHORT_TERTIARY', 'months_of_experience': 0,"
        "'languages': [{'language': 'zh', 'level': 'LANGUAGE_LEVEL_C2'}], 'licences': ['C1'],"
        "'available_from': '2026-02-01', 'priority_groups': ['veteran'], 'tags': ['fair'],"
        "'excluded_organizations': ['Bad Ltd', 'Worse Ltd'],"
        "'consent': {'matching': true, 'personalised': true},"
        "'status': 'APPLICANT_STATUS_PLACED'}");
    rows_release(&rows);
}

Test(csv, reads_byte_order_mark_line_ends_quotes_and_blank_lines)
{
    struct rows rows;
    rows_read(&rows, ".csv",
              STR("\xEF\xBB\xBFid, platform ,title\r\n"
                  "1,p,\"says \"\"hi\"\", twice\"\r\n"
                  "\r\n"
                  "2,p,\"two\nlines\"\r\n"
                  "3,p,last"),
              NULL);
    cr_assert_eq(rows.count, 3, "%s", rows.error.text);
    rows_expect(&rows, 1, "{'key': {'platform': 'p', 'id': '2'}, 'title': 'two\\nlines'}");
    rows_expect(&rows, 2, "{'key': {'platform': 'p', 'id': '3'}, 'title': 'last'}");
    cr_expect_str_eq(json_string_value(json_object_get(rows.rows[0].record, "title")),
                     "says \"hi\", twice");
    cr_expect_eq(rows.rows[0].line, 2);
    cr_expect_eq(rows.rows[1].line, 4);
    cr_expect_eq(rows.rows[2].line, 6);
    cr_expect_eq(rows.end, SOURCE_END);
    rows_release(&rows);
}

Test(csv, names_line_column_and_value_of_what_is_no_value)
{
    static const struct {
        const char *column, *value;
    } cases[] = {
        {"openings", "five"},
        {"openings", "1.5"},
        {"wage_min", "12a"},
        {"wage_min", "24.405"},
        {"wage_max", "-1"},
        {"wage_max", "8x"},
        {"wage_unit", "fortnight"},
        {"negotiable", "maybe"},
        {"remote", "2"},
        {"employment_types", "slavery"},
        {"education", "wizard"},
        {"months_of_experience", "some"},
        {"languages", "en:native"},
        {"occupation", "isco-08:"},
        {"lat", "39,1"},
        {"lat", "inf"},
        {"months_per_year", "12.5"},
        {"status", "gone"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[256];
        struct rows rows;
        bool is_lat = strcmp(cases[i].column, "lat") == 0;
        int length = snprintf(text, sizeof(text), "platform,id,%s%s\np,1,\"%s\"%s\np,2,%s\n",
                              cases[i].column, is_lat ? ",lon" : "", cases[i].value,
                              is_lat ? ",117" : "", is_lat ? "," : "");
        rows_read(&rows, ".csv", (struct str){text, (uint32_t)length}, NULL);
        rows_expect_refused(&rows, 0, 2, cases[i].column, cases[i].value);
        cr_expect_eq(rows.count, 2, "the file goes on behind it");
        cr_expect_not_null(rows.rows[1].record);
        rows_release(&rows);
    }
}

Test(csv, goes_on_behind_rows_that_are_not_well_formed)
{
    struct rows rows;
    rows_read(&rows, ".csv",
              STR("platform,id,title\n"
                  "p,1\n"
                  "p,2,a,b\n"
                  "p,3,stray \"quote\" here\n"
                  "p,4,\"closed\"too early\n"
                  "p,5,\xB5\xE7\xBA\xB8\xB9\xA4\n"
                  "p,6,fine\n"
                  "p,7,\"never closed\n"
                  "p,8,inside\n"),
              NULL);
    static const uint64_t lines[] = {2, 3, 4, 5, 6};
    for (size_t i = 0; i < 5; i++)
        rows_expect_refused(&rows, i, lines[i], "", "");
    cr_expect_not_null(strstr(rows.rows[4].error.text, "GB18030"), "%s", rows.rows[4].error.text);
    rows_expect(&rows, 5, "{'key': {'platform': 'p', 'id': '6'}, 'title': 'fine'}");
    cr_expect_eq(rows.rows[5].line, 7);
    rows_expect_refused(&rows, 6, 8, "", "");
    cr_expect_not_null(strstr(rows.rows[6].error.text, "never closed"));
    rows_expect(&rows, 7, "{'key': {'platform': 'p', 'id': '8'}, 'title': 'inside'}");
    cr_expect_eq(rows.count, 8);
    rows_release(&rows);
}

Test(csv, refuses_rows_that_end_with_a_lone_carriage_return)
{
    struct rows rows;
    rows_read(&rows, ".csv",
              STR("platform,id,title\n"
                  "p,1,a\rp,2,b\n"
                  "p,3,c\rp,4\n"
                  "p,5\rp,6,d\n"
                  "p,7,fine\n"),
              NULL);
    cr_assert_eq(rows.count, 4);
    for (size_t i = 0; i < 3; i++) {
        rows_expect_refused(&rows, i, i + 2, "", "");
        cr_expect_not_null(strstr(rows.rows[i].error.text, "carriage return"), "%s",
                           rows.rows[i].error.text);
    }
    rows_expect(&rows, 3, "{'key': {'platform': 'p', 'id': '7'}, 'title': 'fine'}");
    rows_release(&rows);
}

Test(csv, refuses_a_file_whose_header_is_wrong)
{
    static const struct {
        const char *text, *said;
    } cases[] = {
        {"platform,id,wage_mn\n", "did you mean 'wage_min'?"},
        {"platform,id,hiring_organization\n", "did you mean 'organization'?"},
        {"platform,id,colour_of_socks\n", "column 'colour_of_socks' is not known"},
        {"platform,title\np,t\n", "'id' is missing"},
        {"id,title\n1,t\n", "'platform' is missing"},
        {"platform,id,id\n", "'id' stands twice"},
        {"platform,id,max_distance_m\n", "'max_distance_m' is not known"},
        {"platform,\"id\n", "not closed"},
        {"", "the file is empty"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct rows rows;
        rows_read(&rows, ".csv", str_of(cases[i].text), NULL);
        cr_expect_eq(rows.end, SOURCE_FAILED, "case %zu", i);
        cr_expect_not_null(strstr(rows.error.text, cases[i].said), "case %zu: %s", i,
                           rows.error.text);
        rows_release(&rows);
    }
}

Test(csv, takes_the_platform_and_defaults_from_the_options)
{
    struct rows rows;
    json_t *defaults = quoted("{'total_job_openings': 1, 'title': 'none'}");
    const struct source_options options = {
        .platform = "given", .defaults = defaults, .ignore_unknown = true};
    rows_read(&rows, ".csv", STR("id,title,socks\n1,own,blue\n2,,red\n"), &options);
    rows_expect(&rows, 0,
                "{'key': {'platform': 'given', 'id': '1'}, 'title': 'own',"
                "'total_job_openings': 1}");
    rows_expect(&rows, 1,
                "{'key': {'platform': 'given', 'id': '2'}, 'title': 'none',"
                "'total_job_openings': 1}");
    rows_release(&rows);
    json_decref(defaults);
}

Test(csv, wants_places_in_lists_of_equal_length)
{
    struct rows rows;
    rows_read(&rows, ".csv",
              STR("platform,id,area_code,lat,lon\n"
                  "p,1,120101|120102,39.1,117.2\n"
                  "p,2,120101|,|39.1,|117.2\n"
                  "p,3,,39.1,\n"),
              NULL);
    rows_expect_refused(&rows, 0, 2, "lat", "39.1");
    rows_expect(&rows, 1,
                "{'key': {'platform': 'p', 'id': '2'}, 'job_locations': [{'area_code': '120101'},"
                "{'point': {'latitude': 39.1, 'longitude': 117.2}}]}");
    rows_expect_refused(&rows, 2, 4, "lon", "");
    rows_release(&rows);
}

Test(csv, counts_minor_units_by_the_currency)
{
    struct rows rows;
    rows_read(&rows, ".csv",
              STR("platform,id,wage_min,wage_currency\np,1,300000,JPY\np,2,1.234,KWD\n"
                  "p,3,1.5,JPY\n"),
              NULL);
    rows_expect(&rows, 0,
                "{'key': {'platform': 'p', 'id': '1'},"
                "'base_salary': {'min_amount': 300000, 'currency': 'JPY'}}");
    rows_expect(&rows, 1,
                "{'key': {'platform': 'p', 'id': '2'},"
                "'base_salary': {'min_amount': 1234, 'currency': 'KWD'}}");
    rows_expect_refused(&rows, 2, 4, "wage_min", "1.5");
    rows_release(&rows);
}

Test(csv, tells_the_column_of_a_field)
{
    static const struct {
        enum source_kind kind;
        const char *field, *column;
    } cases[] = {
        {SOURCE_VACANCY, "base_salary.min_amount", "wage_min"},
        {SOURCE_VACANCY, "skills[3].min_level", "skills"},
        {SOURCE_VACANCY, "job_locations[1].point.latitude", "lat"},
        {SOURCE_VACANCY, "occupational_category.label", "occupation_label"},
        {SOURCE_VACANCY, "occupational_category.code", "occupation"},
        {SOURCE_VACANCY, "title", "title"},
        {SOURCE_APPLICANT, "wage.min_amount", "wage_min"},
        {SOURCE_APPLICANT, "home.area_code", "area_code"},
        {SOURCE_APPLICANT, "title", NULL},
        {SOURCE_VACANCY, "titles", NULL},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *column = source_column_of_field(cases[i].kind, cases[i].field);
        cr_expect(column == cases[i].column ||
                      (column && cases[i].column && strcmp(column, cases[i].column) == 0),
                  "%s: %s", cases[i].field, column ? column : "none");
    }
}

Test(csv, documents_every_column_in_its_help)
{
    struct buffer help;
    buffer_init(&help, 65536);
    csv_columns_help(SOURCE_VACANCY, &help);
    csv_columns_help(SOURCE_APPLICANT, &help);
    buffer_append(&help, "", 1);
    cr_assert_not(help.failed);
    for (int i = 0; i < CSV_RECORD_COLUMN_COUNT; i++)
        cr_expect_not_null(strstr(help.data, csv_column_name((enum csv_record_column)i)));
    for (char *line = help.data; *line; line += strcspn(line, "\n") + 1)
        cr_expect_leq(strcspn(line, "\n"), 79, "%.*s", (int)strcspn(line, "\n"), line);
    buffer_release(&help);
}
