#include <criterion/criterion.h>

#include "base/str.h"

Test(str, empty_strings_are_equal_whatever_they_point_to)
{
    cr_assert(str_equal((struct str){NULL, 0}, STR("")));
    cr_assert(str_equal(str_of(NULL), (struct str){"x", 0}));
    cr_assert_eq(str_compare((struct str){NULL, 0}, STR("")), 0);
}

Test(str, equal_compares_bytes_and_length)
{
    cr_assert(str_equal(STR("天津"), str_of("天津")));
    cr_assert_not(str_equal(STR("abc"), STR("abd")));
    cr_assert_not(str_equal(STR("abc"), STR("abcd")));
    cr_assert(str_equal((struct str){"a\0b", 3}, (struct str){"a\0b", 3}));
    cr_assert_not(str_equal((struct str){"a\0b", 3}, (struct str){"a\0c", 3}));
}

Test(str, compare_orders_bytewise_and_prefix_first)
{
    cr_assert_lt(str_compare(STR("ab"), STR("abc")), 0);
    cr_assert_gt(str_compare(STR("abc"), STR("ab")), 0);
    cr_assert_lt(str_compare(STR(""), STR("a")), 0);
    cr_assert_lt(str_compare(STR("B"), STR("a")), 0);
    /* Bytes are unsigned: anything beyond ASCII comes after it. */
    cr_assert_gt(str_compare(STR("中"), STR("z")), 0);
    cr_assert_eq(str_compare(STR("abc"), STR("abc")), 0);
}

Test(str, starts_with)
{
    cr_assert(str_starts_with(STR("skill:cnc"), STR("skill:")));
    cr_assert(str_starts_with(STR("x"), (struct str){NULL, 0}));
    cr_assert(str_starts_with((struct str){NULL, 0}, STR("")));
    cr_assert(str_starts_with(STR("x"), STR("x")));
    cr_assert_not(str_starts_with(STR("x"), STR("xy")));
    cr_assert_not(str_starts_with(STR("skull"), STR("skill")));
}
