#include <criterion/criterion.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/memory.h"
#include "core/random_records.h"
#include "core/search.h"

enum { RECORD_COUNT = 1500 };

/* A published market of one kind, and the same records as a plain array. */
struct crowd {
    struct market market;
    struct collection_writer *writer;
    struct snapshot snapshot;
    struct lexicon *lexicon;
    struct entry *entries[RECORD_COUNT];
    const void *records[RECORD_COUNT]; /* as they were before packing */
    struct arena arena;
};

static struct crowd *crowd_new(uint64_t seed, enum ranking ranking)
{
    struct crowd *crowd = calloc(1, sizeof *crowd);
    struct collection_garbage *garbage;
    market_init(&crowd->market, seed);
    crowd->lexicon = lexicon_new();
    crowd->writer = collection_writer_new(crowd->lexicon);
    for (size_t i = 0; i < RECORD_COUNT; i++) {
        struct entry **entry = &crowd->entries[i];
        if (ranking == RANK_VACANCIES) {
            crowd->records[i] = market_vacancy(&crowd->market);
            *entry = entry_new_vacancy(crowd->records[i], crowd->lexicon, STR(""));
        } else {
            crowd->records[i] = market_applicant(&crowd->market);
            *entry = entry_new_applicant(crowd->records[i], crowd->lexicon, STR(""));
        }
        (*entry)->sequence = i + 1;
        cr_assert_eq(collection_insert(crowd->writer, *entry), i);
    }
    cr_assert(collection_publish(crowd->writer, &crowd->snapshot, &garbage));
    arena_init(&crowd->arena, (size_t)1 << 24);
    return crowd;
}

static void crowd_free(struct crowd *crowd)
{
    arena_release(&crowd->arena);
    collection_writer_free(crowd->writer);
    for (size_t i = 0; i < RECORD_COUNT; i++)
        memory_free(crowd->entries[i]);
    lexicon_free(crowd->lexicon);
    market_release(&crowd->market);
    free(crowd);
}

static struct search_request random_request(struct crowd *crowd, const struct profile *profile,
                                            enum ranking ranking)
{
    struct search_request request = {.scoring = market_scoring(&crowd->market, profile)};
    request.scoring.ranking = ranking;
    request.k = 1 + (uint32_t)rng_below(&crowd->market.rng, 100);
    if (ranking == RANK_VACANCIES)
        request.applicant = market_applicant(&crowd->market);
    else
        request.vacancy = market_vacancy(&crowd->market);
    return request;
}

static int by_rank(const void *left, const void *right)
{
    const struct match *a = left, *b = right;
    return rank_compare(&a->rank, &b->rank);
}

/* Everything that passes, in order, and the tallies: scored one by one and sorted. */
static uint32_t sort_all(const struct crowd *crowd, const struct search_request *request,
                         struct match *all, uint64_t removed[GATE_COUNT])
{
    uint32_t count = 0;
    memset(removed, 0, GATE_COUNT * sizeof *removed);
    for (size_t i = 0; i < RECORD_COUNT; i++) {
        const void *record = crowd->records[i];
        struct match match = {.entry = crowd->entries[i]};
        bool ranks_vacancies = request->scoring.ranking == RANK_VACANCIES;
        score_pair(&request->scoring, ranks_vacancies ? record : request->vacancy,
                   ranks_vacancies ? request->applicant : record, &match.pair);
        match.rank.score = match.pair.score;
        match.rank.key = *(const struct key *)record; /* both records begin with it */
        match.rank.tie = key_hash(match.rank.key, request->scoring.profile->tie_seed);
        if (pair_passes(&match.pair))
            all[count++] = match;
        else
            removed[pair_first_hard_gate(&match.pair)]++;
    }
    qsort(all, count, sizeof *all, by_rank);
    return count;
}

static struct search_result search(struct crowd *crowd, const struct search_request *request)
{
    struct search_result result;
    struct error error = {0};
    arena_clear(&crowd->arena);
    cr_assert(search_exhaustive(request, &crowd->snapshot, &crowd->arena, &result, &error), "%s",
              error.text);
    return result;
}

static void assert_same_match(const struct match *got, const struct match *expected)
{
    cr_assert_eq(got->entry, expected->entry);
    cr_assert_eq(got->rank.score, expected->rank.score);
    cr_assert_eq(got->rank.tie, expected->rank.tie);
    cr_assert(key_equal(got->rank.key, expected->rank.key));
    cr_assert_eq(got->pair.failed, expected->pair.failed);
    cr_assert_arr_eq(got->pair.points_bp, expected->pair.points_bp, sizeof got->pair.points_bp);
}

/* Coarse scores make most of the order a matter of ties. */
static struct profile coarse_profile(struct market *market)
{
    struct profile profile = market_profile(market);
    memset(profile.weights, 0, sizeof profile.weights);
    profile.weights[CRITERION_OCCUPATION] = WEIGHT_SUM;
    return profile;
}

