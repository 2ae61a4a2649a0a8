#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/rng.h"
#include "model/area.h"
#include "memory/failing_memory.h"

static struct area_table *builtin(void)
{
    struct error error;
    struct area_table *table = area_table_builtin(&error);
    cr_assert(table, "%s", error.text);
    return table;
}

static struct area_table *load(const char *csv)
{
    struct error error;
    struct area_table *table = area_table_load(str_of(csv), &error);
    cr_assert(table, "%s", error.text);
    return table;
}

Test(area, finds_a_code_with_name_and_centre)
{
    struct area_table *table = builtin();
    const struct area *area = area_find(table, STR("120101"));
    cr_assert(area);
    cr_assert(str_equal(area->name, STR("和平区")));
    cr_assert_eq(area->centre.lat_e7, 391183270);
    cr_assert_eq(area->centre.lon_e7, 1171959070);
    cr_assert_null(area_find(table, STR("120199")));
    cr_assert_null(area_find(table, STR("")));
    area_table_free(table);
}

Test(area, the_builtin_table_has_all_provinces_and_sixteen_districts_of_tianjin)
{
    struct area_table *table = builtin();
    int provinces = 0, districts = 0;
    for (size_t i = 0; i < area_count(table); i++) {
        const struct area *area = area_at(table, i);
        provinces += memcmp(area->code.data + 2, "0000", 4) == 0;
        districts += str_starts_with(area->code, STR("1201"));
        cr_assert_eq(area_find(table, area->code), area);
    }
    cr_assert_eq(provinces, 34);
    cr_assert_eq(districts, 16);
    area_table_free(table);
}

Test(area, keeps_the_order_of_the_file)
{
    struct area_table *table = load("code,zh,latitude,longitude\nb,B,1,1\na,A,2,2\n");
    cr_assert_eq(area_count(table), 2);
    cr_assert(str_equal(area_at(table, 0)->code, STR("b")));
    cr_assert(str_equal(area_at(table, 1)->code, STR("a")));
    area_table_free(table);
}

Test(area, the_version_follows_the_content)
{
    struct area_table *a = load("code,zh,latitude,longitude\n1,A,1,1\n");
    struct area_table *b = load("code,zh,latitude,longitude\n1,A,1,1\n");
    struct area_table *c = load("code,zh,latitude,longitude\n1,A,1,2\n");
    cr_assert_eq(area_table_version(a), area_table_version(b));
    cr_assert_neq(area_table_version(a), area_table_version(c));
    area_table_free(a);
    area_table_free(b);
    area_table_free(c);
}

