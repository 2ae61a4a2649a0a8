/* The columns of CSV files: one table says each column's name, its field in either record, its
 * help.
 *
 * Lists are separated by '|'. Amounts are in major units (yuan) with the currency's decimals. An
 * empty value is "not stated". Thread: any; nothing is kept.
 */
#ifndef HAIHE_HAIHECTL_CSV_COLUMNS_H
#define HAIHE_HAIHECTL_CSV_COLUMNS_H

#include "base/buffer.h"
#include "haihectl/source.h"
#include "model/csv_reader.h"

/* X(name, column, vacancy's field, applicant's field, help); NULL: the kind has no such column. */
#define CSV_COLUMNS(X)                                                                             \
    X(PLATFORM, "platform", "key.platform", "key.platform", "the platform that owns the record")   \
    X(ID, "id", "key.id", "key.id", "the platform's own id")                                       \
    X(TITLE, "title", "title", NULL, "the job's title")                                            \
    X(DESCRIPTION, "description", "description", NULL, "kept and given back, never scored")        \
    X(ORGANIZATION, "organization", "hiring_organization", NULL, "the employer")                   \
    X(OPENINGS, "openings", "total_job_openings", NULL, "how many people are sought")              \
    X(OCCUPATION, "occupation", "occupational_category", NULL,                                     \
      "[system:]code: 7212 (ISCO-08) or cn-2022:6-18-02-04")                                       \
    X(OCCUPATION_LABEL, "occupation_label", "occupational_category.label", NULL, "its name")       \
    X(DESIRED_OCCUPATIONS, "desired_occupations", NULL, "desired_occupations", "[system:]code|..") \
    X(SKILLS, "skills", "skills", "skills",                                                        \
      "vacancy: skill[:importance[:min_level]][!]|.. (! = essential), welding:4:3!|forklift; "     \
      "applicant: skill[:level]|.., welding:4")                                                    \
    X(AREA_CODE, "area_code", "job_locations.area_code", "home.area_code",                         \
      "GB/T 2260, 120101; several workplaces: lists of equal length in area_code, lat, lon, "      \
      "address")                                                                                   \
    X(LAT, "lat", "job_locations.point.latitude", "home.point.latitude", "degrees")                \
    X(LON, "lon", "job_locations.point.longitude", "home.point.longitude", "degrees")              \
    X(ADDRESS, "address", "job_locations.address", "home.address", "for people")                   \
    X(REMOTE, "remote", "job_location_type", NULL, "yes or no")                                    \
    X(MAX_DISTANCE, "max_distance_m", NULL, "max_distance_m", "metres to a workplace at the most") \
    X(WAGE_MIN, "wage_min", "base_salary.min_amount", "wage.min_amount", "yuan: 8000 or 24.40")    \
    X(WAGE_MAX, "wage_max", "base_salary.max_amount", NULL, "yuan")                                \
    X(WAGE_DESIRED, "wage_desired", NULL, "wage.desired_amount", "yuan: full points from here on") \
    X(WAGE_CURRENCY, "wage_currency", "base_salary.currency", "wage.currency",                     \
      "ISO 4217; then amounts are in its unit instead of yuan")                                    \
    X(WAGE_UNIT, "wage_unit", "base_salary.unit", "wage.unit", "hour, day, week, month, year")     \
    X(MONTHS_PER_YEAR, "months_per_year", "base_salary.months_per_year", NULL,                     \
      "salaries paid a year, 12..24")                                                              \
    X(NEGOTIABLE, "negotiable", "base_salary.negotiable", NULL, "yes or no")                       \
    X(EMPLOYMENT_TYPES, "employment_types", "employment_types", "employment_types",                \
      "full_time|part_time|.., of full_time, part_time, contractor, temporary, intern, "           \
      "volunteer, per_diem, other")                                                                \
    X(DATE_POSTED, "date_posted", "date_posted", NULL, "YYYY-MM-DD")                               \
    X(VALID_THROUGH, "valid_through", "valid_through", NULL, "YYYY-MM-DD")                         \
    X(AVAILABLE_FROM, "available_from", NULL, "available_from", "YYYY-MM-DD")                      \
    X(EDUCATION, "education", "education_level", "education_level",                                \
      "primary, lower_secondary, upper_secondary, post_secondary, short_tertiary, bachelor, "      \
      "master, doctor")                                                                            \
    X(EXPERIENCE, "months_of_experience", "months_of_experience", "months_of_experience",          \
      "0..720")                                                                                    \
    X(LANGUAGES, "languages", "languages", "languages", "tag[:level]|.., en:B2|zh")                \
    X(LICENCES, "licences", "licences", "licences", "list")                                        \
    X(PRIORITY_GROUPS, "priority_groups", NULL, "priority_groups", "list")                         \
    X(TAGS, "tags", "tags", "tags", "list: job fairs, programmes")                                 \
    X(EXCLUDED, "excluded_organizations", NULL, "excluded_organizations", "list")                  \
    X(CONSENT, "consent", NULL, "consent",                                                         \
      "all, or of matching|visible_to_employers|personalised; none means no")                      \
    X(STATUS, "status", "status", "status",                                                        \
      "vacancy: open, paused, filled, withdrawn; applicant: active, paused, placed")

enum csv_record_column {
#define X(name, text, vacancy, applicant, help) CSV_##name,
    CSV_COLUMNS(X)
#undef X
        CSV_RECORD_COLUMN_COUNT
};

/* Fills the columns of a kind, in the order of the enum; a column that the kind does not have gets
 * a name that no file has. */
void csv_columns(enum source_kind kind, bool platform_required,
                 struct csv_column columns[CSV_RECORD_COLUMN_COUNT]);
/* The column that a header's name means: in any case, with '-' or ' ' for '_', in full-width
 * letters, or one of the Chinese names that portals use; NULL when none. */
const char *csv_column_of_name(enum source_kind kind, struct str name);
/* Appends "工作地址 = address, .." for --help. */
void csv_columns_synonyms(struct buffer *out);
/* The column nearest in spelling to an unknown name, or NULL when none is near. */
const char *csv_column_suggest(enum source_kind kind, struct str name);
/* Appends the columns of a kind with their help, a line each, indented. */
void csv_columns_help(enum source_kind kind, struct buffer *out);
/* "wage_min" and so on. */
const char *csv_column_name(enum csv_record_column column);

#endif
