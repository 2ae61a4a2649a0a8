#include <criterion/criterion.h>
#include <inttypes.h>
#include <math.h>

#include "base/rng.h"
#include "model/geo.h"

static const double EARTH_RADIUS_M = 6371008.8;

/* The great circle by the haversine formula. */
static double great_circle_m(struct position a, struct position b)
{
    const double unit = M_PI / 180 * 1e-7;
    double lat_a = a.lat_e7 * unit, lat_b = b.lat_e7 * unit;
    double dlat = lat_b - lat_a, dlon = ((double)b.lon_e7 - a.lon_e7) * unit;
    double h = pow(sin(dlat / 2), 2) + cos(lat_a) * cos(lat_b) * pow(sin(dlon / 2), 2);
    return 2 * EARTH_RADIUS_M * asin(fmin(1, sqrt(h)));
}

static struct position at(double latitude, double longitude)
{
    struct position position;
    cr_assert(position_from_degrees(latitude, longitude, &position));
    return position;
}

static struct position anywhere(struct rng *rng)
{
    return (struct position){(int32_t)rng_between(rng, -900000000, 900000000),
                             (int32_t)rng_between(rng, -1800000000, 1800000000)};
}

static uint64_t seeded(struct rng *rng, uint64_t seed)
{
    rng_init(rng, seed);
    cr_log_info("seed %" PRIu64, seed);
    return seed;
}

Test(geo, is_within_half_a_percent_of_the_great_circle_up_to_300_km)
{
    struct rng rng;
    uint64_t seed = seeded(&rng, 20261123);
    int compared = 0;
    double worst = 0;
    for (int i = 0; i < 400000; i++) {
        struct position a = {(int32_t)rng_between(&rng, -650000000, 650000000),
                             (int32_t)rng_between(&rng, -1800000000, 1800000000)};
        /* Logarithmic, so that metres are tried as often as hundreds of kilometres. */
        double span_e7 = pow(10, 1 + 7 * rng_unit(&rng));
        int64_t lat = a.lat_e7 + (int64_t)((rng_unit(&rng) * 2 - 1) * span_e7);
        int64_t lon = a.lon_e7 + (int64_t)((rng_unit(&rng) * 2 - 1) * span_e7);
        if (lat < -650000000 || lat > 650000000)
            continue;
        lon += lon > 1800000000 ? -3600000000 : lon < -1800000000 ? 3600000000 : 0;
        struct position b = {(int32_t)lat, (int32_t)lon};
        double truth_m = great_circle_m(a, b);
        if (truth_m > 300000)
            continue;
        double error_m = fabs(geo_distance_m(a, b) - truth_m);
        cr_assert_leq(error_m, 1.1 + 0.005 * truth_m,
                      "seed %" PRIu64 ": %d,%d to %d,%d is %f m, not %d m", seed, a.lat_e7,
                      a.lon_e7, b.lat_e7, b.lon_e7, truth_m, geo_distance_m(a, b));
        if (truth_m > 1000)
            worst = fmax(worst, (error_m - 1) / truth_m);
        compared++;
    }
    cr_assert_gt(compared, 200000);
    cr_log_info("worst error %.4f %% over %d pairs", worst * 100, compared);
}

Test(geo, knows_the_distance_of_two_cities)
{
    struct position tianjin = at(39.084158, 117.200983), beijing = at(39.904030, 116.407526);
    cr_assert_float_eq(geo_distance_m(tianjin, beijing), great_circle_m(tianjin, beijing), 100);
    cr_assert_eq(geo_distance_m(tianjin, tianjin), 0);
}

/* The exact values are part of the contract: every machine must give these. */
Test(geo, gives_the_same_numbers_everywhere)
{
    cr_assert_eq(geo_distance_m(at(39.1, 117.2), at(39.1, 117.3)), 8629);
    cr_assert_eq(geo_distance_m(at(39.1, 117.2), at(39.2, 117.2)), 11119);
    cr_assert_eq(geo_distance_m(at(39.0, 117.0), at(40.0, 118.0)), 140449);
    cr_assert_eq(geo_distance_m(at(0, 0), at(0, 1)), 111195);
    cr_assert_eq(geo_distance_m(at(-33.87, 151.21), at(-37.81, 144.96)), 713678);
}

