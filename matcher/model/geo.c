/* Distances in integers. Everything is counted in units of 1e-7 degrees until the last step.
 *
 * Cosine. u = |lat_a + lat_b| / (2 * 90 degrees), 0..1, is held in units of 2^-30, and
 *
 *     cos(u * pi/2) = 1 - z (C1 - z (C2 - z (C3 - z (C4 - z C5)))),    z = u^2
 *
 * is its Taylor series with C5 chosen so that the cosine of a pole is exactly 0; it is wrong by
 * less than 4e-8 anywhere. Each coefficient is smaller than the one outside it, so every bracket is
 * positive and unsigned arithmetic suffices.
 *
 * Nothing overflows: u and z are at most 2^30 and a bracket at most C1 < 2^31, so a product is
 * below 2^61. dlat and dlon are at most 1.8e9 < 2^31, so dlon * cosine is below 2^61 and
 * dlat^2 + dlon^2 at most 6.48e18 < 2^63. The root is at most 2,545,584,412, which times
 * METRES_NUMERATOR is 2.84e17.
 *
 * Thread: any. Cost: about 25 ns, half of it the root.
 */
#include "model/geo.h"

#include <assert.h>
#include <math.h>

#include "base/banned.h"

#define LATITUDE_LIMIT_E7  INT64_C(900000000)
#define LONGITUDE_LIMIT_E7 INT64_C(1800000000)

/* (pi/2)^(2n) / (2n)! in units of 2^-30. */
#define ONE UINT64_C(1073741824)
#define C1  UINT64_C(1324675879)
#define C2  UINT64_C(272375560)
#define C3  UINT64_C(22401992)
#define C4  UINT64_C(987048)
#define C5  UINT64_C(26561)

static_assert(ONE + C2 + C4 == C1 + C3 + C5, "the cosine of a pole is 0");

/* 1e-7 degrees of a circle of radius 6,371,008.8 m, in units of 1e-10 m. */
#define METRES_NUMERATOR   UINT64_C(111195080)
#define METRES_DENOMINATOR UINT64_C(10000000000)

/* The cosine of half the sum of two latitudes in units of 2^-30; the sum is 0..1,800,000,000. */
static uint64_t cosine_q30(uint64_t latitude_sum_e7)
{
    uint64_t u = (latitude_sum_e7 << 30) / (2 * (uint64_t)LATITUDE_LIMIT_E7);
    uint64_t z = u * u >> 30;
    uint64_t bracket = C4 - (z * C5 >> 30);
    bracket = C3 - (z * bracket >> 30);
    bracket = C2 - (z * bracket >> 30);
    bracket = C1 - (z * bracket >> 30);
    uint64_t versine = z * bracket >> 30;
    /* Floors may add a few units to the bracket; at a pole that would wrap below 0. */
    return versine < ONE ? ONE - versine : 0;
}

/* Exactly floor(sqrt(x)), x < 2^63. The machine's root is only a guess that is off by one at the
 * most; the integers decide, so no rounding mode or instruction can change the result. */
static uint64_t integer_root(uint64_t x)
{
    uint64_t root = (uint64_t)(int64_t)sqrt((double)(int64_t)x); /* signed: one instruction each */
    while (root * root > x)
        root--;
    while ((root + 1) * (root + 1) <= x)
        root++;
    return root;
}

bool position_from_degrees(double latitude, double longitude, struct position *out)
{
    /* Written so that NaN fails. */
    if (!(latitude >= -90.0 && latitude <= 90.0 && longitude >= -180.0 && longitude <= 180.0))
        return false;
    *out = (struct position){(int32_t)llround(latitude * 1e7), (int32_t)llround(longitude * 1e7)};
    return true;
}

/* Unsigned, what is too small wraps and is too large. POSITION_NONE's latitude does. */
bool position_is_valid(struct position position)
{
    return (uint32_t)position.lat_e7 + (uint32_t)LATITUDE_LIMIT_E7 <=
               2 * (uint32_t)LATITUDE_LIMIT_E7 &&
           (uint32_t)position.lon_e7 + (uint32_t)LONGITUDE_LIMIT_E7 <=
               2 * (uint32_t)LONGITUDE_LIMIT_E7;
}

static uint64_t magnitude(int64_t value)
{
    return value < 0 ? (uint64_t)-value : (uint64_t)value;
}

uint64_t geo_square_e14(struct position a, struct position b)
{
    assert(position_is_valid(a) && position_is_valid(b));
    uint64_t dlat = magnitude((int64_t)a.lat_e7 - b.lat_e7);
    uint64_t dlon = magnitude((int64_t)a.lon_e7 - b.lon_e7);
    if (dlon > (uint64_t)LONGITUDE_LIMIT_E7)
        dlon = 2 * (uint64_t)LONGITUDE_LIMIT_E7 - dlon;
    dlon = dlon * cosine_q30(magnitude((int64_t)a.lat_e7 + b.lat_e7)) >> 30;
    return dlat * dlat + dlon * dlon;
}

int32_t geo_square_to_m(uint64_t square_e14)
{
    uint64_t distance_m = integer_root(square_e14) * METRES_NUMERATOR / METRES_DENOMINATOR;
    return distance_m < GEO_DISTANCE_LIMIT_M ? (int32_t)distance_m : GEO_DISTANCE_LIMIT_M;
}

int32_t geo_distance_m(struct position a, struct position b)
{
    return geo_square_to_m(geo_square_e14(a, b));
}
