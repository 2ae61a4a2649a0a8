/* The lists of a tile: postings in document order become one list a row. See tile.h for their
 * forms.
 *
 *   (row, document, code) --counted by row--> in row order --heads, forms, places--> bytes
 */
#include "core/code.h"
#include "core/row.h"
#include "core/tile_builder.h"

#include "base/banned.h"

enum {
    /* A list becomes dense where its blocks have this many postings each on the average: below, the
     * scan of the postings is cheaper, and they take less memory. */
    DENSE_FROM = 6,
    LIST_AREA_LIMIT = UINT16_MAX * LIST_ALIGNMENT,
};

/* See strip.h: the matrix byte of a held skill. */
static uint8_t held_bound(unsigned max_level, bool some_unstated)
{
    if (!some_unstated)
        return (uint8_t)max_level;
    return max_level <= 1 ? 9 : max_level >= 7 ? 15 : (uint8_t)(max_level + 8);
}

/* What the posting adds at most for each class of held level, in 1/255 of the document's sum. */
static void raise_asked_bounds(struct list_head *head, uint8_t code, unsigned sum)
{
    unsigned importance = code / ASKED_LEVEL_CLASSES + 1u;
    unsigned asked = code % ASKED_LEVEL_CLASSES + 1u;
    for (unsigned held = 1; held <= ASKED_LEVEL_CLASSES; held++) {
        /* The last class of held levels goes up to 8, that of asked ones begins at 6: met. */
        unsigned part = held < asked ? held : asked;
        unsigned bound = (importance * part * 255 + asked * sum - 1) / (asked * sum);
        if (bound > head->bounds[held - 1])
            head->bounds[held - 1] = (uint8_t)bound;
    }
}

static void head_of(const struct tile_builder *builder, struct row_work *work)
{
    unsigned max_level = 0;
    bool some_unstated = false;
    work->head = (struct list_head){.posting_count = (uint16_t)work->count};
    work->codes = 0;
    for (uint32_t i = work->first; i < work->first + work->count; i++) {
        unsigned document = builder->sorted[i] >> CODE_BITS;
        uint8_t code = builder->sorted[i] & (CODE_COUNT - 1);
        work->head.block_mask |= (uint16_t)(1u << document / BLOCK_DOCUMENTS);
        work->codes |= UINT32_C(1) << code;
        if (builder->ranking == RANK_VACANCIES) {
            const struct group *group = &builder->groups[document / GROUP_DOCUMENTS];
            raise_asked_bounds(&work->head, code, group->first.size[document % GROUP_DOCUMENTS]);
        } else {
            max_level = code > max_level ? code : max_level;
            some_unstated = some_unstated || code == 0;
        }
    }
    if (builder->ranking == RANK_APPLICANTS)
        work->head.bounds[0] = held_bound(max_level, some_unstated);
}

/* Sorts postings by row, stable, so by document within a row; false when a row has more postings
 * than a head can count (one document with two names of a shared row counts twice). */
static bool sort_postings(struct tile_builder *builder)
{
    uint32_t first = 0;
    bool countable = true;
    builder->work_count = 0;
    for (size_t word = 0; word <= (builder->row_count - 1) / 64; word++) {
        for (uint64_t bits = builder->used[word]; bits; bits &= bits - 1) {
            uint32_t row = (uint32_t)(word * 64) + (uint32_t)__builtin_ctzll(bits);
            uint32_t count = builder->counts[row];
            builder->work[builder->work_count++] =
                (struct row_work){.row = row, .first = first, .count = count};
            builder->places[row] = first;
            builder->counts[row] = 0;
            first += count;
            countable = countable && count <= UINT16_MAX;
        }
        builder->used[word] = 0;
    }
    for (size_t i = 0; i < builder->posting_count; i++) {
        const struct posting *posting = &builder->postings[i];
        builder->sorted[builder->places[posting->row]++] =
            (uint16_t)(posting->document << CODE_BITS | posting->code);
    }
    return countable;
}

static_assert(sizeof(struct tile) % DENSE_BLOCK_BYTES == 0, "lists begin at a cache line");

/* The first multiple of `unit` that is not below `at`. */
static size_t next_multiple(size_t at, size_t unit)
{
    return (at + unit - 1) / unit * unit;
}

/* Decides every list's form and place; false when they do not fit. */
static bool place_lists(struct tile_builder *builder, unsigned dense_from, size_t *list_bytes)
{
    size_t at = LIST_ALIGNMENT;
    for (size_t i = 0; i < builder->work_count; i++) {
        struct row_work *work = &builder->work[i];
        unsigned blocks = (unsigned)__builtin_popcount(work->head.block_mask);
        size_t head_bytes = list_head_bytes(builder->ranking);
        bool is_dense =
            work->count >= dense_from * blocks && !row_is_shared(builder->taxonomy, work->row);
        work->head.form = is_dense ? LIST_DENSE : LIST_SPARSE;
        if (is_dense) {
            head_bytes += builder->ranking == RANK_VACANCIES ? DENSE_CODES : 0;
            at = next_multiple(at + head_bytes, DENSE_BLOCK_BYTES) - head_bytes;
            at = at / LIST_ALIGNMENT * LIST_ALIGNMENT; /* right before its blocks */
        }
        work->offset = (uint32_t)at;
        if (at > LIST_AREA_LIMIT)
            return false;
        if (is_dense) {
            at = next_multiple(at + head_bytes, DENSE_BLOCK_BYTES) +
                 (size_t)blocks * DENSE_BLOCK_BYTES;
        } else {
            at += head_bytes + (blocks + work->count) * sizeof(uint16_t);
            at = next_multiple(at, LIST_ALIGNMENT);
        }
    }
    *list_bytes = at;
    return true;
}

