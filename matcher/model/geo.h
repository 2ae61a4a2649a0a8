/* Positions and distances in integers, the same on every machine.
 *
 * A position is latitude and longitude in units of 1e-7 degrees (about 1.1 cm). The distance is an
 * equirectangular approximation with a cosine table of 1/64 degree steps, linearly interpolated,
 * and an integer square root:
 *
 *     dy = |lat_a - lat_b| in metres,  dx = |lon_a - lon_b| (the short way round) in metres at the
 *     equator * cos((lat_a + lat_b) / 2),  distance = isqrt(dx^2 + dy^2)
 *
 * It is symmetric, within 0.5 % of the great circle (radius 6,371,008.8 m) up to 300 km below 65
 * degrees of latitude, and monotone in each coordinate difference beyond. geo.c gives the constants
 * and the proof that nothing overflows. Thread: any.
 */
#ifndef HAIHE_MODEL_GEO_H
#define HAIHE_MODEL_GEO_H

#include "base/str.h"

struct position {
    int32_t lat_e7; /* -900000000..900000000; POSITION_NONE's is INT32_MIN */
    int32_t lon_e7; /* -1800000000..1800000000 */
};

#define POSITION_NONE ((struct position){INT32_MIN, INT32_MIN})

static inline bool position_is_known(struct position position)
{
    return position.lat_e7 != INT32_MIN;
}

/* From degrees, rounded to the nearest unit; false when out of range or not a number. */
bool position_from_degrees(double latitude, double longitude, struct position *out);

/* Metres, 0..20,100,000; both positions must be known. */
int32_t geo_distance_m(struct position a, struct position b);

#endif
