/* Building a tile: see tile.h for what comes out.
 *
 *   sources --read once--> columns (into the block of memory)
 *                      +-> postings in document order: (row, document, code)
 *   postings --counted by row--> lists in row order, each posting copied to its place
 *
 * The scratch memory has one counter a row, which is 0 between builds; rows that occur are kept in
 * a bitmap, so that a build costs what its postings cost and not what the taxonomy costs.
 */
#include "core/tile_build.h"

#include <assert.h>
#include <math.h>

#include "base/memory.h"
#include "core/code.h"
#include "core/pay.h"
#include "core/row.h"

#include "base/banned.h"

enum {
    POSTING_LIMIT = TILE_DOCUMENTS * RECORD_SKILL_LIMIT,
    /* A list becomes dense where its blocks have this many postings each on the average: below, the
     * scan of the postings is cheaper, and they take less memory. */
    DENSE_FROM = 6,
    ENTRIES_AHEAD = 8, /* prefetched */
    LIST_AREA_LIMIT = UINT16_MAX * LIST_ALIGNMENT,
};

struct posting {
    uint32_t row;
    uint16_t document;
    uint8_t code;
};

struct row_work {
    uint32_t row;
    uint32_t first; /* of its postings in `sorted` */
    uint32_t count;
    uint32_t offset; /* bytes, in the list area */
    uint32_t dense;  /* bytes, in the dense area; UINT32_MAX for a sparse list */
    struct list_head head;
};

struct tile_builder {
    enum ranking ranking;
    const struct taxonomy *taxonomy;
    size_t row_count;
    uint32_t *counts; /* by row; all 0 between builds */
    uint32_t *places; /* by row: where the next posting goes */
    uint64_t *used;   /* bitmap of rows; all 0 between builds */
    struct posting *postings;
    uint16_t *sorted;      /* document << 5 | code, by row */
    struct row_work *work; /* capacity work_capacity */
    struct tile_row *rows; /* the same capacity */
    size_t work_capacity;
    size_t posting_count, work_count;
    struct tile_group groups[TILE_DOCUMENTS / GROUP_DOCUMENTS];
    struct tile_filters filters[TILE_BLOCKS];
    struct facet_column facets;
    struct position positions[TILE_DOCUMENTS];
    struct record_scratch scratch;
};

struct tile_builder *tile_builder_new(enum ranking ranking, const struct taxonomy *taxonomy,
                                      const struct lexicon *lexicon)
{
    struct tile_builder *builder = memory_try_zeroed(1, sizeof *builder);
    if (!builder)
        return NULL;
    builder->ranking = ranking;
    builder->taxonomy = taxonomy;
    record_scratch_init(&builder->scratch, lexicon);
    builder->row_count = row_count(taxonomy);
    /* No tile has more lists than postings or rows. */
    builder->work_capacity =
        builder->row_count < POSTING_LIMIT ? builder->row_count : (size_t)POSTING_LIMIT;
    builder->counts = memory_try_zeroed(builder->row_count, sizeof *builder->counts);
    builder->places = memory_try_zeroed(builder->row_count, sizeof *builder->places);
    builder->used = memory_try_zeroed(builder->row_count / 64 + 1, sizeof *builder->used);
    builder->postings = memory_try_zeroed(POSTING_LIMIT, sizeof *builder->postings);
    builder->sorted = memory_try_zeroed(POSTING_LIMIT, sizeof *builder->sorted);
    builder->work = memory_try_zeroed(builder->work_capacity, sizeof *builder->work);
    builder->rows = memory_try_zeroed(builder->work_capacity, sizeof *builder->rows);
    if (builder->counts && builder->places && builder->used && builder->postings &&
        builder->sorted && builder->work && builder->rows)
        return builder;
    tile_builder_free(builder);
    return NULL;
}

void tile_builder_free(struct tile_builder *builder)
{
    if (!builder)
        return;
    memory_free(builder->counts);
    memory_free(builder->places);
    memory_free(builder->used);
    memory_free(builder->postings);
    memory_free(builder->sorted);
    memory_free(builder->work);
    memory_free(builder->rows);
    memory_free(builder);
}

/* --- Documents -------------------------------------------------------------------------------- */

