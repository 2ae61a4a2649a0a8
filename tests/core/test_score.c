#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>

#include "core/oracle.h"
#include "core/pair_difference.h"
#include "core/random_records.h"

/* How often each thing happened, so that a generator that stopped making it is noticed. */
struct tally {
    uint64_t passed, floored, soft, failed[GATE_COUNT];
    uint64_t between[CRITERION_COUNT]; /* points that are neither 0 nor full */
};

static void count_pair(struct tally *tally, const struct pair_score *pair)
{
    tally->passed += pair_passes(pair);
    tally->soft += pair->softened != 0;
    tally->floored += pair->penalty > 0 && pair->score == 0;
    for (int i = 0; i < GATE_COUNT; i++)
        tally->failed[i] += pair->failed >> i & 1;
    for (int i = 0; i < CRITERION_COUNT; i++)
        tally->between[i] += pair->points_bp[i] > 0 && pair->points_bp[i] < POINTS_LIMIT_BP;
}

Test(score, agrees_with_the_oracle_on_random_pairs)
{
    enum { ROUNDS = 250, RECORDS = 30 }; /* 225,000 pairs */
    struct tally tally = {0};
    struct market market;
    market_init(&market, 20261);
    for (int round = 0; round < ROUNDS; round++) {
        struct profile profile;
        struct scoring scoring;
        struct vacancy *vacancies[RECORDS];
        struct applicant *applicants[RECORDS];
        for (int i = 0; i < RECORDS; i++) {
            vacancies[i] = market_vacancy(&market);
            applicants[i] = market_applicant(&market);
            /* Neither is lawful in a record, but both are defined. */
            if (market_chance(&market, 10))
                applicants[i]->wage_desired_month_cents = WAGE_UNKNOWN;
            else if (market_chance(&market, 10))
                applicants[i]->wage_desired_month_cents = 400000; /* perhaps below the minimum */
        }
        for (int i = 0; i < RECORDS * RECORDS; i++) {
            if (i % RECORDS == 0) {
                profile = market_profile(&market);
                scoring = market_scoring(&market, &profile);
            }
            const struct vacancy *vacancy = vacancies[i / RECORDS];
            const struct applicant *applicant = applicants[i % RECORDS];
            struct pair_score expected = oracle_score(&scoring, vacancy, applicant), got;
            score_pair(&scoring, vacancy, applicant, &got);
            cr_assert_str_eq(pair_difference(&expected, &got), "", "round %d pair %d", round, i);
            count_pair(&tally, &got);
        }
        market_clear(&market);
    }
    cr_assert_gt(tally.passed, 5000);
    cr_assert_gt(tally.soft, 5000);
    cr_assert_gt(tally.floored, 1000);
    for (int i = 0; i < GATE_COUNT; i++)
        cr_assert_gt(tally.failed[i], 1000, "gate %s hardly ever failed", gate_rule(i));
    for (int i = 0; i < CRITERION_COUNT; i++)
        cr_assert_gt(tally.between[i], 10000, "%s hardly ever between", criterion_name(i));
    market_release(&market);
}

Test(score, random_records_are_lawful)
{
    struct market market;
    market_init(&market, 20262);
    for (int i = 0; i < 3000; i++) {
        struct error error = {0};
        struct profile profile = market_profile(&market);
        cr_assert(profile_validate(&profile, &error), "%s", error.text);
        cr_assert(vacancy_validate(market_vacancy(&market), &error), "%s", error.text);
        cr_assert(applicant_validate(market_applicant(&market), &error), "%s", error.text);
        market_clear(&market);
    }
    market_release(&market);
}

/* --- Properties --------------------------------------------------------------------------------*/

/* One random pair under a plain scoring; tests change one thing and score again. */
struct pair {
    struct profile profile;
    struct scoring scoring;
    struct vacancy *vacancy;
    struct applicant *applicant;
    struct pair_score before;
};

