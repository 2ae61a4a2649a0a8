/* The two records of the sample, as drawn and before they are written: the fields of record.proto
 * that the generator fills, under their names.
 *
 * Texts are borrowed from constant tables, the catalogue or the employers. Counts bound the arrays;
 * 0, "" and NULL are "not stated". Thread: one owner.
 */
#ifndef HAIHE_TOOLS_MARKET_SAMPLE_H
#define HAIHE_TOOLS_MARKET_SAMPLE_H

#include "catalogue.h"
#include "employer.h"
#include "pay.h"

enum {
    SAMPLE_SKILL_LIMIT = 24,
    SAMPLE_OCCUPATION_LIMIT = 3,
    SAMPLE_TYPE_LIMIT = 3,
    SAMPLE_LIST_LIMIT = 4,
};

/* By their numbers in record.proto. */
enum sample_unit { UNIT_NONE, UNIT_HOUR, UNIT_DAY, UNIT_WEEK, UNIT_MONTH, UNIT_YEAR, UNIT_COUNT };
enum sample_type {
    TYPE_NONE,
    TYPE_FULL_TIME,
    TYPE_PART_TIME,
    TYPE_CONTRACTOR,
    TYPE_TEMPORARY,
    TYPE_INTERN,
    TYPE_VOLUNTEER,
    TYPE_PER_DIEM,
    TYPE_COUNT
};

struct sample_key {
    const char *platform;
    char id[16];
};

struct sample_skill {
    struct str name;
    uint8_t level;      /* min_level or level */
    uint8_t importance; /* vacancies only */
    bool essential;     /* vacancies only */
};

struct sample_place {
    struct spot spot;
    bool has_point, has_area, has_address;
};

struct sample_pay {
    int64_t min_fen, max_fen; /* an applicant's desired amount in max_fen */
    uint8_t unit;             /* enum sample_unit; UNIT_NONE without amounts */
    uint8_t months_per_year;  /* 0 = 12 */
    bool negotiable;
};

struct sample_language {
    const char *tag;
    uint8_t level; /* LanguageLevel by number */
};

struct sample_vacancy {
    struct sample_key key;
    char title[200];
    char description[1024];
    const struct occupation *occupation;
    struct sample_skill skills[SAMPLE_SKILL_LIMIT];
    struct sample_place sites[EMPLOYER_SITE_LIMIT];
    struct sample_language languages[SAMPLE_LIST_LIMIT];
    const char *licences[SAMPLE_LIST_LIMIT];
    const char *tags[SAMPLE_LIST_LIMIT];
    uint8_t types[SAMPLE_TYPE_LIMIT];
    const char *organization;
    struct sample_pay pay;
    int32_t date_posted, valid_through; /* days since 1970-01-01 */
    int32_t openings;
    int32_t months_of_experience;
    uint8_t skill_count, site_count, language_count, licence_count, tag_count, type_count;
    uint8_t education, status;
    bool remote;
    int level;         /* not written: what the employer looks for, 1..8 */
    int64_t year_yuan; /* not written: the middle of its full-time pay before rounding */
};

struct sample_applicant {
    struct sample_key key;
    const struct occupation *occupations[SAMPLE_OCCUPATION_LIMIT]; /* the first is the own one */
    struct sample_skill skills[SAMPLE_SKILL_LIMIT];
    struct sample_place home;
    struct sample_language languages[SAMPLE_LIST_LIMIT];
    const char *licences[SAMPLE_LIST_LIMIT];
    const char *tags[SAMPLE_LIST_LIMIT];
    const char *priority_groups[SAMPLE_LIST_LIMIT];
    const char *excluded[SAMPLE_LIST_LIMIT];
    uint8_t types[SAMPLE_TYPE_LIMIT];
    struct sample_pay wish;
    int32_t max_distance_m;
    int32_t available_from;       /* DATE_NONE = now */
    int32_t months_of_experience; /* -1 = unknown */
    uint8_t occupation_count, skill_count, language_count, licence_count, tag_count, group_count;
    uint8_t excluded_count, type_count, education, status;
    bool consent_matching, consent_visible, consent_personalised;
    int level;         /* not written */
    int64_t year_yuan; /* not written: as above */
};

/* What records are drawn from; immutable while drawing. */
struct market {
    struct catalogue catalogue;
    struct places places;
    struct employers employers;
    struct pay_scale scale;
    uint64_t seed;
    int32_t today; /* days since 1970-01-01 */
};

struct market_size {
    uint64_t seed;
    size_t vacancies; /* the number of employers follows it */
    int32_t today;
};

/* False with an error when the built-in data is unsound; nothing is left to release then. Ends the
 * process without memory. Cost: a million draws. */
bool market_init(struct market *market, const struct market_size *size, struct error *error);
void market_release(struct market *market);

/* The index-th record of the market; what it is depends on the seed, the index and the employers
 * only. */
void vacancy_draw(const struct market *market, uint64_t index, struct sample_vacancy *vacancy);
void applicant_draw(const struct market *market, uint64_t index,
                    struct sample_applicant *applicant);

/* Shared by both (sample.c). */
void sample_key_draw(struct sample_key *key, struct rng *rng, char kind, uint64_t index);
/* Adds a skill, unless it is there already or there is no room. */
void sample_skill_add(struct sample_skill *skills, uint8_t *count, struct sample_skill skill);
struct sample_place sample_place_of(struct rng *rng, const struct spot *spot);
/* A tag or NULL. */
const char *sample_draw_tag(struct rng *rng);
/* Pay for one unit, in fen, rounded as people say it; never below the statutory minimum wage. */
int64_t sample_amount_fen(int64_t year_yuan, enum sample_unit unit, int months_per_year);
/* The same backwards: full-time yuan a year of a written amount. */
int64_t sample_year_yuan(int64_t amount_fen, enum sample_unit unit, int months_per_year);

#endif
