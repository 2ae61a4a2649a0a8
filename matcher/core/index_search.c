/* Searching the index: bound all tiles, visit the best first, stop when no bound reaches the k-th
 * score.
 *
 *   query --kernel--> bound of every tile --best first--> tiles --kernel--> survivors
 *                          ^                                                   |
 *                          +------ threshold: k-th best score <-- score_pair <-+
 *
 * Why it is exact: every bound is at least the score of everybody below it (query.h,
 * kernel_body.inc say why for each), a candidate is dropped only when its bound is below the
 * threshold, and the threshold is the score of the k-th best that score_pair has let through: so
 * nobody is dropped who could still enter, one with an equal score included. A vacancy with several
 * workplaces may survive several times; it is kept once.
 *
 * A request's filter keeps tiles and blocks out by their facets before anything is bounded, and
 * where it lets few blocks through also documents, as if they had been taken out (narrow).
 *
 * Thread: any, on an immutable view. Cost: about 50 us in a million documents; memory about 400 KiB
 * of the arena and a few bytes a tile.
 */
#include <assert.h>
#include <math.h>
#include <stdatomic.h>

#include "core/kernel.h"
#include "core/order.h"
#include "core/scorer.h"

#include "base/banned.h"

enum {
    FIRST_TILES = 16,  /* the best ones, found without sorting all */
    FIRST_GROUP = 4,   /* visited together before there is a threshold to speak of */
    ENTRIES_AHEAD = 8, /* prefetched before they are scored */
    ORDER_BUCKETS = 256,
    FEW_SURVIVORS = 24, /* sorted by insertion, more by buckets */
};

/* One of the k best so far: where it stands, and where its match is. */
struct kept {
    int32_t score;
    uint32_t slot;
    uint64_t tie;
};

struct tile_choice {
    float bound;
    uint32_t tile; /* strip * STRIP_TILES + column */
};

struct search {
    const struct search_request *request;
    const struct index_view *view;
    const struct kernel *kernel;
    struct query query;
    struct scorer *scorer;
    struct visit *visit;
    float *bounds;     /* by tile */
    uint64_t *present; /* by strip, then term */
    /* With a filter: */
    uint16_t *open_blocks; /* by tile */
    bool narrows;          /* documents are tested before a tile is visited, not after */
    uint64_t (*dead)[TILE_DOCUMENTS / 64]; /* by slot: tombstones, and who does not pass */
    struct tile_choice *choices;
    struct visit_list *lists;
    /* A heap of the k best with the worst on top. */
    struct kept *heap;
    uint32_t kept_count, k;
    struct match *matches; /* by slot */
    uint32_t *order;       /* of survivors; SURVIVOR_LIMIT */
    struct search_result result;
    struct record_scratch scratch; /* last: not zeroed */
};

/* --- The k best ----------------------------------------------------------------------------------
 */

static bool is_worse(const struct search *search, const struct kept *a, const struct kept *b)
{
    if (a->score != b->score)
        return a->score < b->score;
    if (a->tie != b->tie)
        return a->tie > b->tie;
    return rank_compare(&search->matches[a->slot].rank, &search->matches[b->slot].rank) > 0;
}

static void sink(struct search *search, uint32_t hole, struct kept item)
{
    struct kept *heap = search->heap;
    for (;;) {
        uint32_t child = 2 * hole + 1;
        if (child >= search->kept_count)
            break;
        if (child + 1 < search->kept_count && is_worse(search, &heap[child + 1], &heap[child]))
            child++;
        if (!is_worse(search, &heap[child], &item))
            break;
        heap[hole] = heap[child];
        hole = child;
    }
    heap[hole] = item;
}

