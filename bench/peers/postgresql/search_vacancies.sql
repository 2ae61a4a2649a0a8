-- The best vacancies for an applicant, as a prepared statement:
--   $1 k, $2 skills, $3 their levels, $4 latitude, $5 longitude (1e-7 degrees), $6 a lower bound of
--   the cosine of any middle latitude within 200 km, $7 radius (m), $8 wage_min, $9 wage_desired
-- Haihe's score with the profile `lab` in the same integers (matcher/core/score.c), every division
-- floored. Each level of the statement names what the next one needs; OFFSET 0 keeps the planner
-- from writing an expression out wherever its name is used.
WITH held AS (
    SELECT * FROM unnest($2::integer[], $3::integer[]) AS held (skill, level)
),
-- Every vacancy in a box around the home that pays enough and asks one of the skills.
vacancy AS (
    SELECT
        p.vacancy AS id,
        sum(p.importance * CASE
            WHEN held.level >= p.min_level THEN 10000
            ELSE 10000 * held.level / p.min_level
        END) / max(p.importance_sum) AS skill_bp,
        max(p.wage_max) AS wage_max,
        max(p.lat_e7) AS lat_e7,
        max(p.lon_e7) AS lon_e7
    FROM held
    JOIN posting AS p
        ON p.skill = held.skill
        AND p.lat_e7 >= $4::integer - 90::bigint * ($7::integer + 1)
        AND p.lat_e7 <= $4::integer + 90::bigint * ($7::integer + 1)
        AND p.lon_e7 >= $5::integer - (90 * ($7::integer + 1) / $6::float8)::bigint
        AND p.lon_e7 <= $5::integer + (90 * ($7::integer + 1) / $6::float8)::bigint
        AND p.wage_max >= $8::integer
    GROUP BY p.vacancy
    OFFSET 0
),
scored AS (
    SELECT
        id, lat_e7, lon_e7,
        600 * skill_bp + 150 * CASE
            WHEN wage_max >= $9::integer THEN 10000
            ELSE 10000::bigint * (wage_max - $8::integer) / ($9::integer - $8::integer)
        END AS score,
        (lat_e7 - $4::integer)::float8 AS north,
        (lon_e7 - $5::integer) * $6::float8 AS east
    FROM vacancy
    OFFSET 0
),
-- `nearest_m` is never above the distance: the distance floors twice, that is up to 2 m.
near AS (
    SELECT
        id, lat_e7, lon_e7, score,
        0.0111195 * sqrt(north * north + east * east) - 2 AS nearest_m
    FROM scored
    OFFSET 0
),
-- `bound` is never below the score: one point more than the floor gives.
bounded AS MATERIALIZED (
    SELECT *, score + 2500250 - 2500000 * nearest_m / $7::integer AS bound
    FROM near
    WHERE nearest_m <= $7::integer
),
-- What the k with the highest bounds score is what the others must reach.
entry AS (
    SELECT CASE WHEN count(*) = $1::integer THEN min(total) ELSE 0 END AS score
    FROM (
        SELECT
            score + 250 * (10000 - 10000::bigint * distance_m / $7::integer) AS total, distance_m
        FROM (
            SELECT score, distance_m(lat_e7, lon_e7, $4::integer, $5::integer) AS distance_m
            FROM bounded
            ORDER BY bound DESC
            LIMIT $1::integer
        ) AS first
        OFFSET 0
    ) AS first
    WHERE distance_m <= $7::integer
)
SELECT
    id,
    (score + 250 * (10000 - 10000::bigint * distance_m / $7::integer))::integer AS total
FROM (
    SELECT id, score, distance_m(lat_e7, lon_e7, $4::integer, $5::integer) AS distance_m
    FROM bounded
    WHERE bound >= (SELECT entry.score FROM entry)
    OFFSET 0
) AS last
WHERE distance_m <= $7::integer
ORDER BY total DESC, id
LIMIT $1::integer
