#include <criterion/criterion.h>
#include <inttypes.h>

#include "base/rng.h"
#include "model/occupation.h"
#include "model/taxonomy.h"

static size_t shared(const char *system, const char *a, const char *b)
{
    size_t levels = occupation_shared_levels(str_of(system), str_of(a), str_of(b));
    cr_assert_eq(levels, occupation_shared_levels(str_of(system), str_of(b), str_of(a)));
    return levels;
}

Test(occupation, isco_and_esco_have_a_level_a_digit_and_then_one_a_dot)
{
    cr_assert_eq(shared("isco-08", "2512", "2512"), 4);
    cr_assert_eq(shared("isco-08", "2512", "2513"), 3);
    cr_assert_eq(shared("isco-08", "2512", "2521"), 2);
    cr_assert_eq(shared("isco-08", "2512", "2411"), 1);
    cr_assert_eq(shared("isco-08", "2512", "7212"), 0);
    cr_assert_eq(shared("isco-08", "25", "2512"), 2);
    cr_assert_eq(shared("esco", "2512.4", "2512.4"), 5);
    cr_assert_eq(shared("esco", "2512.4", "2512.41"), 4, "a dotted level is compared as a whole");
    cr_assert_eq(shared("esco", "2512.4.1", "2512.4.2"), 5);
}

Test(occupation, soc_codes_have_major_minor_broad_and_detailed_levels)
{
    cr_assert_eq(shared("onet-soc", "15-1252.00", "15-1252.00"), 4);
    cr_assert_eq(shared("onet-soc", "15-1252.00", "15-1252"), 4);
    cr_assert_eq(shared("onet-soc", "15-1252.01", "15-1252.01"), 5);
    cr_assert_eq(shared("onet-soc", "15-1252.01", "15-1252.02"), 4);
    cr_assert_eq(shared("onet-soc", "15-1252.00", "15-1253.00"), 3);
    cr_assert_eq(shared("onet-soc", "15-1252.00", "15-1241.00"), 2);
    cr_assert_eq(shared("onet-soc", "15-1252.00", "15-2031.00"), 1);
    cr_assert_eq(shared("onet-soc", "15-1252.00", "17-2031.00"), 0);
    cr_assert_eq(shared("onet-soc", "11-1011.00", "11-1000"), 2,
                 "the minor group 10 is no padding");
    cr_assert_eq(shared("onet-soc", "11-1011.00", "11-1010"), 3);
}

Test(occupation, other_systems_are_cut_at_dashes_and_dots)
{
    cr_assert_eq(shared("cn-2022", "2-02-10-03", "2-02-10-03"), 4);
    cr_assert_eq(shared("cn-2022", "2-02-10-03", "2-02-10-04"), 3);
    cr_assert_eq(shared("cn-2022", "2-02-10-03", "2-02-38-01"), 2);
    cr_assert_eq(shared("cn-2022", "2-02-10-03", "2-06-01-01"), 1);
    cr_assert_eq(shared("cn-2022", "2-02-10-03", "4-02-10-03"), 0);
    cr_assert_eq(shared("in-house", "A.12", "A.13"), 1);
    cr_assert_eq(shared("in-house", "welder", "welder"), 1);
    cr_assert_eq(shared("in-house", "00", "00"), 1, "zeros are no padding here");
}

Test(occupation, an_empty_code_shares_nothing)
{
    cr_assert_eq(shared("isco-08", "", ""), 0);
    cr_assert_eq(shared("isco-08", "", "2512"), 0);
    cr_assert_eq(shared("cn-2022", "-.-", "2-02"), 0);
}

/* Few characters, so that levels are often equal, and separators anywhere; or a code as systems
 * have them. */
