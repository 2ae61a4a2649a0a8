/* Writing of an Explanation. Thread: any. Cost: tens of microseconds, most of them texts. */
#include <assert.h>

#include "haihe/v1/match_service.pb-c.h"
#include "wire/match_message.h"
#include "wire/message.h"

#include "base/banned.h"

static_assert((int)HAIHE__V1__CRITERION__CRITERION_SKILL == CRITERION_SKILL + 1 &&
                  (int)HAIHE__V1__CRITERION__CRITERION_LOCATION == CRITERION_LOCATION + 1 &&
                  (int)HAIHE__V1__CRITERION__CRITERION_WAGE == CRITERION_WAGE + 1 &&
                  (int)HAIHE__V1__CRITERION__CRITERION_OCCUPATION == CRITERION_OCCUPATION + 1 &&
                  (int)HAIHE__V1__CRITERION__CRITERION_EXPERIENCE == CRITERION_EXPERIENCE + 1 &&
                  (int)HAIHE__V1__CRITERION__CRITERION_EDUCATION == CRITERION_EDUCATION + 1,
              "criteria keep the proto's order");
static_assert((int)HAIHE__V1__SKILL_MATCH_KIND__SKILL_MATCH_KIND_MATCHED == SKILL_MATCHED &&
                  (int)HAIHE__V1__SKILL_MATCH_KIND__SKILL_MATCH_KIND_RELATED == SKILL_RELATED &&
                  (int)HAIHE__V1__SKILL_MATCH_KIND__SKILL_MATCH_KIND_MISSING == SKILL_MISSING,
              "kinds keep the proto's numbers");

/* Everything of fixed size that an Explanation points to. */
struct explanation_parts {
    Haihe__V1__Explanation explanation;
    Haihe__V1__Key vacancy_key, applicant_key;
    Haihe__V1__CriterionExplanation criteria[CRITERION_COUNT];
    Haihe__V1__CriterionExplanation *criterion_list[CRITERION_COUNT];
    Haihe__V1__GateExplanation gates[GATE_COUNT];
    Haihe__V1__GateExplanation *gate_list[GATE_COUNT];
    Haihe__V1__SkillExplanation skills[RECORD_SKILL_LIMIT];
    Haihe__V1__SkillExplanation *skill_list[RECORD_SKILL_LIMIT];
    Haihe__V1__Counterfactual counterfactuals[COUNTERFACTUAL_LIMIT];
    Haihe__V1__Counterfactual *counterfactual_list[COUNTERFACTUAL_LIMIT];
};

/* NULL for an inline record without a key; *failed when the arena is exhausted. */
static Haihe__V1__Key *put_key(struct arena *arena, struct key key, Haihe__V1__Key *out,
                               bool *failed)
{
    if (key.platform.length == 0 && key.id.length == 0)
        return NULL;
    haihe__v1__key__init(out);
    out->platform = message_put_text(arena, key.platform);
    out->id = message_put_text(arena, key.id);
    *failed |= !out->platform || !out->id;
    return out;
}

static bool put_criteria(struct arena *arena, const struct explanation *from,
                         struct explanation_parts *parts)
{
    for (int i = 0; i < CRITERION_COUNT; i++) {
        Haihe__V1__CriterionExplanation *out = &parts->criteria[i];
        haihe__v1__criterion_explanation__init(out);
        out->criterion = (Haihe__V1__Criterion)(i + 1);
        out->weight = from->criteria[i].weight;
        out->points_bp = from->criteria[i].points_bp;
        out->contribution = from->criteria[i].contribution;
        out->reason = message_put_text(arena, from->criteria[i].reason);
        if (!out->reason)
            return false;
        parts->criterion_list[i] = out;
    }
    parts->explanation.n_criteria = CRITERION_COUNT;
    parts->explanation.criteria = parts->criterion_list;
    return true;
}

static bool put_gates(struct arena *arena, const struct explanation *from,
                      struct explanation_parts *parts)
{
    for (int i = 0; i < GATE_COUNT; i++) {
        Haihe__V1__GateExplanation *out = &parts->gates[i];
        haihe__v1__gate_explanation__init(out);
        out->gate = (Haihe__V1__Gate)(i + 1);
        out->rule = (char *)gate_rule((enum gate)i);
        out->failed = from->gates[i].failed;
        out->softened = from->gates[i].softened;
        out->penalty = from->gates[i].penalty;
        out->reason = message_put_text(arena, from->gates[i].reason);
        if (!out->reason)
            return false;
        parts->gate_list[i] = out;
    }
    parts->explanation.n_gates = GATE_COUNT;
    parts->explanation.gates = parts->gate_list;
    return true;
}

