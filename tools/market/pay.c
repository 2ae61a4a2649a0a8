/* See pay.h. Invariant: below[] ascends, its last item is SCALE_PEOPLE. Cost: 20 ms at start. */
#include "pay.h"

#include <assert.h>

#include "base/banned.h"

/* A power of two, so that ranks are exact; of a million people the percentiles are off by less than
 * 0.2 %. */
enum { SCALE_PEOPLE = 1 << 20 };

const struct pay_point pay_published[PAY_PUBLISHED_COUNT] = {
    {100, 39433}, {250, 51600}, {500, 72396}, {750, 114337}, {900, 185931},
};

/* The points between the published ones and the tails are ours, set so that the slope changes
 * smoothly; the lowest is the minimum wage of twelve months. */
static const struct pay_point curve[] = {
    {0, MINIMUM_MONTH_YUAN * 12},
    {20, 30000},
    {50, 34200},
    {100, 39433},
    {250, 51600},
    {400, 63300},
    {500, 72396},
    {600, 85500},
    {650, 94000},
    {700, 103500},
    {750, 114337},
    {800, 130000},
    {850, 152500},
    {900, 185931},
    {950, 245000},
    {990, 420000},
    {999, 800000},
    {1000, 1200000},
};

int pay_draw_level(struct rng *rng, const struct trait *trait)
{
    return (int)draw_middle(rng, trait->level_low, trait->level_high);
}

uint32_t pay_draw_worth(struct rng *rng, const struct trait *trait, int level)
{
    uint64_t of_level = (uint64_t)(200 + 9 * (2 * level - trait->level_low - trait->level_high));
    uint64_t luck = 70;
    for (int i = 0; i < 3; i++)
        luck += rng_below(rng, 21);
    if (draw_chance(rng, 80))
        luck += rng_below(rng, 40);
    /* A spread finer than the table's steps, so that no two occupations tie. */
    return (uint32_t)(trait->month_yuan * of_level * luck / 20000 + rng_below(rng, 97));
}

void pay_scale_init(struct pay_scale *scale, const struct wheel *traits)
{
    struct rng rng;
    rng_init(&rng, 2023);
    *scale = (struct pay_scale){0};
    for (int i = 0; i < SCALE_PEOPLE; i++) {
        const struct trait *trait = trait_at(wheel_draw(traits, &rng));
        int level = pay_draw_level(&rng, trait);
        uint32_t bin = pay_draw_worth(&rng, trait, level) / PAY_BIN_WORTH;
        assert(bin < PAY_BIN_COUNT);
        scale->below[bin + 1]++;
    }
    for (int bin = 0; bin < PAY_BIN_COUNT; bin++)
        scale->below[bin + 1] += scale->below[bin];
}

int64_t pay_year_yuan(const struct pay_scale *scale, uint32_t worth)
{
    uint32_t bin = worth / PAY_BIN_WORTH;
    if (bin >= PAY_BIN_COUNT)
        return curve[sizeof curve / sizeof curve[0] - 1].year_yuan;
    /* Ranks in units of 1 / (SCALE_PEOPLE * PAY_BIN_WORTH), below 2^24. */
    int64_t in_bin = (int64_t)(scale->below[bin + 1] - scale->below[bin]);
    int64_t rank = (int64_t)scale->below[bin] * PAY_BIN_WORTH + in_bin * (worth % PAY_BIN_WORTH);
    const int64_t whole = (int64_t)SCALE_PEOPLE * PAY_BIN_WORTH;
    const struct pay_point *low = curve;
    while (low[1].permille < 1000 && rank * 1000 >= low[1].permille * whole)
        low++;
    int64_t within = rank * 1000 - low->permille * whole;
    int64_t width = (low[1].permille - low->permille) * whole;
    return low->year_yuan + (low[1].year_yuan - low->year_yuan) * within / width;
}
