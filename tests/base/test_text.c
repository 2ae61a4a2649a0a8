#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/rng.h"
#include "base/text.h"

static struct arena arena;

static void setup(void)
{
    arena_init(&arena, 1 << 20);
}

static void teardown(void)
{
    arena_release(&arena);
}

TestSuite(text, .init = setup, .fini = teardown);

#define BYTES(literal) ((struct str){(literal), sizeof(literal) - 1})

static void assert_fold(const char *text, const char *expected)
{
    struct str folded = text_fold(&arena, str_of(text));
    cr_assert(folded.data, "'%s' does not fold", text);
    cr_assert(str_equal(folded, str_of(expected)), "'%s' folds to '%.*s', not '%s'", text,
              STR_ARG(folded), expected);
}

/* Encodes without asking whether the code point is one; returns the length. */
static uint32_t encode(uint32_t cp, char out[4])
{
    if (cp < 0x80) {
        out[0] = (char)cp;
        return 1;
    }
    int more = cp < 0x800 ? 1 : cp < 0x10000 ? 2 : 3;
    static const unsigned char leads[] = {0, 0xc0, 0xe0, 0xf0};
    out[0] = (char)(leads[more] | cp >> (6 * more));
    for (int i = 1; i <= more; i++)
        out[i] = (char)(0x80 | (cp >> (6 * (more - i)) & 0x3f));
    return (uint32_t)more + 1;
}

Test(text, every_code_point_but_nul_and_surrogates_is_valid)
{
    for (uint32_t cp = 0; cp < 0x120000; cp++) {
        char bytes[4];
        uint32_t length = encode(cp, bytes);
        bool expected = cp != 0 && (cp < 0xd800 || cp > 0xdfff) && cp <= 0x10ffff;
        cr_assert_eq(text_is_valid((struct str){bytes, length}), expected, "U+%04X", cp);
        if (length > 1) /* cut at its end, or without its lead */
            cr_assert(!text_is_valid((struct str){bytes, length - 1}) &&
                          !text_is_valid((struct str){bytes + 1, length - 1}),
                      "U+%04X", cp);
    }
}

Test(text, validity_of_whole_texts)
{
    cr_assert(text_is_valid((struct str){NULL, 0}));
    cr_assert(text_is_valid(STR("天津 CNC 编程 🚢")));
    cr_assert_not(text_is_valid(BYTES("a\0b")));
    cr_assert_not(text_is_valid(BYTES("津\0")));
    cr_assert_not(text_is_valid(BYTES("\xc0\xaf")), "overlong slash");
    cr_assert_not(text_is_valid(BYTES("\xe0\x80\xaf")), "overlong slash");
    cr_assert_not(text_is_valid(BYTES("\xf0\x80\x80\xaf")), "overlong slash");
    cr_assert_not(text_is_valid(BYTES("\xd4\xea\xd5\xbd")), "GB18030 is not UTF-8");
    cr_assert_not(text_is_valid(BYTES("abc\xff")));
    cr_assert_not(text_is_valid(BYTES("abc\x80")));
}

Test(text, printable_allows_tab_and_line_breaks_only)
{
    cr_assert(text_is_printable(STR("一\t二\r\n三 ~")));
    cr_assert(text_is_printable((struct str){NULL, 0}));
    cr_assert(text_is_printable(STR("\u00a0\u00ff")));
    for (uint32_t cp = 1; cp < 0x300; cp++) {
        char bytes[6] = "a";
        uint32_t length = 1 + encode(cp, bytes + 1);
        bytes[length++] = 'b';
        bool control =
            (cp < 0x20 && cp != '\t' && cp != '\n' && cp != '\r') || (cp >= 0x7f && cp <= 0x9f);
        cr_assert_eq(text_is_printable((struct str){bytes, length}), !control, "U+%04X", cp);
    }
}

Test(text, fold_makes_width_case_and_form_equal)
{
    assert_fold("ＣＮＣ 编程", "cnc 编程");
    assert_fold("CNC\u3000编程", "cnc 编程");
    assert_fold("Cnc 编程", "cnc 编程");
    assert_fold("Ａ１（高级）", "a1(高级)");
    assert_fold("ｶﾞﾗｽ", "ガラス");
    assert_fold("㎡ ① ﬁ Ⅷ", "m2 1 fi viii");
    assert_fold("STRASSE", "strasse");
    assert_fold("straße", "strasse");
    assert_fold("ΣΊΣΥΦΟΣ", "σίσυφοσ");
    assert_fold("e\u0301", "é"); /* composed */
    assert_fold("É", "é");
}

Test(text, fold_strips_what_is_not_seen)
{
    assert_fold("\ufeff焊工", "焊工");
    assert_fold("焊\u200b工", "焊工");
    assert_fold("soft\u00adware", "software");
}

Test(text, fold_trims_both_ends_and_keeps_the_middle)
{
    assert_fold("  Java  Script \t\n", "java  script");
    assert_fold("\u3000\u00a0焊 工\u2003\u2028\xc2\x85", "焊 工");
    assert_fold(" \ufeff 焊工", "焊工");
    assert_fold("", "");
    assert_fold(" \t ", "");
    assert_fold("\u3000", "");
    cr_assert_not_null(text_fold(&arena, (struct str){NULL, 0}).data);
}

Test(text, fold_refuses_invalid_text)
{
    cr_assert_null(text_fold(&arena, BYTES("a\xff")).data);
    cr_assert_null(text_fold(&arena, BYTES("a\0b")).data);
    cr_assert_null(text_fold(&arena, BYTES("津\xe6")).data);
}

