/* See query_filter.h. Cost: about 20 ns a strip for each value that is asked for, 10 to 20 ns for
 * 16 documents; only requests with a filter pay it. */
#include "core/query_filter.h"

#include <endian.h>

#include "core/code.h"
#include "core/index.h"

#include "base/banned.h"

/* --- Compiling ----------------------------------------------------------------------------------
 */

/* area_holds: zero pairs at the end of a code of six digits match anything. Other codes, and an
 * upper one against other codes, match only themselves: their last byte decides. */
static struct masked area_rule(struct str code)
{
    bool is_six_digits = code.length == 6;
    uint32_t pairs = 3;
    for (uint32_t i = 0; i < code.length; i++)
        is_six_digits = is_six_digits && code.data[i] >= '0' && code.data[i] <= '9';
    if (!is_six_digits)
        return (struct masked){area_path(code) & 0xFF000000u, 0xFF000000u};
    while (pairs > 0 && code.data[pairs * 2 - 1] == '0' && code.data[pairs * 2 - 2] == '0')
        pairs--;
    if (pairs == 0)
        return (struct masked){0, 0};
    uint32_t mask = (uint32_t)((UINT64_C(1) << 8 * pairs) - 1);
    return (struct masked){area_path(code) & mask, mask};
}

/* occupation_holds compares level by level; a path has three, more are let through. */
static struct masked occupation_rule(struct occupation_code upper)
{
    struct str levels[3];
    size_t count = occupation_levels(upper.system, upper.code, levels, 3);
    uint32_t mask = (uint32_t)((UINT64_C(1) << 8 * count) - 1);
    return (struct masked){occupation_bytes(upper) & mask, mask};
}

static struct masked tag_rule(struct str tag)
{
    uint32_t bits = tag_bits(tag);
    return (struct masked){bits, bits};
}

/* Lists as rules on a document's hashes; counts are the lists' own. */
static bool compile_rules(struct query_filter *out, const struct filter *filter,
                          struct arena *arena)
{
    out->tags = arena_alloc(arena, (out->tag_count + 1) * sizeof *out->tags);
    out->groups = arena_alloc(arena, (out->group_count + 1) * sizeof *out->groups);
    out->areas = arena_alloc(arena, (out->area_count + 1) * sizeof *out->areas);
    out->occupations = arena_alloc(arena, (out->occupation_count + 1) * sizeof *out->occupations);
    out->organizations =
        arena_alloc(arena, (out->organization_count + 1) * sizeof *out->organizations);
    out->platforms = arena_alloc(arena, (out->platform_count + 1) * sizeof *out->platforms);
    if (!out->tags || !out->groups || !out->areas || !out->occupations || !out->organizations ||
        !out->platforms)
        return false;
    for (uint32_t i = 0; i < out->tag_count; i++)
        out->tags[i] = tag_rule(filter->tags.items[i]);
    for (uint32_t i = 0; i < out->group_count; i++)
        out->groups[i] = tag_rule(filter->priority_groups.items[i]);
    for (uint32_t i = 0; i < out->area_count; i++)
        out->areas[i] = area_rule(filter->area_codes.items[i]);
    for (uint32_t i = 0; i < out->occupation_count; i++)
        out->occupations[i] = occupation_rule(filter->occupations[i]);
    for (uint32_t i = 0; i < out->organization_count; i++)
        out->organizations[i] = text_hash16(filter->organizations.items[i]);
    for (uint32_t i = 0; i < out->platform_count; i++)
        out->platforms[i] = text_hash8(filter->platforms.items[i]);
    return true;
}

/* A list of so many facets, none yet; NULL when the arena is exhausted. */
static struct facet_list *begin_list(struct query_filter *out, size_t capacity, struct arena *arena)
{
    struct facet_list *list = &out->lists[out->list_count++];
    *list = (struct facet_list){.facets = arena_alloc(arena, capacity * sizeof *list->facets)};
    return list->facets ? list : NULL;
}

static bool add_texts(struct query_filter *out, enum facet_kind kind, struct str_list texts,
                      struct arena *arena)
{
    if (texts.count == 0)
        return true;
    struct facet_list *list = begin_list(out, texts.count, arena);
    for (uint32_t i = 0; list && i < texts.count; i++)
        list->facets[list->count++] = facet_of_text(kind, texts.items[i]);
    return list != NULL;
}