Test(area, a_level_holds_itself_and_everything_below)
{
    static const struct {
        const char *upper, *code;
        bool holds;
    } cases[] = {
        {"120000", "120101", true},  {"120000", "120000", true},   {"120100", "120101", true},
        {"120101", "120101", true},  {"120101", "120000", false},  {"120101", "120102", false},
        {"120100", "120201", false}, {"110000", "120101", false},  {"130000", "130100", true},
        {"130100", "130000", false}, {"120010", "120101", false},  {"", "120101", false},
        {"120000", "", false},       {"tianjin", "tianjin", true}, {"tianjin", "120101", false},
        {"12", "120101", false},     {"120000", "12010x", false},  {"1200000", "1201010", false},
        {"12000x", "12000x", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        cr_assert_eq(area_holds(str_of(cases[i].upper), str_of(cases[i].code)), cases[i].holds,
                     "%s holds %s", cases[i].upper, cases[i].code);
}

Test(area, levels_are_exactly_what_holds_a_code)
{
    struct area_levels levels;
    area_levels_of(STR("120101"), &levels);
    cr_assert_eq(levels.count, 3);
    cr_assert(str_equal(levels.codes[0], STR("120101")));
    cr_assert(str_equal(levels.codes[1], STR("120100")));
    cr_assert(str_equal(levels.codes[2], STR("120000")));
    area_levels_of(STR("130100"), &levels);
    cr_assert_eq(levels.count, 2);
    cr_assert(str_equal(levels.codes[1], STR("130000")));
    area_levels_of(STR("120000"), &levels);
    cr_assert_eq(levels.count, 1);
    area_levels_of(STR("somewhere"), &levels);
    cr_assert_eq(levels.count, 1);
    cr_assert(str_equal(levels.codes[0], STR("somewhere")));
}

/* Detailed: no other area of the table lies below it. */
static bool is_detailed(const struct area_table *table, const struct area *area)
{
    for (size_t i = 0; i < area_count(table); i++)
        if (area_at(table, i) != area && area_holds(area->code, area_at(table, i)->code))
            return false;
    return true;
}

static const struct area *nearest_by_trying_all(const struct area_table *table,
                                                struct position position, int32_t limit_m)
{
    const struct area *best = NULL;
    for (size_t i = 0; i < area_count(table); i++) {
        const struct area *area = area_at(table, i);
        int32_t distance_m = geo_distance_m(position, area->centre);
        if (distance_m > limit_m || !is_detailed(table, area))
            continue;
        int32_t best_m = best ? geo_distance_m(position, best->centre) : INT32_MAX;
        if (distance_m < best_m ||
            (distance_m == best_m && str_compare(area->code, best->code) < 0))
            best = area;
    }
    return best;
}

Test(area, the_nearest_is_that_of_trying_all)
{
    struct area_table *table = builtin();
    struct rng rng;
    const uint64_t seed = 4711;
    rng_init(&rng, seed);
    int found = 0;
    for (int i = 0; i < 300; i++) {
        struct position position = {(int32_t)rng_between(&rng, 180000000, 540000000),
                                    (int32_t)rng_between(&rng, 730000000, 1360000000)};
        int32_t limit_m = (int32_t)rng_between(&rng, 0, 300000);
        const struct area *nearest = area_nearest(table, position, limit_m);
        cr_assert_eq(nearest, nearest_by_trying_all(table, position, limit_m),
                     "seed %" PRIu64 ", %d,%d", seed, position.lat_e7, position.lon_e7);
        found += nearest != NULL;
    }
    cr_assert(found > 50 && found < 280, "%d found", found);
    area_table_free(table);
}

Test(area, the_nearest_area_of_a_centre_is_a_district_not_its_city)
{
    struct area_table *table = builtin();
    const struct area *tianjin = area_find(table, STR("120000"));
    const struct area *nearest = area_nearest(table, tianjin->centre, 100000);
    cr_assert(nearest && str_starts_with(nearest->code, STR("1201")));
    cr_assert_null(area_nearest(table, (struct position){0, 0}, 100000));
    area_table_free(table);
}

Test(area, the_limit_of_the_nearest_is_included_and_ties_go_to_the_smaller_code)
{
    struct area_table *table = load("code,zh,latitude,longitude\nz,Z,1,0\ny,Y,-1,0\nx,X,0,5\n");
    struct position middle = {0, 0};
    int32_t distance_m = geo_distance_m(middle, area_find(table, STR("y"))->centre);
    cr_assert(str_equal(area_nearest(table, middle, distance_m)->code, STR("y")));
    cr_assert_null(area_nearest(table, middle, distance_m - 1));
    area_table_free(table);
}

Test(area, an_empty_table_finds_nothing)
{
    struct area_table *table = load("code,zh,latitude,longitude\n");
    cr_assert_eq(area_count(table), 0);
    cr_assert_null(area_find(table, STR("120000")));
    cr_assert_null(area_nearest(table, (struct position){0, 0}, INT32_MAX));
    area_table_free(table);
}

Test(area, a_wrong_file_is_named_by_line_column_and_value)
{
    static const struct {
        const char *rows, *field, *value, *text;
    } cases[] = {
        {"1,A,95,1\n", "latitude", "95", "line 2, column 'latitude' '95': must be -90..90"},
        {"1,A,1,1\n2,B,1,-180.1\n", "longitude", "-180.1",
         "line 3, column 'longitude' '-180.1': must be -180..180"},
        {"1,A,1.12345678,1\n", "latitude", "1.12345678",
         "line 2, column 'latitude' '1.12345678': must be degrees with at most 7 decimals"},
        {"1,A,north,1\n", "latitude", "north",
         "line 2, column 'latitude' 'north': must be degrees with at most 7 decimals"},
        {",A,1,1\n", "code", "", "line 2, column 'code' '': must be 1..32 bytes"},
        {"123456789012345678901234567890123,A,1,1\n", "code", "123456789012345678901234567890123",
         "line 2, column 'code' '123456789012345678901234567890123': must be 1..32 bytes"},
        {"1,,1,1\n", "zh", "", "line 2, column 'zh' '': must not be empty"},
        {"1,A,1,1\n\n1,B,1,1\n", "code", "1",
         "line 4, column 'code' '1': a second area with this code"},
        {"1,A,1\n", "", "", "line 2: 3 values where the header has 4 columns"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char csv[256];
        snprintf(csv, sizeof csv, "code,zh,latitude,longitude\n%s", cases[i].rows);
        struct error error;
        cr_assert_null(area_table_load(str_of(csv), &error), "%s", csv);
        cr_assert_eq(error.code, ERROR_INVALID_ARGUMENT);
        cr_assert_str_eq(error.text, cases[i].text);
        cr_assert_str_eq(error.field, cases[i].field);
        cr_assert_str_eq(error.value, cases[i].value);
    }
}

Test(area, short_memory_fails_the_load_and_leaks_nothing)
{
    bool failed = true;
    for (int n = 0; failed; n++) {
        struct error error = {0};
        memory_fail_after(n);
        struct area_table *table =
            area_table_load(STR("code,zh,latitude,longitude\n1,A,1,1\n2,B,2,2\n"), &error);
        failed = memory_has_failed();
        cr_assert_eq(table == NULL, failed, "allocation %d", n);
        cr_assert_eq(error.code, failed ? ERROR_RESOURCE_EXHAUSTED : ERROR_OK, "allocation %d", n);
        area_table_free(table);
    }
}
