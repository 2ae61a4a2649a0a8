/* index_search finds what search_exhaustive finds: records, scores, order, points. */
#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/memory.h"
#include "core/index_oracle.h"

enum { SEARCHES_PER_TOWN = 8, TOWNS_PER_TAXONOMY = 200 };

/* Some records, searched in both ways. */
struct town {
    struct market *market;
    enum ranking ranking;
    struct lexicon *lexicon; /* NULL at times */
    struct entry **entries;
    size_t count;
    struct crowd crowd;
    struct index_writer *writer;
    const struct index_view *view;
};

static void town_init(struct town *town, struct market *market, enum ranking ranking, size_t count)
{
    const void *last = NULL;
    struct index_garbage *garbage;
    *town = (struct town){.market = market, .ranking = ranking, .count = count};
    town->lexicon = market_chance(market, 2) ? lexicon_new() : NULL;
    town->entries = memory_try_zeroed(count, sizeof *town->entries);
    for (size_t i = 0; i < count; i++)
        town->entries[i] = random_entry(market, ranking, town->lexicon, &last);
    crowd_init(&town->crowd, (const struct entry *const *)town->entries, count, town->lexicon);
    town->writer = index_writer_new(ranking, market->taxonomy, town->lexicon);
    cr_assert(town->writer);
    if (market_chance(market, 2)) {
        unsigned threads = 1 + (unsigned)rng_below(&market->rng, 2);
        cr_assert(index_writer_build(town->writer, (const struct entry *const *)town->entries,
                                     count, threads));
    } else {
        for (size_t i = 0; i < count; i++)
            cr_assert(index_insert(town->writer, town->entries[i]));
    }
    cr_assert(index_publish(town->writer, &town->view, &garbage));
    index_garbage_free(town->writer, garbage);
}

static void town_release(struct town *town)
{
    index_writer_free(town->writer);
    crowd_release(&town->crowd);
    for (size_t i = 0; i < town->count; i++)
        memory_free(town->entries[i]);
    memory_free(town->entries);
    lexicon_free(town->lexicon);
}

/* A place in the order: one that a match has, or one that only may be. */
static const struct rank *random_after(struct town *town, const struct search_request *request,
                                       struct arena *arena, struct rank *rank)
{
    struct search_result result;
    struct error error = {0};
    arena_clear(arena);
    cr_assert(search_exhaustive(request, &town->crowd.snapshot, arena, &result, &error));
    *rank = (struct rank){.score = (int32_t)rng_below(&town->market->rng, SCORE_LIMIT + 2),
                          .tie = rng_next(&town->market->rng)};
    if (result.match_count > 0 && !market_chance(town->market, 6))
        *rank = result.matches[rng_below(&town->market->rng, result.match_count)].rank;
    return rank;
}

static void search_town(struct town *town, struct arena *arena, const char *label)
{
    struct profile profile;
    struct rank rank;
    struct search_request request =
        random_request(town->market, town->ranking, &profile, town->count);
    if (market_chance(town->market, 8)) {
        assert_pages_are_exact(&request, &town->crowd, town->view, arena, label);
        return;
    }
    if (market_chance(town->market, 4))
        request.after = random_after(town, &request, arena, &rank);
    assert_index_is_exact(&request, &town->crowd, town->view, arena, label);
}

/* Most are tiny: what goes wrong at an edge goes wrong there, and thousands take a second. */
static size_t random_count(struct market *market)
{
    static const size_t EDGES[] = {0, 1, 15, 16, 17, 31, 33, 100, 127, 128, 129, 300};
    if (market_chance(market, 12))
        return EDGES[rng_below(&market->rng, sizeof EDGES / sizeof EDGES[0])];
    return 1 + rng_below(&market->rng, 40);
}

static void search_many_towns(uint64_t seed, enum ranking ranking)
{
    size_t towns = case_count(24000) / 2 / SEARCHES_PER_TOWN;
    struct market market;
    struct arena arena;
    arena_init(&arena, (size_t)1 << 26);
    for (size_t i = 0; i < towns; i++) {
        if (i % TOWNS_PER_TAXONOMY == 0) {
            if (i > 0)
                market_release(&market);
            market_init(&market, seed + i);
        }
        struct town town;
        town_init(&town, &market, ranking, random_count(&market));
        for (int j = 0; j < SEARCHES_PER_TOWN; j++) {
            char label[64];
            snprintf(label, sizeof label, "town %zu of %zu records, search %d", i, town.count, j);
            search_town(&town, &arena, label);
        }
        town_release(&town);
        market_clear(&market);
    }
    market_release(&market);
    arena_release(&arena);
}

Test(index, finds_the_vacancies_that_a_search_of_all_finds)
{
    search_many_towns(71001, RANK_VACANCIES);
}

Test(index, finds_the_applicants_that_a_search_of_all_finds)
{
    search_many_towns(71002, RANK_APPLICANTS);
}

/* Around whole tiles. */
static void search_large_towns(uint64_t seed, enum ranking ranking)
{
    static const size_t COUNTS[] = {2047, 2048, 2049, 4500};
    struct market market;
    struct arena arena;
    market_init(&market, seed);
    arena_init(&arena, (size_t)1 << 26);
    for (size_t i = 0; i < sizeof COUNTS / sizeof COUNTS[0]; i++) {
        struct town town;
        town_init(&town, &market, ranking, COUNTS[i]);
        for (int j = 0; j < 60; j++) {
            char label[64];
            snprintf(label, sizeof label, "%zu records, search %d", COUNTS[i], j);
            search_town(&town, &arena, label);
        }
        town_release(&town);
        market_clear(&market);
    }
    market_release(&market);
    arena_release(&arena);
}

Test(index, finds_the_same_vacancies_in_several_tiles)
{
    search_large_towns(71003, RANK_VACANCIES);
}

Test(index, finds_the_same_applicants_in_several_tiles)
{
    search_large_towns(71004, RANK_APPLICANTS);
}
