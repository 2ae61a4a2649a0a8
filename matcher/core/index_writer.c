/* The index writer's outside: records in and out, publication, garbage. See index_internal.h. */
#include "core/index_internal.h"

#include <assert.h>
#include <stdlib.h>

#include "base/memory.h"
#include "core/row.h"

#include "base/banned.h"

struct index_writer *index_writer_new(enum ranking ranking, const struct taxonomy *taxonomy,
                                      const struct lexicon *lexicon)
{
    struct index_writer *writer = memory_try_zeroed(1, sizeof *writer);
    if (!writer)
        return NULL;
    writer->ranking = ranking;
    writer->taxonomy = taxonomy;
    writer->least_cell_documents = writer->cell_documents = CELL_DOCUMENTS_LEAST;
    writer->lexicon = lexicon;
    writer->order = memory_try(sizeof *writer->order);
    if (writer->order)
        order_init(writer->order, ranking, taxonomy, lexicon);
    writer->builder = tile_builder_new(ranking, taxonomy, lexicon);
    for (int kind = 0; kind < TILE_KIND_COUNT; kind++)
        writer->small_fresh[kind] = writer->open_fresh[kind] = PLACE_NONE;
    if (writer->order && writer->builder && cells_init(writer))
        return writer;
    index_writer_free(writer);
    return NULL;
}

static void free_view(const struct index_view *view)
{
    if (!view)
        return;
    memory_free((void *)view->strips);
    memory_free((void *)view);
}

static void free_garbage_parts(struct index_garbage *garbage)
{
    for (size_t i = 0; i < garbage->blocks.count; i++)
        memory_free(garbage->blocks.items[i]);
    free_view(garbage->view);
    memory_free(garbage->blocks.items);
    memory_free(garbage->columns.items);
}

void index_writer_free(struct index_writer *writer)
{
    if (!writer)
        return;
    free_garbage_parts(&writer->waiting);
    for (size_t i = 0; i < writer->strip_count; i++) {
        for (size_t j = i * STRIP_TILES; j < (i + 1) * STRIP_TILES; j++) {
            memory_free(writer->columns[j].tile);
            memory_free(writer->columns[j].tombstones);
            memory_free(writer->columns[j].sources);
        }
        strip_free(writer->strips[i]);
        memory_free(writer->strip_views[i]);
    }
    free_view(writer->view);
    cells_release(writer);
    tile_builder_free(writer->builder);
    memory_free(writer->order);
    memory_free(writer->strips);
    memory_free(writer->strip_views);
    memory_free(writer->strip_is_changed);
    memory_free(writer->columns);
    memory_free(writer->free_columns.items);
    memory_free(writer->fresh.items);
    memory_free(writer->incoming);
    memory_free(writer);
}

/* --- Records ---------------------------------------------------------------------------------- */

static bool reserve_incoming(struct index_writer *writer, size_t more)
{
    if (writer->incoming_count + more <= writer->incoming_capacity)
        return true;
    size_t capacity = writer->incoming_capacity ? writer->incoming_capacity * 2 : 256;
    struct tile_source *incoming = memory_try_resize(writer->incoming, capacity * sizeof *incoming);
    if (!incoming)
        return false;
    writer->incoming = incoming;
    writer->incoming_capacity = capacity;
    return true;
}

bool index_insert(struct index_writer *writer, const struct entry *entry)
{
    struct tile_source sources[RECORD_SITE_LIMIT];
    size_t copies, count = order_sources(writer->order, entry, sources);
    struct index_place *places = entry_places(entry, &copies);
    if (!reserve_incoming(writer, count))
        return false;
    for (size_t i = 0; i < copies; i++)
        places[i] = (struct index_place){PLACE_NONE, 0};
    for (size_t i = 0; i < count; i++) {
        places[i] = (struct index_place){PLACE_INCOMING, (uint32_t)writer->incoming_count};
        writer->incoming[writer->incoming_count++] = sources[i];
    }
    writer->document_count += count;
    writer->is_changed = writer->is_changed || count > 0;
    return true;
}