static void rise(struct search *search, struct kept item)
{
    struct kept *heap = search->heap;
    uint32_t at = search->kept_count++;
    while (at > 0 && is_worse(search, &item, &heap[(at - 1) / 2])) {
        heap[at] = heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    heap[at] = item;
}

/* Enters a match whose score may do. The slot k holds it while it is compared. */
static void offer(struct search *search, const struct match *match)
{
    struct kept item = {.score = match->rank.score, .tie = match->rank.tie};
    if (search->kept_count < search->k) {
        item.slot = search->kept_count;
        search->matches[item.slot] = *match;
        rise(search, item);
    } else {
        item.slot = search->k;
        search->matches[item.slot] = *match;
        if (!is_worse(search, &search->heap[0], &item))
            return;
        item.slot = search->heap[0].slot;
        search->matches[item.slot] = *match;
        sink(search, 0, item);
    }
    if (search->kept_count == search->k)
        search->visit->threshold = (float)search->heap[0].score; /* exact: below 2^24 */
}

static bool is_kept(const struct search *search, const struct entry *entry)
{
    for (uint32_t i = 0; i < search->kept_count; i++)
        if (search->matches[i].entry == entry)
            return true;
    return false;
}

/* --- Survivors -------------------------------------------------------------------------------- */

static const struct entry *entry_of(const struct survivor *survivor)
{
    return tile_refs(survivor->tile)[survivor->document];
}

static void score_entry(struct search *search, const struct entry *entry, struct match *match)
{
    if (search->request->scoring.ranking == RANK_VACANCIES) {
        struct vacancy vacancy;
        entry_vacancy(entry, &search->scratch, &vacancy);
        scorer_score_vacancy(search->scorer, &vacancy, &match->pair);
        match->rank.key = vacancy.key;
    } else {
        struct applicant applicant;
        entry_applicant(entry, &search->scratch, &applicant);
        scorer_score_applicant(search->scorer, &applicant, &match->pair);
        match->rank.key = applicant.key;
    }
    match->rank.score = match->pair.score;
}

static void score_survivor(struct search *search, const struct survivor *survivor)
{
    const struct search_request *request = search->request;
    struct match match = {.entry = entry_of(survivor)};
    score_entry(search, match.entry, &match);
    search->result.candidate_count++;
    if (!pair_passes(&match.pair)) {
        search->result.removed[pair_first_hard_gate(&match.pair)]++;
        return;
    }
    search->result.passed_count++;
    if (search->kept_count == search->k && match.rank.score < search->heap[0].score)
        return;
    if (match.entry->place_count > 1 && is_kept(search, match.entry))
        return;
    match.rank.tie = key_hash(match.rank.key, request->scoring.profile->tie_seed);
    if (!request->after || rank_compare(request->after, &match.rank) < 0)
        offer(search, &match);
}

static void insert_survivors(struct search *search)
{
    const struct survivor *survivors = search->visit->survivors;
    uint32_t *order = search->order;
    for (uint32_t i = 0; i < search->visit->survivor_count; i++) {
        uint32_t at = i;
        for (; at > 0 && survivors[order[at - 1]].bound < survivors[i].bound; at--)
            order[at] = order[at - 1];
        order[at] = i;
    }
}

/* Highest bound first, in buckets: a scored one raises the threshold for those behind it. */
static void order_survivors(struct search *search)
{
    const struct survivor *survivors = search->visit->survivors;
    uint32_t count = search->visit->survivor_count, starts[ORDER_BUCKETS + 1] = {0};
    float low = INFINITY, high = -INFINITY;
    for (uint32_t i = 0; i < count; i++) {
        low = survivors[i].bound < low ? survivors[i].bound : low; /* fminf would be a call */
        high = survivors[i].bound > high ? survivors[i].bound : high;
    }
    float scale = high > low ? (ORDER_BUCKETS - 1) / (high - low) : 0;
    for (uint32_t i = 0; i < count; i++)
        starts[(uint32_t)((high - survivors[i].bound) * scale) + 1]++;
    for (uint32_t i = 0; i < ORDER_BUCKETS; i++)
        starts[i + 1] += starts[i];
    for (uint32_t i = 0; i < count; i++)
        search->order[starts[(uint32_t)((high - survivors[i].bound) * scale)]++] = i;
}

/* Puts the survivors in order and asks for the records of the first: memory has until settle(). */
static void line_up(struct search *search)
{
    const struct visit *visit = search->visit;
    uint32_t count = visit->survivor_count;
    if (count <= FEW_SURVIVORS)
        insert_survivors(search);
    else
        order_survivors(search);
    for (uint32_t i = 0; i < count && i < ENTRIES_AHEAD; i++)
        entry_prefetch(entry_of(&visit->survivors[search->order[i]]));
}

/* Scores the survivors whose bounds still reach the threshold when it is their turn. */
static void settle(struct search *search)
{
    struct visit *visit = search->visit;
    uint32_t count = visit->survivor_count;
    visit->work.survivors += count;
    for (uint32_t i = 0; i < count; i++) {
        const struct survivor *survivor = &visit->survivors[search->order[i]];
        if (survivor->bound < visit->threshold)
            continue;
        if (i + ENTRIES_AHEAD < count) {
            const struct survivor *next = &visit->survivors[search->order[i + ENTRIES_AHEAD]];
            if (next->bound >= visit->threshold)
                entry_prefetch(entry_of(next));
        }
        score_survivor(search, survivor);
    }
    visit->survivor_count = 0;
}

/* --- Tiles ------------------------------------------------------------------------------------ */

static bool check_time(const struct search_request *request, struct error *error)
{
    if (request->cancelled && atomic_load_explicit(request->cancelled, memory_order_relaxed))
        return error_set(error, ERROR_CANCELLED, "search cancelled by the caller");
    if (request->deadline_ns != 0 && clock_monotonic_ns() >= request->deadline_ns)
        return error_set(error, ERROR_DEADLINE_EXCEEDED, "search stopped at its deadline");
    return true;
}

static void place_tile(struct search *search, size_t slot, uint32_t index)
{
    const struct strip_view *view = search->view->strips[index / STRIP_TILES];
    uint32_t term_count = search->query.term_count;
    struct visit_tile *tile = &search->visit->tiles[slot];
    tile->view = view;
    tile->present = search->present + (size_t)(index / STRIP_TILES) * term_count;
    tile->column = index % STRIP_TILES;
    tile->tile = view->tiles[tile->column];
    tile->tombstones = view->tombstones[tile->column];
    tile->lists = search->lists + slot * (size_t)(term_count + 1);
    tile->barred = search->open_blocks ? (uint16_t)~search->open_blocks[index] : 0;
}

/* Chosen tiles, taken a group at a time into one half of the slots or the other. */
struct chosen {
    size_t at, count; /* in choices */
    size_t group;     /* how many at a time */
    size_t half;      /* where the next group goes */
};

/* Places and fetches the next group: what still reaches the threshold. Returns how many. */
static size_t fetch_next(struct search *search, struct chosen *chosen)
{
    size_t first = chosen->half * VISIT_TILES, placed = 0;
    for (; chosen->at < chosen->count && placed < chosen->group; chosen->at++)
        if (search->choices[chosen->at].bound >= search->visit->threshold)
            place_tile(search, first + placed++, search->choices[chosen->at].tile);
    search->kernel->fetch_tiles(&search->query, &search->visit->tiles[first], placed);
    chosen->half = !chosen->half;
    return placed;
}

/* Documents of a block that pass the filter and live, as a bitmap's two words of dead ones. */
static bool narrow_block(const struct search *search, const struct visit_tile *slot, unsigned block,
                         uint64_t dead[2])
{
    bool any = false;
    for (unsigned half = 0; half < 2; half++) {
        uint64_t buried = slot->tombstones ? slot->tombstones[block * 2 + half] : 0;
        uint64_t pass = 0;
        for (unsigned i = 0; i < 4; i++) {
            size_t group = block * BLOCK_GROUPS + half * 4 + i;
            uint16_t lanes = (uint16_t)(~buried >> i * 16);
            if (group * GROUP_DOCUMENTS >= slot->tile->document_count)
                break;
            lanes = query_filter_lanes(&search->query.filter, slot->tile, group, lanes);
            pass |= (uint64_t)lanes << i * 16;
        }
        dead[half] = ~pass;
        any = any || pass != 0;
    }
    return any;
}

/* Takes out, for this search, all documents that do not pass the filter, and tiles that hold none
 * that does. Returns how many tiles are left, at the front. */
static size_t narrow(struct search *search, struct visit_tile *tiles, size_t count)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) /* the heads have come, which say where the hashes are */
        query_filter_prefetch(&search->query.filter, tiles[i].tile, (uint16_t)~tiles[i].barred);
    for (size_t i = 0; i < count; i++) {
        struct visit_tile *slot = &tiles[i];
        uint64_t *dead = search->dead[slot - search->visit->tiles];
        unsigned blocks = (1u << slot->tile->block_count) - 1;
        for (unsigned left = blocks & (uint16_t)~slot->barred; left; left &= left - 1) {
            unsigned block = (unsigned)__builtin_ctz(left);
            if (!narrow_block(search, slot, block, &dead[block * 2]))
                slot->barred |= (uint16_t)(1u << block);
        }
        slot->tombstones = dead;
        if (blocks & (uint16_t)~slot->barred)
            tiles[kept++] = *slot;
    }
    return kept;
}

