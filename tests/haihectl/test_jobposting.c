/* schema.org JobPosting to Vacancy: the mapping of jobposting.h, property by property. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "haihectl/jobposting.h"
#include "model/area.h"
#include "rows.h"

static struct area_table *areas;

static void setup(void)
{
    areas = area_table_builtin(NULL);
    cr_assert_not_null(areas);
}

static void teardown(void)
{
    area_table_free(areas);
}

TestSuite(jobposting, .init = setup, .fini = teardown);

/* A posting of these properties, written with ' for ", beside an identifier. */
static json_t *convert(const char *properties, struct buffer *note, struct error *error)
{
    char text[4096];
    snprintf(text, sizeof(text), "{'@type': 'JobPosting', 'identifier': 'x'%s%s}",
             *properties ? ", " : "", properties);
    json_t *posting = quoted(text);
    const struct jobposting_options options = {.platform = "p", .areas = areas, .note = note};
    json_t *vacancy = jobposting_to_vacancy(posting, &options, error);
    json_decref(posting);
    return vacancy;
}

/* The vacancy's fields beside the key must be these. */
static void expect(const char *properties, const char *fields)
{
    struct error error = {.code = ERROR_OK};
    json_t *vacancy = convert(properties, NULL, &error);
    cr_assert_not_null(vacancy, "%s: %s", properties, error.text);
    json_object_del(vacancy, "key");
    char wanted_text[4096];
    snprintf(wanted_text, sizeof(wanted_text), "{%s}", fields);
    json_t *wanted = quoted(wanted_text);
    char *got = json_dumps(vacancy, JSON_COMPACT);
    cr_expect(json_equal(vacancy, wanted), "%s\n got      %s\n expected %s", properties, got,
              wanted_text);
    free(got);
    json_decref(wanted);
    json_decref(vacancy);
}

static void expect_refused(const char *properties, const char *field, const char *value)
{
    struct error error = {.code = ERROR_OK};
    json_t *vacancy = convert(properties, NULL, &error);
    cr_expect_null(vacancy, "%s was read", properties);
    cr_expect_str_eq(error.field, field, "%s", error.text);
    cr_expect_str_eq(error.value, value, "%s", error.text);
    json_decref(vacancy);
}

static void expect_noted(const char *properties, const char *said)
{
    struct error error = {.code = ERROR_OK};
    struct buffer note;
    buffer_init(&note, 1024);
    json_t *vacancy = convert(properties, &note, &error);
    cr_assert_not_null(vacancy, "%s: %s", properties, error.text);
    buffer_append(&note, "", 1);
    cr_expect_not_null(strstr(note.data, said), "%s: '%s'", properties, note.data);
    json_decref(vacancy);
    buffer_release(&note);
}

Test(jobposting, reads_identifiers_of_every_shape)
{
    static const char *const identifiers[] = {
        "'7'", "7", "{'@type': 'PropertyValue', 'name': 'Works', 'value': 7}",
        "[{'value': '7'}, {'value': '8'}]"};
    for (size_t i = 0; i < sizeof(identifiers) / sizeof(identifiers[0]); i++) {
        char text[256];
        struct error error;
        const struct jobposting_options options = {.platform = "p"};
        snprintf(text, sizeof(text), "{'identifier': %s}", identifiers[i]);
        json_t *posting = quoted(text);
        json_t *vacancy = jobposting_to_vacancy(posting, &options, &error);
        cr_assert_not_null(vacancy, "%s: %s", text, error.text);
        const json_t *key = json_object_get(vacancy, "key");
        cr_expect_str_eq(json_string_value(json_object_get(key, "id")), "7");
        cr_expect_str_eq(json_string_value(json_object_get(key, "platform")), "p");
        json_decref(vacancy);
        json_decref(posting);
    }
}

Test(jobposting, wants_an_identifier_and_its_type)
{
    struct error error;
    const struct jobposting_options options = {.platform = "p"};
    json_t *posting = quoted("{'@type': 'JobPosting', 'title': 'x'}");
    cr_expect_null(jobposting_to_vacancy(posting, &options, &error));
    cr_expect_str_eq(error.field, "identifier");
    json_decref(posting);
    posting = quoted("{'@type': 'Recipe', 'identifier': 'x'}");
    cr_expect_null(jobposting_to_vacancy(posting, &options, &error));
    cr_expect_str_eq(error.field, "@type");
    cr_expect_str_eq(error.value, "Recipe");
    json_decref(posting);
    posting = quoted("{'@type': ['Thing', 'https://schema.org/JobPosting']}");
    cr_expect(jobposting_is_posting(posting));
    json_decref(posting);
}

