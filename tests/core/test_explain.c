#include <criterion/criterion.h>
#include <stdio.h>

#include "base/text.h"
#include "core/explain.h"
#include "core/random_records.h"
#include "core/sentence.h"

/* --- Random pairs ------------------------------------------------------------------------------*/

static void assert_criteria_add_up(const struct explanation *explanation,
                                   const struct profile *profile)
{
    int32_t sum = 0;
    for (int i = 0; i < CRITERION_COUNT; i++) {
        const struct criterion_explanation *criterion = &explanation->criteria[i];
        cr_assert_eq(criterion->weight, profile->weights[i]);
        cr_assert_eq(criterion->contribution, criterion->weight * criterion->points_bp);
        cr_assert(criterion->reason.length > 0 && text_is_valid(criterion->reason));
        sum += criterion->contribution;
    }
    sum -= explanation->pair.penalty;
    cr_assert_eq(explanation->pair.score, sum > 0 ? sum : 0);
}

static void assert_gates_add_up(const struct explanation *explanation)
{
    int64_t penalty = 0;
    gate_set failed = 0, softened = 0;
    for (int i = 0; i < GATE_COUNT; i++) {
        const struct gate_explanation *gate = &explanation->gates[i];
        failed |= (gate_set)gate->failed << i;
        softened |= (gate_set)gate->softened << i;
        penalty += gate->penalty;
        cr_assert(gate->reason.length > 0 && text_is_valid(gate->reason));
    }
    cr_assert_eq(failed, explanation->pair.failed);
    cr_assert_eq(softened, explanation->pair.softened);
    cr_assert_eq(explanation->pair.penalty, penalty < SCORE_LIMIT ? penalty : SCORE_LIMIT);
}

/* The skills give the points of the criterion and the two gates once more. */
static void assert_skills_add_up(const struct explanation *explanation,
                                 const struct vacancy *vacancy, const struct profile *profile)
{
    int32_t importance = 0, credit = 0, points_bp = profile->no_skills_bp;
    bool any = false, lacks = false;
    cr_assert_eq(explanation->skill_count, vacancy->skill_count);
    for (uint32_t i = 0; i < explanation->skill_count; i++) {
        const struct skill_explanation *skill = &explanation->skills[i];
        cr_assert_eq(skill->asked, &vacancy->skills[i]);
        importance += skill->asked->importance;
        credit += skill->asked->importance * skill->credit.credit_bp;
        any |= skill->match != SKILL_MISSING;
        lacks |= skill->asked->essential && !skill->credit.held_itself_at_level;
        cr_assert_eq(skill->match == SKILL_MATCHED, skill->credit.closeness_bp == 10000);
        cr_assert_eq(skill->match == SKILL_MISSING, skill->credit.held_index == -1);
        cr_assert_eq(skill->match == SKILL_MISSING, skill->credit.credit_bp == 0);
    }
    if (importance > 0)
        points_bp = credit / importance;
    cr_assert_eq(points_bp, explanation->pair.points_bp[CRITERION_SKILL]);
    cr_assert_eq((explanation->pair.failed & 1u << GATE_NO_RELATED_SKILL) != 0,
                 importance > 0 && !any);
    cr_assert_eq((explanation->pair.failed & 1u << GATE_ESSENTIAL_SKILL_MISSING) != 0, lacks);
}

static void assert_counterfactuals_in_order(const struct explanation *explanation)
{
    cr_assert_leq(explanation->counterfactual_count, COUNTERFACTUAL_LIMIT);
    for (uint32_t i = 0; i < explanation->counterfactual_count; i++) {
        const struct counterfactual *here = &explanation->counterfactuals[i], *before = here - 1;
        cr_assert_geq(here->score, explanation->pair.score, "a change for the better: %.*s",
                      STR_ARG(here->change));
        cr_assert(here->passes || !pair_passes(&explanation->pair));
        cr_assert(here->change.length > 0 && text_is_valid(here->change));
        if (i > 0) {
            cr_assert(before->passes || !here->passes);
            cr_assert(before->passes != here->passes || before->score >= here->score);
        }
    }
}

