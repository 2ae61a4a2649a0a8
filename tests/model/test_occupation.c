#include <criterion/criterion.h>
#include <inttypes.h>

#include "base/rng.h"
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

/* Few characters, so that levels are often equal, and separators anywhere. */
static struct str random_code(struct rng *rng, char text[16])
{
    struct str code = {text, (uint32_t)rng_below(rng, 11)};
    for (uint32_t i = 0; i < code.length; i++)
        text[i] = "0122.-A"[rng_below(rng, 7)];
    return code;
}

Test(occupation, a_path_shares_what_its_code_does)
{
    static const char *const SYSTEMS[] = {"isco-08", "esco", "onet-soc", "cn-2022", ""};
    struct rng rng;
    uint64_t seed = 31, shared_counts[OCCUPATION_PATH_LEVELS + 1] = {0};
    rng_init(&rng, seed);
    for (int i = 0; i < 200000; i++) {
        char text_a[16], text_b[16];
        struct str system = str_of(SYSTEMS[i % 5]);
        struct str a = random_code(&rng, text_a), b = random_code(&rng, text_b);
        if (i % 2 && a.length < b.length) /* begins as the other one */
            memcpy(text_b, text_a, a.length);
        struct occupation_path path = occupation_path_of(system, a);
        size_t expected = occupation_shared_levels(system, a, b);
        if (expected > OCCUPATION_PATH_LEVELS)
            expected = OCCUPATION_PATH_LEVELS;
        cr_assert_eq(occupation_path_shared_levels(&path, b), expected,
                     "seed %" PRIu64 ": %s '%.*s' '%.*s'", seed, SYSTEMS[i % 5], STR_ARG(a),
                     STR_ARG(b));
        shared_counts[expected]++;
    }
    for (int i = 0; i <= OCCUPATION_PATH_LEVELS; i++)
        cr_assert_gt(shared_counts[i], 500, "%d levels are hardly ever shared", i);
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
