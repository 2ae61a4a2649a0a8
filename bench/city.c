/* See city.h: drawing and burdening. */
#include "city.h"

#include "base/clock.h"

#include "base/banned.h"

enum {
    STREAM_BURDEN = 101, /* not one of the generator's own */
    REMOTE_PERMILLE = 100,
    SEVERAL_SITES_PERMILLE = 50,
    /* Chosen by measuring: see essential_missing_permille, which bench_search prints. */
    ESSENTIAL_PERMILLE = 74,
    RECORD_LIMIT_BYTES = 1 << 20,
    SCRATCH_ARENA_BYTES = 16 << 20,
};

bool city_init(struct city *city, const struct city_size *size, struct error *error)
{
    struct options options;
    *city = (struct city){0};
    options_set_defaults(&options);
    date_parse(STR("2026-11-23"), &city->today);
    struct market_size market = {size->seed, size->vacancies, city->today};
    if (!reference_data_load(&city->data, &options, error))
        return false;
    if (market_init(&city->market, &market, error))
        return true;
    reference_data_release(&city->data);
    return false;
}

void city_release(struct city *city)
{
    market_release(&city->market);
    reference_data_release(&city->data);
}

void city_scratch_init(struct city_scratch *scratch)
{
    arena_init(&scratch->arena, SCRATCH_ARENA_BYTES);
    buffer_init(&scratch->bytes, RECORD_LIMIT_BYTES);
}

void city_scratch_release(struct city_scratch *scratch)
{
    arena_release(&scratch->arena);
    buffer_release(&scratch->bytes);
}

/* --- Drawing --------------------------------------------------------------------------------- */

static void draw_sites(const struct city *city, struct rng *rng, struct sample_vacancy *vacancy)
{
    enum sector sector =
        (enum sector)__builtin_ctz(vacancy->occupation->trait->sectors); /* any of them will do */
    vacancy->site_count = 1;
    if (!draw_chance(rng, SEVERAL_SITES_PERMILLE))
        return;
    vacancy->site_count = (uint8_t)rng_between(rng, 2, 5);
    for (uint8_t i = 1; i < vacancy->site_count; i++) {
        struct spot spot = place_draw_work(&city->market.places, rng, sector);
        vacancy->sites[i] = sample_place_of(rng, &spot);
    }
}

void city_draw_vacancy(const struct city *city, uint64_t index, struct sample_vacancy *out)
{
    struct rng rng;
    vacancy_draw(&city->market, index, out);
    draw_stream(&rng, city->market.seed, STREAM_BURDEN, index);
    out->remote = draw_chance(&rng, REMOTE_PERMILLE);
    draw_sites(city, &rng, out);
    if (out->pay.negotiable)
        out->pay = (struct sample_pay){.negotiable = true};
    for (uint8_t i = 0; i < out->skill_count; i++)
        out->skills[i].essential = draw_chance(&rng, ESSENTIAL_PERMILLE);
}

void city_draw_applicant(const struct city *city, uint64_t index, struct sample_applicant *out)
{
    applicant_draw(&city->market, index, out);
}