Test(jobposting, reads_texts_dates_and_headcount)
{
    expect("'title': ' Welder ', 'description': '<p>x</p>'",
           "'title': 'Welder', 'description': '<p>x</p>'");
    expect("'name': 'Welder'", "'title': 'Welder'");
    expect("'hiringOrganization': {'@type': 'Organization', 'name': 'Works'}",
           "'hiring_organization': 'Works'");
    expect("'hiringOrganization': 'Works'", "'hiring_organization': 'Works'");
    expect("'hiringOrganization': {'legalName': 'Works Ltd'}",
           "'hiring_organization': 'Works Ltd'");
    expect("'datePosted': '2026-01-05', 'validThrough': '2026-12-31T23:59:59+08:00'",
           "'date_posted': '2026-01-05', 'valid_through': '2026-12-31'");
    expect("'validThrough': '2026-12-31 18:00'", "'valid_through': '2026-12-31'");
    expect("'validThrough': '31.12.2026'", "'valid_through': '2026-12-31'");
    expect("'validThrough': '2026年12月31日'", "'valid_through': '2026-12-31'");
    expect_refused("'validThrough': '03/04/2026'", "validThrough", "03/04/2026");
    expect("'totalJobOpenings': '1,200'", "'total_job_openings': 1200");
    expect_refused("'datePosted': '2026-02-30'", "datePosted", "2026-02-30");
    expect("'totalJobOpenings': 4", "'total_job_openings': 4");
    expect("'totalJobOpenings': '4'", "'total_job_openings': 4");
    expect("'totalJobOpenings': 4.0", "'total_job_openings': 4");
    expect_refused("'totalJobOpenings': 'several'", "totalJobOpenings", "several");
}

Test(jobposting, reads_pay_of_every_shape)
{
    expect("'baseSalary': {'currency': 'CNY', 'value': {'minValue': 8000, 'maxValue': 11000.5,"
           "'unitText': 'MONTH'}}",
           "'base_salary': {'currency': 'CNY', 'min_amount': 800000, 'max_amount': 1100050,"
           "'unit': 'PAY_UNIT_MONTH'}");
    expect("'baseSalary': {'currency': 'CNY', 'value': {'value': '24.40', 'unitText': 'hour'}}",
           "'base_salary': {'currency': 'CNY', 'min_amount': 2440, 'max_amount': 2440,"
           "'unit': 'PAY_UNIT_HOUR'}");
    expect("'baseSalary': {'currency': 'JPY', 'value': {'value': 300000, 'unitCode': 'MON'}}",
           "'base_salary': {'currency': 'JPY', 'min_amount': 300000, 'max_amount': 300000,"
           "'unit': 'PAY_UNIT_MONTH'}");
    expect("'baseSalary': {'minValue': 200, 'maxValue': 300, 'unitText': 'DAY'}",
           "'base_salary': {'min_amount': 20000, 'max_amount': 30000, 'unit': 'PAY_UNIT_DAY'}");
    expect("'baseSalary': 9000, 'salaryCurrency': 'CNY'",
           "'base_salary': {'currency': 'CNY', 'min_amount': 900000, 'max_amount': 900000,"
           "'unit': 'PAY_UNIT_MONTH'}");
    expect("'baseSalary': {'value': 100000, 'unitText': 'YEAR'}",
           "'base_salary': {'min_amount': 10000000, 'max_amount': 10000000,"
           "'unit': 'PAY_UNIT_YEAR'}");
    expect("'baseSalary': '面议'", "'base_salary': {'negotiable': true}");
    expect("'baseSalary': {'currency': 'CNY', 'value': {'minValue': 'Negotiable'}}",
           "'base_salary': {'currency': 'CNY', 'negotiable': true}");
    expect("'baseSalary': {'currency': 'CNY'}", "");
    expect("'baseSalary': null", "");
    expect("'baseSalary': {'value': {'minValue': '8k', 'unitText': 'MONTH'}}",
           "'base_salary': {'min_amount': 800000, 'unit': 'PAY_UNIT_MONTH'}");
    expect("'baseSalary': '8000-12000元/月·13薪'",
           "'base_salary': {'min_amount': 800000, 'max_amount': 1200000,"
           "'unit': 'PAY_UNIT_MONTH', 'months_per_year': 13}");
    expect("'baseSalary': {'value': '20-30万/年'}",
           "'base_salary': {'min_amount': 20000000, 'max_amount': 30000000,"
           "'unit': 'PAY_UNIT_YEAR'}");
    expect_refused("'baseSalary': {'value': {'minValue': '8k-9k', 'unitText': 'MONTH'}}",
                   "baseSalary.value.minValue", "8k-9k");
    expect_refused("'baseSalary': {'value': {'value': '8k/月', 'unitText': 'YEAR'}}",
                   "baseSalary.value.unitText", "YEAR");
    expect_refused("'baseSalary': {'value': {'minValue': '8x', 'unitText': 'MONTH'}}",
                   "baseSalary.value.minValue", "8x");
    expect_refused("'baseSalary': {'value': {'maxValue': -5}}", "baseSalary.value.maxValue", "-5");
    expect_refused("'baseSalary': {'value': {'value': 5, 'unitText': 'SHIFT'}}",
                   "baseSalary.value.unitText", "SHIFT");
    expect_refused("'baseSalary': {'value': {'value': true}}", "baseSalary.value", "true");
}

