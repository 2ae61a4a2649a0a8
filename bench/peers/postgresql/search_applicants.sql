-- The best applicants for a vacancy, as a prepared statement:
--   $1 k, $2 skills, $3 their min_levels, $4 latitude, $5 longitude (1e-7 degrees), $6 a lower bound
--   of the cosine of any middle latitude within 200 km, $7 the skills' importances, $8 wage_max
-- Haihe's score with the profile `lab` in the same integers (matcher/core/score.c), every division
-- floored. Each level of the statement names what the next one needs; OFFSET 0 keeps the planner
-- from writing an expression out wherever its name is used.
WITH asked AS (
    SELECT *
    FROM unnest($2::integer[], $3::integer[], $7::integer[]) AS asked (skill, min_level, importance)
),
-- Every applicant who may reach the place, accepts the pay and holds one of the skills.
applicant AS (
    SELECT
        p.applicant AS id,
        sum(asked.importance * CASE
            WHEN p.level >= asked.min_level THEN 10000
            ELSE 10000 * p.level / asked.min_level
        END) / (SELECT sum(importance) FROM asked) AS skill_bp,
        max(p.wage_min) AS wage_min,
        max(p.wage_desired) AS wage_desired,
        max(p.radius_m) AS radius_m,
        max(p.lat_e7) AS lat_e7,
        max(p.lon_e7) AS lon_e7
    FROM asked
    CROSS JOIN radius_class AS r
    JOIN posting AS p
        ON p.skill = asked.skill
        AND p.radius_class = r.radius_class
        AND p.lat_e7 >= $4::integer - 90::bigint * (r.limit_m + 1)
        AND p.lat_e7 <= $4::integer + 90::bigint * (r.limit_m + 1)
        AND p.lon_e7 >= $5::integer - (90 * (r.limit_m + 1) / $6::float8)::bigint
        AND p.lon_e7 <= $5::integer + (90 * (r.limit_m + 1) / $6::float8)::bigint
        AND p.wage_min <= $8::integer
    GROUP BY p.applicant
    OFFSET 0
),
scored AS (
    SELECT
        id, lat_e7, lon_e7, radius_m,
        600 * skill_bp + 150 * CASE
            WHEN $8::integer >= wage_desired THEN 10000
            ELSE 10000::bigint * ($8::integer - wage_min) / (wage_desired - wage_min)
        END AS score,
        (lat_e7 - $4::integer)::float8 AS north,
        (lon_e7 - $5::integer) * $6::float8 AS east
    FROM applicant
    OFFSET 0
),
-- `nearest_m` is never above the distance: the distance floors twice, that is up to 2 m.
near AS (
    SELECT
        id, lat_e7, lon_e7, radius_m, score,
        0.0111195 * sqrt(north * north + east * east) - 2 AS nearest_m
    FROM scored
    OFFSET 0
),
-- `bound` is never below the score: one point more than the floor gives.
bounded AS MATERIALIZED (
    SELECT *, score + 2500250 - 2500000 * nearest_m / radius_m AS bound
    FROM near
    WHERE nearest_m <= radius_m
),
-- What the k with the highest bounds score is what the others must reach.
entry AS (
    SELECT CASE WHEN count(*) = $1::integer THEN min(total) ELSE 0 END AS score
    FROM (
        SELECT
            score + 250 * (10000 - 10000::bigint * distance_m / radius_m) AS total,
            distance_m, radius_m
        FROM (
            SELECT
                score, radius_m,
                distance_m(lat_e7, lon_e7, $4::integer, $5::integer) AS distance_m
            FROM bounded
            ORDER BY bound DESC
            LIMIT $1::integer
        ) AS first
        OFFSET 0
    ) AS first
    WHERE distance_m <= radius_m
)
SELECT
    id,
    (score + 250 * (10000 - 10000::bigint * distance_m / radius_m))::integer AS total
FROM (
    SELECT
        id, score, radius_m, distance_m(lat_e7, lon_e7, $4::integer, $5::integer) AS distance_m
    FROM bounded
    WHERE bound >= (SELECT entry.score FROM entry)
    OFFSET 0
) AS last
WHERE distance_m <= radius_m
ORDER BY total DESC, id
LIMIT $1::integer