/* Visits chosen tiles in their order until bounds fall below the threshold (choices are sorted, at
 * least roughly: the others are skipped). While a group's survivors are scored, memory fetches the
 * next group. */
static bool visit_choices(struct search *search, size_t count, size_t group, struct error *error)
{
    struct visit *visit = search->visit;
    struct chosen chosen = {.count = count, .group = group};
    size_t placed = fetch_next(search, &chosen);
    while (placed > 0) {
        struct visit_tile *tiles = &visit->tiles[chosen.half ? 0 : VISIT_TILES];
        if (search->narrows)
            placed = narrow(search, tiles, placed);
        search->kernel->visit_tiles(visit, tiles, placed);
        line_up(search);
        placed = fetch_next(search, &chosen);
        settle(search);
        if (!check_time(search->request, error))
            return false;
    }
    return true;
}

/* The FIRST_TILES best, best first, by insertion; their bounds become -1. */
static size_t choose_first(struct search *search)
{
    struct tile_choice *best = search->choices;
    size_t count = 0, tile_count = search->view->strip_count * STRIP_TILES;
    for (size_t i = 0; i < tile_count; i++) {
        float bound = search->bounds[i];
        if (bound < 0 || (count == FIRST_TILES && bound <= best[count - 1].bound))
            continue;
        size_t at = count < FIRST_TILES ? count++ : count - 1;
        for (; at > 0 && best[at - 1].bound < bound; at--)
            best[at] = best[at - 1];
        best[at] = (struct tile_choice){bound, (uint32_t)i};
    }
    for (size_t i = 0; i < count; i++)
        search->bounds[best[i].tile] = -1;
    return count;
}

