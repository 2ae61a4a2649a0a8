#include <criterion/criterion.h>
#include <string.h>

#include "measure.h"

static const struct entry third = {.sequence = 3}, fourth = {.sequence = 4};

static struct match example(void)
{
    return (struct match){.rank = {.score = 80, .tie = 7, .key = {STR("lab"), STR("v1")}},
                          .pair = {.score = 80, .distance_m = 12},
                          .entry = &third};
}

static void expect_difference(const struct match *found, const char *part)
{
    struct match expected[2] = {example(), example()}, other[2] = {example(), *found};
    struct search_result truth = {.matches = expected, .match_count = 2};
    struct search_result answer = {.matches = other, .match_count = 2};
    char what[256] = "";
    cr_expect(truth_differs(&truth, &answer, what, sizeof what), "no difference: %s", part);
    cr_expect(strstr(what, part) && strstr(what, "rank 2"), "'%s' lacks '%s'", what, part);
}

Test(truth, sees_whatever_differs)
{
    struct match other = example();
    other.rank.key.id = STR("v2");
    expect_difference(&other, "key 'v1' (score 80) is 'v2'");
#define OTHER(member, value)                                                                       \
    other = example();                                                                             \
    other.member = value;                                                                          \
    expect_difference(&other, #member)
    OTHER(rank.score, 81);
    OTHER(rank.tie, 8);
    OTHER(pair.score, 81);
    OTHER(pair.fit_sum, 1);
    OTHER(pair.appeal_sum, 1);
    OTHER(pair.fit_bp, 1);
    OTHER(pair.appeal_bp, 1);
    OTHER(pair.penalty, 1);
    OTHER(pair.distance_m, 13);
    OTHER(pair.failed, 1);
    OTHER(pair.softened, 1);
    OTHER(pair.wage_unknown, true);
    other = example();
    other.entry = &fourth;
    expect_difference(&other, "entry->sequence");
#undef OTHER
    for (int i = 0; i < CRITERION_COUNT; i++) {
        other = example();
        other.pair.points_bp[i] = 1;
        expect_difference(&other, criterion_name((enum criterion)i));
    }
}

Test(truth, sees_a_missing_match_and_none_where_all_is_equal)
{
    struct match expected[2] = {example(), example()};
    struct search_result truth = {.matches = expected, .match_count = 2};
    struct search_result answer = {.matches = expected, .match_count = 1};
    char what[256] = "";
    cr_expect(truth_differs(&truth, &answer, what, sizeof what));
    cr_expect_str_eq(what, "2 matches are 1");
    answer.match_count = 2;
    cr_expect(!truth_differs(&truth, &answer, what, sizeof what), "%s", what);
}