/* A list in which one item has no facet asks nothing of facets. */
static bool add_areas(struct query_filter *out, struct str_list codes, struct arena *arena)
{
    if (codes.count == 0)
        return true;
    struct facet_list *list = begin_list(out, codes.count, arena);
    for (uint32_t i = 0; list && i < codes.count; i++) {
        if (!facet_of_area(codes.items[i], &list->facets[list->count++])) {
            out->list_count--;
            break;
        }
    }
    return list != NULL;
}

static bool add_occupations(struct query_filter *out, const struct filter *filter,
                            struct arena *arena)
{
    if (filter->occupation_count == 0)
        return true;
    struct facet_list *list = begin_list(out, filter->occupation_count, arena);
    for (size_t i = 0; list && i < filter->occupation_count; i++) {
        if (!facet_of_occupation(filter->occupations[i], &list->facets[list->count++])) {
            out->list_count--;
            break;
        }
    }
    return list != NULL;
}

/* A document that states no type passes. */
static bool add_types(struct query_filter *out, employment_types types, struct arena *arena)
{
    if (types == 0)
        return true;
    struct facet_list *list = begin_list(out, (size_t)__builtin_popcount(types) + 1, arena);
    if (!list)
        return false;
    list->facets[list->count++] = facet_of_type(-1);
    for (unsigned left = types; left; left &= left - 1)
        list->facets[list->count++] = facet_of_type(__builtin_ctz(left));
    return true;
}

static bool compile_facets(struct query_filter *out, const struct filter *filter, bool vacancies,
                           struct arena *arena)
{
    const struct str_list none = {0};
    return add_texts(out, FACET_TAG, filter->tags, arena) &&
           add_texts(out, FACET_PRIORITY_GROUP, vacancies ? none : filter->priority_groups,
                     arena) &&
           add_texts(out, FACET_ORGANIZATION, vacancies ? filter->organizations : none, arena) &&
           add_texts(out, FACET_PLATFORM, filter->platforms, arena) &&
           add_areas(out, filter->area_codes, arena) && add_occupations(out, filter, arena) &&
           add_types(out, filter->types, arena);
}

/* As filter.c: of vacancies no group is asked, of applicants neither organization nor remote work.
 */
bool query_filter_compile(struct query_filter *out, const struct filter *filter,
                          enum ranking ranking, struct arena *arena)
{
    bool vacancies = ranking == RANK_VACANCIES;
    memset(out, 0, sizeof *out);
    out->pay_at_most = CODE_UNKNOWN;
    if (!filter)
        return true;
    out->types = filter->types;
    out->required_bits = vacancies && filter->remote_only ? DOCUMENT_REMOTE : 0;
    if (vacancies && filter->wage_at_least_month_cents > 0)
        out->pay_at_least = code_up((uint64_t)filter->wage_at_least_month_cents, PAY_CODE_EXPONENT);
    if (!vacancies && filter->wage_at_most_month_cents > 0)
        out->pay_at_most = code_down((uint64_t)filter->wage_at_most_month_cents, PAY_CODE_EXPONENT);
    out->tag_count = filter->tags.count;
    out->group_count = vacancies ? 0 : filter->priority_groups.count;
    out->area_count = filter->area_codes.count;
    out->occupation_count = (uint32_t)filter->occupation_count;
    out->organization_count = vacancies ? filter->organizations.count : 0;
    out->platform_count = filter->platforms.count;
    return compile_rules(out, filter, arena) && compile_facets(out, filter, vacancies, arena);
}

/* --- Blocks -------------------------------------------------------------------------------------
 */

/* Live tiles that may hold somebody by what the strip knows of them: an upper bound of pay is their
 * highest top, which is the rounded code itself. */
static uint64_t possible_tiles(const struct query_filter *filter, const struct strip_view *view)
{
    uint64_t tiles = view->live;
    if (filter->required_bits & DOCUMENT_REMOTE)
        tiles &= view->of_kind[TILE_REMOTE];
    if (filter->pay_at_least == 0 || filter->pay_at_least == CODE_LAST)
        return tiles;
    float least = code_value(filter->pay_at_least, PAY_CODE_EXPONENT);
    for (uint64_t left = tiles; left; left &= left - 1) {
        unsigned column = (unsigned)__builtin_ctzll(left);
        if (view->strip->tiles.pay_first[column] < least)
            tiles &= ~(UINT64_C(1) << column);
    }
    return tiles;
}

