#include "core/scorer.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>

#include "core/pair_difference.h"
#include "core/random_records.h"

/* What the comparisons met, so that a generator that stopped making it is noticed. */
struct tally {
    uint64_t pairs, passed, soft, failed[GATE_COUNT];
    uint64_t between[CRITERION_COUNT]; /* points that are neither 0 nor full */
    uint64_t named;                    /* credited for a skill outside the taxonomy */
};

static void count_pair(struct tally *tally, const struct pair_score *pair)
{
    tally->pairs++;
    tally->passed += pair_passes(pair);
    tally->soft += pair->softened != 0;
    for (int i = 0; i < GATE_COUNT; i++)
        tally->failed[i] += pair->failed >> i & 1;
    for (int i = 0; i < CRITERION_COUNT; i++)
        tally->between[i] += pair->points_bp[i] > 0 && pair->points_bp[i] < POINTS_LIMIT_BP;
}

static bool shares_a_name(const struct vacancy *vacancy, const struct applicant *applicant)
{
    for (int i = 0; i < vacancy->skill_count; i++) {
        for (int j = 0; j < applicant->skill_count; j++) {
            if (vacancy->skills[i].skill_id == SKILL_UNKNOWN &&
                skill_is_same(&vacancy->skills[i], &applicant->skills[j]))
                return true;
        }
    }
    return false;
}

/* Scores by both twins and compares every field. */
static void compare(struct tally *tally, const struct scoring *scoring, const struct scorer *scorer,
                    const struct vacancy *vacancy, const struct applicant *applicant, uint64_t seed)
{
    struct pair_score expected, got;
    memset(&got, 0x5a, sizeof got); /* whatever was there must not show */
    score_pair(scoring, vacancy, applicant, &expected);
    if (scoring->ranking == RANK_VACANCIES)
        scorer_score_vacancy(scorer, vacancy, &got);
    else
        scorer_score_applicant(scorer, applicant, &got);
    cr_assert_str_eq(pair_difference(&expected, &got), "", "seed %" PRIu64 " pair %" PRIu64, seed,
                     tally->pairs);
    count_pair(tally, &got);
    tally->named += shares_a_name(vacancy, applicant);
}

/* Sometimes values that no record may hold but that are defined all the same. */
static void spoil(struct market *market, struct vacancy *vacancy, struct applicant *applicant)
{
    if (market_chance(market, 10))
        applicant->wage_desired_month_cents = WAGE_UNKNOWN;
    else if (market_chance(market, 10))
        applicant->wage_desired_month_cents = 400000; /* perhaps below the minimum */
    if (vacancy->skill_count > 0 && market_chance(market, 4))
        ((struct asked_skill *)vacancy->skills)[0].importance = 0;
}

static void compare_on_random_pairs(uint64_t seed, enum ranking ranking)
{
    enum { ROUNDS = 130, RECORDS = 32 }; /* 133,120 pairs */
    struct tally tally = {0};
    struct market market;
    struct arena arena;
    market_init(&market, seed);
    arena_init(&arena, (size_t)1 << 20);
    for (int round = 0; round < ROUNDS; round++) {
        struct vacancy *vacancies[RECORDS];
        struct applicant *applicants[RECORDS];
        for (int i = 0; i < RECORDS; i++) {
            vacancies[i] = market_vacancy(&market);
            applicants[i] = market_applicant(&market);
            spoil(&market, vacancies[i], applicants[i]);
        }
        for (int i = 0; i < RECORDS; i++) {
            struct profile profile = market_profile(&market);
            struct scoring scoring = market_scoring(&market, &profile);
            scoring.ranking = ranking;
            arena_clear(&arena);
            struct scorer *scorer = scorer_new(&scoring, vacancies[i], applicants[i], &arena);
            cr_assert(scorer);
            for (int j = 0; j < RECORDS; j++)
                compare(&tally, &scoring, scorer, vacancies[ranking == RANK_VACANCIES ? j : i],
                        applicants[ranking == RANK_VACANCIES ? i : j], seed);
        }
        market_clear(&market);
    }
    cr_assert_gt(tally.passed, 5000);
    cr_assert_gt(tally.soft, 5000);
    cr_assert_gt(tally.named, 5000);
    for (int i = 0; i < GATE_COUNT; i++)
        cr_assert(tally.failed[i] > 500, "gate %s hardly ever failed", gate_rule(i));
    for (int i = 0; i < CRITERION_COUNT; i++)
        cr_assert_gt(tally.between[i], 5000, "%s hardly ever between", criterion_name(i));
    arena_release(&arena);
    market_release(&market);
}