Test(geo, is_symmetric_and_in_range)
{
    struct rng rng;
    uint64_t seed = seeded(&rng, 7);
    for (int i = 0; i < 200000; i++) {
        struct position a = anywhere(&rng), b = anywhere(&rng);
        int32_t distance_m = geo_distance_m(a, b);
        cr_assert_eq(distance_m, geo_distance_m(b, a), "seed %" PRIu64, seed);
        cr_assert(distance_m >= 0 && distance_m <= GEO_DISTANCE_LIMIT_M, "seed %" PRIu64, seed);
    }
}

Test(geo, is_symmetric_about_the_equator_and_any_meridian)
{
    struct rng rng;
    uint64_t seed = seeded(&rng, 8);
    for (int i = 0; i < 100000; i++) {
        struct position a = anywhere(&rng), b = anywhere(&rng);
        struct position mirrored_a = {-a.lat_e7, -a.lon_e7}, mirrored_b = {-b.lat_e7, -b.lon_e7};
        cr_assert_eq(geo_distance_m(a, b), geo_distance_m(mirrored_a, mirrored_b), "seed %" PRIu64,
                     seed);
    }
}

Test(geo, never_falls_when_the_longitudes_part)
{
    struct rng rng;
    uint64_t seed = seeded(&rng, 9);
    for (int i = 0; i < 2000; i++) {
        struct position a = anywhere(&rng), b = anywhere(&rng);
        a.lon_e7 = -900000000;
        int32_t before_m = -1;
        for (int64_t dlon = 0; dlon <= 1800000000; dlon += rng_between(&rng, 1, 30000000)) {
            b.lon_e7 = (int32_t)(a.lon_e7 + dlon);
            int32_t distance_m = geo_distance_m(a, b);
            cr_assert_geq(distance_m, before_m, "seed %" PRIu64, seed);
            before_m = distance_m;
        }
    }
}

Test(geo, never_falls_when_the_latitudes_part_around_their_middle)
{
    struct rng rng;
    uint64_t seed = seeded(&rng, 10);
    for (int i = 0; i < 2000; i++) {
        int32_t middle = (int32_t)rng_between(&rng, -900000000, 900000000);
        int32_t room = 900000000 - abs(middle);
        struct position a = anywhere(&rng), b = anywhere(&rng);
        int32_t before_m = -1;
        for (int64_t half = 0; half <= room; half += rng_between(&rng, 1, 10000000)) {
            a.lat_e7 = (int32_t)(middle - half);
            b.lat_e7 = (int32_t)(middle + half);
            int32_t distance_m = geo_distance_m(a, b);
            cr_assert_geq(distance_m, before_m, "seed %" PRIu64, seed);
            before_m = distance_m;
        }
    }
}

Test(geo, is_never_below_the_metres_of_the_latitudes_alone)
{
    struct rng rng;
    uint64_t seed = seeded(&rng, 11);
    for (int i = 0; i < 100000; i++) {
        struct position a = anywhere(&rng), b = anywhere(&rng);
        struct position beside = {b.lat_e7, a.lon_e7};
        cr_assert_geq(geo_distance_m(a, b), geo_distance_m(a, beside), "seed %" PRIu64, seed);
    }
}

Test(geo, squares_compare_as_distances_do)
{
    struct rng rng;
    uint64_t seed = seeded(&rng, 12);
    for (int i = 0; i < 200000; i++) {
        struct position home = anywhere(&rng), a = anywhere(&rng), b = anywhere(&rng);
        if (i % 2) /* within some metres of each other's distance */
            b = (struct position){a.lat_e7, (int32_t)(a.lon_e7 / 2 + rng_between(&rng, -500, 500))};
        uint64_t square_a = geo_square_e14(home, a), square_b = geo_square_e14(home, b);
        int32_t nearest_m = geo_square_to_m(square_a < square_b ? square_a : square_b);
        int32_t a_m = geo_distance_m(home, a), b_m = geo_distance_m(home, b);
        cr_assert_eq(nearest_m, a_m < b_m ? a_m : b_m, "seed %" PRIu64 " round %d", seed, i);
    }
}

