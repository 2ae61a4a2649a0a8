/* score_pair: points per criterion, gates, total. DESIGN section 2 is the text, this is the rule.
 *
 *   vacancy ---+--> points_bp[6] --weights--> fit_sum + appeal_sum --penalties--> score
 *   applicant -+--> gates ------------------> failed, softened ------^
 *
 * Every division floors, and its operands are not negative. Nothing overflows: points are at most
 * 10^4 and weights sum to 10^3, so a score is at most 10^7; importance * credit summed over 64
 * skills is at most 64 * 5 * 10^4 = 3.2 * 10^6; 10^4 * metres is at most 2.01 * 10^11 (int64);
 * 10^4 * month cents may be 10^19, which uint64 holds (1.8 * 10^19) and int64 would not; twelve
 * penalties of 10^7 are 1.2 * 10^8.
 * Thread: any; nothing is kept. Cost: asked * (held + neighbours) skills; about 0.5 us with 7 a
 * side.
 */
#include "core/score.h"

#include "core/pay.h"
#include "core/score_internal.h"

#include "base/banned.h"

/* All of the points for `whole` and more, else the part of them; whole > 0. Which it is cannot be
 * foreseen: always dividing costs less than a branch that is mispredicted. */
static int32_t proportion_bp(int64_t part, int64_t whole)
{
    return (int32_t)(POINTS_LIMIT_BP * (part < whole ? part : whole) / whole);
}

/* --- Skill -------------------------------------------------------------------------------------*/

bool skill_is_same(const struct asked_skill *asked, const struct held_skill *held)
{
    return asked->skill_id == held->skill_id &&
           (asked->skill_id != SKILL_UNKNOWN || str_equal(asked->name, held->name));
}

/* The neighbours of an asked skill, closest first. Bit (id % 64) of `signature` is set for each of
 * them: most held skills are none, and a test of one bit shows it. */
struct neighbours {
    const struct closeness *items;
    size_t count;
    uint64_t signature;
};

static struct neighbours neighbours_of(const struct taxonomy *taxonomy, uint32_t asked_id)
{
    struct neighbours neighbours = {0};
    if (asked_id == SKILL_UNKNOWN)
        return neighbours;
    neighbours.items = taxonomy_neighbours(taxonomy, asked_id, &neighbours.count);
    for (size_t i = 0; i < neighbours.count; i++)
        neighbours.signature |= UINT64_C(1) << neighbours.items[i].skill_id % 64;
    return neighbours;
}

static int32_t closeness_among(const struct neighbours *neighbours, uint32_t held_id)
{
    if (!(neighbours->signature >> held_id % 64 & 1))
        return 0;
    for (size_t i = 0; i < neighbours->count; i++) {
        if (neighbours->items[i].skill_id == held_id)
            return neighbours->items[i].bp;
    }
    return 0;
}

/* The best credit of any held skill. Among equal credits the closer skill is named, then the one
 * that the applicant named first; only the skill itself at its level gives the full 10000. */
struct skill_credit score_skill_credit(const struct scoring *scoring,
                                       const struct asked_skill *asked,
                                       const struct applicant *applicant)
{
    struct skill_credit best = {.held_index = -1};
    const struct neighbours neighbours = neighbours_of(scoring->taxonomy, asked->skill_id);
    for (int32_t i = 0; i < applicant->skill_count; i++) {
        const struct held_skill *held = &applicant->skills[i];
        int32_t closeness_bp = skill_is_same(asked, held)
                                   ? CLOSENESS_SAME_BP
                                   : closeness_among(&neighbours, held->skill_id);
        if (closeness_bp == 0)
            continue;
        int32_t level = held->level ? held->level : scoring->profile->default_level;
        int32_t credit_bp =
            level >= asked->min_level ? closeness_bp : closeness_bp * level / asked->min_level;
        if (credit_bp > best.credit_bp ||
            (credit_bp == best.credit_bp && closeness_bp > best.closeness_bp)) {
            best = (struct skill_credit){credit_bp, closeness_bp, level, i,
                                         credit_bp == CLOSENESS_SAME_BP};
        }
    }
    return best;
}