static void random_pair(struct market *market, struct pair *pair)
{
    market_clear(market);
    pair->profile = market_profile(market);
    pair->scoring = market_plain_scoring(market, &pair->profile);
    pair->vacancy = market_vacancy(market);
    pair->applicant = market_applicant(market);
    score_pair(&pair->scoring, pair->vacancy, pair->applicant, &pair->before);
}

static struct pair_score rescore(const struct pair *pair)
{
    struct pair_score after;
    score_pair(&pair->scoring, pair->vacancy, pair->applicant, &after);
    return after;
}

Test(score, raising_pay_never_lowers_wage_points)
{
    struct market market;
    struct pair pair;
    uint64_t rises = 0;
    market_init(&market, 20263);
    for (int i = 0; i < 50000; i++) {
        random_pair(&market, &pair);
        if (pair.before.wage_unknown)
            continue;
        int64_t more = rng_between(&market.rng, 0, market_chance(&market, 2) ? 3 : 400000);
        bool raises_low = market_chance(&market, 2), raises_high = market_chance(&market, 2);
        if (raises_low && pair.vacancy->wage_min_month_cents != WAGE_UNKNOWN)
            pair.vacancy->wage_min_month_cents += more;
        if (raises_high && pair.vacancy->wage_max_month_cents != WAGE_UNKNOWN)
            pair.vacancy->wage_max_month_cents += more;
        struct pair_score after = rescore(&pair);
        cr_assert_geq(after.points_bp[CRITERION_WAGE], pair.before.points_bp[CRITERION_WAGE]);
        cr_assert_geq(after.score, pair.before.score);
        cr_assert_not((after.failed & ~pair.before.failed) & 1u << GATE_WAGE_BELOW_MINIMUM);
        rises += after.points_bp[CRITERION_WAGE] > pair.before.points_bp[CRITERION_WAGE];
    }
    cr_assert_gt(rises, 1000);
    market_release(&market);
}

Test(score, a_nearer_workplace_never_lowers_location_points)
{
    struct market market;
    struct pair pair;
    uint64_t rises = 0;
    market_init(&market, 20264);
    for (int i = 0; i < 50000; i++) {
        random_pair(&market, &pair);
        if (pair.before.distance_m == DISTANCE_UNKNOWN_M)
            continue;
        /* One workplace more, anywhere: the nearest is then nearer or the same. */
        struct place *sites =
            market_alloc(&market, pair.vacancy->site_count + 1u, sizeof(struct place));
        memcpy(sites, pair.vacancy->sites, pair.vacancy->site_count * sizeof *sites);
        struct position home = pair.applicant->home.position;
        int32_t shift = (int32_t)rng_between(&market.rng, -500000, 500000);
        sites[pair.vacancy->site_count].position =
            (struct position){home.lat_e7 > 0 ? home.lat_e7 - abs(shift) : home.lat_e7 + abs(shift),
                              home.lon_e7 > 0 ? home.lon_e7 - 1000 : home.lon_e7 + 1000};
        pair.vacancy->sites = sites;
        pair.vacancy->site_count++;
        struct pair_score after = rescore(&pair);
        cr_assert_leq(after.distance_m, pair.before.distance_m);
        cr_assert_geq(after.points_bp[CRITERION_LOCATION],
                      pair.before.points_bp[CRITERION_LOCATION]);
        cr_assert_not((after.failed & ~pair.before.failed) & 1u << GATE_TOO_FAR);
        rises += after.points_bp[CRITERION_LOCATION] > pair.before.points_bp[CRITERION_LOCATION];
    }
    cr_assert_gt(rises, 1000);
    market_release(&market);
}

