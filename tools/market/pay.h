/* Who earns what: occupations' own order of pay, laid over the city's published percentiles.
 *
 * worth   what a person of an occupation and level is worth, in no real unit: typical pay of the
 *         occupation, 9 % a level, some luck
 * rank    the share of all people who are worth less, from a million people drawn once
 * pay     the percentile curve of full-time pay a year at that rank
 *
 * so that the pay of everybody together follows the curve whatever the occupations' table says.
 * Curve: Tianjin, all employees, reference year 2023 (p10 39,433, p25 51,600, p50 72,396,
 * p75 114,337, p90 185,931 yuan a year, as quoted from the city's pay survey of 2024); between and
 * beyond them our own points; nobody is below the statutory minimum wage. Integers only.
 * Thread: any reader after init.
 */
#ifndef HAIHE_TOOLS_MARKET_PAY_H
#define HAIHE_TOOLS_MARKET_PAY_H

#include "draw.h"
#include "trait.h"

enum { PAY_BIN_WORTH = 16, PAY_BIN_COUNT = 8192 };

struct pay_scale {
    uint32_t below[PAY_BIN_COUNT + 1]; /* people worth less than bin * PAY_BIN_WORTH */
};

enum {
    MINIMUM_MONTH_YUAN = 2320, /* Tianjin's statutory minimum since November 2023 */
    MINIMUM_HOUR_FEN = 2440,
};

/* `traits` draws an index for trait_at. */
void pay_scale_init(struct pay_scale *scale, const struct wheel *traits);
/* 1..8, from the occupation's own range. */
int pay_draw_level(struct rng *rng, const struct trait *trait);
uint32_t pay_draw_worth(struct rng *rng, const struct trait *trait, int level);
/* Full-time pay, yuan a year. */
int64_t pay_year_yuan(const struct pay_scale *scale, uint32_t worth);

/* The published points: permille and yuan a year. */
struct pay_point {
    uint16_t permille;
    int32_t year_yuan;
};
enum { PAY_PUBLISHED_COUNT = 5 };
extern const struct pay_point pay_published[PAY_PUBLISHED_COUNT];

#endif
