/* The kernels' one source; see kernel.h. Included by kernel_scalar.c, kernel_avx2.c and
 * kernel_avx512.c, each compiled for its instruction set, and by nothing else.
 *
 * Bounds are sums of six upper bounds in units of the score. What depends on place is a lower bound
 * of the distance:
 *   to a box: from its nearest edges, with the smallest cosine between the two latitudes;
 *   to a document: from the middle of its coordinate step, less half a step and the roundings.
 * geo_distance_m floors three times, so the true distance is at most 1.1 m below the formula's; its
 * cosine is right to 4e-8 of the longitudes' difference. Both, and the floats' 24 bits, are covered
 * by taking off DISTANCE_SLACK_M and DISTANCE_SLACK of each axis.
 * Code is written for both rankings; `vacancies` is a constant in each copy.
 */
#ifndef KERNEL_NAME
#error "kernel_body.h is included by kernel_<set>.c only"
#endif

#include "core/kernel.h"
#include "core/simd.h"

static const float METRES_PER_UNIT = 0.0111195080f;
static const float CIRCLE_E7 = 3600000000.0f;
static const float DISTANCE_SLACK_M = 1.5f;
static const float DISTANCE_SLACK = 1e-5f;

/* --- Boxes: tiles and blocks
 * ---------------------------------------------------------------------- */

/* Sixteen boxes relative to a site, in units of 1e-7 degrees. */
struct box_edges {
    floats lat_low, lat_high, lon_low, lon_high, cosine_low;
};

/* Edges are at or beyond the true ones but for the roundings of floats, which `slack` covers. */
INLINE floats box_distance(const struct box_edges *box, const struct query_site *site, float slack)
{
    floats zero = f_all(0);
    floats dy = f_max(box->lat_low, f_sub(zero, box->lat_high));
    floats dx = f_max(box->lon_low, f_sub(zero, box->lon_high));
    /* The other way round the Earth, where that is shorter. */
    floats farthest = f_max(box->lon_high, f_sub(zero, box->lon_low));
    floats wrapped = f_max(f_sub(f_all(CIRCLE_E7), farthest), zero);
    dy = f_max(f_sub(dy, f_all(slack)), zero);
    dx = f_max(f_sub(f_min(f_max(dx, zero), wrapped), f_all(slack)), zero);
    dx = f_mul(dx, f_min(box->cosine_low, f_all(site->cosine_low)));
    floats units = f_root(f_add(f_mul(dx, dx), f_mul(dy, dy)));
    floats metres = f_mul(units, f_all(METRES_PER_UNIT * (1 - DISTANCE_SLACK)));
    return f_max(f_sub(metres, f_all(DISTANCE_SLACK_M)), zero);
}

/* Of a strip's tiles: floats on both sides, each off by at most 64 units. */
INLINE floats tile_distance(const struct tile_bounds *tiles, unsigned at,
                            const struct query_site *site)
{
    enum { SLACK = 128 };
    floats lat = f_all(site->lat), lon = f_all(site->lon);
    const struct box_edges box = {
        .lat_low = f_sub(f_load(tiles->lat_low + at), lat),
        .lat_high = f_sub(f_load(tiles->lat_high + at), lat),
        .lon_low = f_sub(f_load(tiles->lon_low + at), lon),
        .lon_high = f_sub(f_load(tiles->lon_high + at), lon),
        .cosine_low = f_load(tiles->cosine_low + at),
    };
    return box_distance(&box, site, SLACK);
}

/* Of a tile's blocks: steps from an origin whose difference to the site is rounded once. */
INLINE floats block_distance(const struct tile *tile, const struct query_site *site)
{
    enum { SLACK = 128 };
    floats step = f_all((float)(1u << tile->shift));
    floats lat = f_all((float)((int64_t)tile->lat_origin - site->position.lat_e7));
    floats lon = f_all((float)((int64_t)tile->lon_origin - site->position.lon_e7));
    floats lat_end = f_add(lat, step), lon_end = f_add(lon, step);
    const struct box_edges box = {
        .lat_low = f_add(f_mul(f_of_u16(tile->lat_low), step), lat),
        .lat_high = f_add(f_mul(f_of_u16(tile->lat_high), step), lat_end),
        .lon_low = f_add(f_mul(f_of_u16(tile->lon_low), step), lon),
        .lon_high = f_add(f_mul(f_of_u16(tile->lon_high), step), lon_end),
        .cosine_low = f_all(tile->cosine_low),
    };
    return box_distance(&box, site, SLACK);
}

/* Location's part from a distance that is not above the true one; clears lanes that are too far. */
INLINE floats location_part(const struct query *query, floats metres, floats radius,
                            uint16_t *lanes)
{
    if (query->location.is_gate)
        *lanes &= f_ge(radius, metres);
    floats part = f_sub(f_all(1), f_div(metres, radius));
    return f_mul(f_max(part, f_all(0)), f_all(query->location.weight));
}

INLINE floats part_of_one(floats value)
{
    return f_max(f_min(value, f_all(1)), f_all(0));
}

/* Points of pay: `first` and `second` as the columns have them, rounded to the safe side. Clears
 * lanes of `known` that fail the gate from *lanes. */
