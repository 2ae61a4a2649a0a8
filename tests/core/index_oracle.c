#include "core/index_oracle.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "core/kernel.h"
#include "core/pair_difference.h"

size_t case_count(size_t usual)
{
    const char *wanted = getenv("HAIHE_INDEX_CASES");
    size_t count = wanted ? strtoull(wanted, NULL, 10) : 0;
    return count > usual ? count : usual;
}

/* --- Records and requests ----------------------------------------------------------------------*/

void crowd_init(struct crowd *crowd, const struct entry *const *entries, size_t count,
                const struct lexicon *lexicon)
{
    struct collection_garbage *garbage;
    crowd->writer = collection_writer_new(lexicon);
    cr_assert(crowd->writer);
    for (size_t i = 0; i < count; i++)
        cr_assert_neq(collection_insert(crowd->writer, entries[i]), SIZE_MAX);
    cr_assert(collection_publish(crowd->writer, &crowd->snapshot, &garbage));
    collection_garbage_free(garbage);
}

void crowd_release(struct crowd *crowd)
{
    collection_writer_free(crowd->writer);
}

/* The last one again, but for its key: its mass of copies differs by ties alone. */
static void become_copy(void *record, const void *last, size_t size_bytes)
{
    struct key key = *(const struct key *)record; /* both records begin with it */
    memcpy(record, last, size_bytes);
    *(struct key *)record = key;
}

/* One of many names, so that few records have each. */
static struct str rare_name(struct market *market)
{
    enum { NAME_BYTES = 16, NAMES = 60 };
    char *text = market_alloc(market, NAME_BYTES, 1);
    snprintf(text, NAME_BYTES, "rare%u", (unsigned)rng_below(&market->rng, NAMES));
    return str_of(text);
}

static void add_rare_tag(struct market *market, struct str_list *tags)
{
    struct str *items = market_alloc(market, tags->count + 1, sizeof *items);
    for (uint32_t i = 0; i < tags->count; i++)
        items[i] = tags->items[i];
    items[tags->count] = rare_name(market);
    *tags = (struct str_list){items, tags->count + 1};
}

/* Filters that few records of a large market pass, whatever else they ask. */
static const struct filter *rare_filter(struct market *market, enum ranking ranking)
{
    struct filter *filter = market_alloc(market, 1, sizeof *filter);
    if (market_chance(market, 3))
        filter = market_filter(market);
    if (ranking == RANK_VACANCIES && market_chance(market, 3)) {
        struct str *organization = market_alloc(market, 1, sizeof *organization);
        *organization = rare_name(market);
        filter->organizations = (struct str_list){organization, 1};
    } else {
        filter->tags = (struct str_list){0};
        for (uint64_t i = rng_below(&market->rng, 3) + 1; i > 0; i--)
            add_rare_tag(market, &filter->tags);
    }
    return filter;
}

struct entry *random_entry(struct market *market, enum ranking ranking, struct lexicon *lexicon,
                           const void **last)
{
    bool is_copy = *last && market_chance(market, 4);
    struct entry *entry;
    if (ranking == RANK_VACANCIES) {
        struct vacancy *vacancy = market_vacancy(market);
        if (is_copy)
            become_copy(vacancy, *last, sizeof *vacancy);
        else if (market_chance(market, 4))
            add_rare_tag(market, &vacancy->tags);
        else if (market_chance(market, 4))
            vacancy->hiring_organization_folded = rare_name(market);
        entry = entry_new_vacancy(vacancy, lexicon, STR(""));
        *last = vacancy;
    } else {
        struct applicant *applicant = market_applicant(market);
        if (is_copy)
            become_copy(applicant, *last, sizeof *applicant);
        else if (market_chance(market, 4))
            add_rare_tag(market, &applicant->tags);
        entry = entry_new_applicant(applicant, lexicon, STR(""));
        *last = applicant;
    }
    cr_assert(entry);
    return entry;
}

void stand_init(struct stand *stand, uint64_t seed, enum ranking ranking)
{
    *stand = (struct stand){.ranking = ranking};
    market_init(&stand->market, seed);
    stand->lexicon = lexicon_new();
    stand->writer = index_writer_new(ranking, stand->market.taxonomy, stand->lexicon);
    cr_assert(stand->lexicon && stand->writer);
    arena_init(&stand->arena, (size_t)1 << 26);
}

void stand_release(struct stand *stand)
{
    index_writer_free(stand->writer);
    lexicon_free(stand->lexicon);
    arena_release(&stand->arena);
    market_release(&stand->market);
}

struct entry *stand_record(struct stand *stand)
{
    return random_entry(&stand->market, stand->ranking, stand->lexicon, &stand->last);
}

struct search_request random_request(struct market *market, enum ranking ranking,
                                     struct profile *profile, size_t record_count)
{
    *profile = market_chance(market, 4) ? profile_default() : market_profile(market);
    if (market_chance(market, 6)) {
        memset(profile->weights, 0, sizeof profile->weights);
        profile->weights[rng_below(&market->rng, CRITERION_COUNT)] = WEIGHT_SUM;
    }
    struct search_request request = {.scoring = market_scoring(market, profile)};
    request.scoring.ranking = ranking;
    if (market_chance(market, 3))
        request.scoring.soft_gates = ~0u; /* many pass */
    if (market_chance(market, 3))
        request.scoring.filter = NULL;
    else if (market_chance(market, 4))
        request.scoring.filter = rare_filter(market, ranking);
    size_t most = market_chance(market, 3) ? 3 : record_count + 3;
    request.k =
        1 + (uint32_t)rng_below(&market->rng, most < SEARCH_K_LIMIT ? most : SEARCH_K_LIMIT);
    if (ranking == RANK_VACANCIES)
        request.applicant = market_applicant(market);
    else
        request.vacancy = market_vacancy(market);
    return request;
}

