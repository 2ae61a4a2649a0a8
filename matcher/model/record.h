/* The two records as the matcher sees them: normalised, validated, immutable.
 *
 * `wire` builds one in an arena from a protobuf message. The engine keeps it packed into a fifth of
 * the room (model/packed.h), and whoever looks at one unpacks it into a scratch of his own.
 * `vacancy_pack` / `applicant_pack` copy one as it is into a single heap block, for who has a few to
 * keep, as tests and benchmarks do:
 *
 *   [ struct vacancy | skills[] | sites[] | .. | text bytes ]      one memory_try block
 *
 * Texts that are compared (organizations, tags, licences, languages, unknown skills) are stored
 * folded. Limits are enforced by `wire`; `vacancy_validate` checks them again for tests and loaded
 * data. Thread: any reader once built.
 */
#ifndef HAIHE_MODEL_RECORD_H
#define HAIHE_MODEL_RECORD_H

#include "base/clock.h"
#include "model/geo.h"
#include "model/limits.h"
#include "model/taxonomy.h"
#include "model/wage.h"

enum record_kind { RECORD_VACANCY = 1, RECORD_APPLICANT = 2 };

struct key {
    struct str platform; /* 1..64 bytes; empty only in an inline subject */
    struct str id;       /* 1..64 bytes */
};

static inline bool key_equal(struct key a, struct key b)
{
    return str_equal(a.id, b.id) && str_equal(a.platform, b.platform);
}

/* Platform first, then id, bytewise. */
static inline int key_compare(struct key a, struct key b)
{
    int order = str_compare(a.platform, b.platform);
    return order != 0 ? order : str_compare(a.id, b.id);
}

/* XXH3-64 of platform NUL id: the hash map's hash with seed 0, the tie breaker with a profile's. */
uint64_t key_hash(struct key key, uint64_t seed);

/* XXH3-64 of a record's encoded bytes: what List and Get give for reconciliation. */
uint64_t record_hash(struct str original);

/* Rule "identity_number": 18 characters of a valid resident identity number (GB 11643: a date of
 * birth in 1900..2099, checksum of ISO 7064 mod 11-2, 'x' as good as 'X'). */
bool key_part_is_identity_number(struct str text);

struct asked_skill {
    uint32_t skill_id;  /* SKILL_UNKNOWN: compare `name` */
    uint8_t importance; /* 1..5 */
    uint8_t min_level;  /* 0 = any, 1..8 */
    bool essential;
    struct str name; /* folded, only when the id is SKILL_UNKNOWN */
};

struct held_skill {
    uint32_t skill_id;
    uint8_t level; /* 0 = not stated, 1..8 */
    struct str name;
};

struct occupation_code {
    struct str system;
    struct str code;
};

struct language {
    struct str tag; /* lower case */
    uint8_t level;  /* 0 = any / unstated, 1..6 = A1..C2 */
};

/* Where a workplace or a home is. */
struct place {
    struct position position; /* POSITION_NONE when neither point nor area was stated */
    struct str area_code;     /* "" when not stated */
};

/* Lists are pointer and count; NULL when the count is 0. */
struct str_list {
    const struct str *items;
    uint32_t count;
};

/* Bit (1 << n) stands for the proto's EmploymentType n; 0 = none stated. */
typedef uint16_t employment_types;

enum record_status { STATUS_OPEN = 1, STATUS_PAUSED, STATUS_ENDED, STATUS_WITHDRAWN };

struct vacancy {
    struct key key; /* both parts empty in an inline subject */
    struct str title;
    struct str hiring_organization;        /* as written */
    struct str hiring_organization_folded; /* for comparison */
    struct occupation_code occupation;     /* both empty when not stated */
    const struct asked_skill *skills;      /* no two name the same skill */
    const struct place *sites;
    const struct language *languages;
    struct str_list licences; /* folded */
    struct str_list tags;     /* folded */
    struct salary base_salary;
    int64_t wage_min_month_cents; /* WAGE_UNKNOWN when not stated */
    int64_t wage_max_month_cents;
    int32_t date_posted;   /* day, DATE_NONE when not stated */
    int32_t valid_through; /* day, DATE_NONE when not stated */
    int32_t total_job_openings;
    uint16_t months_of_experience;
    employment_types types;
    uint8_t skill_count, site_count, language_count;
    uint8_t education_level; /* 0 = no need */
    uint8_t status;          /* the proto's VacancyStatus, never 0 */
    bool remote;
    bool open; /* status open, published and not expired: set by the writer, never by a search */
};

#define EXPERIENCE_UNKNOWN UINT16_MAX

struct applicant {
    struct key key;
    const struct held_skill *skills; /* no two name the same skill */
    struct place home;
    const struct occupation_code *desired_occupations;
    const struct language *languages;
    struct str_list licences;               /* folded */
    struct str_list tags;                   /* folded */
    struct str_list priority_groups;        /* configured names */
    struct str_list excluded_organizations; /* folded */
    struct salary wage;                     /* min_amount, and max_amount = the desired amount */
    int64_t wage_min_month_cents;           /* WAGE_UNKNOWN when not stated */
    int64_t wage_desired_month_cents;       /* WAGE_UNKNOWN only when both are */
    int32_t max_distance_m;                 /* 0 = not stated */
    int32_t available_from;                 /* day, DATE_NONE = now */
    uint16_t months_of_experience;          /* or EXPERIENCE_UNKNOWN */
    employment_types types;
    uint8_t skill_count, occupation_count, language_count;
    uint8_t education_level; /* 0 = unknown */
    uint8_t status;          /* the proto's ApplicantStatus, never 0 */
    bool consent_matching, consent_visible, consent_personalised;
    bool active;    /* status active */
    bool available; /* available_from has come: set by the writer */
};

/* One heap block (memory_free) that holds the record and everything it points to; NULL when there
 * is no memory. */
struct vacancy *vacancy_pack(const struct vacancy *vacancy);
struct applicant *applicant_pack(const struct applicant *applicant);

/* What the date makes of a record: open for a vacancy (status too), available for an applicant. */
bool vacancy_is_open_on(const struct vacancy *vacancy, int32_t day);
bool applicant_is_available_on(const struct applicant *applicant, int32_t day);

/* True when every limit and invariant above holds; the error names field and value. Whether a text
 * is folded is checked by what can be seen without folding it again: no capital ASCII letter, no
 * space at its ends. */
bool vacancy_validate(const struct vacancy *vacancy, struct error *error);
bool applicant_validate(const struct applicant *applicant, struct error *error);

#endif
