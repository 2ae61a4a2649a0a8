/* See strip.h. */
#include "core/strip.h"

#include <math.h>
#include <sys/mman.h>

#include "base/memory.h"

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
    strip->bounds = matrix_new(row_count * STRIP_TILES * sizeof *strip->bounds);
    strip->lists = matrix_new(row_count * STRIP_TILES * sizeof *strip->lists);
    if (strip->bounds && strip->lists)
        return strip;
    strip_free(strip);
    return NULL;
}

void strip_free(struct strip *strip)
{
    if (!strip)
        return;
    memory_free(strip->bounds);
    memory_free(strip->lists);
    memory_free(strip);
}

/* What holds for every block holds for the tile. */
static void fill_bounds(struct tile_bounds *out, unsigned column, const struct tile *tile)
{
    const struct block_bounds *blocks = &tile->blocks;
    float lat_low = blocks->lat_low[0], lat_high = blocks->lat_high[0];
    float lon_low = blocks->lon_low[0], lon_high = blocks->lon_high[0];
    float cosine_low = blocks->cosine_low[0], radius = blocks->radius[0];
    float pay_first = blocks->pay_first[0], pay_second = blocks->pay_second[0];
    uint64_t occupations[4] = {0};
    uint8_t pay_unknown = 0, occupation_open = 0;
    float (*further)(float, float) = tile->ranking == RANK_VACANCIES ? fmaxf : fminf;
    for (unsigned i = 0; i < tile->block_count; i++) {
        lat_low = fminf(lat_low, blocks->lat_low[i]);
        lat_high = fmaxf(lat_high, blocks->lat_high[i]);
        lon_low = fminf(lon_low, blocks->lon_low[i]);
        lon_high = fmaxf(lon_high, blocks->lon_high[i]);
        cosine_low = fminf(cosine_low, blocks->cosine_low[i]);
        radius = fmaxf(radius, blocks->radius[i]);
        pay_first = further(pay_first, blocks->pay_first[i]);
        pay_second = further(pay_second, blocks->pay_second[i]);
        for (int level = 0; level < 4; level++)
            occupations[level] |= blocks->occupations[level][i];
        pay_unknown |= blocks->pay_unknown[i];
        occupation_open |= blocks->occupation_open[i];
    }
    out->lat_low[column] = lat_low;
    out->lat_high[column] = lat_high;
    out->lon_low[column] = lon_low;
    out->lon_high[column] = lon_high;
    out->cosine_low[column] = cosine_low;
    out->radius[column] = radius;
    out->pay_first[column] = pay_first;
    out->pay_second[column] = pay_second;
    for (int level = 0; level < 4; level++)
        out->occupations[level][column] = occupations[level];
    out->pay_unknown[column] = pay_unknown;
    out->occupation_open[column] = occupation_open;
}

void strip_fill(struct strip *strip, unsigned column, const struct tile *tile,
                const struct tile_row *rows, size_t row_count)
{
    fill_bounds(&strip->tiles, column, tile);
    for (size_t i = 0; i < row_count; i++) {
        size_t at = (size_t)rows[i].row * STRIP_TILES + column;
        strip->bounds[at] = rows[i].bound;
        strip->lists[at] = rows[i].offset;
    }
}

void strip_empty(struct strip *strip, unsigned column)
{
    for (size_t row = 0; row < strip->row_count; row++) {
        size_t at = row * STRIP_TILES + column;
        if (strip->bounds[at] != 0) {
            strip->bounds[at] = 0;
            strip->lists[at] = 0;
        }
    }
}