INLINE floats pay_part(const bool vacancies, const struct query_pay *pay, floats first,
                       floats second, uint16_t known, uint16_t *lanes)
{
    floats points;
    if (vacancies) {
        if (pay->is_gate)
            *lanes &= (uint16_t)(f_ge(first, f_all(pay->minimum)) | ~known);
        floats above = f_sub(pay->by_midpoint ? second : first, f_all(pay->floor));
        points = part_of_one(f_mul(above, f_all(pay->span_inverse)));
    } else {
        if (pay->is_gate)
            *lanes &= (uint16_t)(f_ge(f_all(pay->top), first) | ~known);
        floats above = f_sub(f_all(pay->reference), first);
        points = part_of_one(f_div(above, f_max(f_sub(second, first), f_all(1e-3f))));
    }
    floats part = pay->is_fixed ? f_all(pay->fixed) : f_mul(points, f_all(pay->weight));
    return f_choose(known, part, f_all(pay->unknown));
}

/* A box with some unknown pay has both kinds: the better counts, and the gate removes nobody. */
INLINE floats box_pay(const bool vacancies, const struct query *query, floats first, floats second,
                      uint16_t unknown, uint16_t *lanes)
{
    uint16_t pass = *lanes;
    floats known = pay_part(vacancies, &query->pay, first, second, 0xFFFF, &pass);
    *lanes &= (uint16_t)(pass | unknown);
    return f_choose(unknown, f_max(known, f_all(query->pay.unknown)), known);
}

/* `bits` by level, `stride` apart. */
INLINE floats box_occupation(const bool vacancies, const struct query *query, const uint32_t *bits,
                             size_t stride, uint16_t open)
{
    const struct query_occupation *occupation = &query->occupation;
    if (occupation->weight == 0)
        return f_all(0);
    if (occupation->is_fixed)
        return f_all(occupation->unstated);
    floats best = f_all(0);
    float quarter = occupation->weight / 4;
    for (uint32_t i = 0; i < occupation->count; i++) {
        floats points = f_all(0);
        uint16_t shared = 0xFFFF;
        for (size_t level = 0; level < 4; level++) {
            unsigned bit = occupation->paths[i] >> 8 * level & 31;
            shared &= u32_any(bits + level * stride, UINT32_C(1) << bit);
            points = f_add_where(points, shared, quarter);
        }
        best = f_max(best, points);
    }
    return f_max_where(best, open, vacancies ? occupation->unstated : occupation->weight);
}

/* --- Strips
 * ---------------------------------------------------------------------------------------- */

/* Sums of the tile bounds of 64 columns, in TILE_UNITs. */
struct tile_sums {
    uint16_t of[STRIP_TILES];
};

INLINE void prefetch_offsets(const struct strip *strip, uint32_t row)
{
    const uint16_t *lists = strip->lists + (size_t)row * STRIP_TILES;
    __builtin_prefetch(lists);
    __builtin_prefetch(lists + STRIP_TILES / 2);
}

/* A column that is being changed is not live in this reader's view, and what was read of it is
 * dropped: the race is harmless. */
__attribute__((no_sanitize("thread"))) INLINE void sum_asked(const struct query *query,
                                                             const struct strip *strip,
                                                             uint64_t *present,
                                                             struct tile_sums *sums)
{
    halves low = h_zero(), high = h_zero();
    for (uint32_t i = 0; i < query->term_count; i++) {
        const struct term *term = &query->terms[i];
        const uint8_t *row = strip->bounds + (size_t)term->row * STRIP_TILES;
        present[i] = u8_nonzero(row);
        prefetch_offsets(strip, term->row);
        if (term->tile_factor == 256) {
            low = h_add(low, h_of_u8(row));
            high = h_add(high, h_of_u8(row + 32));
        } else {
            low = h_add(low, h_scale_u8(row, term->tile_factor));
            high = h_add(high, h_scale_u8(row + 32, term->tile_factor));
        }
    }
    h_store(sums->of, low);
    h_store(sums->of + 32, high);
}

/* Columns where the matrix byte is one that an essential skill needs. */
INLINE uint64_t essential_columns(const uint8_t *row, uint16_t accepted)
{
    uint64_t columns = 0;
    for (int i = 0; i < STRIP_TILES; i++)
        columns |= (uint64_t)(accepted >> (row[i] & 15) & 1) << i;
    return columns;
}

__attribute__((no_sanitize("thread"))) INLINE void sum_held(const struct query *query,
                                                            const struct strip *strip,
                                                            uint64_t *present,
                                                            struct tile_sums *sums, uint64_t *live)
{
    halves low = h_zero(), high = h_zero();
    for (uint32_t i = 0; i < query->term_count;) {
        halves best_low = h_zero(), best_high = h_zero();
        for (uint16_t group = query->terms[i].group;
             i < query->term_count && query->terms[i].group == group; i++) {
            const struct term *term = &query->terms[i];
            const uint8_t *row = strip->bounds + (size_t)term->row * STRIP_TILES;
            present[i] = u8_nonzero(row);
            prefetch_offsets(strip, term->row);
            best_low = h_max(best_low, h_lookup_u8(term->tile_table, row));
            best_high = h_max(best_high, h_lookup_u8(term->tile_table, row + 32));
            if (term->is_essential)
                *live &= essential_columns(row, term->essential_matrix);
        }
        low = h_add(low, best_low);
        high = h_add(high, best_high);
    }
    h_store(sums->of, low);
    h_store(sums->of + 32, high);
}

INLINE floats skill_part(const struct query *query, floats units)
{
    floats part = f_min(f_mul(units, f_all(query->skill_tile_unit)), f_all(query->skill_limit));
    return f_add(part, f_all(query->skill_base));
}

