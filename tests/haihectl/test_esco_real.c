/* ESCO as the European Commission publishes it: all of it comes in, and people are given the
 * occupation whose essential skills they hold. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/memory.h"
#include "core/search.h"
#include "haihectl/esco_directory.h"
#include "haihectl/shared_data.h"
#include "model/limits.h"
#include "model/taxonomy.h"

static struct esco *import(const char *test, struct buffer *skills, struct buffer *occupations)
{
    char path[4096];
    unsigned missing;
    struct error error = {0};
    SKIP_WITHOUT(test, "esco", path);
    struct esco *esco = esco_read_directory(path, &missing, &error);
    cr_assert(esco, "%s", error.text);
    buffer_init(skills, 256 << 20);
    buffer_init(occupations, 256 << 20);
    cr_assert(esco_write_skills(esco, skills) && esco_write_occupations(esco, occupations));
    return esco;
}

static struct taxonomy *import_taxonomy(const char *test)
{
    struct buffer skills, occupations;
    struct error error = {0};
    esco_free(import(test, &skills, &occupations));
    struct taxonomy *taxonomy =
        taxonomy_load(buffer_borrow(&skills), buffer_borrow(&occupations), &error);
    cr_assert(taxonomy, "%s", error.text);
    buffer_release(&skills);
    buffer_release(&occupations);
    return taxonomy;
}

/* Release 1.1.1. Of its 123,855 relations of occupations 67 are of one occupation that
 * occupations_en.csv does not have; of its 20,656 broader ones 7 are of a group that skillGroups_en
 * does not have. */
Test(esco_real, every_concept_and_every_relation_comes_in, .timeout = 300)
{
    struct buffer skills, occupations;
    int64_t start_ns = clock_monotonic_ns();
    struct esco *esco =
        import("esco_real::every_concept_and_every_relation_comes_in", &skills, &occupations);
    double seconds = (double)(clock_monotonic_ns() - start_ns) / 1e9;
    const struct esco_statistics *statistics = esco_statistics(esco);
    cr_assert_eq(statistics->skill_count, 13896);
    cr_assert_eq(statistics->group_count, 640);
    cr_assert_eq(statistics->occupation_count, 3007);
    size_t of_occupations = statistics->essential_count + statistics->optional_count;
    cr_assert_eq(of_occupations + statistics->unknown_count[ESCO_OCCUPATION_RELATIONS], 123855);
    cr_assert_eq(statistics->unknown_count[ESCO_OCCUPATION_RELATIONS], 67);
    cr_assert_eq(statistics->broader_count + statistics->unknown_count[ESCO_BROADER], 20656);
    cr_assert_eq(statistics->unknown_count[ESCO_BROADER], 7);
    cr_assert_eq(statistics->related_count + statistics->self_count, 5899);
    cr_assert_eq(statistics->repeated_count, 0);
    printf(
        "esco: %zu skills, %zu groups, %zu occupations, %zu relations of occupations in %.2f s\n",
        statistics->skill_count, statistics->group_count, statistics->occupation_count,
        of_occupations, seconds);
    esco_free(esco);
    buffer_release(&skills);
    buffer_release(&occupations);
}

/* --- A vacancy of each occupation, and the person who holds its essential skills ------------- */

struct market {
    struct taxonomy *taxonomy;
    struct collection_writer *vacancies;
    struct snapshot snapshot;
    struct vacancy **records;
    struct entry **entries;
    size_t count; /* occupation i is in slot i */
};

/* Essential skills have the greatest importance and must be held, optional ones the least; a record
 * takes RECORD_SKILL_LIMIT of them, the essential ones first. */
static struct vacancy *vacancy_of(const struct market *market, size_t index)
{
    const struct occupation_entry *occupation = taxonomy_occupation_at(market->taxonomy, index);
    struct asked_skill skills[RECORD_SKILL_LIMIT] = {0};
    uint8_t count = 0;
    for (size_t i = 0; i < occupation->essential_count && count < RECORD_SKILL_LIMIT; i++)
        skills[count++] = (struct asked_skill){
            .skill_id = occupation->essential_ids[i], .importance = 5, .essential = true};
    for (size_t i = 0; i < occupation->optional_count && count < RECORD_SKILL_LIMIT; i++)
        skills[count++] =
            (struct asked_skill){.skill_id = occupation->optional_ids[i], .importance = 1};
    const struct vacancy vacancy = {.key = {STR("esco"), occupation->code},
                                    .title = occupation->label_en,
                                    .skills = skills,
                                    .skill_count = count,
                                    .wage_min_month_cents = WAGE_UNKNOWN,
                                    .wage_max_month_cents = WAGE_UNKNOWN,
                                    .open = true};
    return vacancy_pack(&vacancy);
}

