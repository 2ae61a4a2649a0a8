/* Cells and homes: where a document belongs, and how fresh ones get there. See index_internal.h.
 *
 * A cell is a stretch of the order of places (or of occupations, for documents without a place)
 * that holds about cell_documents documents; its homes are tiles in the order of class and
 * occupation. So cells are small where many people live and large where few do, and follow them
 * when they move: a cell with too many documents is cut in two, a small one joins its neighbour.
 *
 * One slice of tidying re-lays one home (2048 documents, about 2 ms), or one cell where that must
 * be cut or joined. Which one: where most fresh documents wait, or most dead ones lie.
 */
#include "core/index_internal.h"

#include <assert.h>
#include <stdlib.h>

#include "base/memory.h"

#include "base/banned.h"

/* --- Finding ---------------------------------------------------------------------------------- */

size_t cell_find(const struct index_writer *writer, uint64_t major)
{
    size_t low = 0, high = writer->cell_count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (writer->cells[middle]->major_first <= major)
            low = middle;
        else
            high = middle;
    }
    return low;
}

struct home *home_find(const struct cell *cell, uint64_t minor)
{
    uint32_t low = 0, high = cell->home_count;
    assert(high > 0);
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (cell->homes[middle].minor_first <= minor)
            low = middle;
        else
            high = middle;
    }
    return &cell->homes[low];
}

static struct cell *cell_new(uint64_t major_first)
{
    struct cell *cell = memory_try_zeroed(1, sizeof *cell);
    if (cell)
        cell->major_first = major_first;
    return cell;
}

static void cell_free(struct cell *cell)
{
    if (!cell)
        return;
    memory_free(cell->homes);
    memory_free(cell);
}

bool cells_init(struct index_writer *writer)
{
    writer->cells = memory_try_zeroed(TILE_KIND_COUNT, sizeof *writer->cells);
    if (!writer->cells)
        return false;
    writer->cell_capacity = TILE_KIND_COUNT;
    for (uint64_t kind = 0; kind < TILE_KIND_COUNT; kind++) {
        writer->cells[kind] = cell_new(kind << 62);
        if (!writer->cells[kind])
            return false;
        writer->cell_count++;
    }
    return true;
}

void cells_release(struct index_writer *writer)
{
    for (size_t i = 0; i < writer->cell_count; i++)
        cell_free(writer->cells[i]);
    memory_free(writer->cells);
}

void cells_count_fresh(struct index_writer *writer, const struct tile_source *source)
{
    struct cell *cell = writer->cells[cell_find(writer, source->major)];
    if (cell->home_count > 0)
        home_find(cell, source->minor)->pending++;
    else
        cell->pending++;
}

/* --- Gathering -------------------------------------------------------------------------------- */

/* A stretch of keys: a whole cell, or one home of it. Ends are exclusive; 0 is no end. */
struct stretch {
    uint64_t major_first, major_end, minor_first, minor_end;
};

static bool stretch_holds(const struct stretch *stretch, const struct tile_source *source)
{
    return source->major >= stretch->major_first &&
           (stretch->major_end == 0 || source->major < stretch->major_end) &&
           source->minor >= stretch->minor_first &&
           (stretch->minor_end == 0 || source->minor < stretch->minor_end);
}

static uint64_t major_end_of(const struct index_writer *writer, size_t cell)
{
    return cell + 1 < writer->cell_count ? writer->cells[cell + 1]->major_first : 0;
}

/* What a re-laying moves: live documents of homes, and the fresh ones that belong to them. */
struct move {
    struct tile_source *sources; /* owned */
    size_t count, capacity;
    size_t fresh_first; /* sources from here on are taken from fresh tiles */
};

static bool move_reserve(struct move *move, size_t more)
{
    if (move->count + more <= move->capacity)
        return true;
    size_t capacity = move->capacity ? move->capacity * 2 : 2 * TILE_DOCUMENTS;
    while (capacity < move->count + more)
        capacity *= 2;
    struct tile_source *sources = memory_try_resize(move->sources, capacity * sizeof *sources);
    if (!sources)
        return false;
    move->sources = sources;
    move->capacity = capacity;
    return true;
}