Test(explain, tells_the_same_story_as_the_score)
{
    struct market market;
    uint64_t counterfactual_count = 0;
    struct arena arena;
    market_init(&market, 70261);
    arena_init(&arena, (size_t)1 << 20);
    for (int i = 0; i < 8000; i++) {
        struct profile profile = market_profile(&market);
        struct scoring scoring = market_scoring(&market, &profile);
        const struct vacancy *vacancy = market_vacancy(&market);
        const struct applicant *applicant = market_applicant(&market);
        struct explanation explanation;
        struct error error = {0};
        struct pair_score pair;
        cr_assert(explain_pair(&scoring, vacancy, applicant, &arena, &explanation, &error));
        score_pair(&scoring, vacancy, applicant, &pair);
        cr_assert_eq(explanation.pair.score, pair.score);
        cr_assert_eq(explanation.pair.failed, pair.failed);
        assert_criteria_add_up(&explanation, &profile);
        assert_gates_add_up(&explanation);
        assert_skills_add_up(&explanation, vacancy, &profile);
        assert_counterfactuals_in_order(&explanation);
        counterfactual_count += explanation.counterfactual_count;
        market_clear(&market);
        arena_clear(&arena);
    }
    cr_assert_gt(counterfactual_count, 20000);
    arena_release(&arena);
    market_release(&market);
}

Test(explain, an_exhausted_arena_fails_and_leaves_the_answer_alone)
{
    struct market market;
    struct profile profile = profile_default();
    market_init(&market, 70262);
    const struct scoring scoring = {.profile = &profile, .taxonomy = market.taxonomy};
    const struct vacancy *vacancy = market_vacancy(&market);
    const struct applicant *applicant = market_applicant(&market);
    while (vacancy->skill_count < 3 || vacancy->licences.count == 0 || vacancy->language_count == 0)
        vacancy = market_vacancy(&market);
    bool is_made = false;
    int failed_count = 0;
    for (size_t limit_bytes = 0; !is_made; limit_bytes += 256) {
        struct explanation untouched = {.skill_count = 99}, explanation = untouched;
        struct error error = {0};
        struct arena arena;
        arena_init(&arena, limit_bytes);
        is_made = explain_pair(&scoring, vacancy, applicant, &arena, &explanation, &error);
        cr_assert_eq(error.code, is_made ? ERROR_OK : ERROR_RESOURCE_EXHAUSTED);
        cr_assert_eq(explanation.skill_count, is_made ? vacancy->skill_count : 99);
        failed_count += !is_made;
        arena_release(&arena);
    }
    cr_assert_gt(failed_count, 2);
    market_release(&market);
}

/* --- Texts -------------------------------------------------------------------------------------*/

/* A welder who does not fit: every gate that can fail at once does. */
struct world {
    struct taxonomy *taxonomy;
    struct profile profile;
    struct scoring scoring;
    struct filter filter;
    struct asked_skill asked[3];
    struct held_skill held[2];
    struct place site;
    struct occupation_code desired;
    struct language asked_languages[2], held_language;
    struct str asked_licences[2], held_licence, excluded;
    struct vacancy vacancy;
    struct applicant applicant;
    struct arena arena;
    struct explanation explanation;
};

static const char SKILLS[] = "code,zh,en,alternative,broader,related\n"
                             "t:inspection,,weld inspection,,,\n"
                             "t:tig,,tig welding,,t:welding,t:inspection\n"
                             "t:welding,,welding,,,\n";

