/* See sample.h. */
#include "sample.h"

#include <stdio.h>

#include "base/banned.h"

void sample_key_draw(struct sample_key *key, struct rng *rng, char kind, uint64_t index)
{
    uint64_t share = rng_below(rng, 100);
    key->platform = share < 45 ? "tj-rc" : share < 80 ? "haihe-zp" : "bh-jobs";
    snprintf(key->id, sizeof key->id, "%c%06llu", kind, (unsigned long long)index + 1);
}

void sample_skill_add(struct sample_skill *skills, uint8_t *count, struct sample_skill skill)
{
    if (*count < SAMPLE_SKILL_LIMIT)
        skills[(*count)++] = skill;
}

struct sample_place sample_place_of(struct rng *rng, const struct spot *spot)
{
    uint64_t manner = rng_below(rng, 100);
    return (struct sample_place){
        .spot = *spot,
        .has_point = manner >= 15,
        .has_area = manner < 90,
        .has_address = manner >= 40,
    };
}

const char *sample_draw_tag(struct rng *rng)
{
    static const char *const tags[] = {"fair-2026-11-haihe", "fair-2026-11-haihe",
                                       "fair-2026-12-binhai", "campus-2027", "port-talent"};
    if (!draw_chance(rng, 120))
        return NULL;
    return tags[rng_below(rng, sizeof tags / sizeof tags[0])];
}

/* Steps in which people say pay, in fen. */
static int64_t step_of(int64_t amount_fen, enum sample_unit unit)
{
    switch (unit) {
    case UNIT_HOUR:
        return amount_fen < 10000 ? 50 : 1000;
    case UNIT_DAY:
        return amount_fen < 50000 ? 500 : 5000;
    case UNIT_WEEK:
        return 5000;
    case UNIT_YEAR:
        return amount_fen < 20000000 ? 200000 : 1000000;
    default:
        return amount_fen < 1000000 ? 10000 : amount_fen < 3000000 ? 50000 : 100000;
    }
}

int64_t sample_amount_fen(int64_t year_yuan, enum sample_unit unit, int months_per_year)
{
    /* The least that pays the statutory minimum, after rounding up to something people say. */
    static const int64_t least_fen[UNIT_COUNT] = {
        [UNIT_HOUR] = 2450,    [UNIT_DAY] = 11000,    [UNIT_WEEK] = 55000,
        [UNIT_MONTH] = 232000, [UNIT_YEAR] = 2800000,
    };
    int64_t amount_fen = year_yuan * 100 / (months_per_year ? months_per_year : 12);
    if (unit == UNIT_HOUR)
        amount_fen = amount_fen / 174; /* 21.75 days of 8 hours */
    else if (unit == UNIT_DAY)
        amount_fen = amount_fen * 100 / 2175;
    else if (unit == UNIT_WEEK)
        amount_fen = year_yuan * 100 / 52;
    else if (unit == UNIT_YEAR)
        amount_fen = year_yuan * 100;
    amount_fen = round_to(amount_fen, step_of(amount_fen, unit));
    return amount_fen < least_fen[unit] ? least_fen[unit] : amount_fen;
}

int64_t sample_year_yuan(int64_t amount_fen, enum sample_unit unit, int months_per_year)
{
    switch (unit) {
    case UNIT_HOUR:
        return amount_fen * 174 * 12 / 100;
    case UNIT_DAY:
        return amount_fen * 2175 * 12 / 10000;
    case UNIT_WEEK:
        return amount_fen * 52 / 100;
    case UNIT_YEAR:
        return amount_fen / 100;
    default:
        return amount_fen * (months_per_year ? months_per_year : 12) / 100;
    }
}