static void compare_with_sort(uint64_t seed, enum ranking ranking)
{
    struct crowd *crowd = crowd_new(seed, ranking);
    static struct match all[RECORD_COUNT];
    uint64_t passed_count = 0;
    for (int round = 0; round < 60; round++) {
        struct profile profile =
            round % 2 ? market_profile(&crowd->market) : coarse_profile(&crowd->market);
        struct search_request request = random_request(crowd, &profile, ranking);
        uint64_t removed[GATE_COUNT];
        if (round % 3)
            request.scoring.soft_gates = ~0u; /* let many pass */
        uint32_t count = sort_all(crowd, &request, all, removed);
        struct search_result result = search(crowd, &request);
        cr_assert_eq(result.candidate_count, RECORD_COUNT);
        cr_assert_eq(result.passed_count, count);
        cr_assert_eq(result.match_count, count < request.k ? count : request.k);
        cr_assert_arr_eq(result.removed, removed, sizeof removed);
        for (uint32_t i = 0; i < result.match_count; i++)
            assert_same_match(&result.matches[i], &all[i]);
        passed_count += count;
    }
    cr_assert_gt(passed_count, 3000);
    crowd_free(crowd);
}

Test(search, finds_the_vacancies_that_a_sort_of_all_puts_first)
{
    compare_with_sort(60261, RANK_VACANCIES);
}

Test(search, finds_the_applicants_that_a_sort_of_all_puts_first)
{
    compare_with_sort(60262, RANK_APPLICANTS);
}

Test(search, pages_by_after_concatenate_to_the_whole_order)
{
    struct crowd *crowd = crowd_new(60263, RANK_VACANCIES);
    static struct match all[RECORD_COUNT];
    for (int round = 0; round < 6; round++) {
        struct profile profile = coarse_profile(&crowd->market);
        struct search_request request = random_request(crowd, &profile, RANK_VACANCIES);
        uint64_t removed[GATE_COUNT];
        request.scoring.soft_gates = ~0u;
        request.scoring.filter = NULL;
        request.k = 1 + (uint32_t)rng_below(&crowd->market.rng, 60);
        uint32_t count = sort_all(crowd, &request, all, removed), seen = 0;
        struct rank last;
        for (;;) {
            struct search_result page = search(crowd, &request);
            cr_assert_eq(page.passed_count, count, "counted before the page is cut");
            for (uint32_t i = 0; i < page.match_count; i++)
                assert_same_match(&page.matches[i], &all[seen + i]);
            seen += page.match_count;
            if (page.match_count < request.k)
                break;
            last = page.matches[page.match_count - 1].rank;
            request.after = &last;
        }
        cr_assert_eq(seen, count);
    }
    crowd_free(crowd);
}

Test(search, after_a_place_that_no_record_has_begins_behind_it)
{
    struct crowd *crowd = crowd_new(60264, RANK_VACANCIES);
    struct profile profile = profile_default();
    struct search_request request = random_request(crowd, &profile, RANK_VACANCIES);
    const struct rank nowhere = {.score = -1}, above = {.score = SCORE_LIMIT + 1};
    request.scoring = (struct scoring){
        .profile = &profile, .taxonomy = crowd->market.taxonomy, .soft_gates = ~0u};
    struct search_result whole = search(crowd, &request);
    uint32_t whole_count = whole.match_count;
    request.after = &above;
    cr_assert_eq(search(crowd, &request).match_count, whole_count);
    request.after = &nowhere;
    cr_assert_eq(search(crowd, &request).match_count, 0);
    crowd_free(crowd);
}

Test(search, an_empty_market_gives_an_empty_answer)
{
    struct snapshot empty = {0};
    struct profile profile = profile_default();
    struct applicant applicant = {0};
    struct search_request request = {
        .scoring.profile = &profile, .applicant = &applicant, .k = SEARCH_K_LIMIT};
    struct search_result result;
    struct error error = {0};
    struct arena arena;
    arena_init(&arena, 1 << 16); /* a thousand matches would not fit */
    cr_assert(search_exhaustive(&request, &empty, &arena, &result, &error), "%s", error.text);
    cr_assert(result.match_count == 0 && result.candidate_count == 0);
    arena_release(&arena);
}

/* --- What ends a search early ------------------------------------------------------------------*/

static void assert_fails(struct crowd *crowd, const struct search_request *request,
                         enum error_code code)
{
    struct search_result untouched = {.match_count = 77}, result = untouched;
    struct error error = {0};
    cr_assert_not(search_exhaustive(request, &crowd->snapshot, &crowd->arena, &result, &error));
    cr_assert_eq(error.code, code, "%s", error.text);
    cr_assert_eq(result.match_count, untouched.match_count);
    cr_assert_null(result.matches);
}

