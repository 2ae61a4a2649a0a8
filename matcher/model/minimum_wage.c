/* The table of statutory minimum wages: rows sorted by area, then date, so that the row in force is
 * found by bisection at each level above a workplace's code. Thread: any reader after load. Cost:
 * at most three bisections.
 */
#include <stdlib.h>

#include <xxhash.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/memory.h"
#include "model/area.h"
#include "model/csv_reader.h"
#include "model/limits.h"
#include "model/wage.h"

#include "base/banned.h"

enum { CONTENT_LIMIT_BYTES = 16 * 1024 * 1024 };
/* A hundred million yuan: whatever is more is a mistake. */
#define MINIMUM_WAGE_LIMIT_CENTS INT64_C(10000000000)

struct wage_row {
    struct minimum_wage wage;
    uint64_t line; /* in the file */
};

struct minimum_wage_table {
    struct arena arena;    /* owns the texts */
    struct wage_row *rows; /* owned; ascending by area, from_day */
    size_t count, capacity;
    uint64_t version;
};

enum wage_column { WAGE_AREA, WAGE_FROM, WAGE_MONTH, WAGE_HOUR, WAGE_COLUMN_COUNT };

static const struct csv_column wage_columns[WAGE_COLUMN_COUNT] = {
    [WAGE_AREA] = {"area", true},
    [WAGE_FROM] = {"from", true},
    [WAGE_MONTH] = {"month_yuan", true},
    [WAGE_HOUR] = {"hour_yuan", true},
};

static bool no_memory(struct error *error)
{
    return error_set(error, ERROR_RESOURCE_EXHAUSTED, "no memory for the minimum wages");
}

static bool read_cents(const struct csv_row *row, size_t column, int64_t *cents,
                       struct error *error)
{
    if (!csv_decimal(row->values[column], 2, cents))
        return csv_row_fail(row, column, error, "must be yuan with at most 2 decimals");
    if (*cents < 1 || *cents > MINIMUM_WAGE_LIMIT_CENTS)
        return csv_row_fail(row, column, error, "must be 0.01..100000000 yuan");
    return true;
}

static bool on_row(void *context, const struct csv_row *row, struct error *error)
{
    struct minimum_wage_table *table = context;
    struct str area = row->values[WAGE_AREA];
    struct minimum_wage wage;
    if (area.length == 0 || area.length > AREA_CODE_LIMIT_BYTES)
        return csv_row_fail(row, WAGE_AREA, error, "must be 1..%d bytes", AREA_CODE_LIMIT_BYTES);
    if (!date_parse(row->values[WAGE_FROM], &wage.from_day))
        return csv_row_fail(row, WAGE_FROM, error, "must be a date as 2023-11-01");
    if (!read_cents(row, WAGE_MONTH, &wage.month_cents, error) ||
        !read_cents(row, WAGE_HOUR, &wage.hour_cents, error))
        return false;

    if (table->count == table->capacity) {
        size_t capacity = table->capacity ? table->capacity * 2 : 64;
        struct wage_row *grown = memory_try_resize(table->rows, capacity * sizeof *grown);
        if (!grown)
            return no_memory(error);
        table->rows = grown;
        table->capacity = capacity;
    }
    wage.area = arena_copy(&table->arena, area);
    if (!wage.area.data)
        return no_memory(error);
    table->rows[table->count++] = (struct wage_row){wage, row->line};
    return true;
}

/* By area and day. */
static int compare(struct str area_a, int32_t day_a, struct str area_b, int32_t day_b)
{
    int order = str_compare(area_a, area_b);
    if (order != 0)
        return order;
    return day_a < day_b ? -1 : day_a > day_b;
}

static int compare_rows(const void *left, const void *right)
{
    const struct wage_row *a = left, *b = right;
    int order = compare(a->wage.area, a->wage.from_day, b->wage.area, b->wage.from_day);
    if (order != 0)
        return order;
    return a->line < b->line ? -1 : a->line > b->line;
}

static bool sort_rows(struct minimum_wage_table *table, struct error *error)
{
    if (table->count > 0)
        qsort(table->rows, table->count, sizeof *table->rows, compare_rows);
    for (size_t i = 1; i < table->count; i++) {
        const struct wage_row *a = &table->rows[i - 1], *b = &table->rows[i];
        if (compare(a->wage.area, a->wage.from_day, b->wage.area, b->wage.from_day) != 0)
            continue;
        char from[11];
        date_format(b->wage.from_day, from);
        return csv_fail(b->line, wage_columns[WAGE_FROM].name, str_of(from), error,
                        "line %llu has this date for area '%.*s' already",
                        (unsigned long long)a->line, STR_ARG(b->wage.area));
    }
    return true;
}

struct minimum_wage_table *minimum_wage_load(struct str csv, struct error *error)
{
    struct minimum_wage_table *table = memory_try_zeroed(1, sizeof *table);
    if (!table) {
        no_memory(error);
        return NULL;
    }
    arena_init(&table->arena, CONTENT_LIMIT_BYTES);
    table->version = XXH3_64bits(csv.data ? csv.data : "", csv.length);
    const struct csv_handler handler = {.columns = wage_columns,
                                        .column_count = WAGE_COLUMN_COUNT,
                                        .row = on_row,
                                        .context = table};
    if (!csv_read_text(&handler, csv, error) || !sort_rows(table, error)) {
        minimum_wage_free(table);
        return NULL;
    }
    return table;
}

/* Built into the program by tools/build/embed.sh. */
extern const char embedded_builtin_minimum_wages_csv[], embedded_builtin_minimum_wages_csv_end[];

struct minimum_wage_table *minimum_wage_builtin(struct error *error)
{
    struct str csv = {
        embedded_builtin_minimum_wages_csv,
        (uint32_t)(embedded_builtin_minimum_wages_csv_end - embedded_builtin_minimum_wages_csv)};
    return minimum_wage_load(csv, error);
}

void minimum_wage_free(struct minimum_wage_table *table)
{
    if (!table)
        return;
    memory_free(table->rows);
    arena_release(&table->arena);
    memory_free(table);
}

uint64_t minimum_wage_version(const struct minimum_wage_table *table)
{
    return table->version;
}

/* The last row of exactly that area that is not later than the day. */
static const struct minimum_wage *find_exact(const struct minimum_wage_table *table,
                                             struct str area, int32_t day)
{
    size_t low = 0, high = table->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        const struct minimum_wage *wage = &table->rows[middle].wage;
        if (compare(wage->area, wage->from_day, area, day) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0 || !str_equal(table->rows[low - 1].wage.area, area))
        return NULL;
    return &table->rows[low - 1].wage;
}

const struct minimum_wage *minimum_wage_find(const struct minimum_wage_table *table,
                                             struct str area_code, int32_t day)
{
    struct area_levels levels;
    area_levels_of(area_code, &levels);
    for (size_t i = 0; i < levels.count; i++) {
        const struct minimum_wage *found = find_exact(table, levels.codes[i], day);
        if (found)
            return found;
    }
    return NULL;
}