size_t query_filter_blocks(const struct query_filter *filter, const struct strip_view *view,
                           uint16_t blocks[FACET_TILES])
{
    uint64_t words[FACET_WORDS], tiles = possible_tiles(filter, view);
    size_t count = 0;
    memset(words, 0xFF, sizeof words);
    for (uint32_t i = 0; tiles != 0 && i < filter->list_count; i++) {
        uint64_t any[FACET_WORDS] = {0};
        for (uint32_t j = 0; j < filter->lists[i].count; j++)
            facet_matrix_find(view->strip->facets, &filter->lists[i].facets[j], any);
        for (size_t word = 0; word < FACET_WORDS; word++)
            words[word] &= any[word];
    }
    for (unsigned column = 0; column < FACET_TILES; column++) {
        uint64_t word = words[column / FACET_WORD_TILES];
        bool is_possible = tiles >> column & 1;
        blocks[column] =
            is_possible ? (uint16_t)(word >> column % FACET_WORD_TILES * 16) : (uint16_t)0;
        count += (size_t)__builtin_popcount(blocks[column]);
    }
    return count;
}

/* --- Documents ----------------------------------------------------------------------------------
 */

/* A bit of each lane, which is 0 or 1: a multiplication moves bit 8 i of a word to bit 56 + i. */
static uint16_t bits_of_bytes(const uint8_t lanes[GROUP_DOCUMENTS])
{
    const uint64_t gather = UINT64_C(0x0102040810204080);
    uint64_t words[2];
    memcpy(words, lanes, sizeof words);
    return (uint16_t)(le64toh(words[0]) * gather >> 56 | le64toh(words[1]) * gather >> 56 << 8);
}

/* Lanes where some rule fits the value. The loops over lanes are plain so that compilers make
 * vectors of them. */
static uint16_t fitting(const struct masked *rules, uint32_t count, const uint32_t *values)
{
    uint8_t fits[GROUP_DOCUMENTS] = {0};
    for (uint32_t i = 0; i < count; i++) {
        struct masked rule = rules[i];
        for (unsigned lane = 0; lane < GROUP_DOCUMENTS; lane++)
            fits[lane] |= (values[lane] & rule.mask) == rule.value;
    }
    for (unsigned lane = 0; lane < GROUP_DOCUMENTS; lane++)
        fits[lane] &= values[lane] != 0;
    return bits_of_bytes(fits);
}

static uint16_t equal_halves(const uint16_t *asked, uint32_t count, const uint16_t *values)
{
    uint8_t fits[GROUP_DOCUMENTS] = {0};
    for (uint32_t i = 0; i < count; i++)
        for (unsigned lane = 0; lane < GROUP_DOCUMENTS; lane++)
            fits[lane] |= values[lane] == asked[i];
    return bits_of_bytes(fits);
}

static uint16_t equal_bytes(const uint8_t *asked, uint32_t count, const uint8_t *values)
{
    uint8_t fits[GROUP_DOCUMENTS] = {0};
    for (uint32_t i = 0; i < count; i++)
        for (unsigned lane = 0; lane < GROUP_DOCUMENTS; lane++)
            fits[lane] |= values[lane] == asked[i];
    return bits_of_bytes(fits);
}

static uint16_t any_bits(const uint16_t *values, uint16_t bits)
{
    uint8_t fits[GROUP_DOCUMENTS];
    for (unsigned lane = 0; lane < GROUP_DOCUMENTS; lane++)
        fits[lane] = (values[lane] & bits) != 0;
    return bits_of_bytes(fits);
}

/* An applicant may desire several occupations: of more than two, two are kept. */
static uint16_t occupations_may_fit(const struct query_filter *filter,
                                    const struct tile_group_more *more, bool vacancies)
{
    uint16_t lanes = any_bits(more->bits, DOCUMENT_MANY_OCCUPATIONS);
    lanes |= fitting(filter->occupations, filter->occupation_count, more->occupation);
    if (!vacancies)
        lanes |= fitting(filter->occupations, filter->occupation_count, more->essential_or_second);
    return lanes;
}

