-- Vacancies as postings: a row for each skill that a vacancy asks, with all that a search needs to
-- know of the vacancy in it, so that a search touches one index and nothing else.
-- The file's lines are copied to `line` first; lat_e7 and lon_e7 are in units of 1e-7 degrees, wages
-- in yuan a month.
CREATE UNLOGGED TABLE line (
    id integer, lat numeric, lon numeric, wage_min integer, wage_max integer, occupation integer,
    skills text
);
\copy line FROM pstdin

CREATE UNLOGGED TABLE posting AS
SELECT
    split_part(item, ':', 1)::integer AS skill,
    (lat * 10000000)::integer AS lat_e7,
    (lon * 10000000)::integer AS lon_e7,
    wage_max,
    id AS vacancy,
    (sum(split_part(item, ':', 2)::integer) OVER (PARTITION BY id))::smallint AS importance_sum,
    split_part(item, ':', 2)::smallint AS importance,
    split_part(item, ':', 3)::smallint AS min_level
FROM line, string_to_table(skills, ',') AS item
ORDER BY skill, lat_e7;

-- The gates of distance and wage are conditions of the index: they are tested before a row is made.
CREATE INDEX posting_by_skill ON posting (skill, lat_e7, lon_e7, wage_max)
    INCLUDE (vacancy, importance_sum, importance, min_level) WITH (fillfactor = 100);

DROP TABLE line;
VACUUM (FREEZE, ANALYZE) posting;