bool index_insert_source(struct index_writer *writer, const struct tile_source *source)
{
    if (!reserve_incoming(writer, 1))
        return false;
    *source_place(source) = (struct index_place){PLACE_INCOMING, (uint32_t)writer->incoming_count};
    writer->incoming[writer->incoming_count++] = *source;
    writer->document_count++;
    writer->is_changed = true;
    return true;
}

static void drop_incoming(struct index_writer *writer, size_t at)
{
    struct tile_source *last = &writer->incoming[--writer->incoming_count];
    if (at == writer->incoming_count)
        return;
    writer->incoming[at] = *last;
    source_place(last)->document = (uint32_t)at;
}

bool index_prepare_remove(struct index_writer *writer, const struct entry *entry)
{
    size_t copies;
    struct index_place *places = entry_places(entry, &copies);
    for (size_t i = 0; i < copies; i++)
        if (places[i].column < PLACE_INCOMING && !column_own_tombstones(writer, places[i].column))
            return false;
    return true;
}

void index_remove(struct index_writer *writer, const struct entry *entry)
{
    size_t copies;
    struct index_place *places = entry_places(entry, &copies);
    for (size_t i = 0; i < copies; i++) {
        if (places[i].column == PLACE_NONE)
            continue;
        if (places[i].column == PLACE_INCOMING) {
            drop_incoming(writer, places[i].document);
        } else {
            uint32_t column = places[i].column;
            writer->fresh_count -= writer->columns[column].state == COLUMN_FRESH;
            column_bury(writer, column, places[i].document);
        }
        places[i] = (struct index_place){PLACE_NONE, 0};
        writer->document_count--;
        writer->is_changed = true;
    }
}

/* --- Fresh tiles ------------------------------------------------------------------------------ */

static int compare_sources(const void *a, const void *b)
{
    return order_compare(a, b);
}

/* The documents of one kind that go into the next fresh tiles: the incoming ones, those of the
 * small fresh tile, and if that is too many those of the open one. */
struct refresh {
    struct tile_source *sources; /* owned */
    size_t count;
    uint32_t replaced[2];
    size_t replaced_count;
};

static void refresh_take(const struct index_writer *writer, struct refresh *refresh,
                         uint32_t column)
{
    if (column == PLACE_NONE)
        return;
    refresh->count += column_sources(writer, column, refresh->sources + refresh->count);
    refresh->replaced[refresh->replaced_count++] = column;
}

static bool refresh_gather(const struct index_writer *writer, enum tile_kind kind,
                           struct refresh *refresh)
{
    size_t incoming = 0;
    *refresh = (struct refresh){0};
    for (size_t i = 0; i < writer->incoming_count; i++)
        incoming += writer->incoming[i].kind == kind;
    if (incoming == 0)
        return true;
    refresh->sources = memory_try((incoming + 2 * TILE_DOCUMENTS) * sizeof *refresh->sources);
    if (!refresh->sources)
        return false;
    for (size_t i = 0; i < writer->incoming_count; i++)
        if (writer->incoming[i].kind == kind)
            refresh->sources[refresh->count++] = writer->incoming[i];
    refresh_take(writer, refresh, writer->small_fresh[kind]);
    if (refresh->count > SMALL_FRESH_DOCUMENTS)
        refresh_take(writer, refresh, writer->open_fresh[kind]);
    qsort(refresh->sources, refresh->count, sizeof *refresh->sources, compare_sources);
    return true;
}

