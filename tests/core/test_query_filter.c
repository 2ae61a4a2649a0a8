/* What the index keeps for filters lets through whoever passes, and few others. */
#include <criterion/criterion.h>
#include <inttypes.h>

#include "base/memory.h"
#include "core/index_oracle.h"
#include "core/kernel.h"

enum { ARENA_BYTES = 1 << 26 };

/* --- Loose, never wrong ------------------------------------------------------------------------*/

static bool passes(const struct filter *filter, const struct entry *entry,
                   struct record_scratch *scratch)
{
    struct vacancy vacancy;
    struct applicant applicant;
    if (entry_kind(entry) == RECORD_VACANCY) {
        entry_vacancy(entry, scratch, &vacancy);
        return filter_passes_vacancy(filter, &vacancy);
    }
    entry_applicant(entry, scratch, &applicant);
    return filter_passes_applicant(filter, &applicant);
}

struct tally {
    size_t passing, let_through, documents;
};

static void judge_tile(const struct query_filter *compiled, const struct filter *filter,
                       const struct tile *tile, uint16_t blocks, struct tally *tally)
{
    struct record_scratch scratch;
    record_scratch_init(&scratch, NULL);
    for (size_t i = 0; i < tile->document_count; i++) {
        bool open = blocks >> i / BLOCK_DOCUMENTS & 1;
        uint16_t lane = (uint16_t)(1u << i % GROUP_DOCUMENTS);
        uint16_t kept = query_filter_lanes(compiled, tile, i / GROUP_DOCUMENTS, lane);
        bool pass = passes(filter, tile_refs(tile)[i], &scratch);
        cr_assert_eq(kept & ~lane, 0);
        cr_assert(!pass || (open && kept), "document %zu of %u passes, but %s", i,
                  tile->document_count, open ? "its hashes do not" : "its block is closed");
        tally->passing += pass;
        tally->let_through += open && kept;
        tally->documents++;
    }
}

static void judge_view(const struct index_view *view, const struct filter *filter,
                       struct arena *arena, struct tally *tally)
{
    struct query_filter compiled;
    arena_clear(arena);
    cr_assert(query_filter_compile(&compiled, filter, view->ranking, arena));
    for (size_t i = 0; i < view->strip_count; i++) {
        const struct strip_view *strip = view->strips[i];
        uint16_t blocks[STRIP_TILES];
        size_t expected = 0, count = query_filter_blocks(&compiled, strip, blocks);
        for (unsigned column = 0; column < STRIP_TILES; column++) {
            expected += (size_t)__builtin_popcount(blocks[column]);
            if (strip->live >> column & 1)
                judge_tile(&compiled, filter, strip->tiles[column], blocks[column], tally);
            else
                cr_assert_eq(blocks[column], 0, "a column without a tile");
        }
        cr_assert_eq(count, expected);
    }
}

static void judge_many(uint64_t seed, enum ranking ranking)
{
    enum { RECORDS = 3000, FILTERS = 400 };
    struct entry **entries = memory_must_zeroed(RECORDS, sizeof *entries);
    struct tally tally = {0};
    struct market market;
    struct arena arena;
    const struct index_view *view;
    struct index_garbage *garbage;
    const void *last = NULL;
    market_init(&market, seed);
    arena_init(&arena, ARENA_BYTES);
    struct index_writer *writer = index_writer_new(ranking, market.taxonomy, NULL);
    for (size_t i = 0; i < RECORDS; i++)
        cr_assert(index_insert(writer, entries[i] = random_entry(&market, ranking, NULL, &last)));
    cr_assert(index_publish(writer, &view, &garbage));
    index_garbage_free(writer, garbage);
    for (int i = 0; i < FILTERS; i++) {
        struct profile profile;
        struct search_request request = random_request(&market, ranking, &profile, RECORDS);
        if (request.scoring.filter)
            judge_view(view, request.scoring.filter, &arena, &tally);
    }
    cr_assert_gt(tally.passing, 1000);
    /* Chance hits of hashes, and workplaces in several areas: two in a hundred. */
    cr_assert_lt(tally.let_through, tally.passing + tally.documents / 30, "%zu, %zu of %zu pass",
                 tally.let_through, tally.passing, tally.documents);
    index_writer_free(writer);
    for (size_t i = 0; i < RECORDS; i++)
        memory_free(entries[i]);
    memory_free(entries);
    arena_release(&arena);
    market_release(&market);
}

Test(query_filter, keeps_every_vacancy_that_passes)
{
    judge_many(77001, RANK_VACANCIES);
}

Test(query_filter, keeps_every_applicant_that_passes)
{
    judge_many(77002, RANK_APPLICANTS);
}

/* --- Selective ---------------------------------------------------------------------------------*/

