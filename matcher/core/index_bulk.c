/* Building an index from many records at once: sorted once, tiles built on several threads.
 *
 *   entries -> sources (each thread a part) -> radix sort by major key -> cells
 *           -> each cell sorted by minor key, cut into tiles (each thread takes strips)
 *
 * Threads share nothing that they write: a strip's matrix belongs to the thread that fills it, and
 * a record's places are different words. Cost: about 1 us a record and thread.
 */
#include "core/index_internal.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/memory.h"

#include "base/banned.h"

enum { THREAD_LIMIT = 64 };

/* A tile to be: which sources, in which column. */
struct plan {
    size_t first;
    uint32_t count;
    bool is_too_large;
};

struct bulk {
    struct index_writer *writer;
    const struct entry *const *entries;
    size_t entry_count;
    struct tile_source *sources; /* in document order when sorted */
    size_t source_count;
    struct plan *plans; /* by column */
    size_t plan_count;
    size_t *cell_starts; /* cell_count + 1 of them */
    size_t cell_count;
    atomic_size_t next; /* strip or cell, for whoever is free */
    atomic_bool failed;
    unsigned thread_count;
};

/* --- Threads ---------------------------------------------------------------------------------- */

struct bulk_thread {
    struct bulk *bulk;
    void (*run)(struct bulk *bulk, struct bulk_thread *self);
    unsigned index;
    pthread_t thread;
    /* gather: its part */
    struct tile_source *sources;
    size_t count, capacity;
};

static void *thread_main(void *argument)
{
    struct bulk_thread *self = argument;
    memory_use_huge_pages();
    self->run(self->bulk, self);
    return NULL;
}

/* Runs on all threads, this one included; fewer where the machine gives fewer. */
static void run_all(struct bulk *bulk, struct bulk_thread *threads,
                    void (*run)(struct bulk *, struct bulk_thread *))
{
    bool started[THREAD_LIMIT] = {false};
    for (unsigned i = 0; i < bulk->thread_count; i++) {
        threads[i].bulk = bulk;
        threads[i].index = i;
        threads[i].run = run;
    }
    for (unsigned i = 1; i < bulk->thread_count; i++)
        started[i] = pthread_create(&threads[i].thread, NULL, thread_main, &threads[i]) == 0;
    run(bulk, &threads[0]);
    for (unsigned i = 1; i < bulk->thread_count; i++) {
        if (started[i])
            pthread_join(threads[i].thread, NULL);
        else
            run(bulk, &threads[i]);
    }
}

/* --- Sources ---------------------------------------------------------------------------------- */

static void gather(struct bulk *bulk, struct bulk_thread *self)
{
    const struct index_writer *writer = bulk->writer;
    struct order order;
    order_init(&order, writer->ranking, writer->taxonomy, writer->lexicon);
    size_t first = bulk->entry_count * self->index / bulk->thread_count;
    size_t end = bulk->entry_count * (self->index + 1) / bulk->thread_count;
    for (size_t i = first; i < end; i++) {
        if (self->count + RECORD_SITE_LIMIT > self->capacity) {
            size_t capacity = (self->capacity ? self->capacity + self->capacity / 4 : end - first) +
                              RECORD_SITE_LIMIT;
            struct tile_source *sources =
                memory_try_resize(self->sources, capacity * sizeof *sources);
            if (!sources) {
                atomic_store(&bulk->failed, true);
                return;
            }
            self->sources = sources;
            self->capacity = capacity;
        }
        if (i + 8 < end)
            entry_prefetch(bulk->entries[i + 8]);
        size_t copies, count = order_sources(&order, bulk->entries[i], self->sources + self->count);
        struct index_place *places = entry_places(bulk->entries[i], &copies);
        for (size_t j = 0; j < copies; j++)
            places[j] = (struct index_place){PLACE_NONE, 0};
        self->count += count;
    }
}

/* Puts the threads' parts behind one another. */
static bool collect(struct bulk *bulk, struct bulk_thread *threads)
{
    for (unsigned i = 0; i < bulk->thread_count; i++)
        bulk->source_count += threads[i].count;
    bulk->sources = memory_try((bulk->source_count + 1) * sizeof *bulk->sources);
    size_t at = 0;
    for (unsigned i = 0; i < bulk->thread_count; i++) {
        if (bulk->sources && threads[i].count > 0)
            memcpy(bulk->sources + at, threads[i].sources,
                   threads[i].count * sizeof *bulk->sources);
        at += threads[i].count;
        memory_free(threads[i].sources);
    }
    return bulk->sources != NULL;
}

