#include <criterion/criterion.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "core/code.h"
#include "core/random_records.h"

/* --- Values ------------------------------------------------------------------------------------*/

static const int EXPONENTS[] = {PAY_CODE_EXPONENT, DISTANCE_CODE_EXPONENT};

static void assert_brackets(uint64_t value, int exponent)
{
    uint16_t down = code_down(value, exponent), up = code_up(value, exponent);
    cr_assert(down <= up && up - down <= 1, "%" PRIu64, value);
    cr_assert_leq((double)code_value(down, exponent), (double)value);
    if (up != CODE_LAST) {
        cr_assert_geq((double)code_value(up, exponent), (double)value);
        cr_assert_leq((double)code_value(up, exponent) - (double)code_value(down, exponent),
                      ((double)value + ldexp(1, exponent)) / (1 << CODE_MANTISSA_BITS));
    }
    if (value > 0) {
        cr_assert_leq(code_down(value - 1, exponent), down);
        cr_assert_leq(code_up(value - 1, exponent), up);
    }
}

Test(code, brackets_every_value)
{
    struct market market;
    market_init(&market, 74001);
    for (size_t i = 0; i < sizeof EXPONENTS / sizeof EXPONENTS[0]; i++) {
        for (uint64_t value = 0; value < 100000; value++)
            assert_brackets(value, EXPONENTS[i]);
        for (int bit = 1; bit < 63; bit++) {
            uint64_t power = UINT64_C(1) << bit, base = UINT64_C(1) << EXPONENTS[i];
            for (int64_t off = -2; off <= 2; off++) {
                assert_brackets(power + (uint64_t)off + (bit == 1 ? 2 : 0), EXPONENTS[i]);
                if (power > base + 2)
                    assert_brackets(power - base + (uint64_t)off, EXPONENTS[i]);
            }
        }
        for (int j = 0; j < 200000; j++)
            assert_brackets(rng_next(&market.rng) >> (1 + rng_below(&market.rng, 62)),
                            EXPONENTS[i]);
        assert_brackets(UINT64_C(1000000000000000), EXPONENTS[i]);
        assert_brackets(INT64_MAX, EXPONENTS[i]);
    }
    market_release(&market);
}

Test(code, every_code_is_that_of_its_value)
{
    for (size_t i = 0; i < sizeof EXPONENTS / sizeof EXPONENTS[0]; i++) {
        for (unsigned code = 0; code < CODE_LAST; code++) {
            float value = code_value((uint16_t)code, EXPONENTS[i]);
            if (value != floorf(value))
                continue; /* only whole values are encoded */
            cr_assert_eq(code_down((uint64_t)value, EXPONENTS[i]), code);
            cr_assert_eq(code_up((uint64_t)value, EXPONENTS[i]), code);
        }
        cr_assert_eq(code_value(0, EXPONENTS[i]), 0);
    }
}

/* --- Experience --------------------------------------------------------------------------------*/

Test(code, experience_buckets_are_on_the_safe_side)
{
    for (unsigned months = 0; months <= EXPERIENCE_LIMIT_MONTHS; months++) {
        uint8_t down = experience_bucket_down((uint16_t)months);
        uint8_t up = experience_bucket_up((uint16_t)months);
        cr_assert_lt(up, EXPERIENCE_BUCKET_COUNT);
        cr_assert_leq(EXPERIENCE_BUCKET_MONTHS[down], months);
        if (down + 1 < EXPERIENCE_BUCKET_COUNT)
            cr_assert_gt(EXPERIENCE_BUCKET_MONTHS[down + 1], months);
        if (up + 1 < EXPERIENCE_BUCKET_COUNT)
            cr_assert_geq(EXPERIENCE_BUCKET_MONTHS[up], months);
        if (up > 0)
            cr_assert_lt(EXPERIENCE_BUCKET_MONTHS[up - 1], months);
    }
}

/* --- Paths -------------------------------------------------------------------------------------*/

/* How many of a path's bytes are equal, from the lowest on. */
static int equal_bytes(uint32_t a, uint32_t b)
{
    int count = 0;
    while (count < 4 && (a >> 8 * count & 255) == (b >> 8 * count & 255))
        count++;
    return count;
}

static uint32_t isco(const char *code)
{
    return occupation_bytes((struct occupation_code){STR("isco-08"), str_of(code)});
}

