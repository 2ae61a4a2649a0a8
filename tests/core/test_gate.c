#include <criterion/criterion.h>

#include "core/filter.h"
#include "core/score.h"

/* A pair that passes every gate; each case spoils one thing. */
struct world {
    struct profile profile;
    struct scoring scoring;
    struct filter filter;
    struct asked_skill asked[2];
    struct held_skill held[2];
    struct place site;
    struct language asked_language, held_language;
    struct str asked_licence, held_licence, excluded;
    struct vacancy vacancy;
    struct applicant applicant;
};

static void world_init(struct world *w)
{
    *w = (struct world){
        .profile = profile_default(),
        .asked = {{SKILL_UNKNOWN, 3, 4, true, STR("welding")},
                  {SKILL_UNKNOWN, 3, 0, false, STR("driving")}},
        .held = {{SKILL_UNKNOWN, 4, STR("welding")}, {SKILL_UNKNOWN, 1, STR("driving")}},
        .site.position = {390000000, 1170000000},
        .asked_language = {STR("en"), 3},
        .held_language = {STR("en"), 3},
        .asked_licence = STR("special equipment"),
        .held_licence = STR("special equipment"),
        .excluded = STR("other works"),
        .vacancy = {.hiring_organization_folded = STR("tianjin works"),
                    .skill_count = 2,
                    .site_count = 1,
                    .language_count = 1,
                    .wage_min_month_cents = 400000,
                    .wage_max_month_cents = 500000,
                    .types = 1u << 1,
                    .open = true},
        .applicant = {.skill_count = 2,
                      .home.position = {390100000, 1170000000}, /* 1111 m */
                      .language_count = 1,
                      .wage_min_month_cents = 500000,
                      .wage_desired_month_cents = 600000,
                      .max_distance_m = 1111,
                      .types = 1u << 1 | 1u << 2,
                      .consent_matching = true,
                      .consent_visible = true,
                      .active = true,
                      .available = true}};
    w->scoring = (struct scoring){.profile = &w->profile, .filter = &w->filter};
    w->vacancy.skills = w->asked;
    w->vacancy.sites = &w->site;
    w->vacancy.languages = &w->asked_language;
    w->vacancy.licences = (struct str_list){&w->asked_licence, 1};
    w->applicant.skills = w->held;
    w->applicant.languages = &w->held_language;
    w->applicant.licences = (struct str_list){&w->held_licence, 1};
    w->applicant.excluded_organizations = (struct str_list){&w->excluded, 1};
}

static struct pair_score score(const struct world *world)
{
    struct pair_score pair;
    score_pair(&world->scoring, &world->vacancy, &world->applicant, &pair);
    return pair;
}

/* --- What fails exactly one gate ---------------------------------------------------------------*/

static void vacancy_not_open(struct world *w)
{
    w->vacancy.open = false;
}
static void applicant_not_active(struct world *w)
{
    w->applicant.active = false;
}
static void no_consent(struct world *w)
{
    w->applicant.consent_matching = false;
}
static void not_visible_to_the_asking_employer(struct world *w)
{
    w->scoring.ranking = RANK_APPLICANTS;
    w->applicant.consent_visible = false;
}
static void no_licences(struct world *w)
{
    w->applicant.licences = (struct str_list){0};
}
static void another_licence(struct world *w)
{
    w->held_licence = STR("special");
}
static void no_skill_credited(struct world *w)
{
    w->asked[0].essential = false;
    w->applicant.skill_count = 0;
}
static void a_metre_too_far(struct world *w)
{
    w->applicant.max_distance_m = 1110;
}
static void a_cent_below_the_minimum(struct world *w)
{
    w->vacancy.wage_max_month_cents = 499999;
}
static void the_only_end_below_the_minimum(struct world *w)
{
    w->vacancy.wage_min_month_cents = 499999;
    w->vacancy.wage_max_month_cents = WAGE_UNKNOWN;
}
static void essential_skill_at_a_lower_level(struct world *w)
{
    w->held[0].level = 3;
}
static void essential_skill_at_a_low_default_level(struct world *w)
{
    w->held[0].level = 0; /* default 3 */
}
static void essential_skill_not_held(struct world *w)
{
    w->held[0].name = STR("brazing");
}
static void no_language(struct world *w)
{
    w->applicant.language_count = 0;
}
static void language_at_a_lower_level(struct world *w)
{
    w->held_language.level = 2;
}
static void language_without_level_is_only_a1(struct world *w)
{
    w->held_language.level = 0;
    w->asked_language.level = 2;
}
static void no_common_employment_type(struct world *w)
{
    w->vacancy.types = 1u << 3;
}
static void not_available(struct world *w)
{
    w->applicant.available = false;
}
static void excluded_employer(struct world *w)
{
    w->excluded = STR("tianjin works");
}
static void outside_the_vacancies_filter(struct world *w)
{
    w->filter.remote_only = true;
}
static void outside_the_applicants_filter(struct world *w)
{
    w->scoring.ranking = RANK_APPLICANTS;
    w->filter.wage_at_most_month_cents = 499999;
}