static void market_init(struct market *market, const char *test)
{
    struct collection_garbage *garbage = NULL;
    *market = (struct market){.taxonomy = import_taxonomy(test),
                              .vacancies = collection_writer_new(NULL)};
    market->count = taxonomy_occupation_count(market->taxonomy);
    market->records = memory_must_zeroed(market->count, sizeof(*market->records));
    market->entries = memory_must_zeroed(market->count, sizeof(*market->entries));
    for (size_t i = 0; i < market->count; i++) {
        market->records[i] = vacancy_of(market, i);
        market->entries[i] = entry_new_vacancy(market->records[i], NULL, STR(""));
        cr_assert(market->entries[i]);
        cr_assert_eq(collection_insert(market->vacancies, market->entries[i]), i);
    }
    cr_assert(collection_publish(market->vacancies, &market->snapshot, &garbage));
    collection_garbage_free(garbage);
}

static void market_release(struct market *market)
{
    collection_writer_free(market->vacancies);
    for (size_t i = 0; i < market->count; i++) {
        memory_free(market->records[i]);
        memory_free(market->entries[i]);
    }
    memory_free(market->records);
    memory_free(market->entries);
    taxonomy_free(market->taxonomy);
}

static const struct vacancy *vacancy_at(const struct market *market, size_t index)
{
    return market->records[index];
}

static const struct vacancy *vacancy_found(const struct market *market, const struct match *match)
{
    for (size_t i = 0; i < market->count; i++)
        if (market->entries[i] == match->entry)
            return market->records[i];
    return NULL;
}

/* Skills have one order in every vacancy: by code within essential and optional ones. */
static bool same_skills(const struct vacancy *a, const struct vacancy *b)
{
    bool same = a->skill_count == b->skill_count;
    for (uint8_t i = 0; same && i < a->skill_count; i++)
        same = a->skills[i].skill_id == b->skills[i].skill_id &&
               a->skills[i].essential == b->skills[i].essential;
    return same;
}

/* How many of the skills of that kind the vacancy asks for, and how many of them the person holds.
 */
static size_t count_asked(const struct vacancy *vacancy, bool essential,
                          const struct applicant *person, size_t *held)
{
    size_t asked = 0;
    *held = 0;
    for (uint8_t i = 0; i < vacancy->skill_count; i++) {
        if (vacancy->skills[i].essential != essential)
            continue;
        asked++;
        for (uint8_t j = 0; j < person->skill_count; j++)
            *held += person->skills[j].skill_id == vacancy->skills[i].skill_id;
    }
    return asked;
}

enum outcome {
    OWN_FIRST,        /* the occupation itself */
    SAME_FIRST,       /* one with the same skills */
    TIED,             /* another with the same score */
    OTHER_WHOLLY_MET, /* another: its essential and optional skills are all held */
    OTHER_NEARER,     /* another: its essential skills are all held, fewer optional ones lack */
    UNEXPLAINED,
    OUTCOME_COUNT
};

/* `winner` has `score`. */
static enum outcome explain(const struct vacancy *own, int32_t own_score,
                            const struct vacancy *winner, int32_t score,
                            const struct applicant *person)
{
    size_t essential_held, optional_held;
    if (winner == own)
        return OWN_FIRST;
    if (same_skills(own, winner))
        return SAME_FIRST;
    if (score == own_score)
        return TIED;
    size_t essential = count_asked(winner, true, person, &essential_held);
    size_t optional = count_asked(winner, false, person, &optional_held);
    if (essential_held < essential || score < own_score)
        return UNEXPLAINED;
    return optional_held == optional ? OTHER_WHOLLY_MET : OTHER_NEARER;
}

struct tally {
    size_t outcomes[OUTCOME_COUNT];
    size_t above_limit;                         /* occupations cut to what a record may have */
    size_t above_limit_outcomes[OUTCOME_COUNT]; /* of those */
    size_t without_essential;
    size_t own_in_ten;
};

enum { BEST = 10 };