INLINE floats tile_location(const bool vacancies, const struct query *query,
                            const struct strip_view *view, unsigned at, uint16_t *lanes)
{
    const struct query_location *location = &query->location;
    const struct tile_bounds *tiles = &view->strip->tiles;
    uint16_t placed = (uint16_t)(view->of_kind[TILE_PLACED] >> at);
    uint16_t remote = (uint16_t)(view->of_kind[TILE_REMOTE] >> at);
    floats part = f_choose(remote, f_all(location->fixed[TILE_REMOTE]),
                           f_all(location->fixed[TILE_UNSTATED]));
    if (location->fixed[TILE_PLACED] >= 0)
        return f_choose(placed, f_all(location->fixed[TILE_PLACED]), part);
    if (!(placed & *lanes))
        return part;
    floats metres = tile_distance(tiles, at, &location->sites[0]);
    for (uint32_t i = 1; i < location->site_count; i++)
        metres = f_min(metres, tile_distance(tiles, at, &location->sites[i]));
    uint16_t near = *lanes;
    floats radius = vacancies ? f_all(location->radius_m) : f_load(tiles->radius + at);
    part = f_choose(placed, location_part(query, metres, radius, &near), part);
    *lanes &= (uint16_t)(near | ~placed);
    return part;
}

/* The bound of everything but skills. */
__attribute__((no_sanitize("thread"))) INLINE floats tile_rest(const bool vacancies,
                                                               const struct query *query,
                                                               const struct strip_view *view,
                                                               unsigned at, uint16_t *lanes)
{
    const struct tile_bounds *tiles = &view->strip->tiles;
    floats rest = tile_location(vacancies, query, view, at, lanes);
    rest = f_add(rest,
                 box_pay(vacancies, query, f_load(tiles->pay_first + at),
                         f_load(tiles->pay_second + at), u8_any(tiles->pay_unknown + at), lanes));
    rest = f_add(rest, box_occupation(vacancies, query, tiles->occupations[0] + at, STRIP_TILES,
                                      u8_any(tiles->occupation_open + at)));
    return f_add(rest, f_all(query->quality_limit + query->slack));
}

__attribute__((no_sanitize("thread"))) INLINE void
bound_strip(const bool vacancies, const struct query *query, const struct strip_view *view,
            float bounds[STRIP_TILES], uint64_t *present)
{
    struct tile_sums sums;
    uint64_t live = view->live;
    if (vacancies)
        sum_asked(query, view->strip, present, &sums);
    else
        sum_held(query, view->strip, present, &sums, &live);
    for (unsigned at = 0; at < STRIP_TILES; at += 16) {
        uint16_t lanes = (uint16_t)(live >> at);
        floats units = f_of_u16(sums.of + at);
        if (!query->skill_is_optional)
            lanes &= f_ge(units, f_all(1));
        floats total = f_all(-1);
        if (lanes != 0)
            total = f_add(skill_part(query, units), tile_rest(vacancies, query, view, at, &lanes));
        f_store(bounds + at, f_choose(lanes, total, f_all(-1)));
    }
}

/* --- Blocks
 * ---------------------------------------------------------------------------------------- */

INLINE uint16_t list_mask(const uint8_t *head)
{
    uint16_t mask;
    memcpy(&mask, head, sizeof mask);
    return mask;
}

INLINE uint16_t list_count(const uint8_t *head)
{
    uint16_t count;
    memcpy(&count, head + 2, sizeof count);
    return count;
}

enum { LIST_FORM_AT = 4, LIST_BOUNDS_AT = 5 };

/* Finds the tile's lists and starts fetching them. */
INLINE void gather(const struct query *query, struct visit_tile *slot)
{
    const struct strip *strip = slot->view->strip;
    const uint8_t *lists = tile_lists(slot->tile);
    slot->list_count = 0;
    for (uint32_t i = 0; i < query->term_count; i++) {
        if (!(slot->present[i] >> slot->column & 1))
            continue;
        uint16_t offset = strip->lists[(size_t)query->terms[i].row * STRIP_TILES + slot->column];
        const uint8_t *head = lists + (size_t)offset * LIST_ALIGNMENT;
        __builtin_prefetch(head);
        slot->lists[slot->list_count++] = (struct visit_list){head, i};
    }
}

/* Bounds of the 16 blocks' skills, in TILE_UNITs, and the blocks that every essential skill has. */
INLINE floats block_units(const bool vacancies, const struct query *query,
                          const struct visit_tile *slot, uint16_t *blocks)
{
    floats units = f_all(0), best = f_all(0);
    uint32_t essentials = 0, group = UINT32_MAX;
    for (uint32_t i = 0; i < slot->list_count; i++) {
        const uint8_t *head = slot->lists[i].head;
        const struct term *term = &query->terms[slot->lists[i].term];
        uint16_t mask = list_mask(head);
        if (vacancies) {
            unsigned bound = head[LIST_BOUNDS_AT + term->held_class];
            units = f_add_where(units, mask, (float)((bound * term->tile_factor + 255) >> 8));
            continue;
        }
        uint8_t level = head[LIST_BOUNDS_AT] & 15;
        if (term->is_essential && (term->essential_matrix >> level & 1)) {
            *blocks &= mask;
            essentials++;
        }
        if (term->is_alone) {
            units = f_add_where(units, mask, term->tile_table[level]);
            continue;
        }
        if (term->group != group) {
            units = f_add(units, best);
            best = f_all(0);
            group = term->group;
        }
        best = f_max_where(best, mask, term->tile_table[level]);
    }
    if (!vacancies && essentials < query->essential_count)
        *blocks = 0;
    return vacancies ? units : f_add(units, best);
}