Test(text, fold_of_a_long_text_uses_the_arena)
{
    /* Around the 512 code points that fit on the stack, in one that grows when folded: U+FDFA
     * becomes eighteen characters. */
    static char text[30000], expected[60000];
    for (size_t count = 500; count < 525; count++) {
        size_t length = 0;
        for (size_t i = 0; i < count; i++)
            length += encode(0xff21 + i % 26, text + length); /* full-width capitals */
        for (size_t i = 0; i < count; i++)
            expected[i] = (char)('a' + i % 26);
        struct str folded = text_fold(&arena, (struct str){text, (uint32_t)length});
        cr_assert(str_equal(folded, (struct str){expected, (uint32_t)count}), "%zu", count);
        arena_clear(&arena);
    }
    size_t length = 0;
    while (length < 3000)
        length += encode(0xfdfa, text + length);
    struct str folded = text_fold(&arena, (struct str){text, (uint32_t)length});
    cr_assert_eq(text_character_count(folded), 1000 * 18);
}

Test(text, fold_fails_when_memory_is_short)
{
    struct arena small;
    arena_init(&small, 64);
    static char text[4000];
    memset(text, 'A', sizeof text);
    cr_assert_null(text_fold(&small, (struct str){text, 200}).data);
    memcpy(text, "津", 3);
    cr_assert_null(text_fold(&small, (struct str){text, 200}).data);
    cr_assert_null(text_fold(&small, (struct str){text, sizeof text}).data);
    cr_assert_not_null(text_fold(&small, (struct str){text, 10}).data);
    arena_release(&small);
}

Test(text, folding_twice_changes_nothing)
{
    const uint64_t seed = 97;
    fprintf(stderr, "text: seed %" PRIu64 "\n", seed);
    struct rng rng;
    rng_init(&rng, seed);
    for (int round = 0; round < 50000; round++) {
        char bytes[64];
        uint32_t length = 0;
        uint64_t characters = rng_below(&rng, 8);
        for (uint64_t i = 0; i < characters; i++) {
            static const uint32_t ends[] = {0x80, 0x400, 0x3100, 0xd800, 0x20000};
            uint32_t cp = 1 + (uint32_t)rng_below(&rng, ends[rng_below(&rng, 5)] - 1);
            length += encode(cp >= 0xd800 && cp < 0xe000 ? 'X' : cp, bytes + length);
        }
        struct str once = text_fold(&arena, (struct str){bytes, length});
        struct str twice = text_fold(&arena, once);
        cr_assert(once.data && text_is_valid(once), "round %d", round);
        cr_assert(str_equal(once, twice), "round %d: '%.*s' and '%.*s'", round, STR_ARG(once),
                  STR_ARG(twice));
        arena_clear(&arena);
    }
}

Test(text, whole_bytes_drops_only_a_cut_character)
{
    const char *text = "a津é🚢";
    const size_t ends[] = {0, 1, 4, 6, 10};
    for (size_t length = 0, last = 0; length <= 10; length++) {
        if (last < 4 && ends[last + 1] <= length)
            last++;
        cr_assert_eq(text_whole_bytes(text, length), ends[last], "cut at %zu", length);
    }
    cr_assert_eq(text_whole_bytes("a\x80\x80", 3), 3, "stray bytes are not a cut");
    cr_assert_eq(text_whole_bytes("\x80\x80\x80\x80\x80", 5), 5);
}

Test(text, counts_characters_and_columns)
{
    cr_assert_eq(text_character_count(STR("")), 0);
    cr_assert_eq(text_character_count(STR("a津é🚢")), 4);
    cr_assert_eq(text_column_count((struct str){NULL, 0}), 0);
    cr_assert_eq(text_column_count(STR("abc")), 3);
    cr_assert_eq(text_column_count(STR("天津abc")), 7);
    cr_assert_eq(text_column_count(STR("ＣＮＣ")), 6);
    cr_assert_eq(text_column_count(STR("🚢")), 2);
    cr_assert_eq(text_column_count(STR("e\u0301")), 1, "a combining accent takes none");
    cr_assert_eq(text_column_count(BYTES("a\xff\xe6")), 3, "a stray byte takes one");
}

static bool parses_to(const char *text, int64_t expected)
{
    int64_t value = 77;
    return text_to_int64(str_of(text), &value) && value == expected;
}

Test(text, integers)
{
    cr_assert(parses_to("0", 0));
    cr_assert(parses_to("-0", 0));
    cr_assert(parses_to("+7", 7));
    cr_assert(parses_to("0042", 42));
    cr_assert(parses_to("-232000", -232000));
    cr_assert(parses_to("9223372036854775807", INT64_MAX));
    cr_assert(parses_to("-9223372036854775808", INT64_MIN));
    cr_assert(parses_to("00000000000000000000000000000001", 1));
}

Test(text, what_is_no_integer_is_refused_and_leaves_the_value)
{
    static const char *const bad[] = {"",
                                      "+",
                                      "-",
                                      "--1",
                                      "+-1",
                                      " 1",
                                      "1 ",
                                      "1.0",
                                      "1e3",
                                      "0x10",
                                      "1,000",
                                      "１２",
                                      "万",
                                      "9223372036854775808",
                                      "-9223372036854775809",
                                      "99999999999999999999999"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        int64_t value = 77;
        cr_assert_not(text_to_int64(str_of(bad[i]), &value), "'%s'", bad[i]);
        cr_assert_eq(value, 77);
    }
    int64_t value = 77;
    cr_assert_not(text_to_int64(BYTES("1\0"), &value));
    cr_assert_not(text_to_int64((struct str){NULL, 0}, &value));
    cr_assert_eq(value, 77);
}
