/* jobLocation: places with points, addresses and, where their names are known, area codes.
 * A name is looked for in the whole table (some hundred areas), only for places that have one. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "haihectl/jobposting_part.h"
#include "haihectl/spelling.h"
#include "model/area.h"

#include "base/banned.h"

/* A number or its text; false with a reason when it is neither. */
static bool read_degrees(const json_t *value, double *degrees, struct spelling_reason *reason)
{
    if (json_is_number(value)) {
        *degrees = json_number_value(value);
        return isfinite(*degrees) || spelling_refuse(reason, "not degrees");
    }
    return spelling_degrees(str_of(json_string_value(value)), degrees, reason);
}

static bool read_point(const struct posting *posting, const json_t *geo, json_t *place)
{
    const json_t *latitude = json_object_get(geo, "latitude");
    const json_t *longitude = json_object_get(geo, "longitude");
    struct spelling_reason reason;
    double north, east;
    if (!latitude && !longitude)
        return true;
    if (!read_degrees(latitude, &north, &reason))
        return posting_refuse(posting, "jobLocation.geo.latitude", latitude, reason.text);
    if (!read_degrees(longitude, &east, &reason))
        return posting_refuse(posting, "jobLocation.geo.longitude", longitude, reason.text);
    if (fabs(north) > 90 && fabs(north) <= 180 && fabs(east) <= 90)
        return posting_refuse(posting, "jobLocation.geo.latitude", latitude,
                              "not a latitude (-90..90) but may be a longitude: latitude and "
                              "longitude look swapped");
    json_t *point = json_object();
    json_object_set_new(point, "latitude", json_real(north));
    json_object_set_new(point, "longitude", json_real(east));
    json_object_set_new(place, "point", point);
    return true;
}

/* "天津" is "天津市", too. */
static bool names_area(struct str text, struct str area_name)
{
    static const char *const suffixes[] = {"市", "区", "县", "省"};
    if (!str_starts_with(area_name, text))
        return false;
    struct str rest = {area_name.data + text.length, area_name.length - text.length};
    if (rest.length == 0)
        return true;
    for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++)
        if (str_equal(rest, str_of(suffixes[i])))
            return true;
    return false;
}

/* The code of the one area of that name or code inside `within` ("" = anywhere); "" when there is
 * none or more than one. */
static struct str find_area(const struct area_table *areas, struct str text, struct str within)
{
    struct str found = {NULL, 0};
    int64_t number;
    if (text.length == 6 && text_to_int64(text, &number) && area_find(areas, text))
        return text;
    for (size_t i = 0; text.length > 0 && i < area_count(areas); i++) {
        const struct area *area = area_at(areas, i);
        if (!names_area(text, area->name) || (within.length > 0 && !area_holds(within, area->code)))
            continue;
        /* A municipality stands in the table as province and as prefecture. */
        if (found.length > 0 && !area_holds(found, area->code))
            return (struct str){NULL, 0};
        if (found.length == 0)
            found = area->code;
    }
    return found;
}

static void read_area(const struct posting *posting, const json_t *address, json_t *place)
{
    char scratch[POSTING_SCRATCH_BYTES];
    if (!posting->options->areas)
        return;
    const struct area_table *areas = posting->options->areas;
    struct str text = posting_text(json_object_get(address, "addressRegion"), scratch);
    struct str region = find_area(areas, text, (struct str){NULL, 0});
    text = posting_text(json_object_get(address, "addressLocality"), scratch);
    struct str locality = find_area(areas, text, region);
    struct str code = locality.length > 0 ? locality : region;
    if (code.length > 0)
        json_object_set_new(place, "area_code", posting_text_json(code));
}

/* An address for people: its parts from the largest to the smallest when it is Chinese, the other
 * way round with commas otherwise. */
static void read_address(const struct posting *posting, const json_t *address, json_t *place)
{
    static const char *const parts[] = {"addressRegion", "addressLocality", "streetAddress"};
    enum { PART_COUNT = 3 };
    char scratch[PART_COUNT][POSTING_SCRATCH_BYTES];
    struct buffer joined;
    buffer_init(&joined, 4096);
    if (json_is_string(address)) {
        buffer_append_str(&joined, posting_text(address, scratch[0]));
    } else {
        struct str texts[PART_COUNT];
        bool chinese = false;
        for (size_t i = 0; i < PART_COUNT; i++) {
            texts[i] = posting_text(json_object_get(address, parts[i]), scratch[i]);
            chinese |= texts[i].length > 0 && (unsigned char)texts[i].data[0] >= 0xE3;
        }
        for (size_t i = 0; i < PART_COUNT; i++) {
            struct str part = texts[chinese ? i : PART_COUNT - 1 - i];
            if (part.length > 0 && joined.length_bytes > 0 && !chinese)
                buffer_append_str(&joined, STR(", "));
            buffer_append_str(&joined, part);
        }
        read_area(posting, address, place);
    }
    if (joined.length_bytes > 0 && !joined.failed)
        json_object_set_new(place, "address", posting_text_json(buffer_borrow(&joined)));
    buffer_release(&joined);
}

static json_t *make_place(const struct posting *posting, const json_t *location)
{
    json_t *place = json_object();
    const json_t *address = posting_item(json_object_get(location, "address"), 0);
    if (json_is_string(location))
        address = location;
    else if (!address && json_object_get(location, "addressLocality"))
        address = location; /* a PostalAddress in place of the Place */
    if (read_point(posting, posting_item(json_object_get(location, "geo"), 0), place)) {
        if (address)
            read_address(posting, address, place);
        return place;
    }
    json_decref(place);
    return NULL;
}

bool posting_read_places(const struct posting *posting)
{
    const json_t *locations = json_object_get(posting->json, "jobLocation");
    json_t *places = json_array();
    bool well = true;
    for (size_t i = 0; well && i < posting_count(locations); i++) {
        json_t *place = make_place(posting, posting_item(locations, i));
        well = place != NULL;
        if (place && json_object_size(place) > 0)
            json_array_append(places, place);
        json_decref(place);
    }
    if (json_array_size(places) > 0)
        json_object_set(posting->vacancy, "job_locations", places);
    json_decref(places);
    return well;
}
