/* Pairs scored by hand. A change here is a change of the rule: raise SCORE_VERSION with it. */
#include <criterion/criterion.h>

#include "core/score.h"

static const char SKILLS[] = "code,zh,en,alternative,broader,related\n"
                             "t:metal,,metal work,,,\n"
                             "t:welding,,welding,,t:metal,\n"
                             "t:tig,,tig welding,,t:welding,t:inspection\n"
                             "t:inspection,,weld inspection,,,\n";

struct world {
    struct taxonomy *taxonomy;
    uint32_t welding, tig, inspection;
    struct profile profile;
    struct scoring scoring;
    struct asked_skill asked[3];
    struct held_skill held[2];
    struct place sites[2];
    struct occupation_code desired[2];
    struct vacancy vacancy;
    struct applicant applicant;
    struct pair_score pair;
};

/* A welder near Tianjin's port and a welding shop about 5.6 km north of the home. */
static void world_init(struct world *world)
{
    struct error error = {0};
    *world = (struct world){.taxonomy = taxonomy_load(str_of(SKILLS), STR(""), &error)};
    cr_assert(world->taxonomy, "%s", error.text);
    world->welding = taxonomy_find_skill(world->taxonomy, STR("t:welding"));
    world->tig = taxonomy_find_skill(world->taxonomy, STR("t:tig"));
    world->inspection = taxonomy_find_skill(world->taxonomy, STR("t:inspection"));
    world->profile = profile_default();
    world->scoring = (struct scoring){.profile = &world->profile, .taxonomy = world->taxonomy};
    world->asked[0] = (struct asked_skill){world->welding, 5, 4, true, {0}};
    world->asked[1] = (struct asked_skill){world->tig, 3, 0, false, {0}};
    world->asked[2] = (struct asked_skill){SKILL_UNKNOWN, 2, 2, false, STR("forklift")};
    world->held[0] = (struct held_skill){world->inspection, 0, {0}};
    world->held[1] = (struct held_skill){world->welding, 5, {0}};
    world->sites[0] = (struct place){POSITION_NONE, {0}};
    world->sites[1] = (struct place){{390500000, 1170000000}, {0}};
    world->desired[0] = (struct occupation_code){STR("isco-08"), STR("7213")};
    world->desired[1] = (struct occupation_code){STR("cn-2022"), STR("7212")};
    world->vacancy = (struct vacancy){.occupation = {STR("isco-08"), STR("7212")},
                                      .skills = world->asked,
                                      .skill_count = 3,
                                      .sites = world->sites,
                                      .site_count = 2,
                                      .wage_min_month_cents = 500000,
                                      .wage_max_month_cents = 700001,
                                      .months_of_experience = 36,
                                      .education_level = 3,
                                      .open = true};
    world->applicant = (struct applicant){.skills = world->held,
                                          .skill_count = 2,
                                          .home.position = {390000000, 1170000000},
                                          .desired_occupations = world->desired,
                                          .occupation_count = 2,
                                          .wage_min_month_cents = 450000,
                                          .wage_desired_month_cents = 800000,
                                          .max_distance_m = 20000,
                                          .months_of_experience = 24,
                                          .education_level = 3,
                                          .consent_matching = true,
                                          .active = true,
                                          .available = true};
}

static void score(struct world *world)
{
    score_pair(&world->scoring, &world->vacancy, &world->applicant, &world->pair);
}

static void assert_points(const struct world *world, const int32_t expected[CRITERION_COUNT])
{
    for (int i = 0; i < CRITERION_COUNT; i++)
        cr_assert_eq(world->pair.points_bp[i], expected[i], "%s: %d", criterion_name(i),
                     world->pair.points_bp[i]);
}