static int32_t skill_points(struct pair_facts *facts)
{
    const struct vacancy *vacancy = facts->vacancy;
    int32_t importance_sum = 0, credit_sum = 0;
    for (int i = 0; i < vacancy->skill_count; i++) {
        const struct asked_skill *asked = &vacancy->skills[i];
        struct skill_credit credit = score_skill_credit(facts->scoring, asked, facts->applicant);
        int32_t importance = asked->importance ? asked->importance : IMPORTANCE_DEFAULT;
        importance_sum += importance;
        credit_sum += importance * credit.credit_bp;
        facts->credited_count += credit.credit_bp > 0;
        facts->missing_essential_count += asked->essential && !credit.held_itself_at_level;
    }
    return importance_sum > 0 ? credit_sum / importance_sum : facts->scoring->profile->no_skills_bp;
}

/* --- Location, wage, occupation, experience, education -----------------------------------------*/

int32_t pair_distance_m(const struct vacancy *vacancy, const struct applicant *applicant)
{
    uint64_t nearest_e14 = UINT64_MAX; /* larger than any square */
    if (vacancy->remote || !position_is_known(applicant->home.position))
        return DISTANCE_UNKNOWN_M;
    for (int i = 0; i < vacancy->site_count; i++) {
        struct position site = vacancy->sites[i].position;
        if (!position_is_known(site))
            continue;
        uint64_t square_e14 = geo_square_e14(site, applicant->home.position);
        nearest_e14 = square_e14 < nearest_e14 ? square_e14 : nearest_e14;
    }
    return nearest_e14 < UINT64_MAX ? geo_square_to_m(nearest_e14) : DISTANCE_UNKNOWN_M;
}

static int32_t location_points(const struct pair_facts *facts)
{
    int32_t limit_m = facts->applicant->max_distance_m;
    if (facts->vacancy->remote)
        return POINTS_LIMIT_BP;
    if (facts->distance_m == DISTANCE_UNKNOWN_M || limit_m <= 0)
        return facts->scoring->profile->unstated_location_bp;
    return POINTS_LIMIT_BP - proportion_bp(facts->distance_m, limit_m);
}

static int32_t wage_points(const struct pair_facts *facts)
{
    const struct profile *profile = facts->scoring->profile;
    int64_t pay = pay_reference_month_cents(profile, facts->vacancy);
    struct pay_wish wish = pay_wish_of(facts->applicant);
    if (pay == WAGE_UNKNOWN)
        return profile->unknown_wage_bp;
    if (!wish.is_stated)
        return profile->unstated_wage_bp;
    if (wish.desired_month_cents <= wish.floor_month_cents)
        return pay >= wish.floor_month_cents ? POINTS_LIMIT_BP : 0;
    if (pay > wish.desired_month_cents)
        pay = wish.desired_month_cents;
    if (pay < wish.floor_month_cents)
        pay = wish.floor_month_cents;
    /* floor <= pay <= desired, unsigned because of the 10^19 above. */
    uint64_t above_floor = (uint64_t)(pay - wish.floor_month_cents);
    uint64_t span = (uint64_t)(wish.desired_month_cents - wish.floor_month_cents);
    return (int32_t)(POINTS_LIMIT_BP * above_floor / span);
}

static int32_t occupation_closeness_bp(struct occupation_code a, struct occupation_code b)
{
    enum { BP_PER_LEVEL = 2500, BP_BELOW_EQUAL = 7500 };
    if (!str_equal(a.system, b.system))
        return 0;
    if (str_equal(a.code, b.code))
        return POINTS_LIMIT_BP;
    size_t shared_levels = occupation_shared_levels(a.system, a.code, b.code);
    return shared_levels < 3 ? (int32_t)shared_levels * BP_PER_LEVEL : BP_BELOW_EQUAL;
}

static int32_t occupation_points(const struct pair_facts *facts)
{
    const struct applicant *applicant = facts->applicant;
    int32_t best_bp = 0;
    if (facts->vacancy->occupation.code.length == 0 || applicant->occupation_count == 0)
        return facts->scoring->profile->unstated_bp;
    for (int i = 0; i < applicant->occupation_count; i++) {
        int32_t bp =
            occupation_closeness_bp(facts->vacancy->occupation, applicant->desired_occupations[i]);
        best_bp = bp > best_bp ? bp : best_bp;
    }
    return best_bp;
}

static int32_t experience_points(const struct pair_facts *facts)
{
    int32_t needed = facts->vacancy->months_of_experience;
    int32_t held = facts->applicant->months_of_experience;
    if (needed == 0)
        return POINTS_LIMIT_BP;
    if (held == EXPERIENCE_UNKNOWN)
        return facts->scoring->profile->unstated_bp;
    return proportion_bp(held, needed);
}