Test(jobposting, reads_places_of_every_shape)
{
    expect("'jobLocation': {'@type': 'Place', 'geo': {'latitude': '39.5', 'longitude': 117.25},"
           "'address': {'streetAddress': '第三大街', 'addressLocality': '滨海新区',"
           "'addressRegion': '天津市', 'postalCode': '300457'}}",
           "'job_locations': [{'point': {'latitude': 39.5, 'longitude': 117.25},"
           "'address': '天津市滨海新区第三大街', 'area_code': '120116'}]");
    expect("'jobLocation': [{'address': 'Main St 1'}, {'address': {'addressRegion': '120101'}}]",
           "'job_locations': [{'address': 'Main St 1'},"
           "{'address': '120101', 'area_code': '120101'}]");
    expect("'jobLocation': {'address': {'addressRegion': 'Tianjin', 'addressLocality': 'Heping',"
           "'streetAddress': 'Main St 1'}}",
           "'job_locations': [{'address': 'Main St 1, Heping, Tianjin'}]");
    expect("'jobLocation': {'address': {'addressLocality': '和平区', 'addressRegion': '天津'}}",
           "'job_locations': [{'address': '天津和平区', 'area_code': '120101'}]");
    expect("'jobLocation': {'addressLocality': '天津'}",
           "'job_locations': [{'address': '天津', 'area_code': '120000'}]");
    expect("'jobLocation': '天津'", "'job_locations': [{'address': '天津'}]");
    expect("'jobLocation': {'@type': 'Place'}", "");
    expect("'jobLocationType': 'TELECOMMUTE'", "'job_location_type': 'JOB_LOCATION_TYPE_REMOTE'");
    expect_noted("'jobLocationType': 'SPACE'", "jobLocationType 'SPACE'");
    expect_refused("'jobLocation': {'geo': {'latitude': 'north', 'longitude': 1}}",
                   "jobLocation.geo.latitude", "north");
    expect_refused("'jobLocation': {'geo': {'latitude': 1}}", "jobLocation.geo.longitude", "");
}

Test(jobposting, reads_employment_types)
{
    static const char *const both = "'employment_types': ['EMPLOYMENT_TYPE_FULL_TIME',"
                                    "'EMPLOYMENT_TYPE_PER_DIEM']";
    expect("'employmentType': ['FULL_TIME', 'PER_DIEM']", both);
    expect("'employmentType': 'Full-time, per diem'", both);
    expect("'employmentType': ['https://schema.org/FULL_TIME', 'PER_DIEM']", both);
    expect("'employmentType': []", "");
    expect_refused("'employmentType': 'NIGHTLY'", "employmentType", "NIGHTLY");
}

Test(jobposting, reads_skills_of_every_shape)
{
    expect("'skills': 'Welding, CAD； 读图、welding'",
           "'skills': [{'skill': 'Welding'}, {'skill': 'CAD'}, {'skill': '读图'}]");
    expect("'skills': ['Welding', {'@type': 'DefinedTerm', 'name': 'Cutting, thermal'},"
           "{'@type': 'DefinedTerm', 'termCode': 'hs:cad'}]",
           "'skills': [{'skill': 'Welding'}, {'skill': 'Cutting, thermal'}, {'skill': 'hs:cad'}]");
    expect("'skills': ''", "");
}

Test(jobposting, reads_occupations)
{
    expect("'occupationalCategory': '15-1252.00 Software Developers'",
           "'occupational_category': {'system': 'onet-soc', 'code': '15-1252.00',"
           "'label': 'Software Developers'}");
    expect("'occupationalCategory': '7212'",
           "'occupational_category': {'system': 'isco-08', 'code': '7212'}");
    expect("'occupationalCategory': '6-18-02-04 焊工'",
           "'occupational_category': {'system': 'cn-2022', 'code': '6-18-02-04', 'label': '焊工'}");
    expect("'occupationalCategory': {'codeValue': '2512', 'name': 'Developers',"
           "'inCodeSet': {'name': 'ESCO'}}",
           "'occupational_category': {'system': 'esco', 'code': '2512', 'label': 'Developers'}");
    expect_noted("'occupationalCategory': 'Welders'", "occupationalCategory 'Welders'");
}

