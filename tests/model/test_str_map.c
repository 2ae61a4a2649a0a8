#include <criterion/criterion.h>
#include <stdio.h>

#include "memory/failing_memory.h"
#include "model/str_map.h"

Test(str_map, finds_what_was_inserted_and_nothing_else)
{
    enum { COUNT = 5000 };
    static char texts[COUNT * 2][12];
    struct str_map map;
    str_map_init(&map);
    cr_assert_eq(str_map_find(&map, STR("a")), STR_MAP_NONE, "an empty map has nothing");
    for (uint32_t i = 0; i < COUNT * 2; i++)
        snprintf(texts[i], sizeof texts[i], "%x", i * 2654435761u);
    for (uint32_t i = 0; i < COUNT; i++) {
        uint32_t value = i;
        cr_assert(str_map_insert(&map, str_of(texts[i]), &value));
        cr_assert_eq(value, i);
    }
    cr_assert_eq(map.count, COUNT);
    for (uint32_t i = 0; i < COUNT * 2; i++)
        cr_assert_eq(str_map_find(&map, str_of(texts[i])), i < COUNT ? i : STR_MAP_NONE);
    cr_assert_eq(str_map_find(&map, STR("")), STR_MAP_NONE);
    str_map_release(&map);
}

Test(str_map, keeps_the_first_value_of_a_key)
{
    struct str_map map;
    str_map_init(&map);
    uint32_t first = 7, second = 8;
    cr_assert(str_map_insert(&map, STR("焊接"), &first));
    cr_assert(str_map_insert(&map, STR("焊接"), &second));
    cr_assert_eq(second, 7);
    cr_assert_eq(map.count, 1);
    str_map_release(&map);
}

Test(str_map, short_memory_leaves_it_as_it_was)
{
    struct str_map map;
    str_map_init(&map);
    uint32_t value = 1;
    memory_fail_after(0);
    cr_assert(!str_map_insert(&map, STR("a"), &value));
    cr_assert(memory_has_failed());
    char texts[100][4];
    uint32_t filled = 0;
    memory_fail_after(1); /* the first growth works */
    for (; filled < 100; filled++) {
        snprintf(texts[filled], sizeof texts[filled], "%u", filled);
        value = filled;
        if (!str_map_insert(&map, str_of(texts[filled]), &value))
            break;
    }
    cr_assert(memory_has_failed());
    cr_assert(filled > 0 && filled < 100);
    for (uint32_t i = 0; i < filled; i++)
        cr_assert_eq(str_map_find(&map, str_of(texts[i])), i);
    cr_assert_eq(str_map_find(&map, str_of(texts[filled])), STR_MAP_NONE);
    str_map_release(&map);
}
