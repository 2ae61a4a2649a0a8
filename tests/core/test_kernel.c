/* All kernels bound the same tiles and documents alike, bit for bit. */
#include <criterion/criterion.h>

#include "base/memory.h"
#include "core/index_oracle.h"
#include "core/kernel.h"

enum { RECORD_LIMIT = 2500 };

/* What one kernel says of a strip. */
struct answer {
    float bounds[STRIP_TILES];
    uint64_t *present;
    struct visit *visit;
};

static void *aligned(struct arena *arena, size_t bytes)
{
    uint8_t *memory = arena_alloc(arena, bytes + 64);
    cr_assert(memory);
    return (void *)(((uintptr_t)memory + 63) & ~(uintptr_t)63);
}

static void ask(const struct kernel *kernel, const struct query *query,
                const struct strip_view *strip, float threshold, struct arena *arena,
                struct answer *answer)
{
    size_t placed = 0, terms = query->term_count;
    answer->present = aligned(arena, (terms + 1) * sizeof *answer->present);
    kernel->bound_strip(query, strip, answer->bounds, answer->present);
    struct visit *visit = answer->visit = aligned(arena, sizeof *visit);
    memset(visit, 0, sizeof *visit);
    visit->query = query;
    visit->threshold = threshold;
    for (unsigned column = 0; column < STRIP_TILES && placed < VISIT_TILES; column++) {
        if (answer->bounds[column] < 0)
            continue;
        visit->tiles[placed++] = (struct visit_tile){
            .view = strip,
            .present = answer->present,
            .tile = strip->tiles[column],
            .tombstones = strip->tombstones[column],
            .column = column,
            .lists = aligned(arena, (terms + 1) * sizeof(struct visit_list)),
        };
    }
    kernel->fetch_tiles(query, visit->tiles, placed);
    kernel->visit_tiles(visit, visit->tiles, placed);
}

static void assert_same(const struct answer *a, const struct answer *b, size_t terms,
                        const char *name)
{
    cr_assert_arr_eq(a->bounds, b->bounds, sizeof a->bounds, "%s: bounds of tiles", name);
    for (size_t i = 0; i < terms; i++)
        cr_assert_eq(a->present[i], b->present[i], "%s: term %zu", name, i);
    cr_assert_eq(a->visit->survivor_count, b->visit->survivor_count, "%s", name);
    for (uint32_t i = 0; i < a->visit->survivor_count; i++) {
        const struct survivor *x = &a->visit->survivors[i], *y = &b->visit->survivors[i];
        cr_assert(x->tile == y->tile && x->document == y->document, "%s: survivor %u", name, i);
        cr_assert_arr_eq(&x->bound, &y->bound, sizeof x->bound, "%s: bound of %u", name, i);
    }
}

static void compare_kernels(uint64_t seed, enum ranking ranking)
{
    static const char *const OTHERS[] = {"avx2", "avx512"};
    static const size_t COUNTS[] = {1, 15, 17, 127, 129, 1000, RECORD_LIMIT};
    static struct entry *entries[RECORD_LIMIT];
    struct market market;
    struct arena arena;
    uint64_t survivors = 0;
    market_init(&market, seed);
    arena_init(&arena, (size_t)1 << 26);
    for (size_t i = 0; i < sizeof COUNTS / sizeof COUNTS[0]; i++) {
        const void *last = NULL;
        const struct index_view *view;
        struct index_garbage *garbage;
        struct index_writer *writer = index_writer_new(ranking, market.taxonomy, NULL);
        for (size_t j = 0; j < COUNTS[i]; j++)
            cr_assert(
                index_insert(writer, entries[j] = random_entry(&market, ranking, NULL, &last)));
        cr_assert(index_publish(writer, &view, &garbage));
        index_garbage_free(writer, garbage);
        for (int j = 0; j < 100 && view->strip_count > 0; j++) {
            struct profile profile;
            struct query query;
            struct answer first, other;
            struct search_request request = random_request(&market, ranking, &profile, COUNTS[i]);
            float threshold =
                market_chance(&market, 3) ? -1 : (float)rng_below(&market.rng, SCORE_LIMIT + 1);
            arena_clear(&arena);
            cr_assert(query_compile(&query, &request, &arena));
            ask(kernel_named("scalar"), &query, view->strips[0], threshold, &arena, &first);
            survivors += first.visit->survivor_count;
            for (size_t k = 0; k < sizeof OTHERS / sizeof OTHERS[0]; k++) {
                if (!kernel_named(OTHERS[k]))
                    continue;
                ask(kernel_named(OTHERS[k]), &query, view->strips[0], threshold, &arena, &other);
                assert_same(&first, &other, query.term_count, OTHERS[k]);
            }
        }
        index_writer_free(writer);
        for (size_t j = 0; j < COUNTS[i]; j++)
            memory_free(entries[j]);
        market_clear(&market);
    }
    cr_assert_gt(survivors, 1000);
    arena_release(&arena);
    market_release(&market);
}

Test(kernel, all_bound_vacancies_alike)
{
    compare_kernels(75001, RANK_VACANCIES);
}

Test(kernel, all_bound_applicants_alike)
{
    compare_kernels(75002, RANK_APPLICANTS);
}