Test(scorer, agrees_with_score_pair_on_random_vacancies)
{
    compare_on_random_pairs(20271, RANK_VACANCIES);
}

Test(scorer, agrees_with_score_pair_on_random_applicants)
{
    compare_on_random_pairs(20272, RANK_APPLICANTS);
}

/* --- The whole taxonomy ------------------------------------------------------------------------*/

/* One skill each, over all pairs of the built-in taxonomy and all levels: every closeness, every
 * chain of the table. */
static void compare_on_all_skills(enum ranking ranking)
{
    struct error error = {0};
    struct tally tally = {0};
    struct profile profile = profile_default();
    struct taxonomy *taxonomy = taxonomy_builtin(&error);
    cr_assert(taxonomy, "%s", error.text);
    struct scoring scoring = {.profile = &profile, .taxonomy = taxonomy, .ranking = ranking};
    uint32_t skills = (uint32_t)taxonomy_skill_count(taxonomy);
    struct asked_skill asked = {.importance = 1};
    struct held_skill held = {0};
    struct vacancy vacancy = {.skills = &asked, .skill_count = 1, .open = true};
    struct applicant applicant = {.skills = &held, .skill_count = 1, .active = true};
    struct arena arena;
    arena_init(&arena, (size_t)1 << 20);
    for (uint32_t subject = 0; subject < skills; subject++) {
        asked.skill_id = held.skill_id = subject;
        held.level = (uint8_t)(subject % (SKILL_LEVEL_LIMIT + 1));
        asked.min_level = (uint8_t)(subject / 2 % (SKILL_LEVEL_LIMIT + 1));
        arena_clear(&arena);
        struct scorer *scorer = scorer_new(&scoring, &vacancy, &applicant, &arena);
        for (uint32_t candidate = 0; candidate < skills; candidate++) {
            uint8_t level = (uint8_t)((candidate + subject) % (SKILL_LEVEL_LIMIT + 1));
            if (ranking == RANK_VACANCIES) {
                asked.skill_id = candidate;
                asked.min_level = level;
            } else {
                held.skill_id = candidate;
                held.level = level;
            }
            compare(&tally, &scoring, scorer, &vacancy, &applicant, 0);
        }
    }
    cr_assert_gt(tally.between[CRITERION_SKILL], skills, "no neighbours were met");
    arena_release(&arena);
    taxonomy_free(taxonomy);
}

Test(scorer, credits_every_asked_skill_as_score_pair_does)
{
    compare_on_all_skills(RANK_VACANCIES);
}

Test(scorer, credits_every_held_skill_as_score_pair_does)
{
    compare_on_all_skills(RANK_APPLICANTS);
}

/* --- Sizes -------------------------------------------------------------------------------------*/

/* Every record as large as it may be, with many names outside the taxonomy. */
static void compare_at_the_limits(uint64_t seed, enum ranking ranking)
{
    struct market market;
    struct tally tally = {0};
    struct profile profile = profile_default();
    struct arena arena;
    market_init(&market, seed);
    arena_init(&arena, (size_t)1 << 20);
    for (uint64_t tries = 0; tally.pairs < 300; tries++) {
        cr_assert_lt(tries, 1000000, "no large records");
        struct scoring scoring = market_plain_scoring(&market, &profile);
        struct vacancy *vacancy = market_vacancy(&market);
        struct applicant *applicant = market_applicant(&market);
        while (vacancy->skill_count < RECORD_SKILL_LIMIT / 2)
            vacancy = market_vacancy(&market);
        while (applicant->skill_count < RECORD_SKILL_LIMIT / 2)
            applicant = market_applicant(&market);
        scoring.ranking = ranking;
        arena_clear(&arena);
        struct scorer *scorer = scorer_new(&scoring, vacancy, applicant, &arena);
        cr_assert(scorer);
        compare(&tally, &scoring, scorer, vacancy, applicant, seed);
        market_clear(&market);
    }
    cr_assert_gt(tally.named, 100);
    arena_release(&arena);
    market_release(&market);
}