static void add_posting(struct tile_builder *builder, uint32_t row, size_t document, uint8_t code)
{
    builder->postings[builder->posting_count++] =
        (struct posting){.row = row, .document = (uint16_t)document, .code = code};
    builder->counts[row]++;
    builder->used[row / 64] |= UINT64_C(1) << row % 64;
}

static void read_tags(struct tile_filters *filters, size_t at, struct str_list list)
{
    for (uint32_t i = 0; i < list.count; i++)
        filters->tags[at] |= tag_bits(list.items[i]);
}

static void read_areas(struct tile_filters *filters, size_t at, const struct place *places,
                       size_t count)
{
    size_t stated = 0;
    for (size_t i = 0; i < count; i++) {
        if (places[i].area_code.length == 0)
            continue;
        filters->area[at] = area_path(places[i].area_code);
        stated++;
    }
    filters->many[at] = stated > 1;
}

static void read_vacancy_filters(struct tile_builder *builder, const struct vacancy *vacancy,
                                 size_t document)
{
    struct tile_filters *filters = &builder->filters[document / BLOCK_DOCUMENTS];
    size_t at = document % BLOCK_DOCUMENTS;
    read_areas(filters, at, vacancy->sites, vacancy->site_count);
    read_tags(filters, at, vacancy->tags);
    filters->organization[at] = text_hash16(vacancy->hiring_organization_folded);
    filters->platform[at] = text_hash8(vacancy->key.platform);
    facet_column_add_vacancy(&builder->facets, vacancy, document / BLOCK_DOCUMENTS);
}

static void read_applicant_filters(struct tile_builder *builder, const struct applicant *applicant,
                                   size_t document)
{
    struct tile_filters *filters = &builder->filters[document / BLOCK_DOCUMENTS];
    size_t at = document % BLOCK_DOCUMENTS;
    read_areas(filters, at, &applicant->home, 1);
    read_tags(filters, at, applicant->tags);
    read_tags(filters, at, applicant->priority_groups);
    filters->platform[at] = text_hash8(applicant->key.platform);
    facet_column_add_applicant(&builder->facets, applicant, document / BLOCK_DOCUMENTS);
}

static void read_vacancy_skills(struct tile_builder *builder, const struct vacancy *vacancy,
                                size_t document)
{
    struct tile_group *group = &builder->groups[document / GROUP_DOCUMENTS];
    size_t lane = document % GROUP_DOCUMENTS;
    unsigned sum = 0;
    for (int i = 0; i < vacancy->skill_count; i++) {
        const struct asked_skill *asked = &vacancy->skills[i];
        uint32_t row = row_of(builder->taxonomy, asked->skill_id, asked->name);
        uint8_t importance = asked->importance ? asked->importance : IMPORTANCE_DEFAULT;
        add_posting(builder, row, document,
                    (uint8_t)((importance - 1) * ASKED_LEVEL_CLASSES +
                              asked_level_class(asked->min_level)));
        sum += importance;
        if (asked->essential)
            group->essential_or_second[lane] |= skill_bit(row);
    }
    if (vacancy->skill_count == 0) {
        add_posting(builder, row_none(builder->taxonomy), document, 0);
        sum = 1;
    }
    group->size[lane] = (uint16_t)sum;
}

static uint16_t pay_up(int64_t cents)
{
    return cents == WAGE_UNKNOWN ? CODE_UNKNOWN : code_up((uint64_t)cents, PAY_CODE_EXPONENT);
}

static void read_vacancy(struct tile_builder *builder, const struct tile_source *source,
                         size_t document)
{
    struct vacancy unpacked;
    const struct vacancy *vacancy = &unpacked;
    struct tile_group *group = &builder->groups[document / GROUP_DOCUMENTS];
    size_t lane = document % GROUP_DOCUMENTS;
    static const struct profile midpoint = {.wage_reference = WAGE_REFERENCE_MIDPOINT};
    entry_vacancy(source->entry, &builder->scratch, &unpacked);
    read_vacancy_skills(builder, vacancy, document);
    group->pay_first[lane] = pay_up(pay_top_month_cents(vacancy));
    group->pay_second[lane] = pay_up(pay_reference_month_cents(&midpoint, vacancy));
    group->bits[lane] = (uint16_t)(vacancy->types | DOCUMENT_AVAILABLE);
    group->bits[lane] |= vacancy->remote ? DOCUMENT_REMOTE : 0;
    group->occupation[lane] = occupation_bytes(vacancy->occupation);
    for (uint32_t i = 0; i < vacancy->licences.count; i++)
        group->needs[lane] |= need_bit_of_licence(vacancy->licences.items[i]);
    for (int i = 0; i < vacancy->language_count; i++)
        group->needs[lane] |= need_bit_of_language(vacancy->languages[i].tag);
    group->quality[lane] = (uint8_t)(experience_bucket_down(vacancy->months_of_experience) |
                                     vacancy->education_level << 4);
    read_vacancy_filters(builder, vacancy, document);
    if (source->kind == TILE_PLACED)
        builder->positions[document] = vacancy->sites[source->site].position;
}

