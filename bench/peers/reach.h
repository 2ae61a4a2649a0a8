/* A cheap test of the distance gate: two subtractions, no cosine, no root. It may say yes to a
 * place that is a little too far, never no to one within the radius (at most PEER_RADIUS_LIMIT_M).
 *
 * A metre of latitude has 89.93 units of 1e-7 degrees. Places within the limit lie less than 2
 * degrees of latitude apart, so the middle latitude, whose cosine the distance takes, is less than
 * one degree nearer to the pole. Thread: any.
 */
#ifndef HAIHE_BENCH_PEERS_REACH_H
#define HAIHE_BENCH_PEERS_REACH_H

#include <math.h>

#include "model/geo.h"

struct reach {
    struct position center;
    int64_t east_units_per_metre; /* at most; a whole circle beyond 80 degrees of latitude */
    double cosine;                /* of any middle latitude: at least this */
};

static const int64_t REACH_NORTH_UNITS_PER_METRE = 90;

static inline struct reach reach_of(struct position center)
{
    struct reach reach = {.center = center, .east_units_per_metre = INT64_C(3600000000)};
    double latitude = fabs(center.lat_e7 / 1e7) + 1;
    if (latitude < 80 && center.lon_e7 > -1700000000 && center.lon_e7 < 1700000000) {
        reach.cosine = cos(latitude * 3.14159265358979323846 / 180);
        reach.east_units_per_metre =
            (int64_t)((double)REACH_NORTH_UNITS_PER_METRE / reach.cosine) + 1;
    }
    return reach;
}

static inline bool reach_may_hold(const struct reach *reach, struct position place,
                                  int32_t radius_m)
{
    int64_t north = (int64_t)place.lat_e7 - reach->center.lat_e7;
    int64_t east = (int64_t)place.lon_e7 - reach->center.lon_e7;
    int64_t ceiling_m = (int64_t)radius_m + 1; /* distances are floored */
    int64_t north_limit = ceiling_m * REACH_NORTH_UNITS_PER_METRE;
    int64_t east_limit = ceiling_m * reach->east_units_per_metre;
    /* Beyond the date line both differ by nearly a circle: then the limit is one. */
    return north <= north_limit && north >= -north_limit && east <= east_limit &&
           east >= -east_limit;
}

#endif
