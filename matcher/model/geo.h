/* Positions and distances in integers, the same on every machine.
 *
 * A position is latitude and longitude in units of 1e-7 degrees (about 1.1 cm). The distance is an
 * equirectangular approximation, computed in these units and converted to metres at the end:
 *
 *     dlat = |lat_a - lat_b|,   dlon = |lon_a - lon_b|, the short way round
 *     distance = floor(floor(sqrt(dlat^2 + floor(dlon * cos((lat_a + lat_b) / 2))^2)) *
 * 0.0111195080)
 *
 * and at most half the Earth's circumference. The cosine is a fixed-point polynomial; geo.c gives
 * its coefficients and the proof that nothing overflows. The distance is symmetric; within 0.5 %
 * (and 1.1 m) of the great circle of radius 6,371,008.8 m up to 300 km below 65 degrees of
 * latitude; at any range it never falls when dlon grows, nor when dlat grows around the same middle
 * latitude, and it is never below the metres of dlat alone. Thread: any.
 */
#ifndef HAIHE_MODEL_GEO_H
#define HAIHE_MODEL_GEO_H

#include "base/str.h"

/* Half the circumference. */
enum { GEO_DISTANCE_LIMIT_M = 20015114 };

struct position {
    int32_t lat_e7; /* -900000000..900000000; POSITION_NONE's is INT32_MIN */
    int32_t lon_e7; /* -1800000000..1800000000 */
};

#define POSITION_NONE ((struct position){INT32_MIN, INT32_MIN})

static inline bool position_is_known(struct position position)
{
    return position.lat_e7 != INT32_MIN;
}

/* True when it is known and on the globe. */
bool position_is_valid(struct position position);

/* From degrees, rounded to the nearest unit; false when out of range or not a number. */
bool position_from_degrees(double latitude, double longitude, struct position *out);

/* Metres, 0..GEO_DISTANCE_LIMIT_M; both positions must be valid. */
int32_t geo_distance_m(struct position a, struct position b);
/* The same in two steps: the square of the distance in units of 1e-14 square degrees, below 2^63,
 * and its metres. A smaller square never gives more metres, so the nearest of several places takes
 * one root only. */
uint64_t geo_square_e14(struct position a, struct position b);
int32_t geo_square_to_m(uint64_t square_e14);

#endif