static void read_applicant_occupations(struct tile_group *group, size_t lane,
                                       const struct applicant *applicant)
{
    if (applicant->occupation_count > 0)
        group->occupation[lane] = occupation_bytes(applicant->desired_occupations[0]);
    if (applicant->occupation_count > 1)
        group->essential_or_second[lane] = occupation_bytes(applicant->desired_occupations[1]);
    if (applicant->occupation_count > 2)
        group->bits[lane] |= DOCUMENT_MANY_OCCUPATIONS;
}

static void read_applicant_pay(struct tile_group *group, size_t lane,
                               const struct applicant *applicant)
{
    struct pay_wish wish = pay_wish_of(applicant);
    group->pay_first[lane] = group->pay_second[lane] = CODE_UNKNOWN;
    if (!wish.is_stated)
        return;
    uint64_t floor = (uint64_t)wish.floor_month_cents;
    uint64_t desired = (uint64_t)wish.desired_month_cents;
    group->pay_first[lane] = code_down(floor, PAY_CODE_EXPONENT);
    group->pay_second[lane] = code_down(desired > floor ? desired : floor, PAY_CODE_EXPONENT);
}

static void read_applicant(struct tile_builder *builder, const struct tile_source *source,
                           size_t document)
{
    struct applicant unpacked;
    const struct applicant *applicant = &unpacked;
    struct tile_group *group = &builder->groups[document / GROUP_DOCUMENTS];
    size_t lane = document % GROUP_DOCUMENTS;
    entry_applicant(source->entry, &builder->scratch, &unpacked);
    for (int i = 0; i < applicant->skill_count; i++) {
        const struct held_skill *held = &applicant->skills[i];
        add_posting(builder, row_of(builder->taxonomy, held->skill_id, held->name), document,
                    held->level);
    }
    read_applicant_pay(group, lane, applicant);
    group->size[lane] = code_up((uint64_t)applicant->max_distance_m, DISTANCE_CODE_EXPONENT);
    group->bits[lane] =
        (uint16_t)(applicant->types | (applicant->available ? DOCUMENT_AVAILABLE : 0));
    read_applicant_occupations(group, lane, applicant);
    for (uint32_t i = 0; i < applicant->licences.count; i++)
        group->needs[lane] |= need_bit_of_licence(applicant->licences.items[i]);
    for (int i = 0; i < applicant->language_count; i++)
        group->needs[lane] |= need_bit_of_language(applicant->languages[i].tag);
    uint8_t experience = applicant->months_of_experience == EXPERIENCE_UNKNOWN
                             ? EXPERIENCE_BUCKET_UNKNOWN
                             : experience_bucket_up(applicant->months_of_experience);
    group->quality[lane] = (uint8_t)(experience | applicant->education_level << 4);
    read_applicant_filters(builder, applicant, document);
    if (source->kind == TILE_PLACED)
        builder->positions[document] = applicant->home.position;
}

static void read_sources(struct tile_builder *builder, const struct tile_source *sources,
                         size_t count)
{
    size_t group_count = (count + GROUP_DOCUMENTS - 1) / GROUP_DOCUMENTS;
    memset(builder->groups, 0, group_count * sizeof builder->groups[0]);
    memset(builder->filters, 0,
           (count + BLOCK_DOCUMENTS - 1) / BLOCK_DOCUMENTS * sizeof builder->filters[0]);
    memset(&builder->facets, 0, sizeof builder->facets);
    builder->posting_count = 0;
    for (size_t i = 0; i < count; i++) {
        if (i + ENTRIES_AHEAD < count)
            entry_prefetch(sources[i + ENTRIES_AHEAD].entry);
        if (builder->ranking == RANK_VACANCIES) {
            read_vacancy(builder, &sources[i], i);
            if (sources[i].entry->place_count > 1)
                builder->groups[i / GROUP_DOCUMENTS].bits[i % GROUP_DOCUMENTS] |=
                    DOCUMENT_HAS_COPIES;
        } else {
            read_applicant(builder, &sources[i], i);
        }
    }
}

