/* Building a tile: see tile.h for what comes out.
 *
 *   sources --read once--> columns (into the block of memory)
 *                      +-> postings in document order: (row, document, code)
 *   postings --counted by row--> lists in row order, each posting copied to its place
 */
#include "core/tile_build.h"

#include <assert.h>
#include <math.h>

#include "base/memory.h"
#include "core/code.h"
#include "core/pay.h"
#include "core/row.h"
#include "core/tile_builder.h"

#include "base/banned.h"

enum {
    POSTING_LIMIT = TILE_DOCUMENTS * RECORD_SKILL_LIMIT,
    ENTRIES_AHEAD = 8, /* prefetched */
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
    struct group *group = &builder->groups[document / GROUP_DOCUMENTS];
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
            group->more.essential_or_second[lane] |= skill_bit(row);
    }
    if (vacancy->skill_count == 0) {
        add_posting(builder, row_none(builder->taxonomy), document, 0);
        sum = 1;
    }
    group->first.size[lane] = (uint16_t)sum;
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
    struct group *group = &builder->groups[document / GROUP_DOCUMENTS];
    size_t lane = document % GROUP_DOCUMENTS;
    static const struct profile midpoint = {.wage_reference = WAGE_REFERENCE_MIDPOINT};
    entry_vacancy(source->entry, &builder->scratch, &unpacked);
    read_vacancy_skills(builder, vacancy, document);
    group->first.pay_first[lane] = pay_up(pay_top_month_cents(vacancy));
    group->more.pay_second[lane] = pay_up(pay_reference_month_cents(&midpoint, vacancy));
    group->more.bits[lane] = (uint16_t)(vacancy->types | DOCUMENT_AVAILABLE);
    group->more.bits[lane] |= vacancy->remote ? DOCUMENT_REMOTE : 0;
    group->more.occupation[lane] = occupation_bytes(vacancy->occupation);
    for (uint32_t i = 0; i < vacancy->licences.count; i++)
        group->more.needs[lane] |= need_bit_of_licence(vacancy->licences.items[i]);
    for (int i = 0; i < vacancy->language_count; i++)
        group->more.needs[lane] |= need_bit_of_language(vacancy->languages[i].tag);
    group->more.quality[lane] = (uint8_t)(experience_bucket_down(vacancy->months_of_experience) |
                                          vacancy->education_level << 4);
    read_vacancy_filters(builder, vacancy, document);
    if (source->kind == TILE_PLACED)
        builder->positions[document] = vacancy->sites[source->site].position;
}

static void read_applicant_occupations(struct group *group, size_t lane,
                                       const struct applicant *applicant)
{
    if (applicant->occupation_count > 0)
        group->more.occupation[lane] = occupation_bytes(applicant->desired_occupations[0]);
    if (applicant->occupation_count > 1)
        group->more.essential_or_second[lane] = occupation_bytes(applicant->desired_occupations[1]);
    if (applicant->occupation_count > 2)
        group->more.bits[lane] |= DOCUMENT_MANY_OCCUPATIONS;
}

static void read_applicant_pay(struct group *group, size_t lane, const struct applicant *applicant)
{
    struct pay_wish wish = pay_wish_of(applicant);
    group->first.pay_first[lane] = group->more.pay_second[lane] = CODE_UNKNOWN;
    if (!wish.is_stated)
        return;
    uint64_t floor = (uint64_t)wish.floor_month_cents;
    uint64_t desired = (uint64_t)wish.desired_month_cents;
    group->first.pay_first[lane] = code_down(floor, PAY_CODE_EXPONENT);
    group->more.pay_second[lane] = code_down(desired > floor ? desired : floor, PAY_CODE_EXPONENT);
}

