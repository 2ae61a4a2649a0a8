/* See search.h. Candidates are read chunk by chunk, each unpacked into one scratch. A scan of a
 * large market is bound by cache misses, so entries are prefetched some slots ahead. Only a
 * candidate that may still enter gets its tie hashed. */
#include "core/search.h"

#include <assert.h>
#include <stdatomic.h>

#include "base/banned.h"

enum {
    CHUNKS_BETWEEN_CHECKS = 1024 / COLLECTION_CHUNK_SLOTS,
    ENTRIES_AHEAD = 16,
};

struct scan {
    const struct search_request *request;
    struct topk topk;
    struct search_result result;
    struct record_scratch scratch;
};

static bool check_time(const struct search_request *request, struct error *error)
{
    if (request->cancelled && atomic_load_explicit(request->cancelled, memory_order_relaxed))
        return error_set(error, ERROR_CANCELLED, "search cancelled by the caller");
    if (request->deadline_ns != 0 && clock_monotonic_ns() >= request->deadline_ns)
        return error_set(error, ERROR_DEADLINE_EXCEEDED, "search stopped at its deadline");
    return true;
}

/* Unpacks and scores; the key lies in the entry. */
static struct key score_candidate(struct scan *scan, const struct entry *entry,
                                  struct pair_score *pair)
{
    const struct search_request *request = scan->request;
    if (request->scoring.ranking == RANK_VACANCIES) {
        struct vacancy vacancy;
        entry_vacancy(entry, &scan->scratch, &vacancy);
        score_pair(&request->scoring, &vacancy, request->applicant, pair);
        return vacancy.key;
    }
    struct applicant applicant;
    entry_applicant(entry, &scan->scratch, &applicant);
    score_pair(&request->scoring, request->vacancy, &applicant, pair);
    return applicant.key;
}

static void consider(struct scan *scan, const struct entry *entry)
{
    const struct search_request *request = scan->request;
    struct match match = {.entry = entry};
    match.rank.key = score_candidate(scan, entry, &match.pair);
    match.rank.score = match.pair.score;
    scan->result.candidate_count++;
    if (!pair_passes(&match.pair)) {
        scan->result.removed[pair_first_hard_gate(&match.pair)]++;
        return;
    }
    scan->result.passed_count++;
    if (!topk_may_enter(&scan->topk, match.rank.score))
        return;
    match.rank.tie = key_hash(match.rank.key, request->scoring.profile->tie_seed);
    if (!request->after || rank_compare(request->after, &match.rank) < 0)
        topk_offer(&scan->topk, &match);
}

static void consider_chunk(struct scan *scan, const struct entry *const *entries)
{
    for (size_t i = 0; i < COLLECTION_CHUNK_SLOTS; i++) {
        if (i + ENTRIES_AHEAD < COLLECTION_CHUNK_SLOTS && entries[i + ENTRIES_AHEAD])
            entry_prefetch(entries[i + ENTRIES_AHEAD]);
        if (entries[i])
            consider(scan, entries[i]);
    }
}

bool search_exhaustive(const struct search_request *request, const struct snapshot *candidates,
                       struct arena *arena, struct search_result *result, struct error *error)
{
    assert(request->k >= 1 && request->k <= SEARCH_K_LIMIT);
    assert(request->scoring.ranking == RANK_VACANCIES ? request->applicant != NULL
                                                      : request->vacancy != NULL);
    struct scan scan;
    scan.request = request;
    scan.result = (struct search_result){0};
    record_scratch_init(&scan.scratch, candidates->lexicon);
    /* No more matches than records; one where there are none, because a heap is never empty. */
    uint32_t k = request->k;
    if (k > candidates->record_count)
        k = candidates->record_count > 0 ? (uint32_t)candidates->record_count : 1;
    struct match *storage = arena_alloc(arena, k * sizeof *storage);
    if (!storage)
        return error_set(error, ERROR_RESOURCE_EXHAUSTED, "no memory for %u matches", k);
    topk_init(&scan.topk, storage, k);
    if (!check_time(request, error))
        return false;
    for (size_t i = 0; i < candidates->chunk_count; i++) {
        if (i % CHUNKS_BETWEEN_CHECKS == CHUNKS_BETWEEN_CHECKS - 1 && !check_time(request, error))
            return false;
        consider_chunk(&scan, snapshot_chunk(candidates, i));
    }
    scan.result.matches = storage;
    scan.result.match_count = topk_finish(&scan.topk);
    *result = scan.result;
    return true;
}