Test(code, occupations_that_share_levels_share_bytes)
{
    static const char *const CODES[] = {"2",      "25",       "251", "2512", "2513",
                                        "2512.4", "2512.4.1", "7",   "721",  "7212"};
    enum { COUNT = sizeof CODES / sizeof CODES[0] };
    for (size_t i = 0; i < COUNT; i++) {
        for (size_t j = 0; j < COUNT; j++) {
            struct str a[3], b[3];
            size_t a_count = occupation_levels(STR("isco-08"), str_of(CODES[i]), a, 3);
            size_t b_count = occupation_levels(STR("isco-08"), str_of(CODES[j]), b, 3);
            int shared = 0;
            while ((size_t)shared < a_count && (size_t)shared < b_count &&
                   str_equal(a[shared], b[shared]))
                shared++;
            cr_assert_geq(equal_bytes(isco(CODES[i]), isco(CODES[j])), i == j ? 4 : shared,
                          "%s and %s", CODES[i], CODES[j]);
        }
        cr_assert_neq(isco(CODES[i]), 0);
    }
    cr_assert_lt(equal_bytes(isco("2512"), isco("7212")), 4);
    cr_assert_lt(equal_bytes(isco("2512"),
                             occupation_bytes((struct occupation_code){STR("esco"), STR("2512")})),
                 4, "another system");
    cr_assert_eq(occupation_bytes((struct occupation_code){0}), 0);
}

Test(code, areas_that_share_pairs_share_bytes)
{
    cr_assert_geq(equal_bytes(area_path(STR("120101")), area_path(STR("120102"))), 2);
    cr_assert_geq(equal_bytes(area_path(STR("120101")), area_path(STR("120200"))), 1);
    cr_assert_eq(equal_bytes(area_path(STR("120101")), area_path(STR("120101"))), 4);
    cr_assert_lt(equal_bytes(area_path(STR("120101")), area_path(STR("130200"))), 4);
    cr_assert_eq(area_path(STR("")), 0);
}

Test(code, bits_are_where_they_belong)
{
    static const char *const TEXTS[] = {"", "a", "driver", "zh", "en", "ja", "welder"};
    for (size_t i = 0; i < sizeof TEXTS / sizeof TEXTS[0]; i++) {
        struct str text = str_of(TEXTS[i]);
        uint16_t licence = need_bit_of_licence(text), language = need_bit_of_language(text);
        cr_assert(__builtin_popcount(licence) == 1 && !(licence & ~NEED_LICENCE_BITS));
        cr_assert(__builtin_popcount(language) == 1 && !(language & ~NEED_LANGUAGE_BITS));
        cr_assert(__builtin_popcount(tag_bits(text)) >= 1 &&
                  __builtin_popcount(tag_bits(text)) <= 3);
        cr_assert_neq(text_hash16(text), 0);
        cr_assert_neq(text_hash8(text), 0);
    }
    uint32_t seen = 0;
    for (uint32_t row = 0; row < 1000; row++) {
        cr_assert_eq(__builtin_popcount(skill_bit(row)), 1);
        seen |= skill_bit(row);
    }
    cr_assert_eq(seen, UINT32_MAX);
}

/* --- Places ------------------------------------------------------------------------------------*/

/* Numbers that follow one another are places that lie beside one another: near places may be far
 * apart on the curve, never the other way round. */
Test(code, neighbours_on_the_curve_are_neighbours_on_earth)
{
    struct market market;
    market_init(&market, 74002);
    int compared = 0;
    for (int i = 0; i < 200000; i++) {
        struct position a = {(int32_t)rng_between(&market.rng, -900000000, 900000000),
                             (int32_t)rng_between(&market.rng, -1800000000, 1800000000)};
        struct position b = {a.lat_e7, a.lon_e7};
        int32_t off = (int32_t)rng_between(&market.rng, -2000, 2000);
        if (market_chance(&market, 2) && a.lat_e7 + off <= 900000000 &&
            a.lat_e7 + off >= -900000000)
            b.lat_e7 += off;
        uint64_t x = hilbert_of(a), y = hilbert_of(b);
        cr_assert_lt(x, UINT64_C(1) << 48);
        /* A square of 2^n steps a side is one stretch of 4^n numbers. */
        for (int n = 1; n < 24; n++) {
            uint64_t step = UINT64_C(3600000001) << n >> 24;
            bool same = x >> 2 * n == y >> 2 * n;
            if (same)
                cr_assert_leq((uint64_t)llabs((int64_t)a.lat_e7 - b.lat_e7), step + 1);
            compared += same;
        }
    }
    cr_assert_gt(compared, 100000);
    cr_assert_lt(hilbert_of((struct position){900000000, 1800000000}), UINT64_C(1) << 48);
    cr_assert_lt(hilbert_of((struct position){-900000000, -1800000000}), UINT64_C(1) << 48);
    market_release(&market);
}
