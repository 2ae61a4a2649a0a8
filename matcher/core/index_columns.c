/* Columns: where tiles stand, their tombstones, and building several at once. Part of the index
 * writer. */
#include "core/index_internal.h"

#include <assert.h>

#include "base/memory.h"
#include "core/row.h"

#include "base/banned.h"

bool list32_reserve(struct list32 *list, size_t more)
{
    if (list->count + more <= list->capacity)
        return true;
    size_t capacity = list->capacity ? list->capacity * 2 : 64;
    while (capacity < list->count + more)
        capacity *= 2;
    uint32_t *items = memory_try_resize(list->items, capacity * sizeof *items);
    if (!items)
        return false;
    list->items = items;
    list->capacity = capacity;
    return true;
}

bool list_pointers_reserve(struct list_pointers *list, size_t more)
{
    if (list->count + more <= list->capacity)
        return true;
    size_t capacity = list->capacity ? list->capacity * 2 : 64;
    while (capacity < list->count + more)
        capacity *= 2;
    void **items = memory_try_resize(list->items, capacity * sizeof *items);
    if (!items)
        return false;
    list->items = items;
    list->capacity = capacity;
    return true;
}

/* --- Room ----------------------------------------------------------------------------------------
 */

/* Longer arrays; what they held stays. False leaves the old ones, of which some may be longer. */
static bool grow_arrays(struct index_writer *writer)
{
    size_t capacity = writer->strip_capacity ? writer->strip_capacity * 2 : 4;
    struct strip **strips = memory_try_resize(writer->strips, capacity * sizeof *strips);
    if (!strips)
        return false;
    writer->strips = strips;
    struct strip_view **views = memory_try_resize(writer->strip_views, capacity * sizeof *views);
    if (!views)
        return false;
    writer->strip_views = views;
    bool *changed = memory_try_resize(writer->strip_is_changed, capacity * sizeof *changed);
    if (!changed)
        return false;
    writer->strip_is_changed = changed;
    struct column *columns =
        memory_try_resize(writer->columns, capacity * STRIP_TILES * sizeof *columns);
    if (!columns)
        return false;
    writer->columns = columns;
    writer->strip_capacity = capacity;
    return true;
}

bool columns_grow(struct index_writer *writer)
{
    if (writer->strip_count == writer->strip_capacity && !grow_arrays(writer))
        return false;
    if (!list32_reserve(&writer->free_columns, (writer->strip_count + 1) * STRIP_TILES))
        return false;
    struct strip *strip = strip_new(row_count(writer->taxonomy));
    if (!strip)
        return false;
    size_t first = writer->strip_count * STRIP_TILES;
    writer->strips[writer->strip_count] = strip;
    writer->strip_views[writer->strip_count] = NULL;
    writer->strip_is_changed[writer->strip_count] = true;
    memset(&writer->columns[first], 0, STRIP_TILES * sizeof writer->columns[0]);
    for (size_t i = STRIP_TILES; i > 0; i--) /* a stack: the lowest is taken first */
        writer->free_columns.items[writer->free_columns.count++] = (uint32_t)(first + i - 1);
    writer->strip_count++;
    writer->is_changed = true;
    return true;
}

static uint32_t take_column(struct index_writer *writer)
{
    if (writer->free_columns.count == 0 && !columns_grow(writer))
        return PLACE_NONE;
    return writer->free_columns.items[--writer->free_columns.count];
}

static struct strip *strip_of(const struct index_writer *writer, uint32_t column)
{
    return writer->strips[column / STRIP_TILES];
}

/* --- Building several tiles ------------------------------------------------------------------- */

static bool reserve_in_batch(struct batch *batch)
{
    if (batch->count < batch->capacity)
        return true;
    size_t capacity = batch->capacity ? batch->capacity * 2 : 8;
    uint32_t *columns = memory_try_resize(batch->columns, capacity * sizeof *columns);
    if (!columns)
        return false;
    batch->columns = columns;
    batch->capacity = capacity;
    return true;
}

/* One tile, or two of half the size where its lists are too long. */
static bool build_one(struct batch *batch, const struct tile_source *sources, size_t count)
{
    struct index_writer *writer = batch->writer;
    struct tile *tile;
    struct tile_entries entries;
    if (!reserve_in_batch(batch))
        return false;
    enum tile_outcome outcome = tile_build(writer->builder, sources, count, &tile, &entries);
    if (outcome == TILE_TOO_LARGE)
        return build_one(batch, sources, count / 2) &&
               build_one(batch, sources + count / 2, count - count / 2);
    if (outcome == TILE_NO_MEMORY)
        return false;
    uint32_t column = take_column(writer);
    if (column == PLACE_NONE) {
        memory_free(tile);
        return false;
    }
    strip_fill(strip_of(writer, column), column % STRIP_TILES, tile, &entries);
    writer->columns[column] = (struct column){.tile = tile, .live = (uint32_t)count};
    batch->columns[batch->count++] = column;
    return true;
}

bool batch_build(struct batch *batch, const struct tile_source *sources, size_t count, size_t limit)
{
    for (size_t at = 0; at < count; at += limit)
        if (!build_one(batch, sources + at, count - at < limit ? count - at : limit))
            return false;
    return true;
}

