/* The index changed all the time: what any view finds is what a plain list of its records gives. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "base/memory.h"
#include "core/index_internal.h"
#include "core/index_oracle.h"

enum { RECORD_LIMIT = 12000, GARBAGE_LIMIT = 4096 };

/* Records that stand in the index, and one older view with what stood in it then. */
struct town {
    struct stand stand;
    struct entry *live[RECORD_LIMIT];
    size_t live_count;
    struct entry *gone[RECORD_LIMIT]; /* freed when the older view is let go */
    size_t gone_count;
    const struct index_view *held; /* NULL: none */
    const struct entry *held_entries[RECORD_LIMIT];
    size_t held_count;
    struct index_garbage *garbage[GARBAGE_LIMIT];
    size_t garbage_count;
};

static struct town *town_new(uint64_t seed, enum ranking ranking)
{
    struct town *town = memory_must_zeroed(1, sizeof *town);
    stand_init(&town->stand, seed, ranking);
    return town;
}

static void let_go(struct town *town)
{
    for (size_t i = 0; i < town->garbage_count; i++)
        index_garbage_free(town->stand.writer, town->garbage[i]);
    for (size_t i = 0; i < town->gone_count; i++)
        memory_free(town->gone[i]);
    town->garbage_count = town->gone_count = 0;
    town->held = NULL;
}

static void town_free(struct town *town)
{
    let_go(town);
    for (size_t i = 0; i < town->live_count; i++)
        memory_free(town->live[i]);
    stand_release(&town->stand);
    memory_free(town);
}

/* --- Changes -----------------------------------------------------------------------------------*/

static void insert(struct town *town)
{
    struct entry *entry = stand_record(&town->stand);
    cr_assert_lt(town->live_count, RECORD_LIMIT);
    cr_assert(index_insert(town->stand.writer, entry));
    town->live[town->live_count++] = entry;
}

static void take_out(struct town *town, size_t at)
{
    struct entry *entry = town->live[at];
    cr_assert(index_prepare_remove(town->stand.writer, entry));
    index_remove(town->stand.writer, entry);
    town->live[at] = town->live[--town->live_count];
    town->gone[town->gone_count++] = entry;
}

static const struct index_view *publish(struct town *town)
{
    const struct index_view *view;
    struct index_garbage *garbage;
    cr_assert(index_publish(town->stand.writer, &view, &garbage));
    cr_assert_lt(town->garbage_count, GARBAGE_LIMIT);
    town->garbage[town->garbage_count++] = garbage;
    if (!town->held && market_chance(&town->stand.market, 3)) {
        town->held = view;
        town->held_count = town->live_count;
        memcpy(town->held_entries, town->live, town->live_count * sizeof town->live[0]);
    }
    return view;
}

/* --- Searches ----------------------------------------------------------------------------------*/

static void search_view(struct town *town, const struct index_view *view,
                        const struct entry *const *entries, size_t count, int searches,
                        const char *label)
{
    struct crowd crowd;
    crowd_init(&crowd, entries, count, town->stand.lexicon);
    assert_view_is_sound(view);
    for (int i = 0; i < searches; i++) {
        struct profile profile;
        struct search_request request =
            random_request(&town->stand.market, town->stand.ranking, &profile, count);
        assert_index_is_exact(&request, &crowd, view, &town->stand.arena, label);
    }
    crowd_release(&crowd);
}

static void search_both(struct town *town, const struct index_view *view, int searches, int step)
{
    char label[64];
    snprintf(label, sizeof label, "step %d, newest view", step);
    search_view(town, view, (const struct entry *const *)town->live, town->live_count, searches,
                label);
    if (!town->held)
        return;
    snprintf(label, sizeof label, "step %d, older view", step);
    search_view(town, town->held, town->held_entries, town->held_count, searches, label);
}

/* A batch of changes, large ones seldom; more records come than go until there are `wanted`. */
static void change(struct town *town, size_t wanted)
{
    size_t most = market_chance(&town->stand.market, 10) ? wanted / 2 + 1 : 12;
    for (size_t i = rng_below(&town->stand.market.rng, most + 1); i > 0; i--) {
        bool grows = town->live_count < wanted ? !market_chance(&town->stand.market, 3)
                                               : market_chance(&town->stand.market, 3);
        if (grows || town->live_count == 0)
            insert(town);
        else
            take_out(town, rng_below(&town->stand.market.rng, town->live_count));
    }
}