static struct str random_code(struct rng *rng, char text[24])
{
    static const char *const SHAPES[] = {"####", "####.#.#", "##-####.##", "#-##-##-##"};
    struct str code = {text, (uint32_t)rng_below(rng, 13)};
    if (rng_below(rng, 2)) {
        const char *shape = SHAPES[rng_below(rng, 4)];
        code.length = (uint32_t)strlen(shape) - (uint32_t)rng_below(rng, 3);
        for (uint32_t i = 0; i < code.length; i++)
            text[i] = shape[i] == '#' ? "012"[rng_below(rng, 3)] : shape[i];
        return code;
    }
    for (uint32_t i = 0; i < code.length; i++)
        text[i] = "0122.-A\0"[rng_below(rng, 8)];
    return code;
}

Test(occupation, a_path_says_what_comparing_the_codes_says)
{
    static const char *const SYSTEMS[] = {"isco-08", "esco", "onet-soc",
                                          "cn-2022", "",     "onet-soc of 2019, in house"};
    enum { SYSTEM_COUNT = sizeof SYSTEMS / sizeof SYSTEMS[0] };
    struct rng rng;
    uint64_t seed = 31, met[OCCUPATION_EQUAL + 1] = {0}, short_count = 0;
    rng_init(&rng, seed);
    for (int i = 0; i < 500000; i++) {
        char text_a[24], text_b[24];
        struct str system = str_of(SYSTEMS[rng_below(&rng, SYSTEM_COUNT)]), other = system;
        struct str a = random_code(&rng, text_a), b = random_code(&rng, text_b);
        if (i % 10 == 0)
            other = str_of(SYSTEMS[rng_below(&rng, SYSTEM_COUNT)]);
        if (i % 2 && a.length <= b.length) /* begins as the other one */
            memcpy(text_b, text_a, a.length);
        struct occupation_path path = occupation_path_of(system, a);
        size_t expected = occupation_shared_levels(system, a, b);
        if (expected > OCCUPATION_PATH_LEVELS)
            expected = OCCUPATION_PATH_LEVELS;
        if (str_equal(a, b))
            expected = OCCUPATION_EQUAL;
        if (!str_equal(system, other))
            expected = 0;
        cr_assert_eq(occupation_path_compare(&path, other, b), (int32_t)expected,
                     "seed %" PRIu64 ": %.*s '%.*s', %.*s '%.*s'", seed, STR_ARG(system),
                     STR_ARG(a), STR_ARG(other), STR_ARG(b));
        met[expected]++;
        short_count += path.is_short;
    }
    for (int i = 0; i <= OCCUPATION_EQUAL; i++)
        cr_assert_gt(met[i], 5000, "%d is hardly ever the answer", i);
    cr_assert(short_count > 100000 && short_count < 450000, "both ways are taken");
}

Test(occupation, holds_itself_and_what_is_below)
{
    static const struct {
        const char *system, *upper, *code;
        bool holds;
    } cases[] = {
        {"isco-08", "2", "2512", true},
        {"isco-08", "2512", "2512", true},
        {"isco-08", "2512", "251", false},
        {"isco-08", "2513", "2512", false},
        {"isco-08", "", "2512", false},
        {"isco-08", "", "", false},
        {"esco", "2512", "2512.4", true},
        {"esco", "2512.4", "2512.41", false},
        {"onet-soc", "15-0000", "15-1252.00", true},
        {"onet-soc", "15-1200", "15-1252.00", true},
        {"onet-soc", "15-1250", "15-1252.00", true},
        {"onet-soc", "15-1252", "15-1252.00", true},
        {"onet-soc", "15-1252.00", "15-1252.01", true},
        {"onet-soc", "15-1252.01", "15-1252.00", false},
        {"onet-soc", "15-1100", "15-1252.00", false},
        {"onet-soc", "11-0000", "15-1252.00", false},
        {"cn-2022", "2-02", "2-02-10-03", true},
        {"cn-2022", "2-0", "2-02-10-03", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        cr_assert_eq(occupation_holds(str_of(cases[i].system), str_of(cases[i].upper),
                                      str_of(cases[i].code)),
                     cases[i].holds, "%s: %s holds %s", cases[i].system, cases[i].upper,
                     cases[i].code);
}