/* All others that may matter, best first by buckets. */
static size_t choose_rest(struct search *search)
{
    uint32_t starts[ORDER_BUCKETS + 1] = {0};
    float threshold = search->visit->threshold > 0 ? search->visit->threshold : 0;
    /* No bound is more than slack above the highest score. */
    float scale = (ORDER_BUCKETS - 1) / (1.01f * SCORE_LIMIT);
    size_t count = 0, tile_count = search->view->strip_count * STRIP_TILES;
    for (size_t i = 0; i < tile_count; i++) {
        if (search->bounds[i] >= threshold) {
            starts[ORDER_BUCKETS - 1 - (uint32_t)(search->bounds[i] * scale) + 1]++;
            count++;
        }
    }
    for (uint32_t i = 0; i < ORDER_BUCKETS; i++)
        starts[i + 1] += starts[i];
    for (size_t i = 0; i < tile_count; i++) {
        float bound = search->bounds[i];
        if (bound >= threshold)
            search->choices[starts[ORDER_BUCKETS - 1 - (uint32_t)(bound * scale)]++] =
                (struct tile_choice){bound, (uint32_t)i};
    }
    return count;
}

/* --- The whole -------------------------------------------------------------------------------- */

static void *aligned(struct arena *arena, size_t bytes)
{
    enum { ALIGNMENT = 64 };
    uint8_t *memory = arena_alloc(arena, bytes + ALIGNMENT);
    return memory ? (void *)(((uintptr_t)memory + ALIGNMENT - 1) & ~(uintptr_t)(ALIGNMENT - 1))
                  : NULL;
}

static bool prepare_filter(struct search *search, struct arena *arena)
{
    if (!search->query.has_filter)
        return true;
    size_t tile_count = search->view->strip_count * STRIP_TILES;
    search->open_blocks = aligned(arena, tile_count * sizeof *search->open_blocks);
    search->dead = aligned(arena, 2 * VISIT_TILES * sizeof *search->dead);
    return search->open_blocks && search->dead;
}

static bool prepare(struct search *search, struct arena *arena)
{
    const struct search_request *request = search->request;
    size_t strip_count = search->view->strip_count, tile_count = strip_count * STRIP_TILES;
    search->k = request->k;
    if (search->k > search->view->document_count)
        search->k = (uint32_t)search->view->document_count;
    if (!query_compile(&search->query, request, arena))
        return false;
    size_t term_count = search->query.term_count;
    search->scorer = scorer_new(&request->scoring, request->vacancy, request->applicant, arena);
    search->visit = aligned(arena, sizeof *search->visit);
    search->bounds = aligned(arena, tile_count * sizeof *search->bounds);
    search->present = aligned(arena, (strip_count * term_count + 1) * sizeof *search->present);
    search->choices = aligned(arena, (tile_count + FIRST_TILES) * sizeof *search->choices);
    search->lists = aligned(arena, 2 * VISIT_TILES * (term_count + 1) * sizeof *search->lists);
    search->heap = aligned(arena, search->k * sizeof *search->heap);
    search->matches = aligned(arena, (search->k + 1) * sizeof *search->matches);
    search->order = aligned(arena, SURVIVOR_LIMIT * sizeof *search->order);
    if (!search->scorer || !search->visit || !search->bounds || !search->present ||
        !search->choices || !search->lists || !search->heap || !search->matches || !search->order ||
        !prepare_filter(search, arena))
        return false;
    struct visit *visit = search->visit;
    visit->query = &search->query;
    visit->threshold = -1;
    visit->candidate_count = visit->survivor_count = 0;
    memset(&visit->work, 0, sizeof visit->work);
    memset(visit->best, 0, sizeof visit->best);
    return true;
}

