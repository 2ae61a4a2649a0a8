/* What all records of a market are drawn from. See sample.h. */
#include "sample.h"

#include "base/banned.h"

/* Vacancies by sector, from the occupations' demand. */
static void sectors_init(struct wheel *sectors, const struct catalogue *catalogue)
{
    uint32_t weights[SECTOR_COUNT] = {0};
    for (size_t i = 0; i < catalogue->count; i++) {
        const struct trait *trait = catalogue->items[i].trait;
        uint32_t share = (uint32_t)trait->supply * trait->demand_percent /
                         (uint32_t)__builtin_popcount(trait->sectors);
        for (int sector = 0; sector < SECTOR_COUNT; sector++)
            if (trait->sectors & (1u << sector))
                weights[sector] += share;
    }
    wheel_init(sectors, weights, SECTOR_COUNT);
}

bool market_init(struct market *market, const struct market_size *size, struct error *error)
{
    struct wheel sectors;
    if (!catalogue_init(&market->catalogue, error))
        return false;
    market->seed = size->seed;
    market->today = size->today;
    places_init(&market->places);
    sectors_init(&sectors, &market->catalogue);
    /* Six vacancies an employer on average. */
    employers_init(&market->employers, market->seed, size->vacancies / 6, &market->places,
                   &sectors);
    wheel_release(&sectors);
    pay_scale_init(&market->scale, &market->catalogue.supply);
    return true;
}

void market_release(struct market *market)
{
    employers_release(&market->employers);
    places_release(&market->places);
    catalogue_release(&market->catalogue);
}