Test(jobposting, reads_experience_and_education)
{
    expect("'experienceRequirements': {'monthsOfExperience': 24}", "'months_of_experience': 24");
    expect("'experienceRequirements': {'monthsOfExperience': '24'}", "'months_of_experience': 24");
    expect("'experienceRequirements': {'monthsOfExperience': 1.5}", "'months_of_experience': 2");
    expect("'experienceRequirements': 'no requirements'", "");
    expect_refused("'experienceRequirements': {'monthsOfExperience': 'two'}",
                   "experienceRequirements.monthsOfExperience", "two");
    expect("'educationRequirements': {'credentialCategory': 'bachelor degree'}",
           "'education_level': 'EDUCATION_LEVEL_BACHELOR'");
    expect("'educationRequirements': [{'credentialCategory': 'postgraduate degree'},"
           "{'credentialCategory': 'associate degree'}]",
           "'education_level': 'EDUCATION_LEVEL_SHORT_TERTIARY'");
    expect("'educationRequirements': '大专、本科'",
           "'education_level': 'EDUCATION_LEVEL_SHORT_TERTIARY'");
    expect("'educationRequirements': '学历不限'", "");
    expect_noted("'educationRequirements': 'a good school'",
                 "educationRequirements 'a good school'");
}

Test(jobposting, makes_licences_of_credentials_and_description_of_text)
{
    expect("'qualifications': {'credentialCategory': 'License', 'name': 'Class C'}",
           "'licences': ['Class C']");
    expect("'description': 'Job.', 'qualifications': 'Team player'",
           "'description': 'Job.\\n\\nTeam player'");
    expect("'qualifications': {'credentialCategory': 'certificate', 'name': 'First aid'}",
           "'description': 'First aid'");
}

Test(jobposting, skips_other_things_in_a_graph_and_refuses_them_elsewhere)
{
    struct rows rows;
    const struct source_options options = {.platform = "p"};
    rows_read(&rows, ".json",
              STR("{\"@graph\": [{\"@type\": \"Person\"}, {\"@type\": \"JobPosting\","
                  "\"identifier\": 1}]}\n{\"@type\": \"Person\"}\n"),
              &options);
    cr_assert_eq(rows.count, 2);
    cr_expect_not_null(rows.rows[0].record);
    rows_expect_refused(&rows, 1, 2, "@type", "Person");
    rows_release(&rows);
}

Test(jobposting, never_crashes_on_values_of_the_wrong_type)
{
    static const char *const properties[] = {"title",
                                             "description",
                                             "identifier",
                                             "hiringOrganization",
                                             "jobLocation",
                                             "jobLocationType",
                                             "baseSalary",
                                             "employmentType",
                                             "totalJobOpenings",
                                             "datePosted",
                                             "validThrough",
                                             "occupationalCategory",
                                             "skills",
                                             "experienceRequirements",
                                             "educationRequirements",
                                             "qualifications",
                                             "salaryCurrency"};
    static const char *const values[] = {"null",
                                         "true",
                                         "0",
                                         "-1.5",
                                         "1e300",
                                         "''",
                                         "[]",
                                         "{}",
                                         "[[]]",
                                         "[{}]",
                                         "[null]",
                                         "{'value': {'value': {'value': []}}}",
                                         "{'name': {'name': 1}}",
                                         "{'geo': 5}",
                                         "{'address': [[]]}",
                                         "{'@value': []}",
                                         "[1, 'a', {'name': 'b'}, [2]]"};
    for (size_t i = 0; i < sizeof(properties) / sizeof(properties[0]); i++) {
        for (size_t j = 0; j < sizeof(values) / sizeof(values[0]); j++) {
            char text[256];
            struct error error;
            const struct jobposting_options options = {.platform = "p", .areas = areas};
            snprintf(text, sizeof(text), "{'identifier': 'x', 'title': 't', 'x': 1}");
            json_t *posting = quoted(text);
            json_object_set_new(posting, properties[i], quoted(values[j]));
            json_t *vacancy = jobposting_to_vacancy(posting, &options, &error);
            cr_expect(vacancy || error.code == ERROR_INVALID_ARGUMENT, "%s: %s", properties[i],
                      values[j]);
            json_decref(vacancy);
            json_decref(posting);
        }
    }
}

Test(jobposting, says_that_a_point_looks_swapped)
{
    struct error error;
    json_t *vacancy =
        convert("'jobLocation': {'geo': {'latitude': '117.2', 'longitude': 39.1}}", NULL, &error);
    cr_expect_null(vacancy);
    cr_expect_str_eq(error.text,
                     "jobLocation.geo.latitude '117.2': not a latitude (-90..90) but may "
                     "be a longitude: latitude and longitude look swapped");
}

Test(jobposting, does_not_repeat_an_identity_number)
{
    expect_refused("'totalJobOpenings': '11010519491231002X'", "totalJobOpenings",
                   "110105************");
}
