/* See closeness.h. Links become adjacency lists (compressed rows: `first` has one entry more than
 * there are skills, the list of s is ids[first[s]] .. ids[first[s + 1] - 1]); for each asked skill
 * all candidates are collected, the best of each kept, and the closest 16 stored. What was stored
 * is then transposed, so that both tables hold the same pairs.
 *
 * Thread: the loader's. Cost: sum over skills of (links + siblings) log of the same; about 1 ms for
 * a thousand skills.
 */
#include "model/closeness.h"

#include <assert.h>
#include <stdlib.h>

#include "base/memory.h"

#include "base/banned.h"

enum {
    NARROWER_BP = 9000,
    RELATED_BP = 7000,
    BROADER_BP = 5000,
    SIBLING_BP = 6000,
    SIBLING_STEP_BP = 250, /* less for each child of the parent */
    SIBLING_LEAST_BP = 2000,
    NARROW_PARENT_LIMIT = 16, /* children; beyond it siblings have nothing in common */
};

/* --- Links ---------------------------------------------------------------------------------- */

bool skill_links_add(struct skill_links *links, uint32_t skill, uint32_t other)
{
    if (links->count == links->capacity) {
        size_t capacity = links->capacity ? links->capacity * 2 : 64;
        struct skill_link *items = memory_try_resize(links->items, capacity * sizeof *items);
        if (!items)
            return false;
        links->items = items;
        links->capacity = capacity;
    }
    links->items[links->count++] = (struct skill_link){skill, other};
    return true;
}

void skill_links_release(struct skill_links *links)
{
    memory_free(links->items);
    *links = (struct skill_links){0};
}

static int compare_links(const void *left, const void *right)
{
    const struct skill_link *a = left, *b = right;
    if (a->skill != b->skill)
        return a->skill < b->skill ? -1 : 1;
    return a->other < b->other ? -1 : a->other > b->other;
}

static void sort_and_drop_repeated(struct skill_links *links)
{
    if (links->count == 0)
        return;
    qsort(links->items, links->count, sizeof *links->items, compare_links);
    size_t kept = 1;
    for (size_t i = 1; i < links->count; i++)
        if (compare_links(&links->items[i], &links->items[kept - 1]) != 0)
            links->items[kept++] = links->items[i];
    links->count = kept;
}

struct adjacency {
    uint32_t *first; /* owned; skill_count + 1 */
    uint32_t *ids;   /* owned */
};

static void adjacency_release(struct adjacency *lists)
{
    memory_free(lists->first);
    memory_free(lists->ids);
    *lists = (struct adjacency){0};
}

static uint32_t adjacency_count(const struct adjacency *lists, uint32_t skill)
{
    return lists->first[skill + 1] - lists->first[skill];
}

static const uint32_t *adjacency_of(const struct adjacency *lists, uint32_t skill)
{
    return lists->ids + lists->first[skill];
}

/* The lists of `skill`'s others, or with `reversed` of an other's skills. */
static bool adjacency_init(struct adjacency *lists, const struct skill_links *links,
                           uint32_t skill_count, bool reversed)
{
    lists->first = memory_try_zeroed((size_t)skill_count + 2, sizeof *lists->first);
    lists->ids = memory_try_zeroed(links->count, sizeof *lists->ids);
    if (!lists->first || !lists->ids) {
        adjacency_release(lists);
        return false;
    }
    /* Counted two places on and summed, so that filling moves each start to its right place. */
    uint32_t *next = lists->first + 1;
    for (size_t i = 0; i < links->count; i++) {
        uint32_t owner = reversed ? links->items[i].other : links->items[i].skill;
        next[owner + 1]++;
    }
    for (uint32_t s = 0; s < skill_count; s++)
        next[s + 1] += next[s];
    for (size_t i = 0; i < links->count; i++) {
        struct skill_link link = links->items[i];
        uint32_t owner = reversed ? link.other : link.skill;
        lists->ids[next[owner]++] = reversed ? link.skill : link.other;
    }
    return true;
}

/* open[s] > 0 says that s is left, and then one of its broader skills is left too: so many steps up
 * as there are skills end on a cycle, and as many again go all round it. */
static uint32_t smallest_on_cycle(const struct adjacency *up, const uint32_t *open,
                                  uint32_t skill_count)
{
    uint32_t at = 0, smallest = SKILL_UNKNOWN;
    while (at < skill_count && open[at] == 0)
        at++;
    if (at == skill_count)
        return SKILL_UNKNOWN;
    for (uint64_t step = 0; step < 2 * (uint64_t)skill_count; step++) {
        const uint32_t *above = adjacency_of(up, at);
        while (open[*above] == 0)
            above++;
        at = *above;
        if (step >= skill_count && at < smallest)
            smallest = at;
    }
    return smallest;
}