INLINE void prefetch_postings(const struct tile *tile, const uint8_t *head, size_t head_bytes,
                              uint16_t blocks)
{
    uint16_t mask = list_mask(head);
    if (head[LIST_FORM_AT] == LIST_SPARSE) {
        if (list_count(head) > 8)
            __builtin_prefetch(head + 64);
        if (list_count(head) > 40)
            __builtin_prefetch(head + 128);
        return;
    }
    uint32_t dense;
    memcpy(&dense, head + head_bytes, sizeof dense);
    for (unsigned wanted = mask & blocks; wanted; wanted &= wanted - 1) {
        unsigned block = (unsigned)__builtin_ctz(wanted);
        unsigned before = (unsigned)__builtin_popcount(mask & ((1u << block) - 1));
        __builtin_prefetch(tile_dense(tile) + dense + before * BLOCK_DOCUMENTS);
        __builtin_prefetch(tile_dense(tile) + dense + before * BLOCK_DOCUMENTS + 64);
    }
}

INLINE floats radius_of_codes(const uint16_t *codes)
{
    return f_choose(u16_equal(codes, CODE_LAST), f_all(INFINITY),
                    f_of_code(codes, CODE_FLOAT_BIAS(DISTANCE_CODE_EXPONENT),
                              (float)(1u << DISTANCE_CODE_EXPONENT)));
}

INLINE floats pay_of_codes(const bool vacancies, const uint16_t *codes)
{
    floats pay =
        f_of_code(codes, CODE_FLOAT_BIAS(PAY_CODE_EXPONENT), (float)(1u << PAY_CODE_EXPONENT));
    /* Rounded up, the last code is "this or more"; rounded down, it is at least this. */
    return vacancies ? f_choose(u16_equal(codes, CODE_LAST), f_all(INFINITY), pay) : pay;
}

/* Bounds of everything but what skills add. */
INLINE floats block_rest(const bool vacancies, const struct query *query, const struct tile *tile,
                         uint16_t *blocks)
{
    const struct query_location *location = &query->location;
    floats rest = f_all(location->fixed[tile->kind]);
    if (location->fixed[tile->kind] < 0) {
        floats metres = block_distance(tile, &location->sites[0]);
        for (uint32_t i = 1; i < location->site_count; i++)
            metres = f_min(metres, block_distance(tile, &location->sites[i]));
        floats radius = vacancies ? f_all(location->radius_m) : radius_of_codes(tile->radius);
        rest = location_part(query, metres, radius, blocks);
    }
    rest =
        f_add(rest, box_pay(vacancies, query, pay_of_codes(vacancies, tile->pay_first),
                            pay_of_codes(vacancies, tile->pay_second), tile->pay_unknown, blocks));
    rest = f_add(rest, box_occupation(vacancies, query, tile->occupations[0], TILE_BLOCKS,
                                      tile->occupation_open));
    return f_add(rest, f_all(query->quality_limit + query->slack + query->skill_base));
}

/* Which blocks are worth a look; starts fetching what the scan will read. */
INLINE void bound_blocks(const bool vacancies, struct visit *visit, struct visit_tile *slot)
{
    const struct query *query = visit->query;
    const struct tile *tile = slot->tile;
    uint16_t blocks = (uint16_t)((1u << tile->block_count) - 1);
    floats units = block_units(vacancies, query, slot, &blocks);
    if (!query->skill_is_optional)
        blocks &= f_ge(units, f_all(1));
    floats other = block_rest(vacancies, query, tile, &blocks);
    floats total =
        f_add(other, f_min(f_mul(units, f_all(query->skill_tile_unit)), f_all(query->skill_limit)));
    blocks &= f_ge(total, f_all(visit->threshold));
    f_store(slot->other, other);
    f_store(slot->total, total);
    slot->blocks = blocks;
    size_t head_bytes = list_head_bytes(query->ranking);
    for (uint32_t i = 0; i < slot->list_count && blocks != 0; i++)
        if (list_mask(slot->lists[i].head) & blocks)
            prefetch_postings(tile, slot->lists[i].head, head_bytes, blocks);
    for (unsigned wanted = vacancies ? blocks : 0; wanted; wanted &= wanted - 1) {
        __builtin_prefetch(tile_sizes(tile) + __builtin_ctz(wanted) * BLOCK_DOCUMENTS);
        __builtin_prefetch(tile_sizes(tile) + __builtin_ctz(wanted) * BLOCK_DOCUMENTS + 64);
    }
}

/* --- Postings
 * --------------------------------------------------------------------------------------- */

/* The postings of a sparse list from the first to the last wanted block. */
struct span {
    const uint8_t *postings;
    uint32_t first, end;
};

INLINE uint16_t half_at(const uint8_t *p, uint32_t index)
{
    uint16_t value;
    memcpy(&value, p + index * sizeof value, sizeof value);
    return value;
}

INLINE struct span sparse_span(const uint8_t *head, size_t head_bytes, uint16_t blocks)
{
    uint16_t mask = list_mask(head);
    const uint8_t *ends = head + head_bytes;
    unsigned first_block = (unsigned)__builtin_ctz(blocks);
    unsigned last_block = 31u - (unsigned)__builtin_clz(blocks);
    uint32_t before = (uint32_t)__builtin_popcount(mask & ((1u << first_block) - 1));
    uint32_t through = (uint32_t)__builtin_popcount(mask & ((2u << last_block) - 1));
    struct span span = {.postings = ends + (size_t)__builtin_popcount(mask) * sizeof(uint16_t)};
    span.first = before ? half_at(ends, before - 1) : 0;
    span.end = through ? half_at(ends, through - 1) : 0;
    return span;
}

