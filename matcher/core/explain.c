/* See explain.h. The pair is scored once; everything else is said about that result. */
#include "core/explain.h"

#include "core/counterfactual.h"
#include "core/reason.h"

#include "base/banned.h"

static enum skill_match match_of(const struct skill_credit *credit)
{
    if (credit->closeness_bp == 0)
        return SKILL_MISSING;
    return credit->closeness_bp == CLOSENESS_SAME_BP ? SKILL_MATCHED : SKILL_RELATED;
}

static bool explain_skills(const struct pair_subject *subject, struct arena *arena,
                           struct explanation *out)
{
    uint32_t count = subject->vacancy->skill_count;
    out->skills = arena_alloc_zeroed(arena, count, sizeof *out->skills);
    if (!out->skills)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        struct skill_explanation *skill = &out->skills[i];
        skill->asked = &subject->vacancy->skills[i];
        skill->credit = score_skill_credit(subject->scoring, skill->asked, subject->applicant);
        skill->match = match_of(&skill->credit);
    }
    out->skill_count = count;
    return true;
}

static bool explain_criteria(const struct pair_subject *subject, struct arena *arena,
                             struct explanation *out)
{
    for (int i = 0; i < CRITERION_COUNT; i++) {
        struct criterion_explanation *criterion = &out->criteria[i];
        struct sentence reason = {0};
        criterion->weight = subject->scoring->profile->weights[i];
        criterion->points_bp = out->pair.points_bp[i];
        criterion->contribution = criterion->weight * criterion->points_bp;
        reason_of_criterion(subject, i, &reason);
        criterion->reason = sentence_finish(&reason, arena);
        if (!criterion->reason.data)
            return false;
    }
    return true;
}

static bool explain_gates(const struct pair_subject *subject, struct arena *arena,
                          struct explanation *out)
{
    for (int i = 0; i < GATE_COUNT; i++) {
        struct gate_explanation *gate = &out->gates[i];
        struct sentence reason = {0};
        gate->failed = (out->pair.failed & 1u << i) != 0;
        gate->softened = (out->pair.softened & 1u << i) != 0;
        gate->penalty = gate->softened ? subject->scoring->penalties[i] : 0;
        reason_of_gate(subject, i, &reason);
        gate->reason = sentence_finish(&reason, arena);
        if (!gate->reason.data)
            return false;
    }
    return true;
}

bool explain_pair(const struct scoring *scoring, const struct vacancy *vacancy,
                  const struct applicant *applicant, struct arena *arena, struct explanation *out,
                  struct error *error)
{
    struct explanation made = {0};
    struct pair_subject subject = {scoring, vacancy, applicant, &made};
    score_pair(scoring, vacancy, applicant, &made.pair);
    if (!explain_skills(&subject, arena, &made) || !explain_criteria(&subject, arena, &made) ||
        !explain_gates(&subject, arena, &made) ||
        !counterfactuals_find(scoring, vacancy, applicant, arena, &made))
        return error_set(error, ERROR_RESOURCE_EXHAUSTED, "no memory for an explanation");
    *out = made;
    return true;
}
