/* The area table.
 *
 *   areas        [ a0 | a1 | .. ]   in the file's order; texts in the arena
 *   by_code      code -> index
 *   by_latitude  indices of the most detailed areas, from south to north
 *
 * The nearest centre is sought from the position's own latitude outwards, both ways: geo_distance_m
 * is never below the metres of the latitudes' difference, so the search ends as soon as that
 * difference is larger than the best distance found. Thread: any reader after load. Cost: a look-up
 * one hash; the nearest of the built-in areas within 100 km about 0.4 us.
 */
#include "model/area.h"

#include <assert.h>
#include <stdlib.h>

#include <xxhash.h>

#include "base/arena.h"
#include "base/memory.h"
#include "model/csv_reader.h"
#include "model/limits.h"
#include "model/str_map.h"

#include "base/banned.h"

/* China has about 3,000 districts and 40,000 townships; this is fifty times as much. */
enum { CONTENT_LIMIT_BYTES = 64 * 1024 * 1024 };

struct area_table {
    struct arena arena; /* owns the texts */
    struct area *areas; /* owned */
    size_t count, capacity;
    struct str_map by_code;
    uint32_t *by_latitude; /* owned; detailed_count */
    size_t detailed_count;
    uint64_t version;
};

enum area_column { AREA_CODE, AREA_NAME, AREA_LATITUDE, AREA_LONGITUDE, AREA_COLUMN_COUNT };

static const struct csv_column area_columns[AREA_COLUMN_COUNT] = {
    [AREA_CODE] = {"code", true},
    [AREA_NAME] = {"zh", true},
    [AREA_LATITUDE] = {"latitude", true},
    [AREA_LONGITUDE] = {"longitude", true},
};

static bool no_memory(struct error *error)
{
    return error_set(error, ERROR_RESOURCE_EXHAUSTED, "no memory for the area table");
}

/* --- Codes ---------------------------------------------------------------------------------- */

static bool is_six_digits(struct str code)
{
    if (code.length != AREA_CODE_DIGITS)
        return false;
    for (uint32_t i = 0; i < AREA_CODE_DIGITS; i++)
        if (code.data[i] < '0' || code.data[i] > '9')
            return false;
    return true;
}

static bool is_zero_pair(struct str code, uint32_t at)
{
    return code.data[at] == '0' && code.data[at + 1] == '0';
}

void area_levels_of(struct str code, struct area_levels *levels)
{
    levels->codes[0] = code;
    levels->count = 1;
    if (!is_six_digits(code))
        return;
    char digits[AREA_CODE_DIGITS];
    memcpy(digits, code.data, sizeof digits);
    for (uint32_t pair = AREA_CODE_DIGITS - 2; pair > 0; pair -= 2) {
        if (is_zero_pair(code, pair))
            continue;
        digits[pair] = digits[pair + 1] = '0';
        char *upper = levels->digits[levels->count];
        memcpy(upper, digits, sizeof digits);
        levels->codes[levels->count++] = (struct str){upper, AREA_CODE_DIGITS};
    }
}

bool area_holds(struct str upper, struct str code)
{
    if (!is_six_digits(upper) || !is_six_digits(code))
        return str_equal(upper, code);
    uint32_t prefix = AREA_CODE_DIGITS;
    while (prefix > 0 && is_zero_pair(upper, prefix - 2))
        prefix -= 2;
    return memcmp(upper.data, code.data, prefix) == 0;
}

/* --- Loading -------------------------------------------------------------------------------- */

static bool read_degrees(const struct csv_row *row, size_t column, int32_t limit_degrees,
                         int32_t *out, struct error *error)
{
    const int64_t limit = (int64_t)limit_degrees * 10000000;
    int64_t value;
    if (!csv_decimal(row->values[column], 7, &value))
        return csv_row_fail(row, column, error, "must be degrees with at most 7 decimals");
    if (value < -limit || value > limit)
        return csv_row_fail(row, column, error, "must be -%d..%d", limit_degrees, limit_degrees);
    *out = (int32_t)value;
    return true;
}

static bool on_row(void *context, const struct csv_row *row, struct error *error)
{
    struct area_table *table = context;
    struct str code = row->values[AREA_CODE];
    struct position centre;
    if (code.length == 0 || code.length > AREA_CODE_LIMIT_BYTES)
        return csv_row_fail(row, AREA_CODE, error, "must be 1..%d bytes", AREA_CODE_LIMIT_BYTES);
    if (row->values[AREA_NAME].length == 0)
        return csv_row_fail(row, AREA_NAME, error, "must not be empty");
    if (!read_degrees(row, AREA_LATITUDE, 90, &centre.lat_e7, error) ||
        !read_degrees(row, AREA_LONGITUDE, 180, &centre.lon_e7, error))
        return false;

    if (table->count == table->capacity) {
        size_t capacity = table->capacity ? table->capacity * 2 : 512;
        struct area *grown = memory_try_resize(table->areas, capacity * sizeof *grown);
        if (!grown)
            return no_memory(error);
        table->areas = grown;
        table->capacity = capacity;
    }
    struct area area = {.code = arena_copy(&table->arena, code),
                        .name = arena_copy(&table->arena, row->values[AREA_NAME]),
                        .centre = centre};
    uint32_t index = (uint32_t)table->count, holder = index;
    if (!area.code.data || !area.name.data || !str_map_insert(&table->by_code, area.code, &holder))
        return no_memory(error);
    if (holder != index)
        return csv_row_fail(row, AREA_CODE, error, "a second area with this code");
    table->areas[table->count++] = area;
    return true;
}