/* Postings add up: nothing overflows, see query.h. */
INLINE void add_sparse(struct visit *visit, const struct term *term, struct span span)
{
    for (uint32_t i = span.first; i < span.end; i++) {
        uint16_t posting = half_at(span.postings, i);
        visit->sums[posting >> CODE_BITS] += term->table[posting & (CODE_COUNT - 1)];
    }
    visit->work.postings += span.end - span.first;
}

/* Where one document may stand in the list more often than its due. */
INLINE void add_shared(struct visit *visit, const struct term *term, struct span span)
{
    for (uint32_t i = span.first; i < span.end; i++) {
        uint16_t posting = half_at(span.postings, i);
        uint32_t sum = visit->sums[posting >> CODE_BITS] + term->table[posting & (CODE_COUNT - 1)];
        visit->sums[posting >> CODE_BITS] = (uint16_t)(sum < UINT16_MAX ? sum : UINT16_MAX);
    }
    visit->work.postings += span.end - span.first;
}

INLINE void best_sparse(struct visit *visit, const struct term *term, struct span span)
{
    for (uint32_t i = span.first; i < span.end; i++) {
        uint16_t posting = half_at(span.postings, i);
        uint16_t value = term->table[posting & (CODE_COUNT - 1)];
        uint16_t *best = &visit->best[posting >> CODE_BITS];
        *best = value > *best ? value : *best;
    }
    visit->work.postings += span.end - span.first;
}

/* Adds the best of a group where it is, once, and clears it. */
INLINE void settle_sparse(struct visit *visit, struct span span)
{
    for (uint32_t i = span.first; i < span.end; i++) {
        unsigned document = half_at(span.postings, i) >> CODE_BITS;
        uint32_t sum = (uint32_t)visit->sums[document] + visit->best[document];
        visit->sums[document] = (uint16_t)(sum < UINT16_MAX ? sum : UINT16_MAX);
        visit->best[document] = 0;
    }
}

INLINE const uint8_t *dense_block(const struct tile *tile, const uint8_t *head, size_t head_bytes,
                                  unsigned block)
{
    uint32_t dense;
    memcpy(&dense, head + head_bytes, sizeof dense);
    unsigned before = (unsigned)__builtin_popcount(list_mask(head) & ((1u << block) - 1));
    return tile_dense(tile) + dense + (size_t)before * BLOCK_DOCUMENTS;
}

enum dense_way { DENSE_ADD, DENSE_BEST };

INLINE void scan_dense(struct visit *visit, const struct tile *tile, const uint8_t *head,
                       size_t head_bytes, const struct term *term, uint16_t blocks,
                       enum dense_way way)
{
    const lookup_table table = lookup_load(term->table);
    for (unsigned wanted = list_mask(head) & blocks; wanted; wanted &= wanted - 1) {
        unsigned block = (unsigned)__builtin_ctz(wanted);
        const uint8_t *codes = dense_block(tile, head, head_bytes, block);
        uint16_t *out = (way == DENSE_ADD ? visit->sums : visit->best) + block * BLOCK_DOCUMENTS;
        for (unsigned i = 0; i < BLOCK_DOCUMENTS; i += 32) {
            halves value = h_lookup(table, codes + i);
            halves old = h_load(out + i);
            h_store(out + i, way == DENSE_ADD ? h_add(old, value) : h_max(old, value));
        }
        visit->work.postings += BLOCK_DOCUMENTS;
    }
}

INLINE void settle_dense(struct visit *visit, uint16_t blocks)
{
    for (unsigned wanted = blocks; wanted; wanted &= wanted - 1) {
        size_t first = (size_t)__builtin_ctz(wanted) * BLOCK_DOCUMENTS;
        for (size_t i = first; i < first + BLOCK_DOCUMENTS; i += 32) {
            h_store(visit->sums + i, h_add(h_load(visit->sums + i), h_load(visit->best + i)));
            h_store(visit->best + i, h_zero());
        }
    }
}

INLINE void count_essentials(struct visit *visit, const struct tile *tile, const uint8_t *head,
                             size_t head_bytes, const struct term *term, uint16_t blocks)
{
    if (head[LIST_FORM_AT] == LIST_SPARSE) {
        struct span span = sparse_span(head, head_bytes, blocks);
        for (uint32_t i = span.first; i < span.end; i++) {
            uint16_t posting = half_at(span.postings, i);
            visit->essentials[posting >> CODE_BITS] += term->essential_codes >> (posting & 15) & 1;
        }
        return;
    }
    for (unsigned wanted = list_mask(head) & blocks; wanted; wanted &= wanted - 1) {
        unsigned block = (unsigned)__builtin_ctz(wanted);
        const uint8_t *codes = dense_block(tile, head, head_bytes, block);
        uint8_t *out = visit->essentials + block * BLOCK_DOCUMENTS;
        for (unsigned i = 0; i < BLOCK_DOCUMENTS; i++) /* CODE_ABSENT & 15 is no level */
            out[i] += term->essential_codes >> (codes[i] & 15) & 1;
    }
}