Test(scorer, agrees_on_large_records)
{
    compare_at_the_limits(20273, RANK_VACANCIES);
    compare_at_the_limits(20274, RANK_APPLICANTS);
}

Test(scorer, a_full_record_of_neighbours_is_prepared_whole)
{
    /* 64 children of one narrow parent each: every asked skill has all the neighbours it may. */
    struct error error = {0};
    char csv[16384];
    size_t length = (size_t)snprintf(csv, sizeof csv, "code,broader\n");
    for (int i = 0; i < RECORD_SKILL_LIMIT; i++)
        length += (size_t)snprintf(csv + length, sizeof csv - length, "a%02d,p%d\n", i, i / 16);
    for (int i = 0; i < RECORD_SKILL_LIMIT / 16; i++)
        length += (size_t)snprintf(csv + length, sizeof csv - length, "p%d,\n", i);
    struct taxonomy *taxonomy = taxonomy_load((struct str){csv, (uint32_t)length}, STR(""), &error);
    cr_assert(taxonomy, "%s", error.text);
    struct asked_skill asked[RECORD_SKILL_LIMIT] = {0};
    struct held_skill held[RECORD_SKILL_LIMIT] = {0};
    for (uint32_t i = 0; i < RECORD_SKILL_LIMIT; i++) {
        asked[i] = (struct asked_skill){.skill_id = i, .importance = 5, .min_level = i % 9};
        held[i] = (struct held_skill){.skill_id = i + 4, .level = i % 9};
    }
    struct profile profile = profile_default();
    struct vacancy vacancy = {.skills = asked, .skill_count = RECORD_SKILL_LIMIT};
    struct applicant applicant = {.skills = held, .skill_count = RECORD_SKILL_LIMIT};
    struct tally tally = {0};
    struct arena arena;
    arena_init(&arena, (size_t)1 << 20);
    for (int ranking = RANK_VACANCIES; ranking <= RANK_APPLICANTS; ranking++) {
        struct scoring scoring = {
            .profile = &profile, .taxonomy = taxonomy, .ranking = (enum ranking)ranking};
        compare(&tally, &scoring, scorer_new(&scoring, &vacancy, &applicant, &arena), &vacancy,
                &applicant, 0);
    }
    cr_assert_eq(tally.between[CRITERION_SKILL], 2);
    arena_release(&arena);
    taxonomy_free(taxonomy);
}

/* --- Memory ------------------------------------------------------------------------------------*/

/* The smallest arena that a scorer of the subject fits into; every smaller one gives NULL. */
static size_t least_arena_bytes(const struct scoring *scoring, const struct vacancy *vacancy,
                                const struct applicant *applicant)
{
    for (size_t limit_bytes = 0; limit_bytes < 1 << 16; limit_bytes += 16) {
        struct arena arena;
        arena_init(&arena, limit_bytes);
        bool fits = scorer_new(scoring, vacancy, applicant, &arena) != NULL;
        arena_release(&arena);
        if (fits)
            return limit_bytes;
    }
    return SIZE_MAX;
}

Test(scorer, an_exhausted_arena_gives_none)
{
    struct market market;
    struct profile profile = profile_default();
    market_init(&market, 20275);
    for (int i = 0; i < 20; i++) {
        struct scoring scoring = market_plain_scoring(&market, &profile);
        size_t least_bytes =
            least_arena_bytes(&scoring, market_vacancy(&market), market_applicant(&market));
        cr_assert_gt(least_bytes, 0);
        cr_assert_lt(least_bytes, 1 << 16);
        market_clear(&market);
    }
    market_release(&market);
}