static void world_init(struct world *w)
{
    struct error error = {0};
    *w = (struct world){.taxonomy = taxonomy_load(str_of(SKILLS), STR(""), &error),
                        .profile = profile_default(),
                        .site.position = {390500000, 1170000000}, /* 5559 m */
                        .desired = {STR("isco-08"), STR("7213")},
                        .asked_languages = {{STR("en"), 4}, {STR("ja"), 0}},
                        .held_language = {STR("en"), 2},
                        .asked_licences = {STR("crane"), STR("pressure welder")},
                        .held_licence = STR("crane"),
                        .excluded = STR("tianjin works"),
                        .vacancy = {.hiring_organization_folded = STR("tianjin works"),
                                    .occupation = {STR("isco-08"), STR("7212")},
                                    .skill_count = 3,
                                    .site_count = 1,
                                    .language_count = 2,
                                    .wage_min_month_cents = 400000,
                                    .wage_max_month_cents = 500050,
                                    .types = 1u << 1 | 1u << 7,
                                    .months_of_experience = 36,
                                    .education_level = 6},
                        .applicant = {.skill_count = 2,
                                      .home.position = {390000000, 1170000000},
                                      .occupation_count = 1,
                                      .language_count = 1,
                                      .wage_min_month_cents = 600000,
                                      .wage_desired_month_cents = 700000,
                                      .max_distance_m = 5000,
                                      .months_of_experience = 24,
                                      .education_level = 5,
                                      .types = 1u << 2}};
    cr_assert(w->taxonomy, "%s", error.text);
    w->asked[0] =
        (struct asked_skill){taxonomy_find_skill(w->taxonomy, STR("t:tig")), 5, 4, true, {0}};
    w->asked[1] = (struct asked_skill){
        taxonomy_find_skill(w->taxonomy, STR("t:inspection")), 3, 0, false, {0}};
    w->asked[2] = (struct asked_skill){SKILL_UNKNOWN, 1, 2, false, STR("叉车")};
    w->held[0] = (struct held_skill){w->asked[0].skill_id, 2, {0}};
    w->held[1] = (struct held_skill){SKILL_UNKNOWN, 1, STR("painting")};
    date_parse(STR("2027-03-01"), &w->applicant.available_from);
    w->vacancy.skills = w->asked;
    w->vacancy.sites = &w->site;
    w->vacancy.languages = w->asked_languages;
    w->vacancy.licences = (struct str_list){w->asked_licences, 2};
    w->applicant.skills = w->held;
    w->applicant.desired_occupations = &w->desired;
    w->applicant.languages = &w->held_language;
    w->applicant.licences = (struct str_list){&w->held_licence, 1};
    w->applicant.excluded_organizations = (struct str_list){&w->excluded, 1};
    w->filter.remote_only = true;
    w->scoring =
        (struct scoring){.profile = &w->profile, .taxonomy = w->taxonomy, .filter = &w->filter};
    arena_init(&w->arena, (size_t)1 << 20);
}

static void explain(struct world *world)
{
    struct error error = {0};
    arena_clear(&world->arena);
    cr_assert(explain_pair(&world->scoring, &world->vacancy, &world->applicant, &world->arena,
                           &world->explanation, &error));
}

static void world_release(struct world *world)
{
    arena_release(&world->arena);
    taxonomy_free(world->taxonomy);
}

static void assert_text(struct str got, const char *expected)
{
    cr_assert(str_equal(got, str_of(expected)), "'%.*s' is not '%s'", STR_ARG(got), expected);
}

static void assert_reason(const struct world *world, enum criterion criterion, const char *expected)
{
    assert_text(world->explanation.criteria[criterion].reason, expected);
}

static void assert_gate(const struct world *world, enum gate gate, const char *expected)
{
    assert_text(world->explanation.gates[gate].reason, expected);
}

Test(explain, gives_the_values_of_what_fails)
{
    struct world world;
    world_init(&world);
    explain(&world);
    assert_reason(&world, CRITERION_SKILL, "of 3 asked: 1 matched, 1 related, 1 missing");
    assert_reason(&world, CRITERION_LOCATION, "5.6 km of 5.0 km");
    assert_reason(&world, CRITERION_WAGE,
                  "4500.25 yuan a month, minimum 6000.00 yuan, desired 7000.00 yuan");
    assert_reason(&world, CRITERION_OCCUPATION,
                  "isco-08 '7212' shares 3 or more levels with a desired one");
    assert_reason(&world, CRITERION_EXPERIENCE, "24 months, 36 needed");
    assert_reason(&world, CRITERION_EDUCATION, "level 5, 6 needed");
    assert_gate(&world, GATE_CLOSED, "vacancy not open, applicant not active");
    assert_gate(&world, GATE_CONSENT,
                "matching not allowed, visible to employers not allowed (not needed here)");
    assert_gate(&world, GATE_LICENCE_MISSING, "lacks 'pressure welder'");
    assert_gate(&world, GATE_NO_RELATED_SKILL, "2 of 3 asked skills held or related");
    assert_gate(&world, GATE_TOO_FAR, "5.6 km of 5.0 km");
    assert_gate(&world, GATE_WAGE_BELOW_MINIMUM, "pays at most 5000.50 yuan, minimum 6000.00 yuan");
    assert_gate(&world, GATE_ESSENTIAL_SKILL_MISSING, "lacks 't:tig' at level 4");
    assert_gate(&world, GATE_LANGUAGE_MISSING, "lacks 'en' at level B2, 'ja'");
    assert_gate(&world, GATE_EMPLOYMENT_TYPE, "offers full_time, per_diem; wants part_time");
    assert_gate(&world, GATE_NOT_AVAILABLE_YET, "not available yet, from 2027-03-01");
    assert_gate(&world, GATE_EXCLUDED_ORGANIZATION, "'tianjin works' is excluded");
    assert_gate(&world, GATE_FILTER, "the vacancy does not pass the request's filter");
    cr_assert_eq(world.explanation.pair.failed,
                 ((1u << GATE_COUNT) - 1) & ~(1u << GATE_NO_RELATED_SKILL));
    world_release(&world);
}