/* A group of several lists: the best of them counts for a document. */
INLINE uint32_t scan_group(struct visit *visit, const struct visit_tile *slot, uint32_t first,
                           size_t head_bytes)
{
    const struct query *query = visit->query;
    uint16_t group = query->terms[slot->lists[first].term].group, dense_blocks = 0;
    uint32_t end = first;
    for (; end < slot->list_count && query->terms[slot->lists[end].term].group == group; end++) {
        const uint8_t *head = slot->lists[end].head;
        const struct term *term = &query->terms[slot->lists[end].term];
        if (!(list_mask(head) & slot->blocks))
            continue;
        if (head[LIST_FORM_AT] == LIST_DENSE) {
            scan_dense(visit, slot->tile, head, head_bytes, term, slot->blocks, DENSE_BEST);
            dense_blocks |= list_mask(head) & slot->blocks;
        } else {
            best_sparse(visit, term, sparse_span(head, head_bytes, slot->blocks));
        }
    }
    for (uint32_t i = first; i < end; i++) {
        const uint8_t *head = slot->lists[i].head;
        if ((list_mask(head) & slot->blocks) && head[LIST_FORM_AT] == LIST_SPARSE)
            settle_sparse(visit, sparse_span(head, head_bytes, slot->blocks));
    }
    settle_dense(visit, dense_blocks);
    return end;
}

INLINE void clear_sums(struct visit *visit, uint16_t blocks)
{
    for (unsigned wanted = blocks; wanted; wanted &= wanted - 1) {
        size_t first = (size_t)__builtin_ctz(wanted) * BLOCK_DOCUMENTS;
        for (size_t i = first; i < first + BLOCK_DOCUMENTS; i += 32)
            h_store(visit->sums + i, h_zero());
        if (visit->query->essential_count > 0)
            memset(visit->essentials + first, 0, BLOCK_DOCUMENTS);
    }
}

INLINE void add_lists(const bool vacancies, struct visit *visit, const struct visit_tile *slot)
{
    const struct query *query = visit->query;
    size_t head_bytes = list_head_bytes(query->ranking);
    for (uint32_t i = 0; i < slot->list_count;) {
        const uint8_t *head = slot->lists[i].head;
        const struct term *term = &query->terms[slot->lists[i].term];
        bool is_wanted = (list_mask(head) & slot->blocks) != 0;
        if (!vacancies && term->is_essential && is_wanted)
            count_essentials(visit, slot->tile, head, head_bytes, term, slot->blocks);
        if (!vacancies && !term->is_alone) {
            i = scan_group(visit, slot, i, head_bytes);
            continue;
        }
        i++;
        if (!is_wanted)
            continue;
        if (head[LIST_FORM_AT] == LIST_DENSE)
            scan_dense(visit, slot->tile, head, head_bytes, term, slot->blocks, DENSE_ADD);
        else if (!vacancies && term->is_shared)
            add_shared(visit, term, sparse_span(head, head_bytes, slot->blocks));
        else
            add_sparse(visit, term, sparse_span(head, head_bytes, slot->blocks));
    }
}

/* --- Documents
 * --------------------------------------------------------------------------------------- */

/* Documents of a block that live, 128 bits in two words. */
INLINE void live_documents(const struct visit_tile *slot, unsigned block, uint64_t live[2])
{
    for (unsigned half = 0; half < 2; half++) {
        unsigned first = block * BLOCK_DOCUMENTS + half * 64, count = slot->tile->document_count;
        live[half] = first + 64 <= count ? UINT64_MAX
                     : first < count     ? (UINT64_C(1) << (count - first)) - 1
                                         : 0;
        if (slot->tombstones)
            live[half] &= ~slot->tombstones[block * 2 + half];
    }
}

INLINE void queue_group(struct visit *visit, const struct visit_tile *slot, unsigned block,
                        unsigned first, uint16_t lanes)
{
    struct candidate_group *candidate = &visit->candidates[visit->candidate_count++];
    const struct tile *tile = slot->tile;
    candidate->tile = tile;
    candidate->group = (uint16_t)(first / GROUP_DOCUMENTS);
    candidate->lanes = lanes;
    candidate->other = slot->other[block];
    memcpy(candidate->sums, visit->sums + first, sizeof candidate->sums);
    const char *group = (const char *)&tile_groups(tile)[first / GROUP_DOCUMENTS];
    __builtin_prefetch(group);
    __builtin_prefetch(group + 64);
    if (visit->query->reads_third_line)
        __builtin_prefetch(group + 128);
    if (visit->query->occupation.weight > 0)
        __builtin_prefetch(group + 192);
}

/* The least sum that a document of a block needs, as a factor of its size (vacancies, in 1/512) or
 * by itself. Rounded down; false when no sum would do. */
INLINE bool sum_needed(const bool vacancies, const struct visit *visit, float other, uint16_t *out)
{
    const struct query *query = visit->query;
    float needed = visit->threshold - other;
    *out = 0;
    if (needed <= 0)
        return true;
    if (needed > query->skill_limit)
        return false;
    float units = needed / query->skill_unit * (vacancies ? 512.0f : 1.0f) * 0.999999f;
    *out = units < 65535.0f ? (uint16_t)units : UINT16_MAX;
    return true;
}

INLINE void queue_block(const bool vacancies, struct visit *visit, const struct visit_tile *slot,
                        unsigned block)
{
    const struct query *query = visit->query;
    uint64_t live[2];
    uint16_t factor;
    if (!sum_needed(vacancies, visit, slot->other[block], &factor))
        return;
    live_documents(slot, block, live);
    halves least = h_all(query->skill_is_optional ? 0 : 1);
    halves needed = h_max(h_all(factor), least);
    for (unsigned i = 0; i < BLOCK_DOCUMENTS; i += 32) {
        unsigned first = block * BLOCK_DOCUMENTS + i;
        if (vacancies) {
            halves size = h_shift_left(h_of_u8(tile_sizes(slot->tile) + first), 7);
            needed = h_max(h_mul_high(size, h_all(factor)), least);
        }
        uint32_t enough = h_ge(h_load(visit->sums + first), needed);
        enough &= (uint32_t)(live[i / 64] >> i % 64);
        if (!vacancies && query->essential_count > 0)
            for (unsigned j = 0; j < 32; j++)
                if (visit->essentials[first + j] < query->essential_count)
                    enough &= ~(UINT32_C(1) << j);
        if (enough & 0xFFFF)
            queue_group(visit, slot, block, first, (uint16_t)enough);
        if (enough >> 16)
            queue_group(visit, slot, block, first + 16, (uint16_t)(enough >> 16));
    }
}