/* Each fresh tile keeps its sources, in document order: merging looks keys up in them. */
static bool keep_sources(struct batch *batch, const struct tile_source *sources)
{
    for (size_t i = 0; i < batch->count; i++) {
        struct column *column = &batch->writer->columns[batch->columns[i]];
        size_t count = column->tile->document_count;
        column->sources = memory_try(count * sizeof *sources);
        if (!column->sources) {
            for (size_t j = 0; j < i; j++)
                memory_free(batch->writer->columns[batch->columns[j]].sources);
            return false;
        }
        memcpy(column->sources, sources, count * sizeof *sources);
        sources += count;
    }
    return true;
}

/* All incoming documents of a kind into tiles; false without memory, and nothing happened. */
static bool refresh_kind(struct index_writer *writer, enum tile_kind kind)
{
    struct refresh refresh;
    struct batch batch = {.writer = writer};
    if (!refresh_gather(writer, kind, &refresh))
        return false;
    if (refresh.count == 0)
        return true;
    bool built = column_reserve_retire(writer, 2) &&
                 batch_build(&batch, refresh.sources, refresh.count, TILE_DOCUMENTS) &&
                 list32_reserve(&writer->fresh, batch.count) &&
                 keep_sources(&batch, refresh.sources);
    if (!built) {
        batch_drop(&batch);
    } else {
        bool is_small = refresh.count <= SMALL_FRESH_DOCUMENTS;
        for (size_t i = 0; i < refresh.replaced_count; i++) {
            writer->fresh_count -= writer->columns[refresh.replaced[i]].live;
            column_retire(writer, refresh.replaced[i]);
        }
        batch_enter(&batch, refresh.sources, COLUMN_FRESH);
        writer->fresh_count += refresh.count;
        uint32_t last = batch.columns[batch.count - 1];
        bool is_full = writer->columns[last].tile->document_count >= TILE_DOCUMENTS;
        *(is_small ? &writer->small_fresh[kind] : &writer->open_fresh[kind]) =
            is_full ? PLACE_NONE : last;
    }
    memory_free(refresh.sources);
    batch_release(&batch);
    return built;
}

/* Takes the incoming documents of a kind off the list: they stand in tiles now. */
static void incoming_clear(struct index_writer *writer, enum tile_kind kind)
{
    size_t kept = 0;
    for (size_t i = 0; i < writer->incoming_count; i++) {
        struct tile_source source = writer->incoming[i];
        if (source.kind == kind) {
            cells_count_fresh(writer, &source);
            continue;
        }
        source_place(&source)->document = (uint32_t)kept;
        writer->incoming[kept++] = source;
    }
    writer->incoming_count = kept;
}

static bool refresh_all(struct index_writer *writer)
{
    for (int kind = 0; kind < TILE_KIND_COUNT && writer->incoming_count > 0; kind++) {
        if (!refresh_kind(writer, (enum tile_kind)kind))
            return false;
        incoming_clear(writer, (enum tile_kind)kind);
    }
    return true;
}

/* --- Publication ------------------------------------------------------------------------------ */

static struct strip_view *strip_view_new(struct index_writer *writer, size_t strip)
{
    struct strip_view *view = memory_try_zeroed(1, sizeof *view);
    if (!view)
        return NULL;
    view->strip = writer->strips[strip];
    for (size_t i = 0; i < STRIP_TILES; i++) {
        const struct column *column = &writer->columns[strip * STRIP_TILES + i];
        if ((column->state != COLUMN_HOME && column->state != COLUMN_FRESH) || column->live == 0)
            continue;
        view->live |= UINT64_C(1) << i;
        view->of_kind[column->tile->kind] |= UINT64_C(1) << i;
        view->tiles[i] = column->tile;
        view->tombstones[i] = column->tombstones;
    }
    return view;
}

/* A view of the writer's state; its new strip views are listed in `made`. */
struct edition {
    struct index_view *view;
    struct strip_view **strips;
    size_t made_count;
    struct index_garbage *garbage;
};

static void edition_drop(struct index_writer *writer, struct edition *edition)
{
    for (size_t i = 0; edition->strips && i < writer->strip_count; i++)
        if (writer->strip_is_changed[i])
            memory_free(edition->strips[i]);
    memory_free(edition->strips);
    memory_free(edition->view);
    memory_free(edition->garbage);
}