/* What a skill is called in an answer: its label where the taxonomy knows it, else as folded. */
static struct str skill_label(const struct taxonomy *taxonomy, uint32_t skill_id, struct str name)
{
    return skill_id == SKILL_UNKNOWN ? name : taxonomy_skill_label(taxonomy, skill_id, "zh");
}

static bool put_skill(struct arena *arena, const struct explain_answer *answer,
                      const struct skill_explanation *from, Haihe__V1__SkillExplanation *out)
{
    const struct taxonomy *taxonomy = answer->scoring->taxonomy;
    const struct asked_skill *asked = from->asked;
    haihe__v1__skill_explanation__init(out);
    struct str code = {NULL, 0}, by_skill = {NULL, 0};
    if (asked->skill_id != SKILL_UNKNOWN)
        code = taxonomy_skill_code(taxonomy, asked->skill_id);
    if (from->credit.held_index >= 0) {
        const struct held_skill *held = &answer->applicant->skills[from->credit.held_index];
        by_skill = skill_label(taxonomy, held->skill_id, held->name);
    }
    out->skill = message_put_text(arena, skill_label(taxonomy, asked->skill_id, asked->name));
    out->code = message_put_text(arena, code);
    out->by_skill = message_put_text(arena, by_skill);
    out->kind = (Haihe__V1__SkillMatchKind)from->match;
    out->importance = asked->importance;
    out->min_level = asked->min_level;
    out->essential = asked->essential;
    out->held_level = from->credit.held_level;
    out->closeness_bp = from->credit.closeness_bp;
    out->credit_bp = from->credit.credit_bp;
    return out->skill && out->code && out->by_skill;
}

static bool put_skills(struct arena *arena, const struct explain_answer *answer,
                       struct explanation_parts *parts)
{
    const struct explanation *from = answer->explanation;
    assert(from->skill_count <= RECORD_SKILL_LIMIT);
    for (uint32_t i = 0; i < from->skill_count; i++) {
        if (!put_skill(arena, answer, &from->skills[i], &parts->skills[i]))
            return false;
        parts->skill_list[i] = &parts->skills[i];
    }
    parts->explanation.n_skills = from->skill_count;
    parts->explanation.skills = parts->skill_list;
    return true;
}

static bool put_counterfactuals(struct arena *arena, const struct explanation *from,
                                struct explanation_parts *parts)
{
    assert(from->counterfactual_count <= COUNTERFACTUAL_LIMIT);
    for (uint32_t i = 0; i < from->counterfactual_count; i++) {
        Haihe__V1__Counterfactual *out = &parts->counterfactuals[i];
        haihe__v1__counterfactual__init(out);
        out->change = message_put_text(arena, from->counterfactuals[i].change);
        out->score = from->counterfactuals[i].score;
        out->passes_gates = from->counterfactuals[i].passes;
        if (!out->change)
            return false;
        parts->counterfactual_list[i] = out;
    }
    parts->explanation.n_counterfactuals = from->counterfactual_count;
    parts->explanation.counterfactuals = parts->counterfactual_list;
    return true;
}

static void put_numbers(const struct explain_answer *answer, Haihe__V1__Explanation *out)
{
    const struct pair_score *pair = &answer->explanation->pair;
    out->passes_gates = pair_passes(pair);
    out->score = pair->score;
    out->penalty_total = pair->penalty;
    if (pair->fit_bp >= 0) {
        out->_fit_case = HAIHE__V1__EXPLANATION___FIT_FIT_BP;
        out->fit_bp = pair->fit_bp;
    }
    if (pair->appeal_bp >= 0) {
        out->_appeal_case = HAIHE__V1__EXPLANATION___APPEAL_APPEAL_BP;
        out->appeal_bp = pair->appeal_bp;
    }
    out->vacancy_sequence = answer->vacancy_sequence;
    out->applicant_sequence = answer->applicant_sequence;
    out->profile = (char *)answer->scoring->profile->name;
    out->profile_version = profile_version(answer->scoring->profile);
    out->score_version = SCORE_VERSION;
}

bool wire_write_explanation(struct buffer *out, struct arena *arena,
                            const struct explain_answer *answer)
{
    struct explanation_parts *parts = arena_alloc(arena, sizeof *parts);
    if (!parts)
        return false;
    Haihe__V1__Explanation *message = &parts->explanation;
    haihe__v1__explanation__init(message);
    put_numbers(answer, message);
    bool failed = false;
    message->vacancy_key = put_key(arena, answer->vacancy_key, &parts->vacancy_key, &failed);
    message->applicant_key = put_key(arena, answer->applicant_key, &parts->applicant_key, &failed);
    return !failed && put_criteria(arena, answer->explanation, parts) &&
           put_gates(arena, answer->explanation, parts) && put_skills(arena, answer, parts) &&
           put_counterfactuals(arena, answer->explanation, parts) &&
           message_append(out, &message->base);
}