bool tile_lists_plan(struct tile_builder *builder, size_t *list_bytes)
{
    if (!sort_postings(builder))
        return false;
    for (size_t i = 0; i < builder->work_count; i++)
        head_of(builder, &builder->work[i]);
    /* Dense lists where they pay, fewer where they would not fit. */
    for (unsigned from = DENSE_FROM; from <= DENSE_BLOCK_BYTES; from *= 2)
        if (place_lists(builder, from, list_bytes))
            return true;
    return false;
}

static void write_sparse(const struct tile_builder *builder, const struct row_work *work,
                         uint8_t *out)
{
    unsigned blocks = (unsigned)__builtin_popcount(work->head.block_mask);
    const uint16_t *postings = &builder->sorted[work->first];
    uint8_t *ends = out;
    memcpy(out + blocks * sizeof(uint16_t), postings, work->count * sizeof(uint16_t));
    for (uint32_t i = 0; i < work->count; i++) {
        unsigned block = postings[i] / (BLOCK_DOCUMENTS << CODE_BITS);
        if (i + 1 < work->count && postings[i + 1] / (BLOCK_DOCUMENTS << CODE_BITS) == block)
            continue;
        uint16_t end = (uint16_t)(i + 1);
        memcpy(ends, &end, sizeof end);
        ends += sizeof end;
    }
}

/* What four bits say of each code. Asked skills: meanings[] are the codes; where they are too many,
 * of two neighbouring classes of least levels the lower one stands for both, which earns no less.
 */
static void choose_dense_codes(const struct tile_builder *builder, const struct row_work *work,
                               uint8_t dense_of[CODE_COUNT], uint8_t meanings[DENSE_CODES])
{
    bool is_exact = __builtin_popcount(work->codes) < DENSE_CODES;
    uint8_t count = 0;
    memset(dense_of, DENSE_ABSENT, CODE_COUNT);
    memset(meanings, CODE_ABSENT, DENSE_CODES);
    for (uint8_t code = 0; code < CODE_ABSENT; code++) {
        uint8_t meaning = is_exact ? code : code - code % ASKED_LEVEL_CLASSES % 2;
        if (builder->ranking == RANK_APPLICANTS) {
            dense_of[code] = code;
        } else if (work->codes >> code & 1) {
            if (dense_of[meaning] == DENSE_ABSENT) {
                dense_of[meaning] = count;
                meanings[count++] = meaning;
            }
            dense_of[code] = dense_of[meaning];
        }
    }
}

static void write_dense(const struct tile_builder *builder, const struct row_work *work,
                        const uint8_t dense_of[CODE_COUNT], uint8_t *out)
{
    unsigned blocks = (unsigned)__builtin_popcount(work->head.block_mask);
    memset(out, DENSE_ABSENT << 4 | DENSE_ABSENT, (size_t)blocks * DENSE_BLOCK_BYTES);
    for (uint32_t i = work->first; i < work->first + work->count; i++) {
        unsigned document = builder->sorted[i] >> CODE_BITS;
        unsigned before = work->head.block_mask & ((1u << document / BLOCK_DOCUMENTS) - 1);
        unsigned word = document % 32, nibble = document % BLOCK_DOCUMENTS / 32;
        uint8_t *byte =
            out + (size_t)__builtin_popcount(before) * DENSE_BLOCK_BYTES + 2 * word + nibble / 2;
        unsigned shift = nibble % 2 * 4;
        *byte = (uint8_t)((*byte & ~(DENSE_ABSENT << shift)) |
                          dense_of[builder->sorted[i] & (CODE_COUNT - 1)] << shift);
    }
}

void tile_lists_write(struct tile_builder *builder, uint8_t *lists)
{
    size_t head_bytes = list_head_bytes(builder->ranking);
    for (size_t i = 0; i < builder->work_count; i++) {
        const struct row_work *work = &builder->work[i];
        uint8_t *out = lists + work->offset, *body = out + head_bytes;
        memcpy(out, &work->head, head_bytes);
        if (work->head.form == LIST_SPARSE) {
            write_sparse(builder, work, body);
        } else {
            uint8_t dense_of[CODE_COUNT], meanings[DENSE_CODES];
            choose_dense_codes(builder, work, dense_of, meanings);
            if (builder->ranking == RANK_VACANCIES)
                memcpy(body, meanings, sizeof meanings);
            write_dense(builder, work, dense_of, (uint8_t *)dense_blocks(builder->ranking, body));
        }
        /* A full holder of the skill gets bounds[5]: importance / sum. */
        builder->rows[i] = (struct tile_row){
            .row = work->row,
            .offset = (uint16_t)(work->offset / LIST_ALIGNMENT),
            .bound =
                work->head.bounds[builder->ranking == RANK_VACANCIES ? ASKED_LEVEL_CLASSES - 1 : 0],
        };
    }
}