void batch_drop(struct batch *batch)
{
    struct index_writer *writer = batch->writer;
    for (size_t i = 0; i < batch->count; i++) {
        uint32_t column = batch->columns[i];
        strip_empty(strip_of(writer, column), column % STRIP_TILES);
        memory_free(writer->columns[column].tile);
        writer->columns[column] = (struct column){0};
        writer->free_columns.items[writer->free_columns.count++] = column;
    }
    batch->count = 0;
}

void batch_enter(struct batch *batch, const struct tile_source *sources, enum column_state state)
{
    struct index_writer *writer = batch->writer;
    for (size_t i = 0; i < batch->count; i++) {
        uint32_t index = batch->columns[i];
        struct column *column = &writer->columns[index];
        column->state = (uint8_t)state;
        for (uint32_t document = 0; document < column->tile->document_count; document++) {
            const struct tile_source *source = sources++;
            if (document + 8 < column->tile->document_count)
                __builtin_prefetch(source[8].entry);
            *source_place(source) = (struct index_place){index, document};
        }
        writer->strip_is_changed[index / STRIP_TILES] = true;
        writer->tile_bytes += column->tile->bytes;
        writer->tiles_built++;
        if (state == COLUMN_FRESH)
            writer->fresh.items[writer->fresh.count++] = index;
    }
    writer->is_changed = true;
}

void batch_release(struct batch *batch)
{
    memory_free(batch->columns);
}

/* --- Retiring and tombstones ------------------------------------------------------------------ */

bool column_reserve_retire(struct index_writer *writer, size_t count)
{
    return list32_reserve(&writer->waiting.columns, count) &&
           list_pointers_reserve(&writer->waiting.blocks, count);
}

static void forget_fresh(struct index_writer *writer, uint32_t column)
{
    struct list32 *fresh = &writer->fresh;
    size_t at = 0;
    while (fresh->items[at] != column)
        at++;
    fresh->items[at] = fresh->items[--fresh->count];
    for (int kind = 0; kind < TILE_KIND_COUNT; kind++) {
        if (writer->small_fresh[kind] == column)
            writer->small_fresh[kind] = PLACE_NONE;
        if (writer->open_fresh[kind] == column)
            writer->open_fresh[kind] = PLACE_NONE;
    }
}

void column_retire(struct index_writer *writer, uint32_t index)
{
    struct column *column = &writer->columns[index];
    if (column->state == COLUMN_FRESH)
        forget_fresh(writer, index);
    if (column->tombstones)
        writer->waiting.blocks.items[writer->waiting.blocks.count++] = column->tombstones;
    memory_free(column->sources);
    column->sources = NULL;
    column->tombstones = NULL;
    writer->tombstone_count -= column->tile->document_count - column->live;
    writer->tile_bytes -= column->tile->bytes;
    column->state = COLUMN_RETIRED;
    writer->waiting.columns.items[writer->waiting.columns.count++] = index;
    writer->strip_is_changed[index / STRIP_TILES] = true;
    writer->is_changed = true;
}

bool column_is_live(const struct column *column, size_t document)
{
    return !column->tombstones || !(column->tombstones[document / 64] >> document % 64 & 1);
}

bool column_own_tombstones(struct index_writer *writer, uint32_t index)
{
    struct column *column = &writer->columns[index];
    if (column->tombstones && !column->tombstones_are_shared)
        return true;
    if (!list_pointers_reserve(&writer->waiting.blocks, 1))
        return false;
    uint64_t *copy = memory_try_zeroed(TOMBSTONE_WORDS, sizeof *copy);
    if (!copy)
        return false;
    if (column->tombstones) {
        memcpy(copy, column->tombstones, TOMBSTONE_WORDS * sizeof *copy);
        writer->waiting.blocks.items[writer->waiting.blocks.count++] = column->tombstones;
    }
    column->tombstones = copy;
    column->tombstones_are_shared = false;
    writer->strip_is_changed[index / STRIP_TILES] = true;
    writer->is_changed = true;
    return true;
}

void column_bury(struct index_writer *writer, uint32_t index, size_t document)
{
    struct column *column = &writer->columns[index];
    assert(column->tombstones && !column->tombstones_are_shared);
    assert(column_is_live(column, document));
    column->tombstones[document / 64] |= UINT64_C(1) << document % 64;
    column->live--;
    writer->tombstone_count++;
}

/* A record has several sources where it has several workplaces; this column holds one of them. */
static struct tile_source source_at(const struct index_writer *writer, const struct entry *entry,
                                    uint32_t column, uint32_t document)
{
    struct tile_source sources[RECORD_SITE_LIMIT];
    size_t copies, count = order_sources(writer->order, entry, sources);
    const struct index_place *places = entry_places(entry, &copies);
    size_t at = 0;
    while (at < count && (places[at].column != column || places[at].document != document))
        at++;
    assert(at < count);
    return sources[at];
}

/* A dead document's entry may be gone; asking for its memory is harmless. */
static void entry_prefetch_live(const struct column *column, uint32_t document)
{
    if (!column->sources)
        entry_prefetch(tile_refs(column->tile)[document]);
}

size_t column_sources(const struct index_writer *writer, uint32_t index, struct tile_source *out)
{
    const struct column *column = &writer->columns[index];
    size_t count = 0;
    for (uint32_t i = 0; i < column->tile->document_count; i++) {
        if (i + 8u < column->tile->document_count)
            entry_prefetch_live(column, i + 8u);
        if (!column_is_live(column, i))
            continue;
        out[count++] = column->sources ? column->sources[i]
                                       : source_at(writer, tile_refs(column->tile)[i], index, i);
    }
    return count;
}
