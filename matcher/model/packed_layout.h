/* How packed records are laid out; for packed_write.c, packed_read.c and their tests only.
 *
 *   applicant:  [ applicant_head | platform | id | available_from? | skills | wide wages? | amounts
 * | months_per_year? | language levels | texts | 0 ] texts:  currency? area? (system, code)..
 * language tags, licences, tags, groups, excluded, names of unknown skills vacancy:    [
 * vacancy_head | platform | id | date_posted? | valid_through? | skills | wide wages? | amounts |
 * months_per_year? | positions | language levels | title | texts | 0 ] texts:  currency? employer?
 * employer folded? (system, code)? area codes of sites, language tags, licences, tags, names of
 * unknown skills
 *
 * dates: int32_t. Wide wages: two int64_t. Amounts: a varint for each that is AMOUNT_OWN. All of it
 * without alignment. The title is a text that is never in the lexicon.
 * skill: uint16_t id (SKILL_NARROW_UNKNOWN) and a byte  level:4 | importance:3 | essential:1;
 *   in a record with wide skills: uint32_t id, level, importance | essential << 7.
 * text: a varint, number << 1 of the lexicon, or length << 1 | 1 with the bytes behind it. The 0 at
 *   the end lets a reader look at two bytes of any text.
 */
#ifndef HAIHE_MODEL_PACKED_LAYOUT_H
#define HAIHE_MODEL_PACKED_LAYOUT_H

#include "model/packed.h"

enum {
    SKILL_NARROW_UNKNOWN = UINT16_MAX,
    SKILL_NARROW_BYTES = 3,
    SKILL_WIDE_BYTES = 6,
    VARINT_BYTES = 10,
    MONTHS_UNKNOWN = (1 << 10) - 1,
};

/* How a salary's amount is had: it is 0, or the month's cents (pay by the month in the server's
 * currency, most of them), or it stands behind. */
enum amount_form { AMOUNT_NONE, AMOUNT_AS_MONTH, AMOUNT_OWN };

/* Wages in a head: month cents, WAGE_HEAD_UNKNOWN, or anything in a record with wide wages. */
#define WAGE_HEAD_UNKNOWN UINT32_MAX

struct pay_bits {
    uint16_t min_form : 2; /* enum amount_form */
    uint16_t max_form : 2;
    uint16_t unit : 3;
    uint16_t negotiable : 1;
    uint16_t has_currency : 1;
    uint16_t has_months_per_year : 1;
    uint16_t has_wide_wages : 1;
    uint16_t has_wide_skills : 1;
};

struct applicant_head {
    struct position home;
    uint32_t wage_min_month_cents;
    uint32_t wage_desired_month_cents;
    uint32_t max_distance_m : 25;
    uint32_t platform_bytes : 7;
    uint32_t id_bytes : 7;
    uint32_t skill_count : 7;
    uint32_t occupation_count : 5;
    uint32_t language_count : 5;
    uint32_t types : 8; /* employment_types >> 1 */
    uint32_t licence_count : 6;
    uint32_t excluded_count : 6;
    uint32_t tag_count : 5;
    uint32_t group_count : 4;
    uint32_t education_level : 4;
    uint32_t status : 3;
    uint32_t active : 1;
    uint32_t available : 1;
    uint32_t has_available_from : 1;
    uint32_t has_area : 1;
    uint16_t months_of_experience : 10; /* or MONTHS_UNKNOWN */
    uint16_t consent_matching : 1;
    uint16_t consent_visible : 1;
    uint16_t consent_personalised : 1;
    struct pay_bits pay;
};

struct vacancy_head {
    uint32_t wage_min_month_cents;
    uint32_t wage_max_month_cents;
    uint32_t platform_bytes : 7;
    uint32_t id_bytes : 7;
    uint32_t total_job_openings : 17;
    uint32_t open : 1;
    uint32_t skill_count : 7;
    uint32_t site_count : 5;
    uint32_t language_count : 4;
    uint32_t licence_count : 5;
    uint32_t tag_count : 5;
    uint32_t status : 3;
    uint32_t remote : 1;
    uint32_t has_date_posted : 1;
    uint32_t has_valid_through : 1;
    uint16_t months_of_experience;
    struct pay_bits pay;
    uint8_t types; /* employment_types >> 1 */
    uint8_t education_level : 4;
    uint8_t has_occupation : 1;
    uint8_t has_employer : 1;
    uint8_t has_own_folded : 1; /* the folded employer differs from the written one */
};

static_assert(RECORD_SKILL_LIMIT < 1 << 7 && RECORD_SITE_LIMIT < 1 << 5 &&
                  RECORD_OCCUPATION_LIMIT < 1 << 5 && RECORD_TAG_LIMIT < 1 << 5 &&
                  RECORD_EXCLUDED_LIMIT < 1 << 6 && RECORD_PRIORITY_GROUP_LIMIT < 1 << 4 &&
                  VACANCY_LANGUAGE_LIMIT < 1 << 4 && APPLICANT_LANGUAGE_LIMIT < 1 << 5 &&
                  VACANCY_LICENCE_LIMIT < 1 << 5 && APPLICANT_LICENCE_LIMIT < 1 << 6 &&
                  KEY_PART_LIMIT_BYTES < 1 << 7,
              "counts fit their bits");
static_assert(DISTANCE_LIMIT_M < 1 << 25 && OPENINGS_LIMIT < 1 << 17 &&
                  (int)EXPERIENCE_LIMIT_MONTHS < (int)MONTHS_UNKNOWN &&
                  SKILL_LEVEL_LIMIT < 1 << 4 && IMPORTANCE_LIMIT < 1 << 3 &&
                  EDUCATION_LEVEL_LIMIT < 1 << 4 && PAY_UNIT_COUNT <= 1 << 3 &&
                  EMPLOYMENT_TYPE_LIMIT <= 8,
              "values fit their bits");
static_assert(sizeof(struct applicant_head) == 32 && sizeof(struct vacancy_head) == 24,
              "heads have no padding that was not counted");

#endif
