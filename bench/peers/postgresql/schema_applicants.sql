-- Applicants as postings: a row for each skill that an applicant holds, with all that a search needs
-- to know of the applicant in it, so that a search touches one index and nothing else.
-- The file's lines are copied to `line` first; lat_e7 and lon_e7 are in units of 1e-7 degrees, wages
-- in yuan a month. A level that is not stated is the profile's default, 3.
CREATE UNLOGGED TABLE line (
    id integer, lat numeric, lon numeric, radius_km integer, wage_min integer,
    wage_desired integer, occupation integer, skills text
);
\copy line FROM pstdin

-- Applicants of one class differ less than twofold in radius, so that one box fits them all.
CREATE UNLOGGED TABLE posting AS
SELECT
    split_part(item, ':', 1)::integer AS skill,
    floor(log(2, radius_km))::smallint AS radius_class,
    (lat * 10000000)::integer AS lat_e7,
    (lon * 10000000)::integer AS lon_e7,
    wage_min,
    wage_desired,
    radius_km * 1000 AS radius_m,
    id AS applicant,
    coalesce(nullif(split_part(item, ':', 2)::smallint, 0), 3::smallint) AS level
FROM line, string_to_table(skills, ',') AS item
ORDER BY skill, radius_class, lat_e7;

CREATE INDEX posting_by_skill ON posting (skill, radius_class, lat_e7, lon_e7, wage_min)
    INCLUDE (wage_desired, radius_m, applicant, level) WITH (fillfactor = 100);

CREATE UNLOGGED TABLE radius_class AS
SELECT radius_class, max(radius_m) AS limit_m FROM posting GROUP BY radius_class;

DROP TABLE line;
VACUUM (FREEZE, ANALYZE) posting;
VACUUM (FREEZE, ANALYZE) radius_class;