Test(search, stops_at_its_deadline_and_when_cancelled)
{
    struct crowd *crowd = crowd_new(60265, RANK_APPLICANTS);
    struct profile profile = profile_default();
    struct search_request request = random_request(crowd, &profile, RANK_APPLICANTS);
    _Atomic bool cancelled = false;
    request.deadline_ns = clock_monotonic_ns() + INT64_C(3600000000000);
    request.cancelled = &cancelled;
    struct search_result result = search(crowd, &request);
    cr_assert_eq(result.candidate_count, RECORD_COUNT);
    atomic_store(&cancelled, true);
    assert_fails(crowd, &request, ERROR_CANCELLED);
    request.cancelled = NULL;
    request.deadline_ns = clock_monotonic_ns();
    assert_fails(crowd, &request, ERROR_DEADLINE_EXCEEDED);
    crowd_free(crowd);
}

static void *cancel(void *context)
{
    atomic_store((_Atomic bool *)context, true);
    return NULL;
}

/* The same chunk a million times over: a search that goes on for minutes unless it is stopped. */
Test(search, is_stopped_on_its_way)
{
    enum { CHUNK_COUNT = 1000000 };
    struct crowd *crowd = crowd_new(60266, RANK_VACANCIES);
    struct profile profile = profile_default();
    struct search_request request = random_request(crowd, &profile, RANK_VACANCIES);
    struct chunk **chunks = malloc(CHUNK_COUNT * sizeof *chunks);
    for (size_t i = 0; i < CHUNK_COUNT; i++)
        chunks[i] = crowd->snapshot.chunks[0];
    crowd->snapshot.chunks = chunks;
    crowd->snapshot.chunk_count = CHUNK_COUNT;
    crowd->snapshot.record_count = (size_t)1 << 28;
    request.deadline_ns = clock_monotonic_ns() + 20000000;
    assert_fails(crowd, &request, ERROR_DEADLINE_EXCEEDED);
    _Atomic bool cancelled = false;
    request.deadline_ns = 0;
    request.cancelled = &cancelled;
    pthread_t thread;
    cr_assert_eq(pthread_create(&thread, NULL, cancel, &cancelled), 0);
    assert_fails(crowd, &request, ERROR_CANCELLED);
    pthread_join(thread, NULL);
    free(chunks);
    crowd_free(crowd);
}

Test(search, an_exhausted_arena_fails_the_request)
{
    struct crowd *crowd = crowd_new(60267, RANK_VACANCIES);
    struct profile profile = profile_default();
    struct search_request request = random_request(crowd, &profile, RANK_VACANCIES);
    request.k = SEARCH_K_LIMIT;
    arena_release(&crowd->arena);
    arena_init(&crowd->arena, 4096);
    assert_fails(crowd, &request, ERROR_RESOURCE_EXHAUSTED);
    crowd_free(crowd);
}

/* --- A search beside a writer ------------------------------------------------------------------*/

struct repeated_search {
    struct crowd *crowd;
    struct search_request request;
    uint64_t expected_passed;
};

static void *search_repeatedly(void *context)
{
    struct repeated_search *repeated = context;
    struct arena arena;
    arena_init(&arena, (size_t)1 << 24);
    for (int i = 0; i < 20; i++) {
        struct search_result result;
        struct error error = {0};
        arena_clear(&arena);
        cr_assert(search_exhaustive(&repeated->request, &repeated->crowd->snapshot, &arena, &result,
                                    &error));
        cr_assert_eq(result.passed_count, repeated->expected_passed);
    }
    arena_release(&arena);
    return NULL;
}

Test(search, sees_its_snapshot_whatever_the_writer_does)
{
    enum { PUBLICATION_COUNT = 50 };
    struct crowd *crowd = crowd_new(60268, RANK_VACANCIES);
    struct profile profile = profile_default();
    struct repeated_search repeated = {crowd, random_request(crowd, &profile, RANK_VACANCIES), 0};
    repeated.request.scoring.soft_gates = ~0u;
    repeated.expected_passed = search(crowd, &repeated.request).passed_count;
    struct collection_garbage *garbage[PUBLICATION_COUNT];
    pthread_t thread;
    cr_assert_eq(pthread_create(&thread, NULL, search_repeatedly, &repeated), 0);
    for (size_t i = 0; i < PUBLICATION_COUNT; i++) {
        struct snapshot next;
        const struct entry *old;
        for (size_t slot = i; slot < RECORD_COUNT; slot += PUBLICATION_COUNT)
            cr_assert(collection_remove(crowd->writer, slot, &old));
        cr_assert(collection_publish(crowd->writer, &next, &garbage[i]));
        cr_assert_eq(next.record_count,
                     crowd->snapshot.record_count - (i + 1) * RECORD_COUNT / PUBLICATION_COUNT);
    }
    pthread_join(thread, NULL);
    for (size_t i = 0; i < PUBLICATION_COUNT; i++)
        collection_garbage_free(garbage[i]);
    crowd_free(crowd);
}