Test(golden, a_welder_and_a_welding_shop)
{
    struct world world;
    world_init(&world);
    score(&world);
    /* skill: welding held at 5 of 4: 10000. tig: from welding (broader) 5000, from inspection
     *   (related) 7000: 7000. forklift: 0. (5 * 10000 + 3 * 7000 + 2 * 0) / 10 = 7100
     * location: 500,000 units of 0.011119508 m = 5559.754: 5559 m. 10000 * 5559 / 20000 = 2779.5;
     *   10000 - 2779 = 7221
     * wage: (500000 + 700001) / 2 = 600000.5: 600000. 10000 * 150000 / 350000 = 4285.7: 4285
     * occupation: 7212 and 7213 of isco-08 share three levels: 7500; the cn-2022 code is another
     *   system's. experience: 10000 * 24 / 36 = 6666.7: 6666. education: met. */
    assert_points(&world, (int32_t[]){7100, 7221, 4285, 7500, 6666, 10000});
    cr_assert_eq(world.pair.distance_m, 5559);
    /* 550 * 7100 = 3905000, 30 * 6666 = 199980, 20 * 10000 = 200000: 4304980 / 600 = 7174.97
     * 200 * 7221 = 1444200, 150 * 4285 = 642750, 50 * 7500 = 375000: 2461950 / 400 = 6154.9 */
    cr_assert_eq(world.pair.fit_sum, 4304980);
    cr_assert_eq(world.pair.fit_bp, 7174);
    cr_assert_eq(world.pair.appeal_sum, 2461950);
    cr_assert_eq(world.pair.appeal_bp, 6154);
    cr_assert_eq(world.pair.score, 6766930);
    cr_assert_eq(world.pair.failed, 0);
    taxonomy_free(world.taxonomy);
}

Test(golden, remote_work_without_skills_and_pay)
{
    struct world world;
    world_init(&world);
    world.vacancy.remote = true;
    world.vacancy.skill_count = 0;
    world.vacancy.wage_min_month_cents = world.vacancy.wage_max_month_cents = WAGE_UNKNOWN;
    world.vacancy.months_of_experience = 0;
    world.vacancy.education_level = 6;
    world.applicant.education_level = 0;
    world.applicant.occupation_count = 0;
    score(&world);
    assert_points(&world, (int32_t[]){5000, 10000, 5000, 5000, 10000, 5000});
    /* 550 * 5000 + 200 * 10000 + 150 * 5000 + 50 * 5000 + 30 * 10000 + 20 * 5000 */
    cr_assert_eq(world.pair.score, 6150000);
    cr_assert(world.pair.wage_unknown);
    cr_assert_eq(world.pair.distance_m, DISTANCE_UNKNOWN_M);
    taxonomy_free(world.taxonomy);
}

Test(golden, levels_below_and_the_maximum_as_reference)
{
    struct world world;
    world_init(&world);
    world.profile = profile_lab();
    world.asked[0] = (struct asked_skill){world.tig, 1, 6, false, {0}};
    world.asked[1] = (struct asked_skill){world.inspection, 4, 5, false, {0}};
    world.held[0] = (struct held_skill){world.tig, 2, {0}};
    world.vacancy.skill_count = 2;
    world.applicant.skill_count = 1;
    world.applicant.max_distance_m = 0;
    world.vacancy.wage_min_month_cents = WAGE_UNKNOWN;
    world.vacancy.wage_max_month_cents = 450000;
    world.applicant.wage_desired_month_cents = WAGE_UNKNOWN;
    score(&world);
    /* tig: 10000 * 2 / 6 = 3333.3: 3333. inspection from tig (related): 7000 * 2 / 5 = 2800.
     *   (1 * 3333 + 4 * 2800) / 5 = 2906.6: 2906
     * wage: 450000 of a minimum of 450000 and nothing else desired: full. */
    assert_points(&world, (int32_t[]){2906, 5000, 10000, 7500, 6666, 10000});
    /* 600 * 2906 + 250 * 5000 + 150 * 10000 */
    cr_assert_eq(world.pair.score, 4493600);
    cr_assert_eq(world.pair.fit_bp, 2906);
    cr_assert_eq(world.pair.appeal_bp, 6875);  /* (1250000 + 1500000) / 400 */
    cr_assert_eq(world.pair.distance_m, 5559); /* known, though no limit is */
    taxonomy_free(world.taxonomy);
}

