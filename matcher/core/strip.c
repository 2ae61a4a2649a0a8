/* See strip.h. */
#include "core/strip.h"

#include <math.h>
#include <sys/mman.h>

#include "base/memory.h"
#include "core/code.h"

#include "base/banned.h"

/* A row is one cache line in `bounds` and two in `lists`; with huge pages a search touches a few
 * translations instead of one for each row. */
static void *matrix_new(size_t bytes)
{
    enum { HUGE_PAGE_BYTES = 2 << 20 };
    size_t alignment = bytes >= HUGE_PAGE_BYTES ? HUGE_PAGE_BYTES : 64;
    void *matrix = memory_try_aligned(alignment, bytes);
    if (!matrix)
        return NULL;
    if (alignment == HUGE_PAGE_BYTES)
        madvise(matrix, bytes, MADV_HUGEPAGE); /* only a wish */
    memset(matrix, 0, bytes);
    return matrix;
}

struct strip *strip_new(size_t row_count)
{
    struct strip *strip = memory_try_aligned(64, sizeof *strip);
    if (!strip)
        return NULL;
    memset(strip, 0, sizeof *strip);
    strip->row_count = row_count;
    strip->lists = matrix_new(row_count * STRIP_TILES * (sizeof *strip->lists + 1));
    strip->bounds = (uint8_t *)(strip->lists + row_count * STRIP_TILES); /* in one block */
    strip->facets = facet_matrix_new();
    if (strip->lists && strip->facets)
        return strip;
    strip_free(strip);
    return NULL;
}

void strip_free(struct strip *strip)
{
    if (!strip)
        return;
    memory_free(strip->lists);
    memory_free(strip->facets);
    memory_free(strip);
}

/* Floats beyond the number on either side: a conversion rounds by half a step at the most. */
static float float_below(int64_t value)
{
    return nextafterf((float)value, -INFINITY);
}

static float float_above(int64_t value)
{
    return nextafterf((float)value, INFINITY);
}

static float value_of(uint16_t code, int exponent, bool is_rounded_up)
{
    return is_rounded_up && code == CODE_LAST ? INFINITY : code_value(code, exponent);
}

/* What holds for every block holds for the tile. */
struct extent {
    uint16_t lat_low, lat_high, lon_low, lon_high, pay_first, pay_second, radius;
};

static struct extent extent_of(const struct tile *tile)
{
    bool vacancies = tile->ranking == RANK_VACANCIES;
    struct extent all = {tile->lat_low[0],  tile->lat_high[0],  tile->lon_low[0],
                         tile->lon_high[0], tile->pay_first[0], tile->pay_second[0],
                         tile->radius[0]};
#define LEAST(name) all.name = tile->name[i] < all.name ? tile->name[i] : all.name
#define MOST(name)  all.name = tile->name[i] > all.name ? tile->name[i] : all.name
    for (unsigned i = 1; i < tile->block_count; i++) {
        LEAST(lat_low);
        MOST(lat_high);
        LEAST(lon_low);
        MOST(lon_high);
        MOST(radius);
        if (vacancies) {
            MOST(pay_first);
            MOST(pay_second);
        } else {
            LEAST(pay_first);
            LEAST(pay_second);
        }
    }
#undef LEAST
#undef MOST
    return all;
}

static void fill_bounds(struct tile_bounds *out, unsigned column, const struct tile *tile)
{
    struct extent all = extent_of(tile);
    bool vacancies = tile->ranking == RANK_VACANCIES;
    int64_t step = INT64_C(1) << tile->shift;
    out->lat_low[column] = float_below(tile->lat_origin + all.lat_low * step);
    out->lat_high[column] = float_above(tile->lat_origin + (all.lat_high + 1) * step);
    out->lon_low[column] = float_below(tile->lon_origin + all.lon_low * step);
    out->lon_high[column] = float_above(tile->lon_origin + (all.lon_high + 1) * step);
    out->cosine_low[column] = tile->cosine_low;
    out->pay_first[column] = value_of(all.pay_first, PAY_CODE_EXPONENT, vacancies);
    out->pay_second[column] = value_of(all.pay_second, PAY_CODE_EXPONENT, vacancies);
    out->radius[column] = value_of(all.radius, DISTANCE_CODE_EXPONENT, true);
    out->pay_unknown[column] = tile->pay_unknown != 0;
    out->occupation_open[column] = tile->occupation_open != 0;
    for (int level = 0; level < 4; level++) {
        uint32_t bits = 0;
        for (unsigned i = 0; i < tile->block_count; i++)
            bits |= tile->occupations[level][i];
        out->occupations[level][column] = bits;
    }
}

void strip_fill(struct strip *strip, unsigned column, const struct tile *tile,
                const struct tile_entries *entries)
{
    fill_bounds(&strip->tiles, column, tile);
    facet_matrix_fill(strip->facets, column, entries->facets);
    for (size_t i = 0; i < entries->row_count; i++) {
        const struct tile_row *row = &entries->rows[i];
        size_t at = (size_t)row->row * STRIP_TILES + column;
        strip->bounds[at] = row->bound;
        strip->lists[at] = row->offset;
    }
}

void strip_empty(struct strip *strip, unsigned column)
{
    facet_matrix_empty(strip->facets, column);
    for (size_t row = 0; row < strip->row_count; row++) {
        size_t at = row * STRIP_TILES + column;
        if (strip->bounds[at] != 0) {
            strip->bounds[at] = 0;
            strip->lists[at] = 0;
        }
    }
}
