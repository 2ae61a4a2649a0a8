/* The area table: codes with a name and a centre point, loaded once, immutable then.
 *
 * Codes are GB/T 2260 (6 digits: province, prefecture, district; 00 pads the upper levels) or those
 * of another loaded list. CSV: `code,zh,latitude,longitude`. Thread: any reader after load.
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

/* Parses a CSV text; NULL with line and column in `error` when it is wrong. */
struct area_table *area_table_load(struct str csv, struct error *error);
/* The table built into the program: China's provinces and prefectures, Tianjin's districts. */
struct area_table *area_table_builtin(struct error *error);
void area_table_free(struct area_table *table);

/* NULL when there is no such code. The view lives as long as the table. */
const struct area *area_find(const struct area_table *table, struct str code);
/* The area whose centre is nearest, among the most detailed ones; NULL when none is within
 * limit_m. */
const struct area *area_nearest(const struct area_table *table, struct position position,
                                int32_t limit_m);
/* True when `upper` is `code` or an administrative level above it: GB/T 2260 zero pairs at the end
 * of `upper` match anything ("120000" holds "120101"). */
bool area_holds(struct str upper, struct str code);
size_t area_count(const struct area_table *table);
/* XXH3-64 of the text it was loaded from. */
uint64_t area_table_version(const struct area_table *table);
/* In the file's order; index < area_count. */
const struct area *area_at(const struct area_table *table, size_t index);

#endif