static int compare_latitudes(const void *left, const void *right, void *context)
{
    const struct area *areas = context;
    const struct area *a = &areas[*(const uint32_t *)left], *b = &areas[*(const uint32_t *)right];
    if (a->centre.lat_e7 != b->centre.lat_e7)
        return a->centre.lat_e7 < b->centre.lat_e7 ? -1 : 1;
    return str_compare(a->code, b->code);
}

static bool sort_detailed(struct area_table *table, struct error *error)
{
    bool *holds_another = memory_try_zeroed(table->count, sizeof *holds_another);
    table->by_latitude = memory_try_zeroed(table->count, sizeof *table->by_latitude);
    if (!holds_another || !table->by_latitude) {
        memory_free(holds_another);
        return no_memory(error);
    }
    for (size_t i = 0; i < table->count; i++) {
        struct area_levels levels;
        area_levels_of(table->areas[i].code, &levels);
        for (size_t level = 1; level < levels.count; level++) {
            uint32_t upper = str_map_find(&table->by_code, levels.codes[level]);
            if (upper != STR_MAP_NONE)
                holds_another[upper] = true;
        }
    }
    for (size_t i = 0; i < table->count; i++)
        if (!holds_another[i])
            table->by_latitude[table->detailed_count++] = (uint32_t)i;
    memory_free(holds_another);
    qsort_r(table->by_latitude, table->detailed_count, sizeof *table->by_latitude,
            compare_latitudes, table->areas);
    return true;
}

struct area_table *area_table_load(struct str csv, struct error *error)
{
    struct area_table *table = memory_try_zeroed(1, sizeof *table);
    if (!table) {
        no_memory(error);
        return NULL;
    }
    arena_init(&table->arena, CONTENT_LIMIT_BYTES);
    str_map_init(&table->by_code);
    table->version = XXH3_64bits(csv.data ? csv.data : "", csv.length);
    const struct csv_handler handler = {.columns = area_columns,
                                        .column_count = AREA_COLUMN_COUNT,
                                        .row = on_row,
                                        .context = table};
    if (!csv_read_text(&handler, csv, error) || !sort_detailed(table, error)) {
        area_table_free(table);
        return NULL;
    }
    return table;
}

/* Built into the program by tools/build/embed.sh. */
extern const char embedded_builtin_areas_csv[], embedded_builtin_areas_csv_end[];

struct area_table *area_table_builtin(struct error *error)
{
    struct str csv = {embedded_builtin_areas_csv,
                      (uint32_t)(embedded_builtin_areas_csv_end - embedded_builtin_areas_csv)};
    return area_table_load(csv, error);
}

void area_table_free(struct area_table *table)
{
    if (!table)
        return;
    memory_free(table->areas);
    memory_free(table->by_latitude);
    str_map_release(&table->by_code);
    arena_release(&table->arena);
    memory_free(table);
}

/* --- Look-ups ------------------------------------------------------------------------------- */

const struct area *area_find(const struct area_table *table, struct str code)
{
    uint32_t index = str_map_find(&table->by_code, code);
    return index == STR_MAP_NONE ? NULL : &table->areas[index];
}

size_t area_count(const struct area_table *table)
{
    return table->count;
}

uint64_t area_table_version(const struct area_table *table)
{
    return table->version;
}

const struct area *area_at(const struct area_table *table, size_t index)
{
    assert(index < table->count);
    return &table->areas[index];
}

struct nearest {
    const struct area *area;
    int32_t distance_m; /* of area; the limit while there is none */
};

/* Takes the candidate when it is nearer; false when it and all beyond it are too far by their
 * latitude alone. */
static bool consider(struct nearest *nearest, const struct area *candidate,
                     struct position position)
{
    struct position beside = {candidate->centre.lat_e7, position.lon_e7};
    if (geo_distance_m(position, beside) > nearest->distance_m)
        return false;
    int32_t distance_m = geo_distance_m(position, candidate->centre);
    bool nearer = distance_m < nearest->distance_m;
    if (distance_m == nearest->distance_m)
        nearer = !nearest->area || str_compare(candidate->code, nearest->area->code) < 0;
    if (nearer)
        *nearest = (struct nearest){candidate, distance_m};
    return true;
}

const struct area *area_nearest(const struct area_table *table, struct position position,
                                int32_t limit_m)
{
    size_t low = 0, high = table->detailed_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (table->areas[table->by_latitude[middle]].centre.lat_e7 < position.lat_e7)
            low = middle + 1;
        else
            high = middle;
    }
    struct nearest nearest = {.distance_m = limit_m};
    for (size_t i = low; i < table->detailed_count; i++)
        if (!consider(&nearest, &table->areas[table->by_latitude[i]], position))
            break;
    for (size_t i = low; i > 0; i--)
        if (!consider(&nearest, &table->areas[table->by_latitude[i - 1]], position))
            break;
    return nearest.area;
}