bool skill_links_find_cycle(const struct skill_links *broader, uint32_t skill_count,
                            uint32_t *skill)
{
    struct adjacency up = {0}, down = {0};
    uint32_t *open = memory_try_zeroed(skill_count, sizeof *open); /* broader ones not removed */
    uint32_t *queue = memory_try_zeroed(skill_count, sizeof *queue);
    bool well = open && queue && adjacency_init(&up, broader, skill_count, false) &&
                adjacency_init(&down, broader, skill_count, true);
    *skill = SKILL_UNKNOWN;
    if (well) {
        /* Remove whatever has no broader skill left (Kahn 1962); on a cycle nothing ever is. */
        uint32_t removed = 0, queued = 0;
        for (uint32_t s = 0; s < skill_count; s++)
            if ((open[s] = adjacency_count(&up, s)) == 0)
                queue[queued++] = s;
        for (; removed < queued; removed++)
            for (uint32_t i = 0; i < adjacency_count(&down, queue[removed]); i++) {
                uint32_t narrower = adjacency_of(&down, queue[removed])[i];
                if (--open[narrower] == 0)
                    queue[queued++] = narrower;
            }
        *skill = smallest_on_cycle(&up, open, skill_count);
    }
    adjacency_release(&up);
    adjacency_release(&down);
    memory_free(open);
    memory_free(queue);
    return well;
}

/* --- Candidates ----------------------------------------------------------------------------- */

struct builder {
    struct adjacency broader, narrower, related, related_by;
    struct closeness *candidates; /* owned; of one asked skill */
    size_t candidate_count, candidate_capacity;
};

static bool add_candidates(struct builder *builder, const uint32_t *ids, uint32_t count, int32_t bp,
                           uint32_t asked)
{
    size_t need = builder->candidate_count + count;
    if (need > builder->candidate_capacity) {
        size_t capacity = need * 2;
        struct closeness *grown = memory_try_resize(builder->candidates, capacity * sizeof *grown);
        if (!grown)
            return false;
        builder->candidates = grown;
        builder->candidate_capacity = capacity;
    }
    for (uint32_t i = 0; i < count; i++)
        if (ids[i] != asked)
            builder->candidates[builder->candidate_count++] = (struct closeness){ids[i], bp};
    return true;
}

static bool add_linked(struct builder *builder, const struct adjacency *lists, uint32_t skill,
                       int32_t bp, uint32_t asked)
{
    return add_candidates(builder, adjacency_of(lists, skill), adjacency_count(lists, skill), bp,
                          asked);
}

static bool collect(struct builder *builder, uint32_t asked)
{
    builder->candidate_count = 0;
    if (!add_linked(builder, &builder->narrower, asked, NARROWER_BP, asked) ||
        !add_linked(builder, &builder->related, asked, RELATED_BP, asked) ||
        !add_linked(builder, &builder->related_by, asked, RELATED_BP, asked) ||
        !add_linked(builder, &builder->broader, asked, BROADER_BP, asked))
        return false;
    for (uint32_t i = 0; i < adjacency_count(&builder->broader, asked); i++) {
        uint32_t parent = adjacency_of(&builder->broader, asked)[i];
        uint32_t children = adjacency_count(&builder->narrower, parent);
        if (children > NARROW_PARENT_LIMIT)
            continue;
        int32_t bp = SIBLING_BP - SIBLING_STEP_BP * (int32_t)children;
        if (bp < SIBLING_LEAST_BP)
            bp = SIBLING_LEAST_BP;
        if (!add_linked(builder, &builder->narrower, parent, bp, asked))
            return false;
    }
    return true;
}

static int compare_by_skill(const void *left, const void *right)
{
    const struct closeness *a = left, *b = right;
    if (a->skill_id != b->skill_id)
        return a->skill_id < b->skill_id ? -1 : 1;
    return a->bp > b->bp ? -1 : a->bp < b->bp;
}

/* Ids are in code order, so equal ones are by code. */
static int compare_by_closeness(const void *left, const void *right)
{
    const struct closeness *a = left, *b = right;
    if (a->bp != b->bp)
        return a->bp > b->bp ? -1 : 1;
    return a->skill_id < b->skill_id ? -1 : a->skill_id > b->skill_id;
}

