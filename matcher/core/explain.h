/* Why a pair has its score: every criterion, gate and skill with the values that decided, and what
 * one change would do. Built from score_pair itself, so it cannot tell another story.
 * Texts are in the arena. Thread: any. */
#ifndef HAIHE_CORE_EXPLAIN_H
#define HAIHE_CORE_EXPLAIN_H

#include "base/arena.h"
#include "core/score.h"

enum { COUNTERFACTUAL_LIMIT = 16 };

struct criterion_explanation {
    int32_t weight;
    int32_t points_bp;
    int32_t contribution; /* weight * points_bp */
    struct str reason;    /* "12.3 km of 20.0 km" */
};

struct gate_explanation {
    bool failed, softened;
    int32_t penalty;   /* of a softened gate */
    struct str reason; /* the values: "needs 'forklift', holds none" */
};

enum skill_match { SKILL_MATCHED = 1, SKILL_RELATED, SKILL_MISSING };

struct skill_explanation {
    const struct asked_skill *asked;
    struct skill_credit credit;
    enum skill_match match;
};

struct counterfactual {
    struct str change; /* "skill 'hs:welding' at level 4" */
    int32_t score;
    bool passes;
};

struct explanation {
    struct pair_score pair;
    struct criterion_explanation criteria[CRITERION_COUNT];
    struct gate_explanation gates[GATE_COUNT];
    struct skill_explanation *skills; /* one per asked skill, in the vacancy's order */
    uint32_t skill_count;
    struct counterfactual *counterfactuals; /* most gain first */
    uint32_t counterfactual_count;
};

/* False only when the arena is exhausted. */
bool explain_pair(const struct scoring *scoring, const struct vacancy *vacancy,
                  const struct applicant *applicant, struct arena *arena, struct explanation *out,
                  struct error *error);

#endif