/* Least significant digit first; digits that all share are skipped. */
static bool sort_by_major(struct bulk *bulk)
{
    enum { DIGIT_BITS = 11, DIGITS = 1 << DIGIT_BITS };
    struct tile_source *from = bulk->sources;
    struct tile_source *to = memory_try((bulk->source_count + 1) * sizeof *to);
    if (!to)
        return false;
    for (int shift = 0; shift < 64; shift += DIGIT_BITS) {
        size_t starts[DIGITS + 1] = {0};
        bool is_shared = false;
        for (size_t i = 0; i < bulk->source_count; i++)
            starts[(from[i].major >> shift & (DIGITS - 1)) + 1]++;
        for (int i = 1; i <= DIGITS; i++)
            is_shared = is_shared || starts[i] == bulk->source_count;
        if (is_shared)
            continue;
        for (int i = 0; i < DIGITS; i++)
            starts[i + 1] += starts[i];
        for (size_t i = 0; i < bulk->source_count; i++)
            to[starts[from[i].major >> shift & (DIGITS - 1)]++] = from[i];
        struct tile_source *swap = from;
        from = to;
        to = swap;
    }
    bulk->sources = from;
    memory_free(to);
    return true;
}

/* --- Cells ------------------------------------------------------------------------------------ */

/* Cuts at about cell_documents, never within one place and always between kinds. */
static bool cut(struct bulk *bulk)
{
    choose_cell_documents(bulk->writer, bulk->source_count);
    size_t limit = bulk->source_count / bulk->writer->cell_documents * 2 + 2 * TILE_KIND_COUNT + 2;
    bulk->cell_starts = memory_try((limit + 1) * sizeof *bulk->cell_starts);
    if (!bulk->cell_starts)
        return false;
    for (size_t at = 0; at < bulk->source_count;) {
        size_t end = at + bulk->writer->cell_documents;
        end = end < bulk->source_count ? end : bulk->source_count;
        for (size_t i = at + 1; i < end; i++) {
            if (bulk->sources[i].kind != bulk->sources[at].kind) {
                end = i;
                break;
            }
        }
        while (end < bulk->source_count && bulk->sources[end].major == bulk->sources[end - 1].major)
            end++;
        bulk->cell_starts[bulk->cell_count++] = at;
        at = end;
    }
    bulk->cell_starts[bulk->cell_count] = bulk->source_count;
    return true;
}

static int compare_minor(const void *a, const void *b)
{
    const struct tile_source *x = a, *y = b;
    if (x->minor != y->minor)
        return x->minor < y->minor ? -1 : 1;
    return order_compare(x, y);
}

static void sort_cells(struct bulk *bulk, struct bulk_thread *self)
{
    (void)self;
    for (size_t i; (i = atomic_fetch_add(&bulk->next, 1)) < bulk->cell_count;)
        qsort(bulk->sources + bulk->cell_starts[i], bulk->cell_starts[i + 1] - bulk->cell_starts[i],
              sizeof *bulk->sources, compare_minor);
}

/* Tiles of full size, one after the other; the cells with their homes. */
static bool plan(struct bulk *bulk)
{
    struct index_writer *writer = bulk->writer;
    size_t limit = bulk->source_count / TILE_DOCUMENTS + bulk->cell_count + 1;
    bulk->plans = memory_try_zeroed(limit, sizeof *bulk->plans);
    struct cell **cells = memory_try_zeroed(bulk->cell_count + TILE_KIND_COUNT, sizeof *cells);
    if (!bulk->plans || !cells) {
        memory_free(cells);
        return false;
    }
    size_t cell_count = 0;
    uint64_t next_kind = 0;
    bool made = true;
    for (size_t i = 0; i <= bulk->cell_count && made; i++) {
        size_t at = bulk->cell_starts[i],
               end = i < bulk->cell_count ? bulk->cell_starts[i + 1] : at;
        uint64_t major = i < bulk->cell_count ? bulk->sources[at].major : UINT64_MAX;
        uint64_t kind = i < bulk->cell_count ? major >> 62 : TILE_KIND_COUNT;
        for (; next_kind < kind && made; next_kind++) /* kinds without documents */
            made = (cells[cell_count++] = memory_try_zeroed(1, sizeof **cells)) != NULL &&
                   (cells[cell_count - 1]->major_first = next_kind << 62, true);
        if (i == bulk->cell_count || !made)
            break;
        struct cell *cell = cells[cell_count++] = memory_try_zeroed(1, sizeof *cell);
        made = cell && (cell->homes = memory_try((end - at) / TILE_DOCUMENTS * sizeof *cell->homes +
                                                 2 * sizeof *cell->homes)) != NULL;
        if (!made)
            break;
        cell->major_first = next_kind == kind ? kind << 62 : major;
        next_kind = kind + 1;
        for (; at < end; at += TILE_DOCUMENTS) {
            size_t count = end - at < TILE_DOCUMENTS ? end - at : TILE_DOCUMENTS;
            cell->homes[cell->home_count++] = (struct home){.minor_first = bulk->sources[at].minor,
                                                            .column = (uint32_t)bulk->plan_count};
            bulk->plans[bulk->plan_count++] = (struct plan){at, (uint32_t)count, false};
        }
        cell->homes[0].minor_first = 0;
    }
    if (!made) {
        for (size_t i = 0; i < cell_count; i++) {
            if (cells[i])
                memory_free(cells[i]->homes);
            memory_free(cells[i]);
        }
        memory_free(cells);
        return false;
    }
    cells_release(writer);
    writer->cells = cells;
    writer->cell_count = cell_count;
    writer->cell_capacity = bulk->cell_count + TILE_KIND_COUNT;
    return true;
}