/* --- Comparing ---------------------------------------------------------------------------------*/

static struct search_result ask_all(const struct search_request *request, const struct crowd *crowd,
                                    struct arena *arena)
{
    struct search_result result;
    struct error error = {0};
    cr_assert(search_exhaustive(request, &crowd->snapshot, arena, &result, &error), "%s",
              error.text);
    return result;
}

static struct search_result ask_index(const struct search_request *request,
                                      const struct index_view *view, const struct kernel *kernel,
                                      struct arena *arena)
{
    struct search_result result;
    struct index_work work;
    struct error error = {0};
    cr_assert(index_search(request, view, kernel, arena, &result, &work, &error), "%s", error.text);
    cr_assert(work.pairs_scored <= work.survivors && work.tiles_visited <= work.tiles_bounded);
    return result;
}

/* Where two answers differ first; empty when they do not. */
static const char *difference(const struct match *a, const struct match *b)
{
    return a->entry != b->entry                   ? "entry"
           : a->rank.score != b->rank.score       ? "rank.score"
           : a->rank.tie != b->rank.tie           ? "rank.tie"
           : !key_equal(a->rank.key, b->rank.key) ? "rank.key"
                                                  : pair_difference(&a->pair, &b->pair);
}

static void assert_same_matches(const struct match *got, const struct match *expected,
                                uint32_t count, const char *kernel, const char *label)
{
    for (uint32_t i = 0; i < count; i++) {
        const char *what = difference(&got[i], &expected[i]);
        cr_assert_str_empty(what, "%s, %s: match %u of %u differs in %s: scores %d and %d", label,
                            kernel, i, count, what, got[i].rank.score, expected[i].rank.score);
    }
}

static const char *const KERNELS[] = {"scalar", "avx2", "avx512"};
enum { KERNEL_COUNT = sizeof KERNELS / sizeof KERNELS[0] };

void assert_index_is_exact(const struct search_request *request, const struct crowd *crowd,
                           const struct index_view *view, struct arena *arena, const char *label)
{
    arena_clear(arena);
    struct search_result expected = ask_all(request, crowd, arena);
    for (size_t i = 0; i < KERNEL_COUNT; i++) {
        const struct kernel *kernel = kernel_named(KERNELS[i]);
        if (!kernel)
            continue;
        struct search_result got = ask_index(request, view, kernel, arena);
        uint32_t both =
            got.match_count < expected.match_count ? got.match_count : expected.match_count;
        assert_same_matches(got.matches, expected.matches, both, KERNELS[i], label);
        cr_assert_eq(got.match_count, expected.match_count, "%s, %s: %u matches, expected %u",
                     label, KERNELS[i], got.match_count, expected.match_count);
    }
}

void assert_pages_are_exact(const struct search_request *request, const struct crowd *crowd,
                            const struct index_view *view, struct arena *arena, const char *label)
{
    struct search_request whole = *request, part = *request;
    struct arena pages;
    arena_init(&pages, (size_t)1 << 24);
    arena_clear(arena);
    whole.k = SEARCH_K_LIMIT;
    struct search_result expected = ask_all(&whole, crowd, arena);
    uint32_t seen = 0;
    for (;;) {
        arena_clear(&pages);
        struct search_result page = ask_index(&part, view, NULL, &pages);
        cr_assert_leq(seen + page.match_count, expected.match_count, "%s: too many", label);
        assert_same_matches(page.matches, expected.matches + seen, page.match_count, "best", label);
        seen += page.match_count;
        if (page.match_count < part.k || seen + part.k > SEARCH_K_LIMIT)
            break;
        part.after = &expected.matches[seen - 1].rank;
    }
    arena_release(&pages);
    cr_assert(seen == expected.match_count || seen + part.k > SEARCH_K_LIMIT,
              "%s: %u matches on all pages, expected %u", label, seen, expected.match_count);
}

/* The rows of a column, as the matrix has them. */
static size_t rows_of(const struct strip *strip, unsigned column, struct tile_row *rows)
{
    size_t count = 0;
    for (size_t row = 0; row < strip->row_count; row++) {
        size_t at = row * STRIP_TILES + column;
        if (strip->bounds[at] != 0)
            rows[count++] = (struct tile_row){
                .row = (uint32_t)row, .offset = strip->lists[at], .bound = strip->bounds[at]};
    }
    return count;
}

void assert_view_is_sound(const struct index_view *view)
{
    size_t tiles = 0, documents = 0;
    struct error error = {0};
    for (size_t i = 0; i < view->strip_count; i++) {
        const struct strip_view *strip = view->strips[i];
        struct tile_row *rows = memory_try(strip->strip->row_count * sizeof *rows);
        cr_assert(rows);
        for (unsigned column = 0; column < STRIP_TILES; column++) {
            if (!(strip->live >> column & 1))
                continue;
            const struct tile *tile = strip->tiles[column];
            size_t row_count = rows_of(strip->strip, column, rows);
            cr_assert(tile_validate(tile, rows, row_count, &error), "%s", error.text);
            cr_assert(strip->of_kind[tile->kind] >> column & 1);
            tiles++;
            documents += tile->document_count;
            for (size_t word = 0; strip->tombstones[column] && word < TILE_DOCUMENTS / 64; word++)
                documents -= (size_t)__builtin_popcountll(strip->tombstones[column][word]);
        }
        memory_free(rows);
    }
    cr_assert_eq(tiles, view->tile_count);
    cr_assert_eq(documents, view->document_count);
}