INLINE void scan_tile(const bool vacancies, struct visit *visit, struct visit_tile *slot)
{
    slot->blocks &= f_ge(f_load(slot->total), f_all(visit->threshold));
    if (slot->blocks == 0)
        return;
    visit->work.tiles++;
    visit->work.blocks += (uint64_t)__builtin_popcount(slot->blocks);
    clear_sums(visit, slot->blocks);
    add_lists(vacancies, visit, slot);
    for (unsigned wanted = slot->blocks; wanted; wanted &= wanted - 1)
        queue_block(vacancies, visit, slot, (unsigned)__builtin_ctz(wanted));
}

/* --- Groups of 16 documents
 * --------------------------------------------------------------------------- */

/* Lanes that no gate on the columns removes. */
INLINE uint16_t gated(const bool vacancies, const struct query *query, const struct tile *tile,
                      const struct tile_group *group, uint16_t lanes)
{
    if (query->types != 0 && (tile->any_bits & DOCUMENT_TYPES))
        lanes &=
            (uint16_t)(u16_any(group->bits, query->types) | ~u16_any(group->bits, DOCUMENT_TYPES));
    if (query->required_bits != 0)
        lanes &= u16_any(group->bits, query->required_bits);
    if (vacancies) {
        if (tile->any_needs & query->needs)
            lanes &= (uint16_t)~u16_any(group->needs, query->needs);
        if (tile->any_essential & query->essential_clear)
            lanes &= (uint16_t)~u32_any(group->essential_or_second, query->essential_clear);
    } else {
        for (unsigned needs = query->needs; needs; needs &= needs - 1)
            lanes &= u16_any(group->needs, (uint16_t)(needs & -needs));
    }
    return lanes;
}

/* 1e-7 degrees of latitude around the site's to the cosine: geo.c's polynomial in floats. */
INLINE floats cosine_of(floats latitude)
{
    floats u = f_mul(f_abs(latitude), f_all(1 / 9e8f));
    floats z = f_mul(u, u);
    floats c = f_sub(f_all(9.19260e-4f), f_mul(z, f_all(2.4737e-5f)));
    c = f_sub(f_all(2.0863475e-2f), f_mul(z, c));
    c = f_sub(f_all(2.53669508e-1f), f_mul(z, c));
    c = f_sub(f_all(1.23370055f), f_mul(z, c));
    return f_max(f_sub(f_all(1), f_mul(z, c)), f_all(0));
}

/* Lower bounds of the distances of 16 documents. */
INLINE floats group_distance(const struct tile *tile, const struct tile_group *group,
                             const struct query_site *site)
{
    float step = (float)(1u << tile->shift);
    float lat_base = (float)((int64_t)tile->lat_origin - site->position.lat_e7) + step / 2;
    float lon_base = (float)((int64_t)tile->lon_origin - site->position.lon_e7) + step / 2;
    floats dy = f_add(f_mul(f_of_u16(group->lat), f_all(step)), f_all(lat_base));
    floats dx = f_abs(f_add(f_mul(f_of_u16(group->lon), f_all(step)), f_all(lon_base)));
    floats cosine = cosine_of(f_add(f_mul(dy, f_all(0.5f)), f_all(site->lat)));
    dx = f_min(dx, f_abs(f_sub(f_all(CIRCLE_E7), dx)));
    dy = f_abs(dy);
    floats off = f_mul(f_add(dx, dy), f_all(DISTANCE_SLACK));
    dx = f_mul(dx, cosine);
    floats units = f_root(f_add(f_mul(dx, dx), f_mul(dy, dy)));
    units = f_sub(f_sub(units, off), f_all(step));
    return f_max(f_sub(f_mul(units, f_all(METRES_PER_UNIT)), f_all(DISTANCE_SLACK_M)), f_all(0));
}

INLINE floats group_location(const bool vacancies, const struct query *query,
                             const struct tile *tile, const struct tile_group *group,
                             uint16_t *lanes)
{
    const struct query_location *location = &query->location;
    if (location->fixed[tile->kind] >= 0)
        return f_all(location->fixed[tile->kind]);
    floats metres = group_distance(tile, group, &location->sites[0]);
    for (uint32_t i = 1; i < location->site_count; i++)
        metres = f_min(metres, group_distance(tile, group, &location->sites[i]));
    floats radius = f_all(location->radius_m);
    if (!vacancies)
        radius = radius_of_codes(group->size);
    return location_part(query, metres, radius, lanes);
}

INLINE floats group_pay(const bool vacancies, const struct query *query,
                        const struct tile_group *group, uint16_t *lanes)
{
    uint16_t known = (uint16_t)~u16_equal(group->pay_first, CODE_UNKNOWN);
    floats first = pay_of_codes(vacancies, group->pay_first);
    floats second = first;
    if (!vacancies || query->pay.by_midpoint)
        second = pay_of_codes(vacancies, group->pay_second);
    return pay_part(vacancies, &query->pay, first, second, known, lanes);
}