Test(explain, gives_the_values_of_what_is_met)
{
    struct world world;
    world_init(&world);
    world.vacancy.open = world.applicant.active = true;
    world.applicant.consent_matching = world.applicant.consent_visible = true;
    world.scoring.ranking = RANK_APPLICANTS;
    world.applicant.available = true;
    world.held_licence = STR("pressure welder");
    world.vacancy.licences.count = 2;
    world.asked_licences[0] = world.held_licence;
    world.held[0].level = 4;
    world.held_language.level = 4;
    world.vacancy.language_count = 1;
    world.desired.code = STR("7212");
    world.applicant.types = 0;
    world.excluded = STR("other works");
    explain(&world);
    assert_reason(&world, CRITERION_OCCUPATION, "isco-08 '7212' is desired");
    assert_gate(&world, GATE_CLOSED, "vacancy open, applicant active");
    assert_gate(&world, GATE_CONSENT, "matching allowed, visible to employers allowed");
    assert_gate(&world, GATE_LICENCE_MISSING, "holds 'pressure welder', 'pressure welder'");
    assert_gate(&world, GATE_ESSENTIAL_SKILL_MISSING, "holds 't:tig' at level 4");
    assert_gate(&world, GATE_LANGUAGE_MISSING, "holds 'en' at level B2");
    assert_gate(&world, GATE_EMPLOYMENT_TYPE, "offers full_time, per_diem; wants any");
    assert_gate(&world, GATE_NOT_AVAILABLE_YET, "available");
    assert_gate(&world, GATE_EXCLUDED_ORGANIZATION, "'tianjin works' is not excluded");
    assert_gate(&world, GATE_FILTER, "the applicant passes the request's filter");
    world_release(&world);
}

Test(explain, says_what_is_not_stated)
{
    struct world world;
    world_init(&world);
    world.vacancy.skill_count = world.vacancy.language_count = 0;
    world.vacancy.licences = (struct str_list){0};
    world.vacancy.hiring_organization_folded = STR("");
    world.vacancy.wage_min_month_cents = world.vacancy.wage_max_month_cents = WAGE_UNKNOWN;
    world.applicant.wage_min_month_cents = world.applicant.wage_desired_month_cents = WAGE_UNKNOWN;
    world.applicant.max_distance_m = 0;
    world.applicant.occupation_count = 0;
    world.applicant.months_of_experience = EXPERIENCE_UNKNOWN;
    world.applicant.education_level = 0;
    world.scoring.filter = NULL;
    explain(&world);
    assert_reason(&world, CRITERION_SKILL, "no skills asked");
    assert_reason(&world, CRITERION_LOCATION, "5.6 km, no limit stated");
    assert_reason(&world, CRITERION_WAGE, "pay not known, no wage wished");
    assert_reason(&world, CRITERION_OCCUPATION, "isco-08 '7212', no occupation desired");
    assert_reason(&world, CRITERION_EXPERIENCE, "not stated, 36 months needed");
    assert_reason(&world, CRITERION_EDUCATION, "not stated, level 6 needed");
    assert_gate(&world, GATE_LICENCE_MISSING, "none needed");
    assert_gate(&world, GATE_NO_RELATED_SKILL, "no skills asked");
    assert_gate(&world, GATE_WAGE_BELOW_MINIMUM, "pay not known, no minimum stated");
    assert_gate(&world, GATE_ESSENTIAL_SKILL_MISSING, "no skill is essential");
    assert_gate(&world, GATE_LANGUAGE_MISSING, "none needed");
    assert_gate(&world, GATE_EXCLUDED_ORGANIZATION, "no organization stated");
    assert_gate(&world, GATE_FILTER, "no filter");
    world.vacancy.months_of_experience = world.vacancy.education_level = 0;
    world.vacancy.occupation = (struct occupation_code){0};
    world.site.position = POSITION_NONE;
    explain(&world);
    assert_reason(&world, CRITERION_LOCATION, "the workplace has no known position");
    assert_reason(&world, CRITERION_OCCUPATION, "the vacancy states no occupation");
    assert_reason(&world, CRITERION_EXPERIENCE, "none needed");
    assert_reason(&world, CRITERION_EDUCATION, "none needed");
    world.applicant.home.position = POSITION_NONE;
    explain(&world);
    assert_gate(&world, GATE_TOO_FAR, "the home has no known position");
    world.vacancy.remote = true;
    explain(&world);
    assert_reason(&world, CRITERION_LOCATION, "remote");
    world_release(&world);
}

