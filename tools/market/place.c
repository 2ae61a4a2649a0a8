/* See place.h. A point is a quarter's centre plus a triangular offset of at most its radius. */
#include "place.h"

#include "base/banned.h"

struct quarter {
    const char *area_code, *city, *name;
    int32_t lat_e4, lon_e4; /* 1e-4 degrees */
    uint16_t radius_m;
    uint16_t weight;  /* homes: thousand people; hubs: share of their sector's work */
    uint32_t sectors; /* hubs: whose work is here, bit (1 << enum sector) */
};

#define IN(name) (1u << SECTOR_##name)

/* clang-format off */
static const struct quarter homes[] = {
    {"120101", "天津市", "和平区",   391183, 1171959, 1500, 355, 0},
    {"120102", "天津市", "河东区",   391221, 1172266, 3000, 859, 0},
    {"120103", "天津市", "河西区",   391019, 1172175, 3000, 822, 0},
    {"120104", "天津市", "南开区",   391205, 1171641, 3000, 890, 0},
    {"120105", "天津市", "河北区",   391566, 1172016, 3000, 648, 0},
    {"120106", "天津市", "红桥区",   391751, 1171633, 2500, 483, 0},
    {"120110", "天津市", "东丽区",   390878, 1173140, 7000, 857, 0},
    {"120111", "天津市", "西青区",   390294, 1171222, 8000, 1195, 0},
    {"120112", "天津市", "津南区",   389896, 1173825, 6000, 928, 0},
    {"120113", "天津市", "北辰区",   392556, 1171748, 7000, 910, 0},
    {"120114", "天津市", "武清区",   393800, 1170300, 8000, 1151, 0},
    {"120115", "天津市", "宝坻区",   397200, 1173000, 7000, 722, 0},
    {"120116", "天津市", "滨海新区塘沽", 390200, 1176500, 5000, 900, 0},
    {"120116", "天津市", "滨海新区泰达", 390400, 1177000, 4000, 350, 0},
    {"120116", "天津市", "滨海新区大港", 388400, 1174600, 5000, 430, 0},
    {"120116", "天津市", "滨海新区汉沽", 392400, 1178000, 4000, 240, 0},
    {"120116", "天津市", "滨海新区生态城", 391500, 1177600, 3000, 147, 0},
    {"120117", "天津市", "宁河区",   393300, 1178200, 5000, 395, 0},
    {"120118", "天津市", "静海区",   389357, 1169253, 7000, 787, 0},
    {"120119", "天津市", "蓟州区",   400453, 1174074, 7000, 796, 0},
    {"110105", "北京市", "朝阳区",   399215, 1164864, 8000, 30, 0},
    {"110112", "北京市", "通州区",   399025, 1166586, 7000, 50, 0},
    {"110115", "北京市", "大兴区",   397287, 1163380, 7000, 30, 0},
    {"131000", "河北省", "廊坊市",   395239, 1167044, 6000, 130, 0},
    {"130200", "河北省", "唐山市",   396351, 1181754, 7000, 110, 0},
    {"130900", "河北省", "沧州市",   383106, 1168575, 6000, 90, 0},
    {"130600", "河北省", "保定市",   388677, 1154823, 6000, 60, 0},
};