/* Fresh tiles are in order: the first document of a stretch is found by halving. */
static uint32_t first_in(const struct column *column, uint64_t major)
{
    uint32_t low = 0, high = column->tile->document_count;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (column->sources[middle].major < major)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Appends the fresh documents of a stretch; their tiles' tombstones become the writer's own. */
static bool gather_fresh(struct index_writer *writer, const struct stretch *stretch,
                         struct move *move)
{
    move->fresh_first = move->count;
    for (size_t i = 0; i < writer->fresh.count; i++) {
        uint32_t index = writer->fresh.items[i];
        struct column *column = &writer->columns[index];
        size_t before = move->count;
        if (column->tile->kind != order_kind(stretch->major_first))
            continue;
        for (uint32_t j = first_in(column, stretch->major_first); j < column->tile->document_count;
             j++) {
            const struct tile_source *source = &column->sources[j];
            if (stretch->major_end != 0 && source->major >= stretch->major_end)
                break;
            if (!stretch_holds(stretch, source) || !column_is_live(column, j))
                continue;
            if (!move_reserve(move, 1))
                return false;
            move->sources[move->count++] = *source;
        }
        if (move->count > before && !column_own_tombstones(writer, index))
            return false;
    }
    return true;
}

static bool gather_homes(struct index_writer *writer, const struct cell *cell, uint32_t first,
                         uint32_t end, struct move *move)
{
    for (uint32_t i = first; i < end; i++) {
        if (!move_reserve(move, TILE_DOCUMENTS))
            return false;
        move->count += column_sources(writer, cell->homes[i].column, move->sources + move->count);
    }
    return true;
}

/* Buries what was taken from fresh tiles, before their places change. */
static void bury_fresh(struct index_writer *writer, const struct move *move)
{
    for (size_t i = move->fresh_first; i < move->count; i++) {
        struct index_place place = *source_place(&move->sources[i]);
        column_bury(writer, place.column, place.document);
        writer->fresh_count--;
    }
}

/* True when there were some. */
static bool drop_empty_fresh(struct index_writer *writer)
{
    bool dropped = false;
    for (size_t i = writer->fresh.count; i > 0; i--) {
        uint32_t index = writer->fresh.items[i - 1];
        if (writer->columns[index].live > 0 || !column_reserve_retire(writer, 1))
            continue;
        column_retire(writer, index);
        dropped = true;
    }
    return dropped;
}

/* --- Re-laying -------------------------------------------------------------------------------- */

static int compare_minor(const void *a, const void *b)
{
    const struct tile_source *x = a, *y = b;
    if (x->minor != y->minor)
        return x->minor < y->minor ? -1 : 1;
    return order_compare(x, y);
}

static int compare_major(const void *a, const void *b)
{
    return order_compare(a, b);
}

/* Nobody may be there, and no memory then. */
static void copy_sorted(struct tile_source *out, const struct move *move,
                        int (*compare)(const void *, const void *))
{
    if (move->count == 0)
        return;
    memcpy(out, move->sources, move->count * sizeof *out);
    qsort(out, move->count, sizeof *out, compare);
}

/* Documents a tile when `count` of them are cut evenly. */
static size_t even_limit(size_t count)
{
    size_t tiles = (count + TILE_DOCUMENTS - 1) / TILE_DOCUMENTS;
    return tiles == 0 ? 1 : (count + tiles - 1) / tiles;
}

/* The homes of a batch's tiles, whose sources are sorted by minor key. */
static void set_homes(const struct index_writer *writer, const struct batch *batch, size_t first,
                      size_t end, const struct tile_source *sources, struct home *homes)
{
    for (size_t i = first; i < end; i++) {
        *homes++ = (struct home){.minor_first = sources->minor, .column = batch->columns[i]};
        sources += writer->columns[batch->columns[i]].tile->document_count;
    }
}

/* Replaces homes [first, end) of a cell by those of a batch. Room must be there. */
static void replace_homes(struct cell *cell, uint32_t first, uint32_t end, const struct home *homes,
                          uint32_t count)
{
    memmove(&cell->homes[first + count], &cell->homes[end],
            (cell->home_count - end) * sizeof *homes);
    memcpy(&cell->homes[first], homes, count * sizeof *homes);
    cell->home_count = cell->home_count - (end - first) + count;
    if (cell->home_count > 0)
        cell->homes[0].minor_first = 0;
}

static bool reserve_homes(struct cell *cell, size_t more)
{
    struct home *homes =
        memory_try_resize(cell->homes, (cell->home_count + more + 1) * sizeof *homes);
    if (!homes)
        return false;
    cell->homes = homes;
    return true;
}

/* Re-lays homes [first, end) of a cell with the fresh documents that belong there. A cell without
 * homes: 0, 0. False without memory: only tombstones may have been copied. */
static bool relay_homes(struct index_writer *writer, size_t cell_index, uint32_t first,
                        uint32_t end)
{
    struct cell *cell = writer->cells[cell_index];
    struct stretch stretch = {
        .major_first = cell->major_first,
        .major_end = major_end_of(writer, cell_index),
        .minor_first = first > 0 ? cell->homes[first].minor_first : 0,
        .minor_end = end < cell->home_count ? cell->homes[end].minor_first : 0,
    };
    struct move move = {0};
    struct batch batch = {.writer = writer};
    struct home *homes = NULL;
    bool done =
        gather_homes(writer, cell, first, end, &move) && gather_fresh(writer, &stretch, &move);
    if (done) {
        struct tile_source *sorted = memory_try((move.count + 1) * sizeof *sorted);
        done = sorted != NULL;
        if (done) {
            copy_sorted(sorted, &move, compare_minor);
            done = batch_build(&batch, sorted, move.count, even_limit(move.count)) &&
                   reserve_homes(cell, batch.count) && column_reserve_retire(writer, end - first) &&
                   (homes = memory_try((batch.count + 1) * sizeof *homes)) != NULL;
        }
        if (done) {
            bury_fresh(writer, &move);
            for (uint32_t i = first; i < end; i++)
                column_retire(writer, cell->homes[i].column);
            batch_enter(&batch, sorted, COLUMN_HOME);
            set_homes(writer, &batch, 0, batch.count, sorted, homes);
            replace_homes(cell, first, end, homes, (uint32_t)batch.count);
            cell->pending = 0;
            drop_empty_fresh(writer);
        } else {
            batch_drop(&batch);
        }
        memory_free(sorted);
    }
    memory_free(homes);
    memory_free(move.sources);
    batch_release(&batch);
    return done;
}

/* Cells that take the place of others: made whole before anything changes. */
struct new_cells {
    struct cell **cells; /* owned until they are entered */
    size_t count;
};

static void new_cells_drop(struct new_cells *made)
{
    for (size_t i = 0; made->cells && i < made->count; i++)
        cell_free(made->cells[i]);
    memory_free(made->cells);
}

/* Cuts sources in major order into cells, each sorted by minor key, and builds their tiles. The
 * first begins where the old one did. */
static bool cut_cells(struct index_writer *writer, struct tile_source *sources, size_t count,
                      uint64_t major_first, struct batch *batch, struct new_cells *made)
{
    size_t cells = (count + writer->cell_documents - 1) / writer->cell_documents;
    cells = cells > 0 ? cells : 1;
    made->cells = memory_try_zeroed(cells, sizeof *made->cells);
    if (!made->cells)
        return false;
    for (size_t i = 0, at = 0; i < cells && (at < count || i == 0); i++) {
        size_t end = count * (i + 1) / cells;
        while (end > at && end < count && sources[end].major == sources[end - 1].major)
            end++; /* one place is in one cell */
        if (end <= at && count > 0)
            continue;
        struct cell *cell = cell_new(i == 0 ? major_first : sources[at].major);
        if (!cell)
            return false;
        made->cells[made->count++] = cell;
        qsort(sources + at, end - at, sizeof *sources, compare_minor);
        size_t first = batch->count;
        if (!batch_build(batch, sources + at, end - at, even_limit(end - at)) ||
            !reserve_homes(cell, batch->count - first))
            return false;
        set_homes(writer, batch, first, batch->count, sources + at, cell->homes);
        cell->home_count = (uint32_t)(batch->count - first);
        if (cell->home_count > 0)
            cell->homes[0].minor_first = 0;
        at = end;
    }
    return true;
}

static bool reserve_cells(struct index_writer *writer, size_t more)
{
    if (writer->cell_count + more <= writer->cell_capacity)
        return true;
    size_t capacity = (writer->cell_count + more) * 2;
    struct cell **cells = memory_try_resize(writer->cells, capacity * sizeof *cells);
    if (!cells)
        return false;
    writer->cells = cells;
    writer->cell_capacity = capacity;
    return true;
}

static void enter_cells(struct index_writer *writer, size_t first, size_t end,
                        struct new_cells *made)
{
    for (size_t i = first; i < end; i++) {
        for (uint32_t j = 0; j < writer->cells[i]->home_count; j++)
            column_retire(writer, writer->cells[i]->homes[j].column);
        cell_free(writer->cells[i]);
    }
    memmove(&writer->cells[first + made->count], &writer->cells[end],
            (writer->cell_count - end) * sizeof *writer->cells);
    memcpy(&writer->cells[first], made->cells, made->count * sizeof *made->cells);
    writer->cell_count = writer->cell_count - (end - first) + made->count;
    made->count = 0;
}

/* Re-lays whole cells [first, end) of one kind, cut anew. False without memory, as above. */
static bool relay_cells(struct index_writer *writer, size_t first, size_t end)
{
    struct stretch stretch = {.major_first = writer->cells[first]->major_first,
                              .major_end = major_end_of(writer, end - 1)};
    struct move move = {0};
    struct batch batch = {.writer = writer};
    struct new_cells made = {0};
    struct tile_source *sorted = NULL;
    size_t homes = 0;
    bool done = true;
    for (size_t i = first; i < end && done; i++) {
        homes += writer->cells[i]->home_count;
        done = gather_homes(writer, writer->cells[i], 0, writer->cells[i]->home_count, &move);
    }
    done = done && gather_fresh(writer, &stretch, &move) &&
           (sorted = memory_try((move.count + 1) * sizeof *sorted)) != NULL;
    if (done) {
        copy_sorted(sorted, &move, compare_major);
        done = cut_cells(writer, sorted, move.count, stretch.major_first, &batch, &made) &&
               reserve_cells(writer, made.count) && column_reserve_retire(writer, homes);
    }
    if (done) {
        bury_fresh(writer, &move);
        batch_enter(&batch, sorted, COLUMN_HOME);
        enter_cells(writer, first, end, &made);
        drop_empty_fresh(writer);
    } else {
        batch_drop(&batch);
    }
    new_cells_drop(&made);
    memory_free(sorted);
    memory_free(move.sources);
    batch_release(&batch);
    return done;
}

/* --- Which one -------------------------------------------------------------------------------- */

static size_t cell_live(const struct index_writer *writer, const struct cell *cell)
{
    size_t live = 0;
    for (uint32_t i = 0; i < cell->home_count; i++)
        live += writer->columns[cell->homes[i].column].live;
    return live;
}

/* The home that costs searches most. */
struct worst {
    size_t cell;
    uint32_t home;
    uint32_t weight; /* fresh documents that wait, or dead ones; 0: none */
};

/* Dead documents that are worth the work: many, or most of the tile. */
static uint32_t dead_weight(const struct column *column)
{
    uint32_t dead = column->tile->document_count - column->live;
    return dead > TILE_DOCUMENTS / 4 || dead > column->live ? dead : 0;
}

/* Without `merges` only dead documents count. */
static struct worst find_worst(const struct index_writer *writer, bool merges)
{
    struct worst worst = {0};
    for (size_t i = 0; i < writer->cell_count; i++) {
        const struct cell *cell = writer->cells[i];
        if (merges && cell->pending > worst.weight)
            worst = (struct worst){i, 0, cell->pending};
        for (uint32_t j = 0; j < cell->home_count; j++) {
            const struct column *column = &writer->columns[cell->homes[j].column];
            uint32_t weight = dead_weight(column) + (merges ? cell->homes[j].pending : 0);
            if (weight > worst.weight)
                worst = (struct worst){i, j, weight};
        }
    }
    return worst;
}

static bool is_joinable(const struct index_writer *writer, size_t cell)
{
    return cell + 1 < writer->cell_count &&
           order_kind(writer->cells[cell]->major_first) ==
               order_kind(writer->cells[cell + 1]->major_first) &&
           cell_live(writer, writer->cells[cell]) + cell_live(writer, writer->cells[cell + 1]) <
               writer->cell_documents;
}

/* A home with few documents takes its neighbour along. */
static bool relay_worst(struct index_writer *writer, const struct worst *worst)
{
    const struct cell *cell = writer->cells[worst->cell];
    size_t live = cell_live(writer, cell);
    if (live + worst->weight > 2 * writer->cell_documents)
        return relay_cells(writer, worst->cell, worst->cell + 1);
    if (is_joinable(writer, worst->cell))
        return relay_cells(writer, worst->cell, worst->cell + 2);
    uint32_t first = worst->home, end = cell->home_count > 0 ? worst->home + 1 : 0;
    if (cell->home_count > 1 &&
        writer->columns[cell->homes[worst->home].column].live < SPARSE_HOME_DOCUMENTS) {
        first = first > 0 ? first - 1 : first;
        end = first + 2;
    }
    return relay_homes(writer, worst->cell, first, end);
}

bool index_maintain(struct index_writer *writer, size_t patience)
{
    if (writer->incoming_count > 0)
        return false;
    choose_cell_documents(writer, writer->document_count);
    bool dropped = drop_empty_fresh(writer);
    struct worst worst = find_worst(writer, writer->fresh_count >= patience);
    return (worst.weight > 0 && relay_worst(writer, &worst)) || dropped;
}