/* --- Coordinates and bounds of blocks -----------------------------------------------------------
 */

struct box {
    int32_t lat_low, lat_high, lon_low, lon_high;
};

static struct box box_of(const struct position *positions, size_t count)
{
    struct box box = {INT32_MAX, INT32_MIN, INT32_MAX, INT32_MIN};
    for (size_t i = 0; i < count; i++) {
        struct position p = positions[i];
        box.lat_low = p.lat_e7 < box.lat_low ? p.lat_e7 : box.lat_low;
        box.lat_high = p.lat_e7 > box.lat_high ? p.lat_e7 : box.lat_high;
        box.lon_low = p.lon_e7 < box.lon_low ? p.lon_e7 : box.lon_low;
        box.lon_high = p.lon_e7 > box.lon_high ? p.lon_e7 : box.lon_high;
    }
    return box;
}

static float cosine_below(struct box box)
{
    double low = fabs((double)box.lat_low), high = fabs((double)box.lat_high);
    double cosine = cos((low > high ? low : high) * 1e-7 * M_PI / 180);
    return cosine > 1e-6 ? (float)(cosine - 1e-6) : 0;
}

static void set_coordinates(struct tile_builder *builder, struct tile *tile)
{
    struct box box = box_of(builder->positions, tile->document_count);
    int64_t height = (int64_t)box.lat_high - box.lat_low;
    int64_t width = (int64_t)box.lon_high - box.lon_low;
    int64_t extent = height > width ? height : width;
    tile->cosine_low = cosine_below(box);
    tile->lat_origin = box.lat_low;
    tile->lon_origin = box.lon_low;
    while (extent >> tile->shift > UINT16_MAX)
        tile->shift++;
    for (size_t i = 0; i < tile->document_count; i++) {
        struct tile_group *group = &builder->groups[i / GROUP_DOCUMENTS];
        struct position p = builder->positions[i];
        group->lat[i % GROUP_DOCUMENTS] =
            (uint16_t)(((int64_t)p.lat_e7 - tile->lat_origin) >> tile->shift);
        group->lon[i % GROUP_DOCUMENTS] =
            (uint16_t)(((int64_t)p.lon_e7 - tile->lon_origin) >> tile->shift);
    }
}

static uint16_t least(uint16_t a, uint16_t b)
{
    return a < b ? a : b;
}

static uint16_t most(uint16_t a, uint16_t b)
{
    return a > b ? a : b;
}

static void bound_pay(struct tile *tile, size_t block, uint16_t first, uint16_t second)
{
    if (first == CODE_UNKNOWN) {
        tile->pay_unknown |= (uint16_t)(1u << block);
    } else if (tile->ranking == RANK_VACANCIES) {
        tile->pay_first[block] = most(tile->pay_first[block], first);
        tile->pay_second[block] = most(tile->pay_second[block], second);
    } else {
        tile->pay_first[block] = least(tile->pay_first[block], first);
        tile->pay_second[block] = least(tile->pay_second[block], second);
    }
}

static void bound_occupation(struct tile *tile, size_t block, const struct tile_group *group,
                             size_t lane)
{
    uint32_t second = tile->ranking == RANK_APPLICANTS ? group->essential_or_second[lane] : 0;
    uint32_t bytes[2] = {group->occupation[lane], second};
    if (bytes[0] == 0 || (group->bits[lane] & DOCUMENT_MANY_OCCUPATIONS))
        tile->occupation_open |= (uint16_t)(1u << block);
    for (int i = 0; i < 2 && bytes[i] != 0; i++)
        for (int level = 0; level < 4; level++)
            tile->occupations[level][block] |= UINT32_C(1) << (bytes[i] >> 8 * level & 31);
}