Test(geo, the_root_of_a_square_is_exact)
{
    struct rng rng;
    uint64_t seed = seeded(&rng, 13);
    for (int i = 0; i < 200000; i++) {
        /* Squares of whole metres' lengths and their neighbours, up to the largest there is. */
        uint64_t root = (uint64_t)rng_between(&rng, 1, 2545584412);
        uint64_t whole_m = root * 111195080 / 10000000000;
        uint64_t least_root = (whole_m * 10000000000 + 111195079) / 111195080;
        int32_t limited_m =
            whole_m < GEO_DISTANCE_LIMIT_M ? (int32_t)whole_m : GEO_DISTANCE_LIMIT_M;
        cr_assert_eq(geo_square_to_m(root * root), limited_m, "seed %" PRIu64, seed);
        cr_assert_eq(geo_square_to_m(root * root + 2 * root), limited_m, "seed %" PRIu64, seed);
        if (whole_m > 0 && whole_m < GEO_DISTANCE_LIMIT_M) {
            cr_assert_eq(geo_square_to_m(least_root * least_root), limited_m);
            cr_assert_eq(geo_square_to_m(least_root * least_root - 1), limited_m - 1);
        }
    }
}

Test(geo, takes_the_short_way_across_the_antimeridian)
{
    cr_assert_eq(geo_distance_m(at(52, 179.95), at(52, -179.95)),
                 geo_distance_m(at(52, 10.0), at(52, 10.1)));
    cr_assert_eq(geo_distance_m(at(10, 180), at(10, -180)), 0);
    cr_assert_gt(geo_distance_m(at(0, -90), at(0, 90)), 20000000);
}

Test(geo, a_step_in_longitude_at_a_pole_is_no_distance)
{
    cr_assert_eq(geo_distance_m(at(90, 0), at(90, 180)), 0);
    cr_assert_eq(geo_distance_m(at(-90, -170), at(-90, 20)), 0);
    for (int32_t off = 0; off < 2000; off++) {
        struct position a = {900000000 - off, 0}, b = {900000000, 1800000000};
        cr_assert_leq(geo_distance_m(a, b), 100, "%d units off the pole", off);
    }
}

Test(geo, is_at_most_half_the_circumference)
{
    cr_assert_eq(geo_distance_m(at(-90, 0), at(90, 180)), GEO_DISTANCE_LIMIT_M);
    cr_assert_eq(geo_distance_m(at(0, 0), at(0, 180)), GEO_DISTANCE_LIMIT_M);
}

Test(geo, rounds_degrees_to_the_nearest_unit)
{
    struct position position = at(39.12345678, -117.00000004);
    cr_assert_eq(position.lat_e7, 391234568);
    cr_assert_eq(position.lon_e7, -1170000000);
    position = at(90, -180);
    cr_assert_eq(position.lat_e7, 900000000);
    cr_assert_eq(position.lon_e7, -1800000000);
}

Test(geo, refuses_degrees_off_the_globe)
{
    struct position position = {1, 2};
    const double bad[][2] = {{90.0000001, 0}, {-90.1, 0},      {0, 180.0000001}, {0, -181},
                             {NAN, 0},        {0, NAN},        {INFINITY, 0},    {0, -INFINITY},
                             {1e300, 0},      {0, -1.7976e308}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        cr_assert(!position_from_degrees(bad[i][0], bad[i][1], &position), "%g %g", bad[i][0],
                  bad[i][1]);
    cr_assert(position.lat_e7 == 1 && position.lon_e7 == 2, "a refusal writes nothing");
}

Test(geo, an_unknown_position_is_neither_known_nor_valid)
{
    cr_assert(!position_is_known(POSITION_NONE));
    cr_assert(!position_is_valid(POSITION_NONE));
    cr_assert(position_is_valid((struct position){0, 0}));
    cr_assert(position_is_valid((struct position){-900000000, 1800000000}));
    cr_assert(!position_is_valid((struct position){900000001, 0}));
    cr_assert(!position_is_valid((struct position){0, -1800000001}));
}
