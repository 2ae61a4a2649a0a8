/* A ranking profile: the weights and the rules for what is not stated. Immutable once made.
 *
 * Its version is the XXH3-64 of its content in a fixed layout (not of its name), so two machines
 * agree on it. Thread: any.
 */
#ifndef HAIHE_CORE_PROFILE_H
#define HAIHE_CORE_PROFILE_H

#include "base/error.h"
#include "base/str.h"

enum criterion {
    CRITERION_SKILL,
    CRITERION_LOCATION,
    CRITERION_WAGE,
    CRITERION_OCCUPATION,
    CRITERION_EXPERIENCE,
    CRITERION_EDUCATION,
    CRITERION_COUNT
};

enum { WEIGHT_SUM = 1000, POINTS_LIMIT_BP = 10000, SCORE_LIMIT = 10000000 };

/* The employer's criteria; the others are the seeker's. */
#define CRITERIA_OF_FIT                                                                            \
    ((1u << CRITERION_SKILL) | (1u << CRITERION_EXPERIENCE) | (1u << CRITERION_EDUCATION))

enum wage_reference { WAGE_REFERENCE_MIDPOINT, WAGE_REFERENCE_MAXIMUM };

struct profile {
    char name[33];                    /* 1..32 bytes of a-z, 0-9, '-', '_', and NUL */
    int32_t weights[CRITERION_COUNT]; /* each 0..1000, sum 1000 */
    uint8_t default_level;            /* of a held skill without level, 1..8 */
    uint8_t wage_reference;           /* enum wage_reference */
    int32_t no_skills_bp;             /* skill points of a vacancy that asks none */
    int32_t unstated_location_bp;
    int32_t unknown_wage_bp;  /* the vacancy's pay is unknown */
    int32_t unstated_wage_bp; /* the applicant states no wage */
    int32_t unstated_bp;      /* occupation, experience, education not stated */
    uint64_t tie_seed;
};

/* "default": 550/200/150/50/30/20, midpoint, level 3, and 5000 bp for whatever is not stated. */
struct profile profile_default(void);
/* "lab": 600/250/150, wage reference maximum; the yardstick's weights, for benchmarks. */
struct profile profile_lab(void);
/* Names the field that is out of range ("weights.skill", "weights", "default_level", ..). */
bool profile_validate(const struct profile *profile, struct error *error);
uint64_t profile_version(const struct profile *profile);
/* "skill", "location", ..; never NULL. */
const char *criterion_name(enum criterion criterion);

#endif