/* Leaves the best of each skill, the closest first, at most the limit. */
static void keep_closest(struct builder *builder)
{
    struct closeness *all = builder->candidates;
    if (builder->candidate_count == 0)
        return;
    qsort(all, builder->candidate_count, sizeof *all, compare_by_skill);
    size_t kept = 1;
    for (size_t i = 1; i < builder->candidate_count; i++)
        if (all[i].skill_id != all[kept - 1].skill_id)
            all[kept++] = all[i];
    qsort(all, kept, sizeof *all, compare_by_closeness);
    builder->candidate_count = kept < CLOSENESS_NEIGHBOUR_LIMIT ? kept : CLOSENESS_NEIGHBOUR_LIMIT;
}

/* --- The table ------------------------------------------------------------------------------ */

/* Ids of one branch are neighbours in code order; the multiplication spreads them. */
static uint64_t filter_bit(uint32_t skill_id)
{
    return UINT64_C(1) << (skill_id * UINT32_C(2654435769) >> 26);
}

static bool fill(struct builder *builder, struct closeness_table *table, uint32_t skill_count)
{
    uint32_t total = 0;
    for (uint32_t asked = 0; asked < skill_count; asked++) {
        if (!collect(builder, asked))
            return false;
        keep_closest(builder);
        struct closeness_row *row = &table->rows[asked];
        *row = (struct closeness_row){.first = total, .count = (uint32_t)builder->candidate_count};
        for (uint32_t i = 0; i < row->count; i++) {
            row->filter |= filter_bit(builder->candidates[i].skill_id);
            table->neighbours[total++] = builder->candidates[i];
        }
    }
    return true;
}

/* Neighbours are counted two places on and summed, as in adjacency_init. */
static bool transpose(struct closeness_table *table, uint32_t skill_count)
{
    const struct closeness_row *last = &table->rows[skill_count - 1];
    uint32_t total = last->first + last->count;
    table->asked_first = memory_try_zeroed((size_t)skill_count + 2, sizeof *table->asked_first);
    table->asked = memory_try_zeroed(total, sizeof *table->asked);
    if (!table->asked_first || !table->asked)
        return false;
    uint32_t *next = table->asked_first + 1;
    for (uint32_t i = 0; i < total; i++)
        next[table->neighbours[i].skill_id + 1]++;
    for (uint32_t s = 0; s < skill_count; s++)
        next[s + 1] += next[s];
    for (uint32_t asked = 0; asked < skill_count; asked++) {
        const struct closeness_row *row = &table->rows[asked];
        for (uint32_t i = row->first; i < row->first + row->count; i++) {
            struct closeness neighbour = table->neighbours[i];
            table->asked[next[neighbour.skill_id]++] = (struct closeness){asked, neighbour.bp};
        }
    }
    for (uint32_t held = 0; held < skill_count; held++) {
        uint32_t first = table->asked_first[held], count = table->asked_first[held + 1] - first;
        qsort(table->asked + first, count, sizeof *table->asked, compare_by_closeness);
    }
    return true;
}

bool closeness_table_build(struct closeness_table *table, uint32_t skill_count,
                           struct skill_links *broader, struct skill_links *related)
{
    sort_and_drop_repeated(broader);
    sort_and_drop_repeated(related);
    struct builder builder = {0};
    *table = (struct closeness_table){
        .rows = memory_try_zeroed(skill_count, sizeof *table->rows),
        .neighbours = memory_try_zeroed((size_t)skill_count * CLOSENESS_NEIGHBOUR_LIMIT,
                                        sizeof *table->neighbours),
    };
    bool well = table->rows && table->neighbours &&
                adjacency_init(&builder.broader, broader, skill_count, false) &&
                adjacency_init(&builder.narrower, broader, skill_count, true) &&
                adjacency_init(&builder.related, related, skill_count, false) &&
                adjacency_init(&builder.related_by, related, skill_count, true) &&
                fill(&builder, table, skill_count) && transpose(table, skill_count);
    adjacency_release(&builder.broader);
    adjacency_release(&builder.narrower);
    adjacency_release(&builder.related);
    adjacency_release(&builder.related_by);
    memory_free(builder.candidates);
    if (!well)
        closeness_table_release(table);
    return well;
}

void closeness_table_release(struct closeness_table *table)
{
    memory_free(table->rows);
    memory_free(table->neighbours);
    memory_free(table->asked_first);
    memory_free(table->asked);
    *table = (struct closeness_table){0};
}

int32_t closeness_table_find(const struct closeness_table *table, uint32_t held, uint32_t asked)
{
    const struct closeness_row *row = &table->rows[asked];
    if ((row->filter & filter_bit(held)) == 0)
        return 0;
    for (uint32_t i = 0; i < row->count; i++)
        if (table->neighbours[row->first + i].skill_id == held)
            return table->neighbours[row->first + i].bp;
    return 0;
}