Test(score, a_longer_way_on_a_straight_road_never_raises_location_points)
{
    struct profile profile = profile_default();
    struct scoring scoring = {.profile = &profile};
    struct applicant applicant = {.max_distance_m = 10007,
                                  .home.position = {390000000, 1170000000}};
    struct place site = applicant.home;
    struct vacancy vacancy = {.sites = &site,
                              .site_count = 1,
                              .wage_min_month_cents = WAGE_UNKNOWN,
                              .wage_max_month_cents = WAGE_UNKNOWN};
    int32_t last_bp = POINTS_LIMIT_BP;
    for (; last_bp > 0; site.position.lat_e7 += 97) {
        struct pair_score pair;
        score_pair(&scoring, &vacancy, &applicant, &pair);
        cr_assert_leq(pair.points_bp[CRITERION_LOCATION], last_bp);
        cr_assert_eq((pair.failed & 1u << GATE_TOO_FAR) != 0, pair.distance_m > 10007);
        last_bp = pair.points_bp[CRITERION_LOCATION];
    }
    cr_assert_gt(site.position.lat_e7, 390000000 + 890000); /* 10 km are about 0.09 degrees */
}

/* The applicant's skills in memory of their own, with room for one more. */
static struct held_skill *own_skills(struct market *market, struct applicant *applicant)
{
    struct held_skill *skills =
        market_alloc(market, applicant->skill_count + 1u, sizeof(struct held_skill));
    if (applicant->skill_count > 0)
        memcpy(skills, applicant->skills, applicant->skill_count * sizeof *skills);
    applicant->skills = skills;
    return skills;
}

static bool holds(const struct applicant *applicant, uint32_t skill_id)
{
    for (int i = 0; i < applicant->skill_count; i++) {
        if (applicant->skills[i].skill_id == skill_id)
            return true;
    }
    return false;
}

static void assert_skills_not_lower(const struct pair_score *before, const struct pair_score *after)
{
    const gate_set of_skills = 1u << GATE_NO_RELATED_SKILL | 1u << GATE_ESSENTIAL_SKILL_MISSING;
    cr_assert_geq(after->points_bp[CRITERION_SKILL], before->points_bp[CRITERION_SKILL]);
    cr_assert_geq(after->score, before->score);
    cr_assert_not((after->failed & ~before->failed) & of_skills);
}

Test(score, one_more_held_skill_never_lowers_skill_points)
{
    struct market market;
    struct pair pair;
    uint64_t rises = 0;
    market_init(&market, 20265);
    for (int i = 0; i < 50000; i++) {
        random_pair(&market, &pair);
        uint32_t skill_id = (uint32_t)rng_below(&market.rng, taxonomy_skill_count(market.taxonomy));
        if (holds(pair.applicant, skill_id))
            continue;
        struct held_skill *skills = own_skills(&market, pair.applicant);
        skills[pair.applicant->skill_count++] =
            (struct held_skill){skill_id, (uint8_t)rng_below(&market.rng, 9), {0}};
        struct pair_score after = rescore(&pair);
        assert_skills_not_lower(&pair.before, &after);
        rises += after.points_bp[CRITERION_SKILL] > pair.before.points_bp[CRITERION_SKILL];
    }
    cr_assert_gt(rises, 1000);
    market_release(&market);
}

Test(score, a_higher_held_level_never_lowers_skill_points)
{
    struct market market;
    struct pair pair;
    uint64_t rises = 0;
    market_init(&market, 20266);
    for (int i = 0; i < 50000; i++) {
        random_pair(&market, &pair);
        if (pair.applicant->skill_count == 0)
            continue;
        struct held_skill *skills = own_skills(&market, pair.applicant);
        struct held_skill *raised = &skills[rng_below(&market.rng, pair.applicant->skill_count)];
        if (raised->level == 0)
            raised->level = pair.profile.default_level; /* what it counts as */
        if (raised->level < SKILL_LEVEL_LIMIT)
            raised->level++;
        struct pair_score after = rescore(&pair);
        assert_skills_not_lower(&pair.before, &after);
        rises += after.points_bp[CRITERION_SKILL] > pair.before.points_bp[CRITERION_SKILL];
    }
    cr_assert_gt(rises, 1000);
    market_release(&market);
}

