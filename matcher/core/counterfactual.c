/* One change at a time: a copy of the applicant with that change goes through score_pair again.
 *
 * Tried are, where they matter for this pair: each asked skill that does not have full credit, at
 * the level asked; the desired wage, and the minimum, lowered to what the vacancy pays; the
 * distance limit raised to the nearest workplace; being available now; each missing licence and
 * language. None of them can lower a score. The best COUNTERFACTUAL_LIMIT are kept: those that pass
 * the gates first, then the higher score, then as found. Thread: any. Memory: copies of the
 * applicant's lists in the arena, at most 92 of them, 2 KiB each.
 */
#include "core/counterfactual.h"

#include "core/gate.h"
#include "core/pay.h"
#include "core/sentence.h"

#include "base/banned.h"

struct trial {
    const struct scoring *scoring;
    const struct vacancy *vacancy;
    const struct applicant *applicant;
    struct arena *arena;
    struct explanation *explanation;
};

static bool is_better(const struct counterfactual *a, const struct counterfactual *b)
{
    return a->passes != b->passes ? a->passes : a->score > b->score;
}

/* Scores the changed applicant and keeps the change when it is among the best so far. */
static bool keep(struct trial *trial, const struct applicant *changed, const struct sentence *text)
{
    struct explanation *explanation = trial->explanation;
    struct counterfactual *list = explanation->counterfactuals;
    uint32_t at = explanation->counterfactual_count;
    struct pair_score pair;
    score_pair(trial->scoring, trial->vacancy, changed, &pair);
    struct counterfactual found = {.score = pair.score, .passes = pair_passes(&pair)};
    while (at > 0 && is_better(&found, &list[at - 1]))
        at--;
    if (at == COUNTERFACTUAL_LIMIT)
        return true;
    found.change = sentence_finish(text, trial->arena);
    if (!found.change.data)
        return false;
    uint32_t kept_count = explanation->counterfactual_count;
    if (kept_count == COUNTERFACTUAL_LIMIT)
        kept_count--; /* the last one falls off */
    memmove(&list[at + 1], &list[at], (kept_count - at) * sizeof *list);
    list[at] = found;
    explanation->counterfactual_count = kept_count + 1;
    return true;
}

/* A copy of a list with room for one more item, which is zero; NULL when the arena is exhausted. */
static void *copy_longer(struct arena *arena, const void *items, size_t count, size_t item_bytes)
{
    void *copy = arena_alloc_zeroed(arena, count + 1, item_bytes);
    if (copy && count > 0)
        memcpy(copy, items, count * item_bytes);
    return copy;
}

/* --- Skills ------------------------------------------------------------------------------------*/

static bool try_skill(struct trial *trial, const struct asked_skill *asked)
{
    struct applicant changed = *trial->applicant;
    uint8_t at = 0;
    struct held_skill *skills =
        copy_longer(trial->arena, changed.skills, changed.skill_count, sizeof *skills);
    if (!skills)
        return false;
    while (at < changed.skill_count && !skill_is_same(asked, &skills[at]))
        at++;
    skills[at] = (struct held_skill){asked->skill_id, asked->min_level, asked->name};
    if (at == changed.skill_count)
        changed.skill_count++; /* at most 65 */
    changed.skills = skills;
    struct sentence text = {0};
    sentence_add(&text, "skill ");
    sentence_add_skill(&text, trial->scoring->taxonomy, asked->skill_id, asked->name);
    if (asked->min_level > 0)
        sentence_add(&text, " at level %u", asked->min_level);
    return keep(trial, &changed, &text);
}

static bool try_skills(struct trial *trial)
{
    for (uint32_t i = 0; i < trial->explanation->skill_count; i++) {
        const struct skill_explanation *skill = &trial->explanation->skills[i];
        if (skill->credit.credit_bp < POINTS_LIMIT_BP && !try_skill(trial, skill->asked))
            return false;
    }
    return true;
}

/* --- Wage, distance, availability --------------------------------------------------------------*/

static bool try_wages(struct trial *trial, int64_t minimum, int64_t desired, const char *what)
{
    struct applicant changed = *trial->applicant;
    struct sentence text = {0};
    changed.wage_min_month_cents = minimum;
    changed.wage_desired_month_cents = desired;
    sentence_add(&text, "%s ", what);
    sentence_add_yuan(&text,
                      desired != trial->applicant->wage_desired_month_cents ? desired : minimum);
    return keep(trial, &changed, &text);
}

/* The minimum alone down to the most that is paid, so that the gate opens; and the whole wish down
 * to the figure that earns points, so that it earns all of them. */