/* --- Tiles ------------------------------------------------------------------------------------ */

static void enter_tile(struct bulk *bulk, uint32_t index, struct tile *tile)
{
    struct index_writer *writer = bulk->writer;
    const struct plan *plan = &bulk->plans[index];
    writer->columns[index] =
        (struct column){.tile = tile, .live = plan->count, .state = COLUMN_HOME};
    for (uint32_t i = 0; i < plan->count; i++) {
        *source_place(&bulk->sources[plan->first + i]) = (struct index_place){index, i};
    }
}

static void build_strips(struct bulk *bulk, struct bulk_thread *self)
{
    (void)self;
    struct index_writer *writer = bulk->writer;
    struct tile_builder *builder =
        tile_builder_new(writer->ranking, writer->taxonomy, writer->lexicon);
    if (!builder)
        atomic_store(&bulk->failed, true);
    for (size_t strip; builder && !atomic_load(&bulk->failed) &&
                       (strip = atomic_fetch_add(&bulk->next, 1)) < writer->strip_count;) {
        for (unsigned column = 0; column < STRIP_TILES; column++) {
            size_t index = strip * STRIP_TILES + column;
            struct tile *tile;
            struct tile_entries entries;
            if (index >= bulk->plan_count)
                break;
            struct plan *plan = &bulk->plans[index];
            enum tile_outcome outcome =
                tile_build(builder, bulk->sources + plan->first, plan->count, &tile, &entries);
            if (outcome == TILE_NO_MEMORY) {
                atomic_store(&bulk->failed, true);
                break;
            }
            plan->is_too_large = outcome == TILE_TOO_LARGE;
            if (plan->is_too_large)
                continue;
            strip_fill(writer->strips[strip], column, tile, &entries);
            enter_tile(bulk, (uint32_t)index, tile);
        }
    }
    tile_builder_free(builder);
}

static bool make_columns(struct index_writer *writer, size_t count)
{
    while (writer->strip_count * STRIP_TILES < count)
        if (!columns_grow(writer))
            return false;
    /* The planned columns are taken: those from `count` on are free. */
    writer->free_columns.count = 0;
    for (size_t i = writer->strip_count * STRIP_TILES; i > count; i--)
        writer->free_columns.items[writer->free_columns.count++] = (uint32_t)(i - 1);
    return true;
}

/* Documents whose tile was too large come in as if they were new. */
static bool insert_leftovers(struct bulk *bulk)
{
    struct index_writer *writer = bulk->writer;
    for (size_t cell = 0; cell < writer->cell_count; cell++) {
        struct cell *c = writer->cells[cell];
        uint32_t kept = 0;
        for (uint32_t i = 0; i < c->home_count; i++) {
            const struct plan *plan = &bulk->plans[c->homes[i].column];
            if (!plan->is_too_large) {
                c->homes[kept++] = c->homes[i];
                continue;
            }
            writer->free_columns.items[writer->free_columns.count++] = c->homes[i].column;
            for (uint32_t j = 0; j < plan->count; j++)
                if (!index_insert_source(writer, &bulk->sources[plan->first + j]))
                    return false;
        }
        c->home_count = kept;
        if (kept > 0)
            c->homes[0].minor_first = 0;
    }
    return true;
}

static void count_all(struct bulk *bulk)
{
    struct index_writer *writer = bulk->writer;
    for (size_t i = 0; i < bulk->plan_count; i++) {
        if (bulk->plans[i].is_too_large)
            continue;
        writer->document_count += bulk->plans[i].count;
        writer->tile_bytes += writer->columns[i].tile->bytes;
        writer->tiles_built++;
    }
    writer->is_changed = true;
}

static bool run_bulk(struct bulk *bulk, struct bulk_thread *threads)
{
    run_all(bulk, threads, gather);
    if (!collect(bulk, threads) || atomic_load(&bulk->failed) || !sort_by_major(bulk) || !cut(bulk))
        return false;
    run_all(bulk, threads, sort_cells);
    if (!plan(bulk) || !make_columns(bulk->writer, bulk->plan_count))
        return false;
    atomic_store(&bulk->next, 0);
    run_all(bulk, threads, build_strips);
    if (atomic_load(&bulk->failed))
        return false;
    count_all(bulk);
    return insert_leftovers(bulk);
}

bool index_writer_build(struct index_writer *writer, const struct entry *const *entries,
                        size_t count, unsigned thread_count)
{
    assert(writer->document_count == 0 && writer->strip_count == 0);
    struct bulk bulk = {.writer = writer, .entries = entries, .entry_count = count};
    bulk.thread_count = thread_count < 1              ? 1
                        : thread_count > THREAD_LIMIT ? THREAD_LIMIT
                                                      : thread_count;
    struct bulk_thread *threads = memory_try_zeroed(bulk.thread_count, sizeof *threads);
    if (!threads)
        return false;
    bool built = run_bulk(&bulk, threads);
    memory_free(bulk.sources);
    memory_free(bulk.plans);
    memory_free(bulk.cell_starts);
    memory_free(threads);
    return built;
}
