/* Invented employers. A name is a place, three characters that mean nothing together, the sector's
 * word and a legal form; none is meant to be anybody's.
 *
 * Thread: any reader after init.
 */
#ifndef HAIHE_TOOLS_MARKET_EMPLOYER_H
#define HAIHE_TOOLS_MARKET_EMPLOYER_H

#include "place.h"

enum { EMPLOYER_NAME_BYTES = 100, EMPLOYER_SITE_LIMIT = 20 };

struct employer {
    char name[EMPLOYER_NAME_BYTES];
    struct spot sites[EMPLOYER_SITE_LIMIT]; /* the first is its seat */
    uint8_t site_count;
};

struct employers {
    struct employer *items; /* owned, grouped by sector */
    uint32_t first_of[SECTOR_COUNT + 1];
};

/* `sectors` draws an enum sector; every sector gets at least three. */
void employers_init(struct employers *employers, uint64_t seed, size_t count,
                    const struct places *places, const struct wheel *sectors);
void employers_release(struct employers *employers);
/* The large ones more often. */
const struct employer *employer_draw(const struct employers *employers, struct rng *rng,
                                     enum sector sector);

#endif
