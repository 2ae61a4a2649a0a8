#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/rng.h"
#include "core/topk.h"

static int by_rank(const void *left, const void *right)
{
    const struct match *a = left, *b = right;
    return rank_compare(&a->rank, &b->rank);
}

/* Few scores and ties, so that most comparisons go down to the keys; the entry tells which. */
static struct match random_match(struct rng *rng, uint64_t number, char text[16],
                                 const struct entry *entry)
{
    static const char *const PLATFORMS[] = {"a", "aa", "b"};
    snprintf(text, 16, "%" PRIu64, number);
    return (struct match){.rank = {.score = (int32_t)rng_below(rng, 4),
                                   .tie = rng_below(rng, 3),
                                   .key = {str_of(PLATFORMS[rng_below(rng, 3)]), str_of(text)}},
                          .entry = entry};
}

Test(topk, keeps_what_a_sort_puts_first_under_masses_of_ties)
{
    enum { COUNT = 400 };
    const uint64_t seed = 40261;
    struct rng rng;
    fprintf(stderr, "topk: seed %" PRIu64 "\n", seed);
    rng_init(&rng, seed);
    for (int round = 0; round < 300; round++) {
        static struct match all[COUNT], storage[COUNT];
        static char texts[COUNT][16];
        static struct entry entries[COUNT];
        uint32_t count = (uint32_t)rng_below(&rng, COUNT + 1);
        uint32_t k = 1 + (uint32_t)rng_below(&rng, round % 2 ? 20 : COUNT);
        struct topk topk;
        topk_init(&topk, storage, k);
        for (uint32_t i = 0; i < count; i++) {
            all[i] = random_match(&rng, i, texts[i], &entries[i]);
            if (topk_may_enter(&topk, all[i].rank.score))
                topk_offer(&topk, &all[i]);
        }
        uint32_t kept = topk_finish(&topk);
        qsort(all, count, sizeof all[0], by_rank);
        cr_assert_eq(kept, count < k ? count : k);
        for (uint32_t i = 0; i < kept; i++)
            cr_assert_eq(storage[i].entry, all[i].entry, "round %d rank %u", round, i);
    }
}

Test(topk, an_offer_that_is_not_good_enough_changes_nothing)
{
    struct match storage[1], best = {.rank.score = 5}, worse = {.rank.score = 4};
    struct topk topk;
    topk_init(&topk, storage, 1);
    cr_assert(topk_may_enter(&topk, 0), "anything enters while there is room");
    topk_offer(&topk, &best);
    cr_assert_not(topk_may_enter(&topk, 4));
    cr_assert(topk_may_enter(&topk, 5), "an equal score may win by its tie");
    topk_offer(&topk, &worse);
    topk_offer(&topk, &best);
    cr_assert_eq(topk_finish(&topk), 1);
    cr_assert_eq(storage[0].rank.score, 5);
}

Test(topk, the_order_is_score_then_tie_then_platform_then_id)
{
    const struct rank ordered[] = {
        {9, 7, {STR("b"), STR("b")}},          {8, 1, {STR("b"), STR("b")}},
        {8, 2, {STR("a"), STR("10")}},         {8, 2, {STR("a"), STR("9")}},
        {8, 2, {STR("ab"), STR("1")}},         {8, 2, {STR("b"), STR("1")}},
        {8, UINT64_MAX, {STR("a"), STR("a")}},
    };
    const int count = sizeof ordered / sizeof ordered[0];
    for (int i = 0; i < count; i++)
        for (int j = 0; j < count; j++)
            cr_assert_eq((rank_compare(&ordered[i], &ordered[j]) > 0) -
                             (rank_compare(&ordered[i], &ordered[j]) < 0),
                         (i > j) - (i < j), "%d and %d", i, j);
}