static void change_and_search(struct town *town, size_t wanted, int steps)
{
    for (int step = 0; step < steps; step++) {
        change(town, wanted);
        const struct index_view *view = publish(town);
        if (market_chance(&town->stand.market, 2)) {
            size_t patience = market_chance(&town->stand.market, 2) ? 0 : 50;
            while (index_maintain(town->stand.writer, patience) &&
                   !market_chance(&town->stand.market, 4))
                view = publish(town);
            view = publish(town);
        }
        search_both(town, view, 2, step);
        if (market_chance(&town->stand.market, 8) || town->garbage_count > GARBAGE_LIMIT / 2)
            let_go(town);
    }
}

/* All go; after the tidying nothing is left. */
static void empty(struct town *town)
{
    struct index_stats stats;
    let_go(town);
    while (town->live_count > 0)
        take_out(town, town->live_count - 1);
    const struct index_view *view = publish(town);
    cr_assert_eq(view->document_count, 0);
    cr_assert_eq(view->tile_count, 0);
    search_view(town, view, (const struct entry *const *)town->live, 0, 3, "emptied");
    for (int i = 0; index_maintain(town->stand.writer, 0); i++) {
        cr_assert_lt(i, 1000, "there is no end of tidying an empty index");
        publish(town);
        let_go(town);
    }
    let_go(town);
    index_stats(town->stand.writer, &stats);
    cr_assert_eq(stats.documents, 0);
    cr_assert_eq(stats.tiles, 0);
    cr_assert_eq(stats.fresh_documents, 0);
    cr_assert_eq(stats.fresh_tiles, 0);
    cr_assert_eq(stats.tombstones, 0);
    cr_assert_eq(stats.tile_bytes, 0, "%zu bytes are left", stats.tile_bytes);
}

Test(index_update, few_vacancies_come_and_go)
{
    for (uint64_t seed = 72001; seed < 72011; seed++) {
        struct town *town = town_new(seed, RANK_VACANCIES);
        change_and_search(town, 60, 120);
        empty(town);
        change_and_search(town, 30, 20);
        town_free(town);
    }
}

Test(index_update, few_applicants_come_and_go)
{
    for (uint64_t seed = 72021; seed < 72031; seed++) {
        struct town *town = town_new(seed, RANK_APPLICANTS);
        change_and_search(town, 60, 120);
        empty(town);
        change_and_search(town, 30, 20);
        town_free(town);
    }
}

/* --- Many: cells are cut and joined ------------------------------------------------------------*/

static void build(struct town *town, size_t count, unsigned threads)
{
    for (size_t i = 0; i < count; i++)
        town->live[town->live_count++] = stand_record(&town->stand);
    cr_assert(index_writer_build(town->stand.writer, (const struct entry *const *)town->live, count,
                                 threads));
}

static void tidy(struct town *town)
{
    for (int i = 0; index_maintain(town->stand.writer, 0); i++) {
        cr_assert_lt(i, 10000, "there is no end of tidying");
        publish(town);
        let_go(town);
    }
}

/* `least_cell_documents`: small cells are cut and joined often. */
static void cut_and_join(uint64_t seed, enum ranking ranking, size_t least_cell_documents)
{
    struct town *town = town_new(seed, ranking);
    struct index_stats before, grown, shrunk;
    town->stand.writer->least_cell_documents = least_cell_documents;
    build(town, 3000, 3);
    search_both(town, publish(town), 5, 0);
    change_and_search(town, 3000, 4);
    tidy(town);
    index_stats(town->stand.writer, &before);
    while (town->live_count < 11000)
        insert(town);
    publish(town);
    tidy(town);
    index_stats(town->stand.writer, &grown);
    cr_assert_gt(grown.cells, before.cells);
    cr_assert_eq(grown.fresh_documents, 0);
    search_both(town, publish(town), 10, 1);
    let_go(town);
    while (town->live_count > 400)
        take_out(town, rng_below(&town->stand.market.rng, town->live_count));
    search_both(town, publish(town), 10, 2);
    tidy(town);
    index_stats(town->stand.writer, &shrunk);
    cr_assert_lt(shrunk.cells, grown.cells);
    cr_assert_lt(shrunk.tile_bytes, grown.tile_bytes / 4);
    search_both(town, publish(town), 10, 3);
    empty(town);
    town_free(town);
}

Test(index_update, cells_of_vacancies_are_cut_and_joined)
{
    cut_and_join(72041, RANK_VACANCIES, CELL_DOCUMENTS_LEAST);
    cut_and_join(72043, RANK_VACANCIES, 200);
}

Test(index_update, cells_of_applicants_are_cut_and_joined)
{
    cut_and_join(72042, RANK_APPLICANTS, 2000);
    cut_and_join(72044, RANK_APPLICANTS, 200);
}