static uint16_t pay_may_fit(const struct query_filter *filter, const uint16_t *codes,
                            bool vacancies)
{
    uint8_t fits[GROUP_DOCUMENTS];
    uint16_t least = filter->pay_at_least, most = filter->pay_at_most;
    for (unsigned lane = 0; lane < GROUP_DOCUMENTS; lane++)
        fits[lane] = vacancies ? (codes[lane] != CODE_UNKNOWN) & (codes[lane] >= least)
                               : (codes[lane] == CODE_UNKNOWN) | (codes[lane] <= most);
    return bits_of_bytes(fits);
}

/* By what stands in the group's own columns. */
static uint16_t group_lanes(const struct query_filter *filter, const struct tile *tile,
                            size_t group, uint16_t lanes)
{
    const struct tile_group_more *more = &tile_more(tile)[group];
    bool vacancies = tile->ranking == RANK_VACANCIES;
    if (lanes != 0 && filter->required_bits != 0)
        lanes &= any_bits(more->bits, filter->required_bits);
    if (lanes != 0 && filter->types != 0)
        lanes &=
            (uint16_t)(any_bits(more->bits, filter->types) | ~any_bits(more->bits, DOCUMENT_TYPES));
    if (lanes != 0 && filter->occupation_count > 0)
        lanes &= occupations_may_fit(filter, more, vacancies);
    if (lanes != 0 && (filter->pay_at_least != 0 || filter->pay_at_most != CODE_UNKNOWN))
        lanes &= pay_may_fit(filter, tile_groups(tile)[group].pay_first, vacancies);
    return lanes;
}

uint16_t query_filter_lanes(const struct query_filter *filter, const struct tile *tile,
                            size_t group, uint16_t lanes)
{
    const struct tile_filters *hashes = &tile_filters(tile)[group / BLOCK_GROUPS];
    size_t at = group % BLOCK_GROUPS * GROUP_DOCUMENTS;
    if (filter->tag_count > 0)
        lanes &= fitting(filter->tags, filter->tag_count, hashes->tags + at);
    if (lanes != 0 && filter->group_count > 0)
        lanes &= fitting(filter->groups, filter->group_count, hashes->tags + at);
    if (lanes != 0 && filter->organization_count > 0)
        lanes &= equal_halves(filter->organizations, filter->organization_count,
                              hashes->organization + at);
    if (lanes != 0 && filter->platform_count > 0)
        lanes &= equal_bytes(filter->platforms, filter->platform_count, hashes->platform + at);
    if (lanes != 0 && filter->area_count > 0)
        lanes &= (uint16_t)(fitting(filter->areas, filter->area_count, hashes->area + at) |
                            bits_of_bytes(hashes->many + at));
    return group_lanes(filter, tile, group, lanes);
}

static void prefetch_bytes(const void *from, size_t bytes)
{
    for (size_t at = 0; at < bytes; at += 64)
        __builtin_prefetch((const char *)from + at);
}

static void prefetch_groups(const struct tile_group_more *groups)
{
    for (size_t i = 0; i < BLOCK_GROUPS; i++) {
        __builtin_prefetch(groups[i].bits);
        __builtin_prefetch(groups[i].occupation);
    }
}

void query_filter_prefetch(const struct query_filter *filter, const struct tile *tile,
                           uint16_t blocks)
{
    for (unsigned left = blocks & ((1u << tile->block_count) - 1); left; left &= left - 1) {
        size_t block = (size_t)__builtin_ctz(left);
        const struct tile_filters *hashes = &tile_filters(tile)[block];
        if (filter->tag_count + filter->group_count > 0)
            prefetch_bytes(hashes->tags, sizeof hashes->tags);
        else if (filter->organization_count > 0)
            prefetch_bytes(hashes->organization, sizeof hashes->organization);
        else if (filter->platform_count > 0)
            prefetch_bytes(hashes->platform, sizeof hashes->platform);
        else if (filter->area_count > 0)
            prefetch_bytes(hashes->area, sizeof hashes->area);
        else
            prefetch_groups(&tile_more(tile)[block * BLOCK_GROUPS]);
    }
}