static void bound_document(struct tile *tile, size_t block, const struct tile_group *group,
                           size_t lane)
{
    tile->lat_low[block] = least(tile->lat_low[block], group->lat[lane]);
    tile->lat_high[block] = most(tile->lat_high[block], group->lat[lane]);
    tile->lon_low[block] = least(tile->lon_low[block], group->lon[lane]);
    tile->lon_high[block] = most(tile->lon_high[block], group->lon[lane]);
    if (tile->ranking == RANK_APPLICANTS)
        tile->radius[block] = most(tile->radius[block], group->size[lane]);
    bound_pay(tile, block, group->pay_first[lane], group->pay_second[lane]);
    bound_occupation(tile, block, group, lane);
    tile->any_bits |= group->bits[lane];
    tile->any_needs |= group->needs[lane];
    tile->any_essential |= group->essential_or_second[lane];
}

static void set_bounds(const struct tile_builder *builder, struct tile *tile)
{
    memset(tile->lat_low, 0xFF, sizeof tile->lat_low);
    memset(tile->lon_low, 0xFF, sizeof tile->lon_low);
    if (tile->ranking == RANK_APPLICANTS) {
        for (size_t block = 0; block < TILE_BLOCKS; block++)
            tile->pay_first[block] = tile->pay_second[block] = CODE_LAST;
    }
    for (size_t i = 0; i < tile->document_count; i++)
        bound_document(tile, i / BLOCK_DOCUMENTS, &builder->groups[i / GROUP_DOCUMENTS],
                       i % GROUP_DOCUMENTS);
}