Test(explain, sorts_skills_into_matched_related_and_missing)
{
    struct world world;
    world_init(&world);
    explain(&world);
    const struct skill_explanation *skills = world.explanation.skills;
    cr_assert_eq(skills[0].match, SKILL_MATCHED);
    cr_assert_eq(skills[0].credit.credit_bp, 5000, "level 2 of 4");
    cr_assert_eq(skills[1].match, SKILL_RELATED);
    cr_assert_eq(skills[1].credit.closeness_bp, 7000);
    cr_assert_eq(skills[2].match, SKILL_MISSING);
    world_release(&world);
}

/* --- Counterfactuals ---------------------------------------------------------------------------*/

static const struct counterfactual *find_change(const struct world *world, const char *change)
{
    for (uint32_t i = 0; i < world->explanation.counterfactual_count; i++) {
        if (str_equal(world->explanation.counterfactuals[i].change, str_of(change)))
            return &world->explanation.counterfactuals[i];
    }
    cr_assert_fail("no change '%s'", change);
    return NULL;
}

Test(explain, tries_every_change_that_matters)
{
    struct world world;
    world_init(&world);
    explain(&world);
    static const char *const CHANGES[] = {
        "skill 't:tig' at level 4",
        "skill 't:inspection'",
        "skill '叉车' at level 2",
        "minimum wage 5000.50 yuan",
        "minimum and desired wage 4500.25 yuan",
        "distance limit 5.6 km",
        "available now",
        "licence 'pressure welder'",
        "language 'en' at level B2",
        "language 'ja'",
    };
    const uint32_t count = sizeof CHANGES / sizeof CHANGES[0];
    for (uint32_t i = 0; i < count; i++)
        find_change(&world, CHANGES[i]);
    cr_assert_eq(world.explanation.counterfactual_count, count);
    world_release(&world);
}

/* Everything else in order, so that one change decides. */
static void mend(struct world *world)
{
    struct applicant *applicant = &world->applicant;
    world->vacancy.open = applicant->active = applicant->available = true;
    applicant->consent_matching = applicant->consent_visible = true;
    world->vacancy.licences = (struct str_list){0};
    world->vacancy.language_count = 0;
    world->held[0].level = 4;
    world->scoring.filter = NULL;
    applicant->excluded_organizations = (struct str_list){0};
    applicant->types = 0;
    applicant->max_distance_m = 20000;
    applicant->wage_min_month_cents = applicant->wage_desired_month_cents = 400000;
}

Test(explain, a_change_that_opens_the_last_gate_comes_first)
{
    struct world world;
    world_init(&world);
    mend(&world);
    world.applicant.max_distance_m = 5000;
    explain(&world);
    cr_assert_not(pair_passes(&world.explanation.pair));
    const struct counterfactual *first = &world.explanation.counterfactuals[0];
    assert_text(first->change, "distance limit 5.6 km");
    cr_assert(first->passes);
    /* 5559 of 5600 m: 10000 - floor(9926.8) = 74 points of weight 200 more */
    cr_assert_eq(first->score, world.explanation.pair.score + 200 * 74);
    cr_assert_gt(world.explanation.counterfactual_count, 1);
    cr_assert_not(world.explanation.counterfactuals[1].passes);
    world_release(&world);
}

Test(explain, a_change_shows_exactly_what_it_would_give)
{
    struct world world;
    world_init(&world);
    mend(&world);
    explain(&world);
    int32_t before = world.explanation.pair.score;
    cr_assert(pair_passes(&world.explanation.pair));
    /* asked: tig 5, inspection 3 (related: 7000), fork-lift 1 (missing). (5 * 10000 + 3 * 7000) / 9
     * = 7888; with inspection itself 8888 (floor of 80000 / 9); with the fork-lift 81000 / 9 */
    cr_assert_eq(find_change(&world, "skill 't:inspection'")->score, before + 550 * (8888 - 7888));
    cr_assert_eq(find_change(&world, "skill '叉车' at level 2")->score,
                 before + 550 * (9000 - 7888));
    cr_assert_eq(world.explanation.counterfactual_count, 2, "nothing else could be better");
    world_release(&world);
}