static const struct {
    const char *name;
    void (*spoil)(struct world *world);
    enum gate gate;
} FAILING[] = {
#define CASE(function, gate)                                                                       \
    {                                                                                              \
#function, function, gate                                                                  \
    }
    CASE(vacancy_not_open, GATE_CLOSED),
    CASE(applicant_not_active, GATE_CLOSED),
    CASE(no_consent, GATE_CONSENT),
    CASE(not_visible_to_the_asking_employer, GATE_CONSENT),
    CASE(no_licences, GATE_LICENCE_MISSING),
    CASE(another_licence, GATE_LICENCE_MISSING),
    CASE(no_skill_credited, GATE_NO_RELATED_SKILL),
    CASE(a_metre_too_far, GATE_TOO_FAR),
    CASE(a_cent_below_the_minimum, GATE_WAGE_BELOW_MINIMUM),
    CASE(the_only_end_below_the_minimum, GATE_WAGE_BELOW_MINIMUM),
    CASE(essential_skill_at_a_lower_level, GATE_ESSENTIAL_SKILL_MISSING),
    CASE(essential_skill_at_a_low_default_level, GATE_ESSENTIAL_SKILL_MISSING),
    CASE(essential_skill_not_held, GATE_ESSENTIAL_SKILL_MISSING),
    CASE(no_language, GATE_LANGUAGE_MISSING),
    CASE(language_at_a_lower_level, GATE_LANGUAGE_MISSING),
    CASE(language_without_level_is_only_a1, GATE_LANGUAGE_MISSING),
    CASE(no_common_employment_type, GATE_EMPLOYMENT_TYPE),
    CASE(not_available, GATE_NOT_AVAILABLE_YET),
    CASE(excluded_employer, GATE_EXCLUDED_ORGANIZATION),
    CASE(outside_the_vacancies_filter, GATE_FILTER),
    CASE(outside_the_applicants_filter, GATE_FILTER),
#undef CASE
};
enum { FAILING_COUNT = sizeof FAILING / sizeof FAILING[0] };

Test(gate, each_case_fails_exactly_its_gate)
{
    gate_set seen = 0;
    for (int i = 0; i < FAILING_COUNT; i++) {
        struct world world;
        world_init(&world);
        struct pair_score before = score(&world);
        cr_assert_eq(before.failed, 0, "the plain pair passes");
        FAILING[i].spoil(&world);
        struct pair_score pair = score(&world);
        cr_assert_eq(pair.failed, 1u << FAILING[i].gate, "%s: failed %x", FAILING[i].name,
                     pair.failed);
        cr_assert_eq(pair.softened, 0);
        cr_assert_eq(pair.penalty, 0);
        cr_assert_not(pair_passes(&pair));
        cr_assert_eq(pair_first_hard_gate(&pair), FAILING[i].gate);
        seen |= pair.failed;
    }
    cr_assert_eq(seen, (1u << GATE_COUNT) - 1, "every gate has a case");
}

Test(gate, softening_costs_the_penalty_unless_the_gate_is_always_hard)
{
    const gate_set always_hard =
        1u << GATE_CLOSED | 1u << GATE_CONSENT | 1u << GATE_LICENCE_MISSING | 1u << GATE_FILTER;
    for (int i = 0; i < FAILING_COUNT; i++) {
        struct world world;
        world_init(&world);
        FAILING[i].spoil(&world);
        struct pair_score hard = score(&world);
        world.scoring.soft_gates = ~0u;
        for (int gate = 0; gate < GATE_COUNT; gate++)
            world.scoring.penalties[gate] = 1000 + gate;
        struct pair_score soft = score(&world);
        bool is_hard = (always_hard & hard.failed) != 0;
        cr_assert_eq(gate_is_always_hard(FAILING[i].gate), is_hard);
        cr_assert_eq(pair_passes(&soft), !is_hard, "%s", FAILING[i].name);
        cr_assert_eq(soft.softened, is_hard ? 0 : hard.failed);
        cr_assert_eq(soft.penalty, is_hard ? 0 : 1000 + (int)FAILING[i].gate);
        cr_assert_eq(soft.score, hard.score - soft.penalty);
        cr_assert_eq(soft.failed, hard.failed, "a softened gate is still told");
        cr_assert_eq(pair_first_hard_gate(&soft), is_hard ? FAILING[i].gate : GATE_COUNT);
    }
}

Test(gate, penalties_add_up_and_stop_at_the_whole_score)
{
    struct world world;
    world_init(&world);
    not_available(&world);
    a_metre_too_far(&world);
    struct pair_score hard = score(&world);
    world.scoring.soft_gates = 1u << GATE_TOO_FAR | 1u << GATE_NOT_AVAILABLE_YET;
    world.scoring.penalties[GATE_TOO_FAR] = 300;
    world.scoring.penalties[GATE_NOT_AVAILABLE_YET] = 4000;
    cr_assert_eq(score(&world).score, hard.score - 4300);
    world.scoring.penalties[GATE_TOO_FAR] = hard.score;
    cr_assert_eq(score(&world).score, 0, "floored");
    world.scoring.penalties[GATE_NOT_AVAILABLE_YET] = SCORE_LIMIT;
    cr_assert_eq(score(&world).penalty, SCORE_LIMIT, "capped");
    cr_assert(pair_passes(&(struct pair_score){.failed = 16, .softened = 16}));
}

