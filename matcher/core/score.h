/* The one function that decides: score_pair.
 *
 * Plain integer arithmetic (DESIGN section 2): every division floors, every intermediate value fits
 * int64 at the stated limits. Ranking, explanation, replay and every oracle use it. A change of any
 * rule raises SCORE_VERSION. Thread: any; nothing is kept.
 */
#ifndef HAIHE_CORE_SCORE_H
#define HAIHE_CORE_SCORE_H

#include "core/profile.h"
#include "model/record.h"

enum { SCORE_VERSION = 1 };

/* X(name, rule id, always hard). The order is the order in which gates are counted. */
#define GATES(X)                                                                                   \
    X(CLOSED, "closed", true)                                                                      \
    X(CONSENT, "consent", true)                                                                    \
    X(LICENCE_MISSING, "licence_missing", true)                                                    \
    X(NO_RELATED_SKILL, "no_related_skill", false)                                                 \
    X(TOO_FAR, "too_far", false)                                                                   \
    X(WAGE_BELOW_MINIMUM, "wage_below_minimum", false)                                             \
    X(ESSENTIAL_SKILL_MISSING, "essential_skill_missing", false)                                   \
    X(LANGUAGE_MISSING, "language_missing", false)                                                 \
    X(EMPLOYMENT_TYPE, "employment_type", false)                                                   \
    X(NOT_AVAILABLE_YET, "not_available_yet", false)                                               \
    X(EXCLUDED_ORGANIZATION, "excluded_organization", false)                                       \
    X(FILTER, "filter", true)

enum gate {
#define X(name, rule, hard) GATE_##name,
    GATES(X)
#undef X
        GATE_COUNT
};

typedef uint32_t gate_set; /* bit (1 << enum gate) */

/* Never softened, whatever a request says: what the law asks, and the request's own filter. */
#define X(name, rule, hard) | ((gate_set)(hard) << GATE_##name)
static const gate_set GATES_ALWAYS_HARD = 0 GATES(X);
#undef X

/* What is ranked. MatchVacancies ranks vacancies (a seeker asks); MatchApplicants ranks applicants
 * (an employer asks, and only sees people who are visible to employers). */
enum ranking { RANK_VACANCIES, RANK_APPLICANTS };

struct filter;

/* Everything beside the two records that a pair's score depends on. Borrowed. */
struct scoring {
    const struct profile *profile;
    const struct taxonomy *taxonomy;
    enum ranking ranking;
    gate_set soft_gates;           /* always hard ones in it are ignored */
    int32_t penalties[GATE_COUNT]; /* of soft gates, 0..10,000,000 */
    const struct filter *filter;   /* NULL = none */
};

enum { DISTANCE_UNKNOWN_M = -1 };

struct pair_score {
    int32_t score;                      /* 0..10,000,000 after penalties */
    int32_t points_bp[CRITERION_COUNT]; /* 0..10000 each */
    int32_t fit_sum, appeal_sum; /* sums of weight * points; together the score before penalties */
    int32_t fit_bp, appeal_bp;   /* floored weighted means, -1 when their weights sum to 0 */
    int32_t penalty;             /* sum of the soft gates' penalties, at most 10,000,000 */
    int32_t distance_m;          /* nearest workplace, or DISTANCE_UNKNOWN_M (also: remote) */
    gate_set failed;             /* every failed gate, soft ones too */
    gate_set softened;           /* failed and softened */
    bool wage_unknown;           /* the vacancy's pay is not known */
};

/* Scores one pair completely: points are filled in even when a gate fails. Neither record needs a
 * key. */
void score_pair(const struct scoring *scoring, const struct vacancy *vacancy,
                const struct applicant *applicant, struct pair_score *out);

/* Metres to the nearest workplace with a known position; DISTANCE_UNKNOWN_M when remote or when
 * either side has none. */
int32_t pair_distance_m(const struct vacancy *vacancy, const struct applicant *applicant);

/* True when no hard gate failed. */
static inline bool pair_passes(const struct pair_score *pair)
{
    return (pair->failed & ~pair->softened) == 0;
}

/* The gate that is counted for a removed pair: the first failed hard one. GATE_COUNT when none. */
enum gate pair_first_hard_gate(const struct pair_score *pair);

/* "too_far" and so on; gate < GATE_COUNT. */
const char *gate_rule(enum gate gate);
bool gate_is_always_hard(enum gate gate);

/* True when they name the same skill: one id, or one folded name outside the taxonomy. */
bool skill_is_same(const struct asked_skill *asked, const struct held_skill *held);

/* How one asked skill was credited; used by score_pair and by the explanation. */
struct skill_credit {
    int32_t credit_bp;         /* 0..10000 */
    int32_t closeness_bp;      /* of the crediting skill; 0 = none */
    int32_t held_level;        /* of the crediting skill, the default where not stated; 0 = none */
    int32_t held_index;        /* into applicant->skills, -1 = none */
    bool held_itself_at_level; /* satisfies `essential` */
};
struct skill_credit score_skill_credit(const struct scoring *scoring,
                                       const struct asked_skill *asked,
                                       const struct applicant *applicant);

#endif