static bool try_lower_wage(struct trial *trial)
{
    const struct pair_score *pair = &trial->explanation->pair;
    int64_t minimum = trial->applicant->wage_min_month_cents;
    int64_t desired = trial->applicant->wage_desired_month_cents;
    int64_t top = pay_top_month_cents(trial->vacancy);
    int64_t pay = pay_reference_month_cents(trial->scoring->profile, trial->vacancy);
    bool is_gated = (pair->failed & 1u << GATE_WAGE_BELOW_MINIMUM) != 0;
    struct pay_wish wish = pay_wish_of(trial->applicant);
    if (is_gated && desired != WAGE_UNKNOWN && !try_wages(trial, top, desired, "minimum wage"))
        return false;
    if (pay == WAGE_UNKNOWN || !wish.is_stated ||
        (pay >= wish.desired_month_cents && pay >= wish.floor_month_cents))
        return true;
    if (minimum != WAGE_UNKNOWN && minimum > pay)
        return try_wages(trial, pay, pay, "minimum and desired wage");
    return try_wages(trial, minimum, pay, "desired wage");
}

static bool try_longer_distance(struct trial *trial)
{
    const struct pair_score *pair = &trial->explanation->pair;
    struct applicant changed = *trial->applicant;
    struct sentence text = {0};
    if (!(pair->failed & 1u << GATE_TOO_FAR))
        return true;
    /* Up to whole hundreds of metres: the text then says exactly what was tried. */
    changed.max_distance_m = (pair->distance_m + 99) / 100 * 100;
    if (changed.max_distance_m > DISTANCE_LIMIT_M)
        return true; /* nobody can state that */
    sentence_add(&text, "distance limit ");
    sentence_add_km(&text, changed.max_distance_m);
    return keep(trial, &changed, &text);
}

static bool try_available(struct trial *trial)
{
    struct applicant changed = *trial->applicant;
    struct sentence text = {0};
    if (changed.available)
        return true;
    changed.available = true;
    sentence_add(&text, "available now");
    return keep(trial, &changed, &text);
}

/* --- Licences and languages --------------------------------------------------------------------*/

static bool try_licence(struct trial *trial, struct str licence)
{
    struct applicant changed = *trial->applicant;
    struct str *items =
        copy_longer(trial->arena, changed.licences.items, changed.licences.count, sizeof *items);
    struct sentence text = {0};
    if (!items)
        return false;
    items[changed.licences.count] = licence;
    changed.licences = (struct str_list){items, changed.licences.count + 1};
    sentence_add(&text, "licence ");
    sentence_add_quoted(&text, licence);
    return keep(trial, &changed, &text);
}

static bool try_language(struct trial *trial, const struct language *asked)
{
    struct applicant changed = *trial->applicant;
    struct language *items =
        copy_longer(trial->arena, changed.languages, changed.language_count, sizeof *items);
    struct sentence text = {0};
    if (!items)
        return false;
    items[changed.language_count] = *asked; /* beside a lower level: the higher one counts */
    changed.languages = items;
    changed.language_count++;
    sentence_add(&text, "language ");
    sentence_add_language(&text, asked);
    return keep(trial, &changed, &text);
}

static bool try_licences_and_languages(struct trial *trial)
{
    const struct vacancy *vacancy = trial->vacancy;
    for (uint32_t i = 0; i < vacancy->licences.count; i++) {
        if (!gate_list_holds(trial->applicant->licences, vacancy->licences.items[i]) &&
            !try_licence(trial, vacancy->licences.items[i]))
            return false;
    }
    for (uint8_t i = 0; i < vacancy->language_count; i++) {
        if (!gate_language_is_held(trial->applicant, &vacancy->languages[i]) &&
            !try_language(trial, &vacancy->languages[i]))
            return false;
    }
    return true;
}

bool counterfactuals_find(const struct scoring *scoring, const struct vacancy *vacancy,
                          const struct applicant *applicant, struct arena *arena,
                          struct explanation *explanation)
{
    struct trial trial = {scoring, vacancy, applicant, arena, explanation};
    explanation->counterfactual_count = 0;
    explanation->counterfactuals =
        arena_alloc_zeroed(arena, COUNTERFACTUAL_LIMIT, sizeof *explanation->counterfactuals);
    return explanation->counterfactuals && try_skills(&trial) && try_lower_wage(&trial) &&
           try_longer_distance(&trial) && try_available(&trial) &&
           try_licences_and_languages(&trial);
}