/* Nine million pairs of thirty skills a side take half a minute; instrumented, ten. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { STEP = 61 };
#else
enum { STEP = 1 };
#endif

static void try_occupation(const struct market *market, size_t index, struct arena *arena,
                           struct tally *tally)
{
    const struct vacancy *own = vacancy_at(market, index);
    const struct occupation_entry *occupation = taxonomy_occupation_at(market->taxonomy, index);
    struct held_skill skills[RECORD_SKILL_LIMIT] = {0};
    struct applicant person = {.skills = skills,
                               .wage_min_month_cents = WAGE_UNKNOWN,
                               .wage_desired_month_cents = WAGE_UNKNOWN,
                               .months_of_experience = EXPERIENCE_UNKNOWN,
                               .consent_matching = true,
                               .consent_visible = true,
                               .active = true,
                               .available = true};
    for (uint8_t i = 0; i < own->skill_count && own->skills[i].essential; i++)
        skills[person.skill_count++].skill_id = own->skills[i].skill_id;
    if (person.skill_count == 0) {
        tally->without_essential++;
        return;
    }
    struct profile profile = profile_default();
    struct pair_score pair;
    struct error error = {0};
    struct search_result result;
    const struct search_request request = {
        .scoring = {.profile = &profile, .taxonomy = market->taxonomy, .ranking = RANK_VACANCIES},
        .applicant = &person,
        .k = BEST};
    arena_clear(arena);
    cr_assert(search_exhaustive(&request, &market->snapshot, arena, &result, &error), "%s",
              error.text);
    score_pair(&request.scoring, own, &person, &pair);
    cr_assert(pair_passes(&pair) && result.match_count > 0, "%.*s", STR_ARG(own->key.id));
    enum outcome outcome = explain(own, pair.score, vacancy_found(market, &result.matches[0]),
                                   result.matches[0].rank.score, &person);
    bool above = occupation->essential_count + occupation->optional_count > RECORD_SKILL_LIMIT;
    tally->outcomes[outcome]++;
    tally->above_limit += above;
    tally->above_limit_outcomes[outcome] += above;
    for (uint32_t i = 0; i < result.match_count; i++)
        tally->own_in_ten += result.matches[i].entry == market->entries[index];
}

static void print_tally(const struct tally *tally, size_t count, double seconds)
{
    static const char *const texts[OUTCOME_COUNT] = {
        [OWN_FIRST] = "the occupation itself is first",
        [SAME_FIRST] = "an occupation with the same skills is first",
        [TIED] = "another one has the same score and the better tie",
        [OTHER_WHOLLY_MET] = "another one is first: the person holds all its skills, optional too",
        [OTHER_NEARER] = "another one is first: all its essential skills are held, and its "
                         "optional ones weigh less or are nearer",
        [UNEXPLAINED] = "not explained",
    };
    printf("esco: %zu occupations, a person with the essential skills of each, in %.1f s:\n", count,
           seconds);
    for (size_t i = 0; i < OUTCOME_COUNT; i++)
        printf("  %5zu  %5.1f %%  %s (of those above %d skills: %zu)\n", tally->outcomes[i],
               100.0 * (double)tally->outcomes[i] / (double)count, texts[i], RECORD_SKILL_LIMIT,
               tally->above_limit_outcomes[i]);
    printf("  %5zu  %5.1f %%  has no essential skill\n", tally->without_essential,
           100.0 * (double)tally->without_essential / (double)count);
    printf("  %5zu  %5.1f %%  are among the first %d\n", tally->own_in_ten,
           100.0 * (double)tally->own_in_ten / (double)count, BEST);
    printf("  %zu have more than the %d skills of a record: essential ones first, the rest is "
           "cut\n",
           tally->above_limit, RECORD_SKILL_LIMIT);
}

Test(esco_real, who_holds_an_occupations_essential_skills_is_given_it_first, .timeout = 600)
{
    struct market market;
    struct tally tally = {0};
    struct arena arena;
    size_t tried = 0;
    market_init(&market, "esco_real::who_holds_an_occupations_essential_skills_is_given_it_first");
    arena_init(&arena, 16 << 20);
    cr_assert_eq(market.count, 3007);
    int64_t start_ns = clock_monotonic_ns();
    for (size_t i = 0; i < market.count; i += STEP, tried++)
        try_occupation(&market, i, &arena, &tally);
    print_tally(&tally, tried, (double)(clock_monotonic_ns() - start_ns) / 1e9);
    cr_assert_eq(tally.outcomes[UNEXPLAINED], 0);
    cr_assert_eq(tally.own_in_ten + tally.without_essential, tried);
    /* 98.6 % when this was written; ties and wider occupations take the rest. */
    cr_assert_geq((tally.outcomes[OWN_FIRST] + tally.outcomes[SAME_FIRST]) * 100, tried * 98);
    arena_release(&arena);
    market_release(&market);
}