/* --- Lists ------------------------------------------------------------------------------------ */

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
    for (uint32_t i = work->first; i < work->first + work->count; i++) {
        unsigned document = builder->sorted[i] >> CODE_BITS;
        uint8_t code = builder->sorted[i] & (CODE_COUNT - 1);
        work->head.block_mask |= (uint16_t)(1u << document / BLOCK_DOCUMENTS);
        if (builder->ranking == RANK_VACANCIES) {
            const struct tile_group *group = &builder->groups[document / GROUP_DOCUMENTS];
            raise_asked_bounds(&work->head, code, group->size[document % GROUP_DOCUMENTS]);
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

/* Decides every list's form and place; false when they do not fit. */
static bool place_lists(struct tile_builder *builder, size_t *list_bytes, size_t *dense_bytes)
{
    size_t at = LIST_ALIGNMENT, dense = 0;
    for (size_t i = 0; i < builder->work_count; i++) {
        struct row_work *work = &builder->work[i];
        head_of(builder, work);
        unsigned blocks = (unsigned)__builtin_popcount(work->head.block_mask);
        bool is_dense =
            work->count >= DENSE_FROM * blocks && !row_is_shared(builder->taxonomy, work->row);
        size_t bytes = list_head_bytes(builder->ranking);
        work->head.form = is_dense ? LIST_DENSE : LIST_SPARSE;
        work->offset = (uint32_t)at;
        work->dense = is_dense ? (uint32_t)dense : UINT32_MAX;
        if (is_dense) {
            bytes += sizeof(uint32_t);
            dense += (size_t)blocks * BLOCK_DOCUMENTS;
        } else {
            bytes += (blocks + work->count) * sizeof(uint16_t);
        }
        at = (at + bytes + LIST_ALIGNMENT - 1) & ~(size_t)(LIST_ALIGNMENT - 1);
        if (work->offset > LIST_AREA_LIMIT)
            return false;
    }
    *list_bytes = at;
    *dense_bytes = dense;
    return true;
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

static void write_dense(const struct tile_builder *builder, const struct row_work *work,
                        uint8_t *out)
{
    unsigned blocks = (unsigned)__builtin_popcount(work->head.block_mask);
    memset(out, CODE_ABSENT, (size_t)blocks * BLOCK_DOCUMENTS);
    for (uint32_t i = work->first; i < work->first + work->count; i++) {
        unsigned document = builder->sorted[i] >> CODE_BITS;
        unsigned before = work->head.block_mask & ((1u << document / BLOCK_DOCUMENTS) - 1);
        out[(size_t)__builtin_popcount(before) * BLOCK_DOCUMENTS + document % BLOCK_DOCUMENTS] =
            builder->sorted[i] & (CODE_COUNT - 1);
    }
}

static void write_lists(struct tile_builder *builder, uint8_t *lists, uint8_t *dense)
{
    size_t head_bytes = list_head_bytes(builder->ranking);
    for (size_t i = 0; i < builder->work_count; i++) {
        const struct row_work *work = &builder->work[i];
        uint8_t *out = lists + work->offset;
        memcpy(out, &work->head, head_bytes);
        if (work->dense == UINT32_MAX) {
            write_sparse(builder, work, out + head_bytes);
        } else {
            memcpy(out + head_bytes, &work->dense, sizeof work->dense);
            write_dense(builder, work, dense + work->dense);
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

/* --- The whole -------------------------------------------------------------------------------- */

static uint32_t take(size_t *at, size_t bytes)
{
    size_t offset = *at;
    *at = (offset + bytes + 63) & ~(size_t)63;
    return (uint32_t)offset;
}

/* All offsets fit: 2048 documents take less than 3 MiB. */
static struct tile *tile_new(enum ranking ranking, size_t count, size_t list_bytes,
                             size_t dense_bytes)
{
    size_t group_count = (count + GROUP_DOCUMENTS - 1) / GROUP_DOCUMENTS;
    /* Whole blocks: the kernels read 128 sizes at a time. */
    size_t size_count = (count + BLOCK_DOCUMENTS - 1) / BLOCK_DOCUMENTS * BLOCK_DOCUMENTS;
    size_t at = sizeof(struct tile);
    struct tile head = {.ranking = (uint8_t)ranking, .document_count = (uint16_t)count};
    take(&at, list_bytes);
    head.dense_at = take(&at, dense_bytes);
    head.groups_at = take(&at, group_count * sizeof(struct tile_group));
    head.refs_at = take(&at, count * sizeof(struct entry *));
    head.sizes_at = take(&at, ranking == RANK_VACANCIES ? size_count : 0);
    head.block_count = (uint8_t)((count + BLOCK_DOCUMENTS - 1) / BLOCK_DOCUMENTS);
    head.filters_at = take(&at, head.block_count * sizeof(struct tile_filters));
    head.bytes = (uint32_t)at;
    struct tile *tile = memory_try_aligned(64, at);
    if (tile)
        *tile = head;
    return tile;
}

static void write_documents(const struct tile_builder *builder, const struct tile_source *sources,
                            struct tile *tile)
{
    size_t count = tile->document_count;
    size_t group_count = (count + GROUP_DOCUMENTS - 1) / GROUP_DOCUMENTS;
    const struct entry **refs = (const struct entry **)tile_refs(tile);
    uint8_t *sizes = (uint8_t *)tile_sizes(tile);
    for (size_t i = 0; i < count; i++)
        refs[i] = sources[i].entry;
    memcpy((void *)tile_groups(tile), builder->groups, group_count * sizeof(struct tile_group));
    memcpy((void *)tile_filters(tile), builder->filters,
           tile->block_count * sizeof(struct tile_filters));
    for (size_t i = 0; tile->ranking == RANK_VACANCIES && i < count; i++) {
        uint16_t size = builder->groups[i / GROUP_DOCUMENTS].size[i % GROUP_DOCUMENTS];
        sizes[i] = (uint8_t)(size < 255 ? size : 255);
    }
}

enum tile_outcome tile_build(struct tile_builder *builder, const struct tile_source *sources,
                             size_t count, struct tile **out, struct tile_entries *entries)
{
    assert(count >= 1 && count <= TILE_DOCUMENTS);
    size_t list_bytes, dense_bytes;
    read_sources(builder, sources, count);
    if (!sort_postings(builder) || !place_lists(builder, &list_bytes, &dense_bytes))
        return TILE_TOO_LARGE;
    struct tile *tile = tile_new(builder->ranking, count, list_bytes, dense_bytes);
    if (!tile)
        return TILE_NO_MEMORY;
    tile->kind = sources[0].kind;
    tile->list_count = (uint32_t)builder->work_count;
    if (tile->kind == TILE_PLACED)
        set_coordinates(builder, tile);
    set_bounds(builder, tile);
    write_documents(builder, sources, tile);
    memset((uint8_t *)tile_lists(tile), 0, list_bytes);
    write_lists(builder, (uint8_t *)tile_lists(tile), (uint8_t *)tile_dense(tile));
    *out = tile;
    *entries = (struct tile_entries){
        .rows = builder->rows, .row_count = builder->work_count, .facets = &builder->facets};
    return TILE_BUILT;
}
