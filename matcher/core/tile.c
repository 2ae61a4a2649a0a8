/* Is a tile what tile.h says? For tests and debug builds. */
#include "core/tile.h"

#include "base/banned.h"

/* A list, read as bytes. */
struct list_view {
    const uint8_t *body; /* behind the head */
    unsigned block_mask, posting_count, form, blocks;
};

static unsigned half_at(const uint8_t *bytes, size_t index)
{
    uint16_t value;
    memcpy(&value, bytes + index * sizeof value, sizeof value);
    return value;
}

static bool unsound(struct error *error, const char *what, uint32_t row)
{
    return error_set(error, ERROR_INTERNAL, "tile: %s of row %u", what, row);
}

/* --- The head -------------------------------------------------------------------------------- */

/* The parts follow one another, each at a multiple of 64. */
static bool parts_are_sound(const struct tile *tile)
{
    size_t count = tile->document_count;
    size_t groups = (count + GROUP_DOCUMENTS - 1) / GROUP_DOCUMENTS;
    size_t sizes =
        tile->ranking == RANK_VACANCIES ? (size_t)tile->block_count * BLOCK_DOCUMENTS : 0;
    bool aligned = ((tile->groups_at | tile->sizes_at | tile->more_at | tile->refs_at |
                     tile->filters_at | tile->bytes) &
                    63) == 0;
    return aligned && tile->groups_at >= sizeof *tile &&
           tile->sizes_at >= tile->groups_at + groups * sizeof(struct tile_group) &&
           tile->more_at >= tile->sizes_at + sizes &&
           tile->refs_at >= tile->more_at + groups * sizeof(struct tile_group_more) &&
           tile->filters_at >= tile->refs_at + count * sizeof(struct entry *) &&
           tile->bytes >= tile->filters_at + tile->block_count * sizeof(struct tile_filters);
}

static bool head_is_sound(const struct tile *tile)
{
    unsigned blocks = (tile->document_count + BLOCK_DOCUMENTS - 1u) / BLOCK_DOCUMENTS;
    unsigned mask = (1u << blocks) - 1;
    return tile->document_count >= 1 && tile->document_count <= TILE_DOCUMENTS &&
           tile->block_count == blocks && tile->kind < TILE_KIND_COUNT &&
           (tile->ranking == RANK_VACANCIES || tile->ranking == RANK_APPLICANTS) &&
           (tile->pay_unknown & ~mask) == 0 && (tile->occupation_open & ~mask) == 0;
}

/* --- Lists ----------------------------------------------------------------------------------- */

static const uint8_t *lists_end(const struct tile *tile)
{
    return (const uint8_t *)tile + tile->groups_at;
}

static bool sparse_is_sound(const struct tile *tile, const struct list_view *list)
{
    const uint8_t *postings = list->body + list->blocks * sizeof(uint16_t);
    unsigned at = 0, left = list->block_mask, codes = tile->ranking == RANK_VACANCIES ? 30 : 9;
    if (postings + list->posting_count * sizeof(uint16_t) > lists_end(tile))
        return false;
    for (unsigned i = 0, last = 0; i < list->blocks; i++, left &= left - 1) {
        unsigned end = half_at(list->body, i), block = (unsigned)__builtin_ctz(left);
        if (end <= at || end > list->posting_count)
            return false;
        for (; at < end; at++) {
            unsigned posting = half_at(postings, at), document = posting >> CODE_BITS;
            if (document / BLOCK_DOCUMENTS != block || document < last ||
                document >= tile->document_count || (posting & (CODE_COUNT - 1)) >= codes)
                return false;
            last = document;
        }
    }
    return at == list->posting_count;
}

/* A document's four bits in a dense block. */
static unsigned dense_code(const uint8_t *block, size_t document)
{
    size_t word = document % 32, nibble = document / 32;
    return block[2 * word + nibble / 2] >> (nibble % 2 * 4) & DENSE_ABSENT;
}

static bool dense_is_sound(const struct tile *tile, const struct list_view *list)
{
    unsigned found = 0, left = list->block_mask, codes = tile->ranking == RANK_VACANCIES ? 30 : 9;
    const uint8_t *meanings = tile->ranking == RANK_VACANCIES ? list->body : NULL;
    const uint8_t *blocks = dense_blocks((enum ranking)tile->ranking, list->body);
    if (blocks + (size_t)list->blocks * DENSE_BLOCK_BYTES > lists_end(tile) ||
        (meanings && meanings[DENSE_ABSENT] != CODE_ABSENT))
        return false;
    for (unsigned i = 0; i < list->blocks; i++, left &= left - 1) {
        const uint8_t *block = blocks + (size_t)i * DENSE_BLOCK_BYTES;
        unsigned first = (unsigned)__builtin_ctz(left) * BLOCK_DOCUMENTS, here = 0;
        for (unsigned j = 0; j < BLOCK_DOCUMENTS; j++) {
            unsigned code = dense_code(block, j);
            if (code == DENSE_ABSENT)
                continue;
            if ((meanings ? meanings[code] : code) >= codes || first + j >= tile->document_count)
                return false;
            here++;
        }
        if (here == 0)
            return false;
        found += here;
    }
    return found == list->posting_count;
}

static bool list_is_sound(const struct tile *tile, const struct tile_row *row, struct error *error)
{
    size_t head_bytes = list_head_bytes((enum ranking)tile->ranking);
    const uint8_t *head = tile_lists(tile) + (size_t)row->offset * LIST_ALIGNMENT;
    if (row->offset == 0 || head + head_bytes > lists_end(tile))
        return unsound(error, "offset", row->row);
    const struct list_view list = {
        .body = head + head_bytes,
        .block_mask = half_at(head, 0),
        .posting_count = half_at(head, 1),
        .form = head[4],
        .blocks = (unsigned)__builtin_popcount(half_at(head, 0)),
    };
    if (list.block_mask == 0 || list.block_mask >> tile->block_count != 0)
        return unsound(error, "block mask", row->row);
    bool sound = list.form == LIST_SPARSE  ? sparse_is_sound(tile, &list)
                 : list.form == LIST_DENSE ? dense_is_sound(tile, &list)
                                           : false;
    if (!sound)
        return unsound(error, "list", row->row);
    uint8_t bound = head[5 + (tile->ranking == RANK_VACANCIES ? ASKED_LEVEL_CLASSES - 1 : 0)];
    if (row->bound == 0 || row->bound != bound)
        return unsound(error, "bound", row->row);
    return true;
}

bool tile_validate(const struct tile *tile, const struct tile_row *rows, size_t row_count,
                   struct error *error)
{
    if (!head_is_sound(tile) || !parts_are_sound(tile))
        return error_set(error, ERROR_INTERNAL, "tile: head of %u documents",
                         (unsigned)tile->document_count);
    if (row_count != tile->list_count)
        return error_set(error, ERROR_INTERNAL, "tile: %zu rows for %u lists", row_count,
                         tile->list_count);
    for (size_t i = 0; i < row_count; i++) {
        bool follows =
            i == 0 || (rows[i].row > rows[i - 1].row && rows[i].offset > rows[i - 1].offset);
        if (!follows)
            return unsound(error, "order", rows[i].row);
        if (!list_is_sound(tile, &rows[i], error))
            return false;
    }
    for (size_t i = 0; i < tile->document_count; i++)
        if (!tile_refs(tile)[i])
            return error_set(error, ERROR_INTERNAL, "tile: no record of document %zu", i);
    return true;
}