Test(score, both_directions_give_the_same_pair_the_same_score)
{
    struct market market;
    struct pair pair;
    market_init(&market, 20267);
    for (int i = 0; i < 20000; i++) {
        random_pair(&market, &pair);
        struct scoring scoring = market_scoring(&market, &pair.profile);
        scoring.filter = NULL; /* a filter is of one direction */
        struct pair_score as_vacancy, as_applicant;
        scoring.ranking = RANK_VACANCIES;
        score_pair(&scoring, pair.vacancy, pair.applicant, &as_vacancy);
        scoring.ranking = RANK_APPLICANTS;
        score_pair(&scoring, pair.vacancy, pair.applicant, &as_applicant);
        gate_set only_consent = as_vacancy.failed ^ as_applicant.failed;
        cr_assert_not(only_consent & ~(1u << GATE_CONSENT));
        as_applicant.failed = as_vacancy.failed;
        cr_assert_str_eq(pair_difference(&as_vacancy, &as_applicant), "");
    }
    market_release(&market);
}

Test(score, fit_and_appeal_recombine_to_the_total)
{
    struct market market;
    struct pair pair;
    uint64_t without_fit = 0, without_appeal = 0;
    market_init(&market, 20268);
    for (int i = 0; i < 50000; i++) {
        random_pair(&market, &pair);
        const int32_t *weights = pair.profile.weights;
        int32_t fit_weight =
            weights[CRITERION_SKILL] + weights[CRITERION_EXPERIENCE] + weights[CRITERION_EDUCATION];
        int32_t total = 0;
        for (int c = 0; c < CRITERION_COUNT; c++)
            total += weights[c] * pair.before.points_bp[c];
        cr_assert_eq(pair.before.fit_sum + pair.before.appeal_sum, total);
        cr_assert_eq(pair.before.score, total);
        cr_assert(total >= 0 && total <= SCORE_LIMIT);
        cr_assert_eq(pair.before.fit_bp == -1, fit_weight == 0);
        cr_assert_eq(pair.before.appeal_bp == -1, fit_weight == WEIGHT_SUM);
        if (fit_weight > 0)
            cr_assert_eq(pair.before.fit_bp, pair.before.fit_sum / fit_weight);
        if (fit_weight < WEIGHT_SUM)
            cr_assert_eq(pair.before.appeal_bp, pair.before.appeal_sum / (WEIGHT_SUM - fit_weight));
        without_fit += fit_weight == 0;
        without_appeal += fit_weight == WEIGHT_SUM;
    }
    cr_assert_gt(without_fit, 100);
    cr_assert_gt(without_appeal, 100);
    market_release(&market);
}

Test(score, all_weight_in_one_criterion_shows_its_points_alone)
{
    struct market market;
    struct pair pair;
    market_init(&market, 20269);
    for (int i = 0; i < 6000; i++) {
        random_pair(&market, &pair);
        int criterion = i % CRITERION_COUNT;
        memset(pair.profile.weights, 0, sizeof pair.profile.weights);
        pair.profile.weights[criterion] = WEIGHT_SUM;
        struct pair_score alone = rescore(&pair);
        bool is_of_fit = (CRITERIA_OF_FIT & 1u << criterion) != 0;
        cr_assert_eq(alone.score, WEIGHT_SUM * pair.before.points_bp[criterion]);
        cr_assert_eq(is_of_fit ? alone.fit_bp : alone.appeal_bp, pair.before.points_bp[criterion]);
        cr_assert_eq(is_of_fit ? alone.appeal_bp : alone.fit_bp, -1);
    }
    market_release(&market);
}

/* --- Extremes ----------------------------------------------------------------------------------*/

