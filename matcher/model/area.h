/* The area table: codes with a name and a centre point, loaded once, immutable then.
 *
 * Codes are GB/T 2260 (6 digits: province, prefecture, district; 00 pads the upper levels) or those
 * of another loaded list. CSV: `code,zh,latitude,longitude`, degrees with at most 7 decimals.
 * Thread: any reader after load.
 */
#ifndef HAIHE_MODEL_AREA_H
#define HAIHE_MODEL_AREA_H

#include "base/error.h"
#include "model/geo.h"

struct area {
    struct str code; /* owned by the table */
    struct str name;
    struct position centre;
};

struct area_table;

/* Parses a CSV text; NULL with line, column and value in `error` when it is wrong. */
struct area_table *area_table_load(struct str csv, struct error *error);
/* The table built into the program: China's provinces and prefectures, Tianjin's districts. */
struct area_table *area_table_builtin(struct error *error);
void area_table_free(struct area_table *table);

/* NULL when there is no such code. The view lives as long as the table. */
const struct area *area_find(const struct area_table *table, struct str code);
/* The area whose centre is nearest, among those that hold no other area of the table; of two
 * equally near ones the smaller code. NULL when none is within limit_m. The position must be valid.
 */
const struct area *area_nearest(const struct area_table *table, struct position position,
                                int32_t limit_m);
/* A code and those above it, the most exact first: itself, its prefecture, its province. One that
 * is not six digits has only itself. */
enum { AREA_LEVEL_LIMIT = 3, AREA_CODE_DIGITS = 6 };
struct area_levels {
    struct str codes[AREA_LEVEL_LIMIT]; /* the first is a view of the code given, the others of
                                           `digits`: the struct must not be moved */
    size_t count;
    char digits[AREA_LEVEL_LIMIT][AREA_CODE_DIGITS];
};
void area_levels_of(struct str code, struct area_levels *levels);
/* True when `upper` is `code` or an administrative level above it: GB/T 2260 zero pairs at the end
 * of `upper` match anything ("120000" holds "120101"). */
bool area_holds(struct str upper, struct str code);
size_t area_count(const struct area_table *table);
/* XXH3-64 of the text it was loaded from. */
uint64_t area_table_version(const struct area_table *table);
/* In the file's order; index < area_count. */
const struct area *area_at(const struct area_table *table, size_t index);

#endif
