/* Likeness of names: what is found, in which order, and against comparing with all of them. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/rng.h"
#include "haihectl/name_index.h"

static struct name_index *index_of(const char *const *names, size_t count)
{
    struct name_index *index = name_index_new();
    cr_assert(index);
    for (size_t i = 0; i < count; i++)
        cr_assert(name_index_add(index, str_of(names[i]), (uint32_t)i));
    cr_assert(name_index_build(index));
    return index;
}

static const char *const NAMES[] = {
    "welding",      "welding techniques", "spot welding", "python", "paint on canvas",
    "数控车床操作", "数控铣床操作",       "焊接",         "c++",    "customer service"};
enum { NAME_COUNT = sizeof(NAMES) / sizeof(NAMES[0]) };

static void expect_first(const char *text, enum name_manner manner, const char *expected)
{
    struct name_match matches[3];
    struct name_index *index = index_of(NAMES, NAME_COUNT);
    size_t count = name_index_find(index, str_of(text), manner, matches, 3);
    cr_expect_gt(count, 0, "%s", text);
    if (count > 0)
        cr_expect(str_equal(matches[0].name, str_of(expected)), "%s gives %.*s", text,
                  STR_ARG(matches[0].name));
    name_index_free(index);
}

Test(name_index, finds_what_was_mistyped)
{
    expect_first("wleding", NAME_NEAREST, "welding");
    expect_first("pyton", NAME_NEAREST, "python");
    expect_first("techniques of welding", NAME_NEAREST, "welding techniques");
    expect_first("数控车床", NAME_NEAREST, "数控车床操作");
    expect_first("电焊接", NAME_NEAREST, "焊接");
    expect_first("c#+", NAME_NEAREST, "c++");
}

Test(name_index, a_search_prefers_names_that_hold_the_text)
{
    expect_first("铣", NAME_CONTAINING, "数控铣床操作");
    expect_first("service", NAME_CONTAINING, "customer service");
    expect_first("canvas", NAME_CONTAINING, "paint on canvas");
}

Test(name_index, names_of_signs_alone_are_found)
{
    static const char *const names[] = {"...", "&", "a&b"};
    struct name_match match;
    struct name_index *index = index_of(names, 3);
    for (uint32_t i = 0; i < 3; i++) {
        cr_assert_eq(name_index_find(index, str_of(names[i]), NAME_NEAREST, &match, 1), 1);
        cr_expect_eq(match.owner, i);
        cr_expect_eq(match.likeness_bp, 10000);
    }
    cr_expect_eq(name_index_find(index, STR("!"), NAME_NEAREST, &match, 1), 0);
    name_index_free(index);
}

Test(name_index, an_equal_name_is_wholly_alike_and_nothing_else_is)
{
    struct name_match matches[64];
    struct name_index *index = index_of(NAMES, NAME_COUNT);
    for (size_t i = 0; i < NAME_COUNT; i++) {
        size_t count = name_index_find(index, str_of(NAMES[i]), NAME_NEAREST, matches, 64);
        cr_assert_gt(count, 0);
        cr_assert_eq(matches[0].owner, i);
        cr_assert_eq(matches[0].likeness_bp, 10000);
        for (size_t j = 1; j < count; j++)
            cr_assert_lt(matches[j].likeness_bp, 10000);
    }
    cr_assert_eq(name_likeness_bp(STR("wleding"), STR("welding")), 8571, "a swap is one edit");
    cr_assert_lt(name_likeness_bp(STR("spot welding"), STR("welding spot")), 10000);
    cr_assert_gt(name_likeness_bp(STR("spot welding"), STR("welding spot")), 9000);
    name_index_free(index);
}

Test(name_index, unlike_names_are_left_out_and_an_owner_stands_once)
{
    static const char *const names[] = {"welding", "weldings", "weld", "cooking"};
    struct name_match matches[8];
    struct name_index *index = name_index_new();
    for (uint32_t i = 0; i < 4; i++)
        cr_assert(name_index_add(index, str_of(names[i]), i / 3));
    cr_assert(name_index_build(index));
    cr_assert_eq(name_index_find(index, STR("welding!"), NAME_NEAREST, matches, 8), 2);
    cr_assert_eq(matches[0].owner, 0);
    cr_assert(str_equal(matches[0].name, STR("welding")));
    cr_assert_eq(name_index_find(index, STR("qqxyz"), NAME_NEAREST, matches, 8), 0);
    cr_assert_eq(name_index_find(index, STR(""), NAME_CONTAINING, matches, 8), 0);
    cr_assert_eq(name_index_find(index, STR("  "), NAME_CONTAINING, matches, 8), 0);
    name_index_free(index);
}

Test(name_index, an_empty_one_finds_nothing)
{
    struct name_match match;
    struct name_index *index = index_of(NULL, 0);
    cr_assert_eq(name_index_find(index, STR("welding"), NAME_NEAREST, &match, 1), 0);
    name_index_free(index);
    name_index_free(NULL);
}

/* The best of all names, by comparing with every one. */
Test(name_index, finds_the_most_alike_of_all)
{
    enum { COUNT = 400, ROUNDS = 300 };
    static const char *const parts[] = {"weld", "paint", "焊",   "接", " y",
                                        "ing",  "er",    "数控", "x"};
    uint64_t seed = 20261124;
    struct rng rng;
    struct arena arena;
    struct str names[COUNT];
    struct name_index *index = name_index_new();
    rng_init(&rng, seed);
    arena_init(&arena, 1 << 20);
    for (size_t i = 0; i < COUNT + ROUNDS; i++) {
        char text[128] = "";
        size_t length = 0, count = 2 + rng_below(&rng, 4);
        for (size_t j = 0; j < count; j++)
            length += (size_t)snprintf(text + length, sizeof(text) - length, "%s",
                                       parts[rng_below(&rng, sizeof(parts) / sizeof(parts[0]))]);
        struct str name = arena_copy(&arena, str_of(text));
        if (i < COUNT) {
            names[i] = name;
            cr_assert(name_index_add(index, name, (uint32_t)i));
            if (i == COUNT - 1)
                cr_assert(name_index_build(index));
            continue;
        }
        struct name_match match;
        int32_t best_bp = 0;
        for (size_t j = 0; j < COUNT; j++) {
            int32_t bp = name_likeness_bp(name, names[j]);
            best_bp = bp > best_bp ? bp : best_bp;
        }
        size_t found = name_index_find(index, name, NAME_NEAREST, &match, 1);
        cr_assert_eq(found, best_bp >= 3000, "'%s', seed %llu", text, (unsigned long long)seed);
        if (found)
            cr_assert_eq(match.likeness_bp, best_bp, "'%s': %d, not %d, seed %llu", text,
                         match.likeness_bp, best_bp, (unsigned long long)seed);
    }
    name_index_free(index);
    arena_release(&arena);
}

Test(name_index, long_names_and_any_bytes_do_no_harm)
{
    static char longest[5000];
    memset(longest, 'a', sizeof(longest) - 1);
    const char *const names[] = {longest, "\xf0\x9f\x94\xa5", "\xe4"};
    struct name_match matches[3];
    struct name_index *index = index_of(names, 3);
    cr_assert_eq(name_index_find(index, str_of(longest), NAME_NEAREST, matches, 3), 1);
    cr_assert_eq(name_index_find(index, STR("\xf0"), NAME_CONTAINING, matches, 3), 0);
    name_index_free(index);
}
