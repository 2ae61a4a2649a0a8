/* The columns of places: lists of equal length, an item of each makes a place. */
#include <math.h>

#include "haihectl/csv_record_part.h"
#include "model/area.h"

#include "base/banned.h"

/* The next item of a list in which empty items count. */
static bool next_item(struct str *rest, bool *more, struct str *item)
{
    if (!*more)
        return false;
    const char *bar = rest->length ? memchr(rest->data, '|', rest->length) : NULL;
    *more = bar != NULL;
    *item = (struct str){rest->data, bar ? (uint32_t)(bar - rest->data) : rest->length};
    uint32_t taken = item->length + (bar != NULL);
    *rest = (struct str){rest->data + taken, rest->length - taken};
    while (item->length > 0 && item->data[0] == ' ')
        *item = (struct str){item->data + 1, item->length - 1};
    while (item->length > 0 && item->data[item->length - 1] == ' ')
        item->length--;
    return true;
}

static size_t item_count(struct str list)
{
    size_t count = list.length > 0;
    for (uint32_t i = 0; i < list.length; i++)
        count += list.data[i] == '|';
    return count;
}

static bool read_degrees(const struct making *m, enum csv_record_column column, struct str item,
                         double *degrees)
{
    struct spelling_reason reason;
    return spelling_degrees(item, degrees, &reason) || making_refuse(m, column, item, reason.text);
}

enum { NEAR_M = 150000, FAR_M = 500000 }; /* of an area's centre */

/* True when the point lies far from the area's centre, and near it with its numbers exchanged. */
static bool is_swapped(const struct area_table *areas, struct str area_code, double latitude,
                       double longitude)
{
    struct area_levels levels;
    struct position stated, swapped;
    const struct area *area = NULL;
    if (!areas || area_code.length == 0 || !position_from_degrees(latitude, longitude, &stated) ||
        !position_from_degrees(longitude, latitude, &swapped))
        return false;
    area_levels_of(area_code, &levels);
    for (size_t i = 0; i < levels.count && !area; i++)
        area = area_find(areas, levels.codes[i]);
    return area && geo_distance_m(stated, area->centre) > FAR_M &&
           geo_distance_m(swapped, area->centre) < NEAR_M;
}

/* Degrees that can only be the other's. */
static bool check_order(const struct making *m, const struct str items[], double latitude,
                        double longitude)
{
    if (fabs(latitude) > 90 && fabs(latitude) <= 180 && fabs(longitude) <= 90)
        return making_refuse(m, CSV_LAT, items[1],
                             "not a latitude (-90..90) but may be a longitude: lat and lon look "
                             "swapped");
    if (fabs(latitude) > 90)
        return making_refuse(m, CSV_LAT, items[1], "not a latitude: -90..90");
    if (fabs(longitude) > 180)
        return making_refuse(m, CSV_LON, items[2], "not a longitude: -180..180");
    if (is_swapped(m->areas, items[0], latitude, longitude))
        return making_refuse(m, CSV_LAT, items[1],
                             "far from the place that area_code names, and near it the other way "
                             "round: lat and lon look swapped");
    return true;
}

static const enum csv_record_column PLACE_COLUMNS[] = {CSV_AREA_CODE, CSV_LAT, CSV_LON,
                                                       CSV_ADDRESS};
enum { PLACE_COLUMN_COUNT = 4 };

/* One place from its four items, NULL with an error when one is wrong. */
static json_t *make_place(const struct making *m, const struct str items[PLACE_COLUMN_COUNT])
{
    json_t *place = json_object();
    char scratch[SPELLING_LIMIT_BYTES];
    struct str area_code = items[0];
    if (!making_read_code(m, CSV_AREA_CODE, &area_code, scratch)) {
        json_decref(place);
        return NULL;
    }
    if (area_code.length > 0)
        making_set(place, "area_code", making_text(area_code));
    if (items[3].length > 0)
        making_set(place, "address", making_text(items[3]));
    if (items[1].length == 0 && items[2].length == 0)
        return place;
    double latitude = 0, longitude = 0;
    if (read_degrees(m, CSV_LAT, items[1], &latitude) &&
        read_degrees(m, CSV_LON, items[2], &longitude) &&
        check_order(m, items, latitude, longitude)) {
        json_t *point = json_object();
        making_set(point, "latitude", json_real(latitude));
        making_set(point, "longitude", json_real(longitude));
        making_set(place, "point", point);
        return place;
    }
    json_decref(place);
    return NULL;
}

/* The row's places, one for each item of the longest list; NULL with an error when the lists do
 * not fit together. An empty array when nothing is stated. */
static json_t *make_places(const struct making *m)
{
    struct str rests[PLACE_COLUMN_COUNT];
    bool more[PLACE_COLUMN_COUNT];
    size_t count = 0;
    for (size_t i = 0; i < PLACE_COLUMN_COUNT; i++) {
        rests[i] = making_cell(m, PLACE_COLUMNS[i]);
        more[i] = rests[i].length > 0;
        size_t items = item_count(rests[i]);
        count = items > count ? items : count;
    }
    for (size_t i = 0; i < PLACE_COLUMN_COUNT; i++) {
        if (rests[i].length > 0 && item_count(rests[i]) != count) {
            making_refuse(m, PLACE_COLUMNS[i], rests[i],
                          "area_code, lat, lon and address must list equally many places");
            return NULL;
        }
    }
    json_t *places = json_array();
    for (size_t at = 0; at < count; at++) {
        struct str items[PLACE_COLUMN_COUNT] = {{NULL, 0}};
        for (size_t i = 0; i < PLACE_COLUMN_COUNT; i++)
            next_item(&rests[i], &more[i], &items[i]);
        json_t *place = make_place(m, items);
        if (!place) {
            json_decref(places);
            return NULL;
        }
        json_array_append_new(places, place);
    }
    return places;
}

bool making_put_workplaces(const struct making *m)
{
    json_t *places = make_places(m);
    if (!places)
        return false;
    if (json_array_size(places) > 0)
        making_set(m->record, "job_locations", places);
    else
        json_decref(places);
    bool remote;
    if (!making_read_bool(m, CSV_REMOTE, &remote))
        return false;
    if (remote)
        making_set(m->record, "job_location_type", json_string_nocheck("JOB_LOCATION_TYPE_REMOTE"));
    return true;
}

bool making_put_home(const struct making *m)
{
    json_t *places = make_places(m);
    if (!places)
        return false;
    size_t count = json_array_size(places);
    if (count == 1)
        json_object_set_nocheck(m->record, "home", json_array_get(places, 0));
    json_decref(places);
    return count <= 1 ||
           making_refuse(m, CSV_AREA_CODE, making_cell(m, CSV_AREA_CODE), "a home is one place");
}