static void read_applicant(struct tile_builder *builder, const struct tile_source *source,
                           size_t document)
{
    struct applicant unpacked;
    const struct applicant *applicant = &unpacked;
    struct group *group = &builder->groups[document / GROUP_DOCUMENTS];
    size_t lane = document % GROUP_DOCUMENTS;
    entry_applicant(source->entry, &builder->scratch, &unpacked);
    for (int i = 0; i < applicant->skill_count; i++) {
        const struct held_skill *held = &applicant->skills[i];
        add_posting(builder, row_of(builder->taxonomy, held->skill_id, held->name), document,
                    held->level);
    }
    read_applicant_pay(group, lane, applicant);
    group->first.size[lane] = code_up((uint64_t)applicant->max_distance_m, DISTANCE_CODE_EXPONENT);
    group->more.bits[lane] =
        (uint16_t)(applicant->types | (applicant->available ? DOCUMENT_AVAILABLE : 0));
    read_applicant_occupations(group, lane, applicant);
    for (uint32_t i = 0; i < applicant->licences.count; i++)
        group->more.needs[lane] |= need_bit_of_licence(applicant->licences.items[i]);
    for (int i = 0; i < applicant->language_count; i++)
        group->more.needs[lane] |= need_bit_of_language(applicant->languages[i].tag);
    uint8_t experience = applicant->months_of_experience == EXPERIENCE_UNKNOWN
                             ? EXPERIENCE_BUCKET_UNKNOWN
                             : experience_bucket_up(applicant->months_of_experience);
    group->more.quality[lane] = (uint8_t)(experience | applicant->education_level << 4);
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
                builder->groups[i / GROUP_DOCUMENTS].more.bits[i % GROUP_DOCUMENTS] |=
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
        struct group *group = &builder->groups[i / GROUP_DOCUMENTS];
        struct position p = builder->positions[i];
        group->first.lat[i % GROUP_DOCUMENTS] =
            (uint16_t)(((int64_t)p.lat_e7 - tile->lat_origin) >> tile->shift);
        group->first.lon[i % GROUP_DOCUMENTS] =
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

static void bound_occupation(struct tile *tile, size_t block, const struct group *group,
                             size_t lane)
{
    uint32_t second = tile->ranking == RANK_APPLICANTS ? group->more.essential_or_second[lane] : 0;
    uint32_t bytes[2] = {group->more.occupation[lane], second};
    if (bytes[0] == 0 || (group->more.bits[lane] & DOCUMENT_MANY_OCCUPATIONS))
        tile->occupation_open |= (uint16_t)(1u << block);
    for (int i = 0; i < 2 && bytes[i] != 0; i++)
        for (int level = 0; level < 4; level++)
            tile->occupations[level][block] |= UINT32_C(1) << (bytes[i] >> 8 * level & 31);
}

static void bound_document(struct tile *tile, size_t block, const struct group *group, size_t lane)
{
    tile->lat_low[block] = least(tile->lat_low[block], group->first.lat[lane]);
    tile->lat_high[block] = most(tile->lat_high[block], group->first.lat[lane]);
    tile->lon_low[block] = least(tile->lon_low[block], group->first.lon[lane]);
    tile->lon_high[block] = most(tile->lon_high[block], group->first.lon[lane]);
    if (tile->ranking == RANK_APPLICANTS)
        tile->radius[block] = most(tile->radius[block], group->first.size[lane]);
    bound_pay(tile, block, group->first.pay_first[lane], group->more.pay_second[lane]);
    bound_occupation(tile, block, group, lane);
    tile->any_bits |= group->more.bits[lane];
    tile->any_needs |= group->more.needs[lane];
    tile->any_essential |= group->more.essential_or_second[lane];
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

/* --- The whole -------------------------------------------------------------------------------- */

static uint32_t take(size_t *at, size_t bytes)
{
    size_t offset = *at;
    *at = (offset + bytes + 63) & ~(size_t)63;
    return (uint32_t)offset;
}

/* All offsets fit: 2048 documents take less than 3 MiB. */
static struct tile *tile_new(enum ranking ranking, size_t count, size_t list_bytes)
{
    size_t group_count = (count + GROUP_DOCUMENTS - 1) / GROUP_DOCUMENTS;
    /* Whole blocks: the kernels read 128 sizes at a time. */
    size_t size_count = (count + BLOCK_DOCUMENTS - 1) / BLOCK_DOCUMENTS * BLOCK_DOCUMENTS;
    size_t at = sizeof(struct tile);
    struct tile head = {.ranking = (uint8_t)ranking, .document_count = (uint16_t)count};
    take(&at, list_bytes);
    head.groups_at = take(&at, group_count * sizeof(struct tile_group));
    head.sizes_at = take(&at, ranking == RANK_VACANCIES ? size_count : 0);
    head.more_at = take(&at, group_count * sizeof(struct tile_group_more));
    head.refs_at = take(&at, count * sizeof(struct entry *));
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
    struct tile_group *groups = (struct tile_group *)tile_groups(tile);
    struct tile_group_more *more = (struct tile_group_more *)tile_more(tile);
    for (size_t i = 0; i < group_count; i++) {
        groups[i] = builder->groups[i].first;
        more[i] = builder->groups[i].more;
    }
    memcpy((void *)tile_filters(tile), builder->filters,
           tile->block_count * sizeof(struct tile_filters));
    for (size_t i = 0; tile->ranking == RANK_VACANCIES && i < count; i++) {
        uint16_t size = builder->groups[i / GROUP_DOCUMENTS].first.size[i % GROUP_DOCUMENTS];
        sizes[i] = (uint8_t)(size < 255 ? size : 255);
    }
}

enum tile_outcome tile_build(struct tile_builder *builder, const struct tile_source *sources,
                             size_t count, struct tile **out, struct tile_entries *entries)
{
    assert(count >= 1 && count <= TILE_DOCUMENTS);
    size_t list_bytes;
    read_sources(builder, sources, count);
    if (!tile_lists_plan(builder, &list_bytes))
        return TILE_TOO_LARGE;
    struct tile *tile = tile_new(builder->ranking, count, list_bytes);
    if (!tile)
        return TILE_NO_MEMORY;
    tile->kind = sources[0].kind;
    tile->list_count = (uint32_t)builder->work_count;
    if (tile->kind == TILE_PLACED)
        set_coordinates(builder, tile);
    set_bounds(builder, tile);
    write_documents(builder, sources, tile);
    memset((uint8_t *)tile_lists(tile), 0, list_bytes);
    tile_lists_write(builder, (uint8_t *)tile_lists(tile));
    *out = tile;
    *entries = (struct tile_entries){
        .rows = builder->rows, .row_count = builder->work_count, .facets = &builder->facets};
    return TILE_BUILT;
}