static bool edition_make(struct index_writer *writer, struct edition *edition)
{
    size_t changed = 0;
    *edition = (struct edition){0};
    edition->view = memory_try_zeroed(1, sizeof *edition->view);
    edition->strips = memory_try_zeroed(writer->strip_count + 1, sizeof *edition->strips);
    edition->garbage = memory_try_zeroed(1, sizeof *edition->garbage);
    if (!edition->view || !edition->strips || !edition->garbage)
        return false;
    *edition->view =
        (struct index_view){.ranking = writer->ranking,
                            .lexicon = writer->lexicon,
                            .strip_count = writer->strip_count,
                            .document_count = writer->document_count - writer->incoming_count,
                            .strips = (const struct strip_view *const *)edition->strips};
    for (size_t i = 0; i < writer->strip_count; i++) {
        edition->strips[i] =
            writer->strip_is_changed[i] ? strip_view_new(writer, i) : writer->strip_views[i];
        if (!edition->strips[i])
            return false;
        changed += writer->strip_is_changed[i];
        edition->view->tile_count += (size_t)__builtin_popcountll(edition->strips[i]->live);
    }
    return list_pointers_reserve(&writer->waiting.blocks, changed);
}

static void edition_enter(struct index_writer *writer, struct edition *edition)
{
    for (size_t i = 0; i < writer->strip_count; i++) {
        if (!writer->strip_is_changed[i])
            continue;
        if (writer->strip_views[i])
            writer->waiting.blocks.items[writer->waiting.blocks.count++] = writer->strip_views[i];
        writer->strip_views[i] = edition->strips[i];
        writer->strip_is_changed[i] = false;
        for (size_t j = i * STRIP_TILES; j < (i + 1) * STRIP_TILES; j++)
            writer->columns[j].tombstones_are_shared = true;
    }
    *edition->garbage = writer->waiting;
    edition->garbage->view = writer->view;
    writer->waiting = (struct index_garbage){0};
    writer->view = edition->view;
    writer->is_changed = false;
}

bool index_publish(struct index_writer *writer, const struct index_view **view,
                   struct index_garbage **garbage)
{
    struct edition edition;
    *garbage = NULL;
    if (writer->is_changed || !writer->view) {
        if (!refresh_all(writer))
            return false;
        if (!edition_make(writer, &edition)) {
            edition_drop(writer, &edition);
            return false;
        }
        edition_enter(writer, &edition);
        *garbage = edition.garbage;
    }
    *view = writer->view;
    return true;
}

void index_garbage_free(struct index_writer *writer, struct index_garbage *garbage)
{
    if (!garbage)
        return;
    for (size_t i = 0; i < garbage->columns.count; i++) {
        uint32_t index = garbage->columns.items[i];
        struct column *column = &writer->columns[index];
        strip_empty(writer->strips[index / STRIP_TILES], index % STRIP_TILES);
        memory_free(column->tile);
        *column = (struct column){0};
        writer->free_columns.items[writer->free_columns.count++] = index;
    }
    free_garbage_parts(garbage);
    memory_free(garbage);
}

void index_stats(const struct index_writer *writer, struct index_stats *out)
{
    *out = (struct index_stats){
        .documents = writer->document_count,
        .strips = writer->strip_count,
        .fresh_tiles = writer->fresh.count,
        .fresh_documents = writer->fresh_count,
        .tombstones = writer->tombstone_count,
        .tile_bytes = writer->tile_bytes,
        .strip_bytes = writer->strip_count *
                       (sizeof(struct strip) + row_count(writer->taxonomy) * STRIP_TILES * 3),
        .tiles_built = writer->tiles_built,
        .cells = writer->cell_count,
        .tiles = writer->view ? writer->view->tile_count : 0,
    };
}