static int32_t education_points(const struct pair_facts *facts)
{
    int32_t needed = facts->vacancy->education_level;
    int32_t held = facts->applicant->education_level;
    if (needed == 0)
        return POINTS_LIMIT_BP;
    if (held == 0)
        return facts->scoring->profile->unstated_bp;
    return proportion_bp(held, needed);
}

/* --- The whole ---------------------------------------------------------------------------------*/

/* A side's sum of weight * points, and the mean: -1 when none of its criteria has a weight. */
static void weigh_fit(const int32_t *weights, struct pair_score *out)
{
    const int32_t *points_bp = out->points_bp;
    int32_t weight_sum =
        weights[CRITERION_SKILL] + weights[CRITERION_EXPERIENCE] + weights[CRITERION_EDUCATION];
    out->fit_sum = weights[CRITERION_SKILL] * points_bp[CRITERION_SKILL] +
                   weights[CRITERION_EXPERIENCE] * points_bp[CRITERION_EXPERIENCE] +
                   weights[CRITERION_EDUCATION] * points_bp[CRITERION_EDUCATION];
    out->fit_bp = weight_sum > 0 ? out->fit_sum / weight_sum : -1;
}

static void weigh_appeal(const int32_t *weights, struct pair_score *out)
{
    const int32_t *points_bp = out->points_bp;
    int32_t weight_sum =
        weights[CRITERION_LOCATION] + weights[CRITERION_WAGE] + weights[CRITERION_OCCUPATION];
    out->appeal_sum = weights[CRITERION_LOCATION] * points_bp[CRITERION_LOCATION] +
                      weights[CRITERION_WAGE] * points_bp[CRITERION_WAGE] +
                      weights[CRITERION_OCCUPATION] * points_bp[CRITERION_OCCUPATION];
    out->appeal_bp = weight_sum > 0 ? out->appeal_sum / weight_sum : -1;
}

static int32_t penalty_of(const struct scoring *scoring, gate_set softened)
{
    int64_t sum = 0;
    for (; softened; softened &= softened - 1)
        sum += scoring->penalties[__builtin_ctz(softened)];
    return sum < SCORE_LIMIT ? (int32_t)sum : SCORE_LIMIT;
}

void score_settle(const struct pair_facts *facts, struct pair_score *out)
{
    const struct scoring *scoring = facts->scoring;
    out->points_bp[CRITERION_LOCATION] = location_points(facts);
    out->points_bp[CRITERION_WAGE] = wage_points(facts);
    out->points_bp[CRITERION_EXPERIENCE] = experience_points(facts);
    out->points_bp[CRITERION_EDUCATION] = education_points(facts);
    weigh_fit(scoring->profile->weights, out);
    weigh_appeal(scoring->profile->weights, out);
    out->failed = gates_failed(facts);
    out->softened = out->failed & scoring->soft_gates & ~GATES_ALWAYS_HARD;
    out->penalty = penalty_of(scoring, out->softened);
    int32_t total = out->fit_sum + out->appeal_sum;
    out->score = total > out->penalty ? total - out->penalty : 0;
    out->distance_m = facts->distance_m;
    out->wage_unknown = pay_top_month_cents(facts->vacancy) == WAGE_UNKNOWN;
}

void score_pair(const struct scoring *scoring, const struct vacancy *vacancy,
                const struct applicant *applicant, struct pair_score *out)
{
    struct pair_facts facts = {.scoring = scoring, .vacancy = vacancy, .applicant = applicant};
    facts.distance_m = pair_distance_m(vacancy, applicant);
    out->points_bp[CRITERION_SKILL] = skill_points(&facts);
    out->points_bp[CRITERION_OCCUPATION] = occupation_points(&facts);
    score_settle(&facts, out);
}

enum gate pair_first_hard_gate(const struct pair_score *pair)
{
    gate_set hard = pair->failed & ~pair->softened;
    return hard ? (enum gate)__builtin_ctz(hard) : GATE_COUNT;
}

const char *gate_rule(enum gate gate)
{
    static const char *const RULES[GATE_COUNT] = {
#define X(name, rule, hard) rule,
        GATES(X)
#undef X
    };
    return RULES[gate];
}

bool gate_is_always_hard(enum gate gate)
{
    return (GATES_ALWAYS_HARD & 1u << gate) != 0;
}