Test(score, the_largest_numbers_of_every_field_do_not_overflow)
{
    const int64_t most = INT64_C(1000000000000000); /* 10^15 month cents */
    struct profile profile = profile_default();
    struct asked_skill asked[RECORD_SKILL_LIMIT];
    struct held_skill held[RECORD_SKILL_LIMIT];
    char names[RECORD_SKILL_LIMIT];
    for (int i = 0; i < RECORD_SKILL_LIMIT; i++) {
        names[i] = (char)('!' + i);
        struct str name = {&names[i], 1};
        asked[i] = (struct asked_skill){SKILL_UNKNOWN, IMPORTANCE_LIMIT, 8, true, name};
        held[i] = (struct held_skill){SKILL_UNKNOWN, 8, name};
    }
    struct place site = {.position = {-900000000, 1800000000}};
    struct vacancy vacancy = {.skills = asked,
                              .skill_count = RECORD_SKILL_LIMIT,
                              .sites = &site,
                              .site_count = 1,
                              .wage_min_month_cents = most - 1,
                              .wage_max_month_cents = most - 1,
                              .months_of_experience = EXPERIENCE_LIMIT_MONTHS,
                              .education_level = 8};
    struct applicant applicant = {.skills = held,
                                  .skill_count = RECORD_SKILL_LIMIT,
                                  .home.position = {900000000, 0},
                                  .max_distance_m = DISTANCE_LIMIT_M,
                                  .wage_min_month_cents = 0,
                                  .wage_desired_month_cents = most,
                                  .months_of_experience = EXPERIENCE_LIMIT_MONTHS - 1,
                                  .education_level = 7};
    struct scoring scoring = {.profile = &profile, .soft_gates = ~0u};
    for (int i = 0; i < GATE_COUNT; i++)
        scoring.penalties[i] = SCORE_LIMIT;
    struct pair_score pair;
    score_pair(&scoring, &vacancy, &applicant, &pair);
    cr_assert_eq(pair.points_bp[CRITERION_SKILL], 10000);
    cr_assert_eq(pair.points_bp[CRITERION_LOCATION], 0); /* 20,015 km of 20,000 km */
    cr_assert_eq(pair.points_bp[CRITERION_WAGE], 9999);
    cr_assert_eq(pair.points_bp[CRITERION_EXPERIENCE], 9986); /* 719 of 720 */
    cr_assert_eq(pair.points_bp[CRITERION_EDUCATION], 8750);  /* 7 of 8 */
    cr_assert_eq(pair.penalty, SCORE_LIMIT); /* too far and not available: 2 * 10^7, capped */
    cr_assert_eq(pair.score, 0);
}

Test(score, nothing_stated_on_either_side_gives_the_unstated_points)
{
    struct profile profile = profile_default();
    profile.no_skills_bp = 1;
    profile.unstated_location_bp = 2;
    profile.unknown_wage_bp = 3;
    profile.unstated_wage_bp = 4;
    profile.unstated_bp = 5;
    struct scoring scoring = {.profile = &profile};
    struct vacancy vacancy = {.wage_min_month_cents = WAGE_UNKNOWN,
                              .wage_max_month_cents = WAGE_UNKNOWN,
                              .months_of_experience = 1,
                              .education_level = 1};
    struct applicant applicant = {.home.position = POSITION_NONE,
                                  .wage_min_month_cents = WAGE_UNKNOWN,
                                  .wage_desired_month_cents = WAGE_UNKNOWN,
                                  .months_of_experience = EXPERIENCE_UNKNOWN};
    struct pair_score pair;
    score_pair(&scoring, &vacancy, &applicant, &pair);
    const int32_t expected[CRITERION_COUNT] = {1, 2, 3, 5, 5, 5};
    cr_assert_arr_eq(pair.points_bp, expected, sizeof expected);
    cr_assert(pair.wage_unknown);
    cr_assert_eq(pair.distance_m, DISTANCE_UNKNOWN_M);
    vacancy.wage_max_month_cents = 0; /* known to be nothing */
    score_pair(&scoring, &vacancy, &applicant, &pair);
    cr_assert_eq(pair.points_bp[CRITERION_WAGE], 4);
    cr_assert_not(pair.wage_unknown);
}