Test(explain, lower_wages_open_the_gate_or_earn_all_points)
{
    struct world world;
    world_init(&world);
    mend(&world);
    world.applicant.wage_min_month_cents = 600000;
    world.applicant.wage_desired_month_cents = 700000;
    explain(&world);
    int32_t before = world.explanation.pair.score;
    const struct counterfactual *gate = find_change(&world, "minimum wage 5000.50 yuan");
    cr_assert(gate->passes && gate->score == before, "still below what earns points");
    const struct counterfactual *all = find_change(&world, "minimum and desired wage 4500.25 yuan");
    cr_assert(all->passes && all->score == before + 150 * 10000);
    world.applicant.wage_min_month_cents = 400000;
    explain(&world);
    cr_assert(find_change(&world, "desired wage 4500.25 yuan")->passes);
    /* Only a minimum: lowering it lowers the whole wish. */
    world.applicant.wage_min_month_cents = 600000;
    world.applicant.wage_desired_month_cents = WAGE_UNKNOWN;
    explain(&world);
    cr_assert(find_change(&world, "minimum and desired wage 4500.25 yuan")->passes);
    cr_assert_eq(world.explanation.counterfactual_count, 3);
    world_release(&world);
}

Test(explain, no_distance_is_named_that_nobody_can_state)
{
    struct world world;
    world_init(&world);
    mend(&world);
    world.vacancy.skill_count = 0;
    world.site.position = (struct position){-390000000, -630000000}; /* the antipode: 20,015 km */
    explain(&world);
    cr_assert(world.explanation.pair.failed & 1u << GATE_TOO_FAR);
    cr_assert_eq(world.explanation.counterfactual_count, 0);
    world_release(&world);
}

Test(explain, keeps_the_best_sixteen_changes)
{
    struct world world;
    struct asked_skill asked[40];
    struct str names[40];
    world_init(&world);
    mend(&world);
    for (int i = 0; i < 40; i++) {
        names[i] = arena_copy(&world.arena, str_of("skill-00"));
        ((char *)names[i].data)[6] = (char)('0' + i / 10);
        ((char *)names[i].data)[7] = (char)('0' + i % 10);
        asked[i] =
            (struct asked_skill){SKILL_UNKNOWN, (uint8_t)(i < 20 ? 1 : 5), 0, false, names[i]};
    }
    asked[0] = world.asked[0]; /* so that one is held */
    world.vacancy.skills = asked;
    world.vacancy.skill_count = 40;
    struct error error = {0};
    cr_assert(explain_pair(&world.scoring, &world.vacancy, &world.applicant, &world.arena,
                           &world.explanation, &error));
    cr_assert_eq(world.explanation.counterfactual_count, COUNTERFACTUAL_LIMIT);
    for (uint32_t i = 0; i < COUNTERFACTUAL_LIMIT; i++) {
        char expected[32];
        snprintf(expected, sizeof expected, "skill 'skill-%02u'", 20 + i);
        assert_text(world.explanation.counterfactuals[i].change, expected);
    }
    world_release(&world);
}

/* --- Sentences ---------------------------------------------------------------------------------*/

Test(sentence, is_cut_at_a_whole_character)
{
    struct sentence sentence = {0};
    for (int i = 0; i < 1000; i++)
        sentence_add(&sentence, "%s", i == 0 ? "x" : "天");
    cr_assert(sentence.is_full);
    cr_assert_eq(sentence.length, 1 + (SENTENCE_LIMIT_BYTES - 1) / 3 * 3);
    cr_assert(text_is_valid((struct str){sentence.text, sentence.length}));
    uint32_t length = sentence.length;
    sentence_add(&sentence, "more");
    cr_assert_eq(sentence.length, length);
}

Test(sentence, writes_distances_and_amounts)
{
    struct sentence sentence = {0};
    sentence_add_km(&sentence, 49);
    sentence_add(&sentence, ", ");
    sentence_add_km(&sentence, 12350);
    sentence_add(&sentence, ", ");
    sentence_add_yuan(&sentence, 5);
    sentence_add(&sentence, ", ");
    sentence_add_yuan(&sentence, 123456);
    cr_assert_str_eq(sentence.text, "0.0 km, 12.4 km, 0.05 yuan, 1234.56 yuan");
}