/* A hundred thousand vacancies, of which ten were tagged for a fair. */
struct country {
    struct market market;
    struct index_writer *writer;
    const struct index_view *view;
    struct entry **entries;
    size_t count, capacity;
    const struct entry *fair[32];
    size_t fair_count;
};

static const struct str FAIR = {"fair of ten", 11};

/* Without gates that could fail: all have the market's first skill. */
static struct entry *country_vacancy(struct country *country, bool is_fair)
{
    static const struct asked_skill SKILL = {.skill_id = 0, .importance = 3};
    struct vacancy *vacancy = market_vacancy(&country->market);
    vacancy->open = true;
    vacancy->skills = &SKILL;
    vacancy->skill_count = 1;
    vacancy->licences = (struct str_list){0};
    if (is_fair)
        vacancy->tags = (struct str_list){&FAIR, 1};
    struct entry *entry = entry_new_vacancy(vacancy, NULL, STR(""));
    cr_assert(entry);
    market_clear(&country->market);
    country->entries[country->count++] = entry;
    if (is_fair)
        country->fair[country->fair_count++] = entry;
    return entry;
}

static void country_publish(struct country *country)
{
    struct index_garbage *garbage;
    cr_assert(index_publish(country->writer, &country->view, &garbage));
    index_garbage_free(country->writer, garbage);
}

static struct country *country_new(size_t count)
{
    struct country *country = memory_must_zeroed(1, sizeof *country);
    country->capacity = count + 100;
    country->entries = memory_must_zeroed(country->capacity, sizeof *country->entries);
    market_init(&country->market, 77003);
    country->writer = index_writer_new(RANK_VACANCIES, country->market.taxonomy, NULL);
    cr_assert(country->writer);
    for (size_t i = 0; i < count; i++)
        country_vacancy(country, i % (count / 10) == count / 20);
    cr_assert(index_writer_build(country->writer, (const struct entry *const *)country->entries,
                                 count, 2));
    country_publish(country);
    return country;
}

static void country_free(struct country *country)
{
    index_writer_free(country->writer);
    for (size_t i = 0; i < country->count; i++)
        memory_free(country->entries[i]);
    memory_free(country->entries);
    market_release(&country->market);
    memory_free(country);
}

/* Exactly the fair's vacancies are found; returns the tiles that were visited for it. */
static uint64_t visit_fair(struct country *country, struct arena *arena)
{
    static const struct held_skill SKILL = {.skill_id = 0, .level = 3};
    const struct profile profile = profile_default();
    const struct filter filter = {.tags = {&FAIR, 1}};
    struct applicant applicant = {.skills = &SKILL,
                                  .skill_count = 1,
                                  .active = true,
                                  .consent_matching = true,
                                  .available = true};
    struct search_request request = {.scoring = {.profile = &profile,
                                                 .taxonomy = country->market.taxonomy,
                                                 .ranking = RANK_VACANCIES,
                                                 .filter = &filter,
                                                 .soft_gates = ~0u},
                                     .applicant = &applicant,
                                     .k = 50};
    struct crowd crowd;
    struct search_result result;
    struct index_work work;
    struct error error = {0};
    applicant.home.position = POSITION_NONE;
    applicant.wage_min_month_cents = applicant.wage_desired_month_cents = WAGE_UNKNOWN;
    crowd_init(&crowd, (const struct entry *const *)country->entries, country->count, NULL);
    assert_index_is_exact(&request, &crowd, country->view, arena, "the fair");
    crowd_release(&crowd);
    cr_assert(index_search(&request, country->view, NULL, arena, &result, &work, &error), "%s",
              error.text);
    cr_assert_eq(result.match_count, country->fair_count);
    return work.tiles_visited;
}

Test(query_filter, visits_few_tiles_for_a_fair_of_few)
{
    struct arena arena;
    arena_init(&arena, ARENA_BYTES);
    struct country *country = country_new(100000);
    cr_assert_geq(country->view->tile_count, 49);
    uint64_t visited = visit_fair(country, &arena);
    /* Vacancies of several workplaces stand in several tiles. */
    cr_assert_leq(visited, 25, "%" PRIu64 " of %zu tiles for %zu vacancies", visited,
                  country->view->tile_count, country->fair_count);
    for (int i = 0; i < 40; i++)
        cr_assert(index_insert(country->writer, country_vacancy(country, i % 10 == 0)));
    country_publish(country);
    cr_assert_leq(visit_fair(country, &arena), visited + 3, "fresh tiles: one of a kind");
    while (index_maintain(country->writer, 0))
        country_publish(country);
    country_publish(country);
    cr_assert_leq(visit_fair(country, &arena), visited + 10);
    country_free(country);
    arena_release(&arena);
}
