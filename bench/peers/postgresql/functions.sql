-- Haihe's distance in metres, in the same integers: matcher/model/geo.c has the formula and why
-- nothing overflows. The root of a double is exact here: the squares of places less than 300 km
-- apart are below 2^52. For the few pairs whose bound may still enter the best k.
CREATE FUNCTION distance_m(lat_a bigint, lon_a bigint, lat_b bigint, lon_b bigint)
RETURNS integer LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    u CONSTANT bigint := (abs(lat_a + lat_b) << 30) / 1800000000;
    z CONSTANT bigint := u * u >> 30;
    bracket bigint := 987048 - (z * 26561 >> 30);
    cosine bigint;
    north CONSTANT bigint := abs(lat_a - lat_b);
    east bigint := abs(lon_a - lon_b);
BEGIN
    bracket := 22401992 - (z * bracket >> 30);
    bracket := 272375560 - (z * bracket >> 30);
    bracket := 1324675879 - (z * bracket >> 30);
    cosine := 1073741824 - (z * bracket >> 30);
    east := east * cosine >> 30;
    RETURN floor(sqrt((north * north + east * east)::float8))::bigint * 111195080 / 10000000000;
END
$$;