static const struct quarter hubs[] = {
    {"120116", "天津市", "天津港北疆港区", 389850, 1177450, 2500, 40, IN(PORT) | IN(LOGISTICS)},
    {"120116", "天津市", "东疆综保区",     389900, 1177950, 2500, 30,
     IN(PORT) | IN(LOGISTICS) | IN(FINANCE) | IN(COMMERCE)},
    {"120116", "天津市", "天津港南疆港区", 389650, 1177500, 2000, 20, IN(PORT) | IN(CHEMICAL)},
    {"120116", "天津市", "泰达经开区",     390450, 1176950, 4000, 40,
     IN(MACHINERY) | IN(AUTOMOTIVE) | IN(ELECTRONICS) | IN(BIOMEDICINE) | IN(FINANCE) | IN(ENERGY)},
    {"120116", "天津市", "于家堡",         390050, 1176650, 1500, 25, IN(FINANCE) | IN(BUSINESS)},
    {"120116", "天津市", "中新生态城",     391500, 1177600, 2500, 20, IN(SOFTWARE) | IN(COMMERCE) | IN(HOTEL)},
    {"120116", "天津市", "大港石化园",     388250, 1174700, 4000, 35, IN(CHEMICAL) | IN(ENERGY)},
    {"120116", "天津市", "南港工业区",     387300, 1175500, 4000, 35, IN(CHEMICAL) | IN(ENERGY)},
    {"120116", "天津市", "滨海高新区",     391200, 1175300, 3000, 25,
     IN(SOFTWARE) | IN(ENERGY) | IN(AVIATION) | IN(ELECTRONICS)},
    {"120110", "天津市", "空港经济区",     391350, 1174100, 3500, 50,
     IN(AVIATION) | IN(BIOMEDICINE) | IN(AUTOMOTIVE) | IN(LOGISTICS) | IN(MACHINERY)},
    {"120104", "天津市", "华苑科技园",     390750, 1171150, 2000, 40, IN(SOFTWARE) | IN(ELECTRONICS)},
    {"120111", "天津市", "西青经开区",     390200, 1172300, 3000, 30,
     IN(ELECTRONICS) | IN(AUTOMOTIVE) | IN(BIOMEDICINE)},
    {"120111", "天津市", "张家窝",         390650, 1170350, 3000, 15, IN(MACHINERY) | IN(AUTOMOTIVE)},
    {"120114", "天津市", "武清开发区",     394000, 1170550, 4000, 30,
     IN(MACHINERY) | IN(BIOMEDICINE) | IN(COMMERCE) | IN(LOGISTICS) | IN(AUTOMOTIVE)},
    {"120113", "天津市", "北辰经开区",     392300, 1171500, 4000, 30,
     IN(MACHINERY) | IN(BIOMEDICINE) | IN(LOGISTICS) | IN(ENERGY)},
    {"120112", "天津市", "海河教育园",     390000, 1173550, 3000, 20, IN(EDUCATION)},
    {"120112", "天津市", "津南开发区",     389450, 1174000, 3000, 15, IN(MACHINERY) | IN(ENVIRONMENT)},
    {"120118", "天津市", "子牙经开区",     388700, 1168200, 3000, 20, IN(ENVIRONMENT) | IN(AUTOMOTIVE) | IN(MACHINERY)},
    {"120115", "天津市", "宝坻开发区",     397150, 1173400, 3000, 12, IN(MACHINERY) | IN(ENERGY) | IN(FARMING)},
    {"120117", "天津市", "宁河开发区",     393400, 1178000, 3000, 10, IN(MACHINERY) | IN(ELECTRONICS) | IN(FARMING)},
    {"120119", "天津市", "蓟州开发区",     400200, 1174200, 4000, 10, IN(HOTEL) | IN(FARMING)},
    {"120101", "天津市", "小白楼商务区",   391150, 1172100, 800,  35, IN(FINANCE) | IN(BUSINESS) | IN(HOTEL)},
    {"120103", "天津市", "友谊路商务区",   390850, 1172150, 1200, 25, IN(FINANCE) | IN(BUSINESS)},
};
/* clang-format on */

enum { HOME_COUNT = sizeof homes / sizeof homes[0], HUB_COUNT = sizeof hubs / sizeof hubs[0] };

void places_init(struct places *places)
{
    uint32_t weights[HOME_COUNT > HUB_COUNT ? HOME_COUNT : HUB_COUNT];
    *places = (struct places){0};
    for (size_t i = 0; i < HOME_COUNT; i++)
        weights[i] = homes[i].weight;
    wheel_init(&places->homes, weights, HOME_COUNT);
    for (int sector = 0; sector < SECTOR_COUNT; sector++) {
        uint32_t sum = 0;
        for (size_t i = 0; i < HUB_COUNT; i++) {
            weights[i] = hubs[i].sectors & (1u << sector) ? hubs[i].weight : 0;
            sum += weights[i];
        }
        if (sum > 0)
            wheel_init(&places->hubs[sector], weights, HUB_COUNT);
    }
}

void places_release(struct places *places)
{
    wheel_release(&places->homes);
    for (int sector = 0; sector < SECTOR_COUNT; sector++)
        wheel_release(&places->hubs[sector]);
}

static struct spot spot_around(struct rng *rng, const struct quarter *quarter)
{
    int64_t north_m = draw_middle(rng, -quarter->radius_m, quarter->radius_m);
    int64_t east_m = draw_middle(rng, -quarter->radius_m, quarter->radius_m);
    /* A metre is 90e-7 degrees of latitude, and at 39 degrees 116e-7 of longitude; kept to 1e-5
     * degrees, as portals do. */
    return (struct spot){
        .area_code = quarter->area_code,
        .city = quarter->city,
        .quarter = quarter->name,
        .lat_e7 = (int32_t)(quarter->lat_e4 * 1000 + north_m * 90) / 100 * 100,
        .lon_e7 = (int32_t)(quarter->lon_e4 * 1000 + east_m * 116) / 100 * 100,
    };
}

struct spot place_draw_home(const struct places *places, struct rng *rng)
{
    return spot_around(rng, &homes[wheel_draw(&places->homes, rng)]);
}

struct spot place_draw_work(const struct places *places, struct rng *rng, enum sector sector)
{
    const struct wheel *wheel = &places->hubs[sector];
    if (wheel->count > 0 && draw_chance(rng, 700))
        return spot_around(rng, &hubs[wheel_draw(wheel, rng)]);
    return place_draw_home(places, rng);
}