/* Best first: the heap gives up its worst, one after the other. */
static bool finish(struct search *search, struct arena *arena)
{
    uint32_t count = search->kept_count;
    struct match *sorted = arena_alloc(arena, (count + 1) * sizeof *sorted);
    if (!sorted)
        return false;
    while (search->kept_count > 0) {
        struct kept worst = search->heap[0], last = search->heap[search->kept_count - 1];
        search->kept_count--;
        if (search->kept_count > 0)
            sink(search, 0, last);
        sorted[search->kept_count] = search->matches[worst.slot];
    }
    search->result.matches = sorted;
    search->result.match_count = count;
    return true;
}

static void report(const struct search *search, struct index_work *work)
{
    const struct visit *visit = search->visit;
    *work = (struct index_work){
        .tiles_bounded = search->view->tile_count,
        .tiles_visited = visit->work.tiles,
        .blocks_visited = visit->work.blocks,
        .postings_added = visit->work.postings,
        .groups_bounded = visit->work.groups,
        .survivors = visit->work.survivors,
        .pairs_scored = search->result.candidate_count,
    };
}

static void bound_strip(struct search *search, size_t strip)
{
    search->kernel->bound_strip(&search->query, search->view->strips[strip],
                                search->bounds + strip * STRIP_TILES,
                                search->present + strip * search->query.term_count);
}

/* Bounds what the filter's facets leave. Where they leave most blocks, documents that pass are so
 * many that testing those alone which survive everything else is cheaper. */
static void bound_filtered(struct search *search)
{
    size_t open = 0, strip_count = search->view->strip_count;
    for (size_t i = 0; i < strip_count; i++) {
        uint16_t *blocks = search->open_blocks + i * STRIP_TILES;
        float *bounds = search->bounds + i * STRIP_TILES;
        size_t strip_open =
            query_filter_blocks(&search->query.filter, search->view->strips[i], blocks);
        open += strip_open;
        if (strip_open > 0)
            bound_strip(search, i);
        for (unsigned column = 0; column < STRIP_TILES; column++)
            if (blocks[column] == 0)
                bounds[column] = -1;
    }
    size_t block_count = search->view->document_count / BLOCK_DOCUMENTS;
    search->narrows = open < block_count - block_count / 8;
    search->query.has_filter = !search->narrows; /* a kernel need not test again */
}

static bool run(struct search *search, struct error *error)
{
    if (search->query.has_filter)
        bound_filtered(search);
    else
        for (size_t i = 0; i < search->view->strip_count; i++)
            bound_strip(search, i);
    size_t first = choose_first(search);
    if (!visit_choices(search, first, FIRST_GROUP, error))
        return false;
    size_t rest = choose_rest(search);
    return visit_choices(search, rest, VISIT_TILES, error);
}

bool index_search(const struct search_request *request, const struct index_view *view,
                  const struct kernel *kernel, struct arena *arena, struct search_result *result,
                  struct index_work *work, struct error *error)
{
    assert(request->k >= 1 && request->k <= SEARCH_K_LIMIT);
    assert(request->scoring.ranking == view->ranking);
    assert(view->ranking == RANK_VACANCIES ? request->applicant != NULL : request->vacancy != NULL);
    struct search search;
    memset(&search, 0, offsetof(struct search, scratch));
    search.request = request;
    search.view = view;
    record_scratch_init(&search.scratch, view->lexicon);
    search.kernel = kernel ? kernel : kernel_best();
    if (!check_time(request, error))
        return false;
    if (!prepare(&search, arena))
        return error_set(error, ERROR_RESOURCE_EXHAUSTED, "no memory for a search of %u matches",
                         request->k);
    if (!search.query.is_impossible && search.k > 0 && !run(&search, error))
        return false;
    if (!finish(&search, arena))
        return error_set(error, ERROR_RESOURCE_EXHAUSTED, "no memory for %u matches", request->k);
    if (work)
        report(&search, work);
    *result = search.result;
    return true;
}