/* --- What looks like a failure and is none -----------------------------------------------------*/

static void employers_need_not_see_a_seeker(struct world *w)
{
    w->applicant.consent_visible = false;
}
static void nothing_needed(struct world *w)
{
    w->vacancy.licences = (struct str_list){0};
    w->vacancy.language_count = 0;
    w->vacancy.skill_count = 0;
    no_licences(w);
    no_language(w);
    w->applicant.skill_count = 0;
}
static void remote_is_never_too_far(struct world *w)
{
    a_metre_too_far(w);
    w->vacancy.remote = true;
}
static void no_limit_is_never_too_far(struct world *w)
{
    w->applicant.max_distance_m = 0;
}
static void an_unknown_home_is_never_too_far(struct world *w)
{
    a_metre_too_far(w);
    w->applicant.home.position = POSITION_NONE;
}
static void an_unknown_workplace_is_never_too_far(struct world *w)
{
    a_metre_too_far(w);
    w->site.position = POSITION_NONE;
}
static void unknown_pay_is_not_below(struct world *w)
{
    w->vacancy.wage_min_month_cents = w->vacancy.wage_max_month_cents = WAGE_UNKNOWN;
}
static void an_unstated_minimum_is_not_above(struct world *w)
{
    a_cent_below_the_minimum(w);
    w->applicant.wage_min_month_cents = WAGE_UNKNOWN;
}
static void any_level_of_a_language(struct world *w)
{
    w->asked_language.level = 0;
    w->held_language.level = 0;
}
static void a_language_without_level_is_a1(struct world *w)
{
    w->asked_language.level = 1;
    w->held_language.level = 0;
}
static void no_types_offered(struct world *w)
{
    w->vacancy.types = 0;
}
static void no_types_wanted(struct world *w)
{
    w->applicant.types = 0;
}
static void nobody_excludes_an_unnamed_employer(struct world *w)
{
    w->vacancy.hiring_organization_folded = STR("");
    w->excluded = STR("");
}
static void an_essential_skill_without_level(struct world *w)
{
    w->asked[0].min_level = 0;
    w->held[0].level = 1;
}
static void no_filter_at_all(struct world *w)
{
    w->scoring.filter = NULL;
}

Test(gate, near_misses_pass)
{
    static void (*const CASES[])(struct world *) = {
        employers_need_not_see_a_seeker,
        nothing_needed,
        remote_is_never_too_far,
        no_limit_is_never_too_far,
        an_unknown_home_is_never_too_far,
        an_unknown_workplace_is_never_too_far,
        unknown_pay_is_not_below,
        an_unstated_minimum_is_not_above,
        any_level_of_a_language,
        a_language_without_level_is_a1,
        no_types_offered,
        no_types_wanted,
        nobody_excludes_an_unnamed_employer,
        an_essential_skill_without_level,
        no_filter_at_all,
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct world world;
        world_init(&world);
        CASES[i](&world);
        struct pair_score pair = score(&world);
        cr_assert_eq(pair.failed, 0, "case %zu: failed %x", i, pair.failed);
        cr_assert_eq(pair_first_hard_gate(&pair), GATE_COUNT);
    }
}

Test(gate, closeness_never_satisfies_an_essential_skill)
{
    static const char SKILLS[] = "code,zh,en,alternative,broader,related\n"
                                 "t:tig,,tig welding,,t:welding,\n"
                                 "t:welding,,welding,,,\n";
    struct error error = {0};
    struct taxonomy *taxonomy = taxonomy_load(str_of(SKILLS), STR(""), &error);
    cr_assert(taxonomy, "%s", error.text);
    struct world world;
    world_init(&world);
    world.scoring.taxonomy = taxonomy;
    world.asked[0].skill_id = taxonomy_find_skill(taxonomy, STR("t:welding"));
    world.held[0].skill_id = taxonomy_find_skill(taxonomy, STR("t:tig"));
    world.held[0].level = 8;
    struct pair_score pair = score(&world);
    cr_assert_eq(pair.points_bp[CRITERION_SKILL], 9500); /* 9000 and 10000 */
    cr_assert_eq(pair.failed, 1u << GATE_ESSENTIAL_SKILL_MISSING);
    taxonomy_free(taxonomy);
}

Test(gate, rules_are_the_names_of_the_api)
{
    cr_assert_str_eq(gate_rule(GATE_CLOSED), "closed");
    cr_assert_str_eq(gate_rule(GATE_TOO_FAR), "too_far");
    cr_assert_str_eq(gate_rule(GATE_FILTER), "filter");
}
