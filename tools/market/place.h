/* Where people live and work: Tianjin's districts, its industrial places, and some neighbours.
 *
 * Weights follow the census of 2020, in thousands, rounded; points are approximate. Constant
 * tables, wheels built once. Thread: any reader after init.
 */
#ifndef HAIHE_TOOLS_MARKET_PLACE_H
#define HAIHE_TOOLS_MARKET_PLACE_H

#include "draw.h"
#include "trait.h"

/* A point drawn around a quarter. */
struct spot {
    const char *area_code; /* 6 digits */
    const char *city;      /* "天津市", "北京市通州区" .. */
    const char *quarter;   /* district or industrial place, as addresses and titles say it */
    int32_t lat_e7, lon_e7;
};

struct places {
    struct wheel homes;
    struct wheel hubs[SECTOR_COUNT]; /* count 0: the sector is everywhere */
};

void places_init(struct places *places);
void places_release(struct places *places);
struct spot place_draw_home(const struct places *places, struct rng *rng);
/* Seven of ten workplaces stand where their industry does, the others among the people. */
struct spot place_draw_work(const struct places *places, struct rng *rng, enum sector sector);

#endif