INLINE floats group_occupation(const bool vacancies, const struct query *query,
                               const struct tile_group *group)
{
    const struct query_occupation *occupation = &query->occupation;
    if (occupation->is_fixed)
        return f_all(occupation->unstated);
    floats best = f_all(0), quarter = f_all(occupation->weight / 4);
    for (uint32_t i = 0; i < occupation->count; i++) {
        uint32_t path = occupation->paths[i];
        best = f_max(best, f_mul(u32_equal_bytes(group->occupation, path), quarter));
        if (!vacancies)
            best = f_max(best, f_mul(u32_equal_bytes(group->essential_or_second, path), quarter));
    }
    best = f_choose(u32_any(group->occupation, UINT32_MAX), best, f_all(occupation->unstated));
    if (!vacancies)
        best =
            f_max_where(best, u16_any(group->bits, DOCUMENT_MANY_OCCUPATIONS), occupation->weight);
    return best;
}

INLINE void keep(struct visit *visit, const struct candidate_group *candidate, floats bounds,
                 uint16_t lanes)
{
    const struct tile *tile = candidate->tile;
    float bound[GROUP_DOCUMENTS];
    f_store(bound, bounds);
    for (unsigned left = lanes; left; left &= left - 1) {
        unsigned lane = (unsigned)__builtin_ctz(left);
        size_t document = (size_t)candidate->group * GROUP_DOCUMENTS + lane;
        if (visit->query->has_filter &&
            !query_filter_may_pass(&visit->query->filter, tile, document))
            continue;
        __builtin_prefetch(&tile_refs(tile)[document]);
        visit->survivors[visit->survivor_count++] =
            (struct survivor){.bound = bound[lane], .document = (uint32_t)document, .tile = tile};
    }
}

INLINE void bound_group(const bool vacancies, struct visit *visit,
                        const struct candidate_group *candidate)
{
    const struct query *query = visit->query;
    const struct tile_group *group = &tile_groups(candidate->tile)[candidate->group];
    floats threshold = f_all(visit->threshold);
    uint16_t lanes = gated(vacancies, query, candidate->tile, group, candidate->lanes);
    if (lanes == 0)
        return;
    floats skill = f_mul(f_of_u16(candidate->sums), f_all(query->skill_unit));
    if (vacancies)
        skill = f_div(skill, f_of_u16(group->size));
    floats total =
        f_add(f_min(skill, f_all(query->skill_limit)), f_all(query->skill_base + query->slack));
    total = f_add(total, group_location(vacancies, query, candidate->tile, group, &lanes));
    total = f_add(total, group_pay(vacancies, query, group, &lanes));
    lanes &= f_ge(f_add(total, f_all(query->quality_limit + query->occupation.weight)), threshold);
    if (lanes == 0)
        return;
    if (query->occupation.weight > 0)
        total = f_add(total, group_occupation(vacancies, query, group));
    if (query->quality_limit > 0) {
        total = f_add(total, f_lookup(query->experience, group->quality, 0));
        total = f_add(total, f_lookup(query->education, group->quality, 4));
    }
    lanes &= f_ge(total, threshold);
    if (lanes != 0)
        keep(visit, candidate, total, lanes);
}

/* --- The outside
 * --------------------------------------------------------------------------------------- */

/* Starts fetching a tile's head: what bound_blocks reads. */
INLINE void prefetch_head(const struct query *query, const struct tile *tile)
{
    size_t bytes = query->occupation.weight > 0 ? sizeof *tile : offsetof(struct tile, occupations);
    for (size_t at = 0; at < bytes; at += 64)
        __builtin_prefetch((const char *)tile + at);
}

static void fetch_tiles(const struct query *query, struct visit_tile *tiles, size_t count)
{
    for (size_t i = 0; i < count; i++)
        prefetch_head(query, tiles[i].tile);
    for (size_t i = 0; i < count; i++)
        gather(query, &tiles[i]);
}

INLINE void visit_tiles(const bool vacancies, struct visit *visit, struct visit_tile *tiles,
                        size_t count)
{
    for (size_t i = 0; i < count; i++)
        bound_blocks(vacancies, visit, &tiles[i]);
    visit->candidate_count = 0;
    for (size_t i = 0; i < count; i++)
        scan_tile(vacancies, visit, &tiles[i]);
    visit->work.groups += visit->candidate_count;
    for (uint32_t i = 0; i < visit->candidate_count; i++)
        if (visit->candidates[i].other + visit->query->skill_limit >= visit->threshold)
            bound_group(vacancies, visit, &visit->candidates[i]);
}

static void bound_strip_any(const struct query *query, const struct strip_view *view,
                            float bounds[STRIP_TILES], uint64_t *present)
{
    if (query->ranking == RANK_VACANCIES)
        bound_strip(true, query, view, bounds, present);
    else
        bound_strip(false, query, view, bounds, present);
}

static void visit_tiles_any(struct visit *visit, struct visit_tile *tiles, size_t count)
{
    if (visit->query->ranking == RANK_VACANCIES)
        visit_tiles(true, visit, tiles, count);
    else
        visit_tiles(false, visit, tiles, count);
}

#define KERNEL_SYMBOL_(name) kernel_##name
#define KERNEL_SYMBOL(name)  KERNEL_SYMBOL_(name)
#define KERNEL_TEXT_(name)   #name
#define KERNEL_TEXT(name)    KERNEL_TEXT_(name)

extern const struct kernel KERNEL_SYMBOL(KERNEL_NAME);
const struct kernel KERNEL_SYMBOL(KERNEL_NAME) = {
    .name = KERNEL_TEXT(KERNEL_NAME),
    .bound_strip = bound_strip_any,
    .fetch_tiles = fetch_tiles,
    .visit_tiles = visit_tiles_any,
};