Test(golden, a_softened_gate_costs_and_a_hard_one_removes)
{
    struct world world;
    world_init(&world);
    world.sites[1].position.lat_e7 = 392000000;
    world.vacancy.wage_min_month_cents = 400000;
    world.vacancy.wage_max_month_cents = WAGE_UNKNOWN;
    world.scoring.soft_gates = 1u << GATE_TOO_FAR;
    world.scoring.penalties[GATE_TOO_FAR] = 1000000;
    world.scoring.penalties[GATE_WAGE_BELOW_MINIMUM] = 5; /* not softened: not paid */
    score(&world);
    /* 2,000,000 units = 22239.016 m, beyond 20 km: 0 points. 4000 yuan below 4500: 0 points.
     * 3905000 + 0 + 0 + 375000 + 199980 + 200000 = 4679980, less 1000000 */
    assert_points(&world, (int32_t[]){7100, 0, 0, 7500, 6666, 10000});
    cr_assert_eq(world.pair.distance_m, 22239);
    cr_assert_eq(world.pair.score, 3679980);
    cr_assert_eq(world.pair.penalty, 1000000);
    cr_assert_eq(world.pair.failed, 1u << GATE_TOO_FAR | 1u << GATE_WAGE_BELOW_MINIMUM);
    cr_assert_eq(world.pair.softened, 1u << GATE_TOO_FAR);
    cr_assert_not(pair_passes(&world.pair));
    cr_assert_eq(pair_first_hard_gate(&world.pair), GATE_WAGE_BELOW_MINIMUM);
    taxonomy_free(world.taxonomy);
}

Test(golden, only_a_desired_wage_rises_from_nothing)
{
    struct world world;
    world_init(&world);
    world.applicant.wage_min_month_cents = WAGE_UNKNOWN;
    score(&world);
    /* 10000 * 600000 / 800000 */
    cr_assert_eq(world.pair.points_bp[CRITERION_WAGE], 7500);
    taxonomy_free(world.taxonomy);
}

Test(golden, the_credit_names_its_skill)
{
    struct world world;
    world_init(&world);
    struct skill_credit credit =
        score_skill_credit(&world.scoring, &world.asked[1], &world.applicant);
    cr_assert_eq(credit.credit_bp, 7000);
    cr_assert_eq(credit.closeness_bp, 7000);
    cr_assert_eq(credit.held_index, 0);
    cr_assert_eq(credit.held_level, 3, "the profile's default");
    cr_assert_not(credit.held_itself_at_level);
    credit = score_skill_credit(&world.scoring, &world.asked[2], &world.applicant);
    cr_assert_eq(credit.held_index, -1);
    cr_assert_eq(credit.credit_bp, 0);
    taxonomy_free(world.taxonomy);
}

Test(golden, among_equal_credits_the_closer_skill_is_named_then_the_first)
{
    struct world world;
    world_init(&world);
    /* welding (broader: 5000) at 4 of 4, and tig itself at 2 of 4: 5000 both. */
    struct asked_skill asked = {world.tig, 3, 4, false, {0}};
    world.held[0] = (struct held_skill){world.welding, 4, {0}};
    world.held[1] = (struct held_skill){world.tig, 2, {0}};
    struct skill_credit credit = score_skill_credit(&world.scoring, &asked, &world.applicant);
    cr_assert_eq(credit.credit_bp, 5000);
    cr_assert_eq(credit.held_index, 1, "the skill itself, though named second");
    world.held[0] = (struct held_skill){world.tig, 2, {0}};
    world.held[1] = (struct held_skill){world.welding, 4, {0}};
    credit = score_skill_credit(&world.scoring, &asked, &world.applicant);
    cr_assert_eq(credit.held_index, 0, "the skill itself, though a later one gives as much");
    /* Two of the same closeness (a record could not hold one skill twice): the first is named. */
    world.held[1] = world.held[0];
    credit = score_skill_credit(&world.scoring, &asked, &world.applicant);
    cr_assert_eq(credit.held_index, 0);
    taxonomy_free(world.taxonomy);
}
