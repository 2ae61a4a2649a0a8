/* The plain scan: every record is looked at, by a few columns, with nothing learnt beforehand.
 *
 *   scan RECORDS QUERIES DIRECTION K THREADS OUT
 *
 * The score is Haihe's with the profile `lab`, in the same integers (core/score.c). Cheapest test
 * first: wage gate and a box around the place on columns read in order; skills for what is left;
 * the exact distance for what can still enter. Queries are shared among threads.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "columns.h"
#include "machine.h"
#include "reach.h"
#include "tsv.h"

#include "base/banned.h"

enum {
    SKILL_WEIGHT = 600,
    LOCATION_WEIGHT = 250,
    WAGE_WEIGHT = 150,
    LOCATION_LIMIT = LOCATION_WEIGHT * POINTS_LIMIT_BP,
};

/* What one query earns with each code of each of its skills. Row 0 is of all other skills: 0. */
struct table {
    uint8_t rows[TSV_SKILL_COUNT];
    int32_t earned[RECORD_SKILL_LIMIT + 1][COLUMN_CODE_COUNT];
};

struct scan {
    enum ranking ranking;
    uint32_t k;
    struct columns columns;
    struct table *tables; /* one a thread */
};

/* One query's state. One side's numbers are the query's, the other's the candidate's. */
struct query {
    const struct table *table;
    struct reach reach;
    struct wish wish;       /* of an applicant */
    int32_t pay;            /* of a vacancy */
    int32_t importance_sum; /* of a vacancy, else 0 */
    struct peer_answer *answer;
    int32_t threshold; /* of the k-th match, -1 while there are fewer */
};

static int32_t credit_bp(int held, int asked)
{
    return held >= asked ? POINTS_LIMIT_BP : POINTS_LIMIT_BP * held / asked;
}

/* --- Queries --------------------------------------------------------------------------------- */

static void fill_table(struct table *table, const struct scan *scan, const union draft *draft)
{
    struct coded_skill skills[RECORD_SKILL_LIMIT];
    enum record_kind kind = scan->ranking == RANK_VACANCIES ? RECORD_APPLICANT : RECORD_VACANCY;
    uint32_t count = columns_code_skills(draft, kind, skills);
    memset(table->rows, 0, sizeof table->rows);
    for (uint32_t i = 0; i < count; i++) {
        int own_level = skills[i].code & ((1 << COLUMN_LEVEL_BITS) - 1);
        table->rows[skills[i].skill_id] = (uint8_t)(i + 1);
        for (int code = 0; code < COLUMN_CODE_COUNT; code++) {
            int level = code & ((1 << COLUMN_LEVEL_BITS) - 1);
            table->earned[i + 1][code] =
                kind == RECORD_APPLICANT
                    ? (code >> COLUMN_LEVEL_BITS) * credit_bp(own_level, level)
                    : (skills[i].code >> COLUMN_LEVEL_BITS) * credit_bp(level, own_level);
        }
    }
}

static struct query query_of(struct scan *scan, unsigned worker, const union draft *draft,
                             struct peer_answer *answer)
{
    struct query query = {.table = &scan->tables[worker], .answer = answer, .threshold = -1};
    answer->count = 0;
    fill_table(&scan->tables[worker], scan, draft);
    if (scan->ranking == RANK_VACANCIES) {
        query.reach = reach_of(draft->applicant.applicant.home.position);
        query.wish = columns_wish(&draft->applicant.applicant);
        return query;
    }
    const struct vacancy *vacancy = &draft->vacancy.vacancy;
    query.reach = reach_of(vacancy->sites[0].position);
    query.pay = (int32_t)(vacancy->wage_max_month_cents / 100);
    for (int i = 0; i < vacancy->skill_count; i++)
        query.importance_sum += vacancy->skills[i].importance;
    return query;
}

/* --- Candidates ------------------------------------------------------------------------------ */

static int32_t skill_bp(const struct query *query, const struct columns *columns, size_t at)
{
    int32_t credit = 0;
    for (uint32_t i = columns->skill_starts[at]; i < columns->skill_starts[at + 1]; i++) {
        struct coded_skill skill = columns->skills[i];
        credit += query->table->earned[query->table->rows[skill.skill_id]][skill.code];
    }
    /* One of the two sums is 0. No credit at all fails a gate; the least credit is 1250 of 320. */
    return credit / (columns->importance_sums[at] + query->importance_sum);
}

static int32_t wage_bp(int32_t pay, const struct wish *wish)
{
    if (pay >= wish->wage_desired)
        return POINTS_LIMIT_BP;
    return (int32_t)((int64_t)POINTS_LIMIT_BP * (pay - wish->wage_min) /
                     (wish->wage_desired - wish->wage_min));
}

/* Best first; an equal score goes behind, so that among equals the first record wins. */
static void insert(struct query *query, uint32_t k, int64_t id, int32_t score)
{
    struct peer_answer *answer = query->answer;
    uint32_t at = answer->count < k ? answer->count++ : k - 1;
    for (; at > 0 && answer->matches[at - 1].score < score; at--)
        answer->matches[at] = answer->matches[at - 1];
    answer->matches[at] = (struct peer_match){id, score};
    query->threshold = answer->count == k ? answer->matches[k - 1].score : -1;
}

static void consider(struct query *query, const struct scan *scan, size_t at, int32_t pay,
                     const struct wish *wish)
{
    const struct columns *columns = &scan->columns;
    int32_t skill = skill_bp(query, columns, at);
    if (skill == 0)
        return;
    int32_t score = SKILL_WEIGHT * skill + WAGE_WEIGHT * wage_bp(pay, wish);
    if (score + LOCATION_LIMIT <= query->threshold)
        return;
    int32_t distance_m = geo_distance_m(query->reach.center, columns->places[at]);
    if (distance_m > wish->radius_m)
        return;
    score += LOCATION_WEIGHT *
             (POINTS_LIMIT_BP - (int32_t)((int64_t)POINTS_LIMIT_BP * distance_m / wish->radius_m));
    if (score > query->threshold)
        insert(query, scan->k, columns->ids[at], score);
}

static void scan_vacancies(struct query *query, const struct scan *scan)
{
    const struct columns *columns = &scan->columns;
    for (size_t i = 0; i < columns->count; i++)
        if (columns->pays[i] >= query->wish.wage_min &&
            reach_may_hold(&query->reach, columns->places[i], query->wish.radius_m))
            consider(query, scan, i, columns->pays[i], &query->wish);
}

static void scan_applicants(struct query *query, const struct scan *scan)
{
    const struct columns *columns = &scan->columns;
    for (size_t i = 0; i < columns->count; i++) {
        const struct wish *wish = &columns->wishes[i];
        if (query->pay >= wish->wage_min &&
            reach_may_hold(&query->reach, columns->places[i], wish->radius_m))
            consider(query, scan, i, query->pay, wish);
    }
}

static bool search(void *context, unsigned worker, const union draft *draft,
                   struct peer_answer *answer, struct error *error)
{
    struct scan *scan = context;
    struct query query = query_of(scan, worker, draft, answer);
    (void)error;
    if (scan->ranking == RANK_VACANCIES)
        scan_vacancies(&query, scan);
    else
        scan_applicants(&query, scan);
    return true;
}

int main(int argc, char **argv)
{
    struct scan scan = {0};
    struct peer_job job = {.search = search, .context = &scan};
    struct error error = {0};
    if (argc != 7) {
        fprintf(stderr, "usage: scan RECORDS QUERIES vacancies|applicants K THREADS OUT\n");
        return 2;
    }
    bool done = peer_job_parse(&job, argv + 2, &error);
    if (done) {
        scan.ranking = job.ranking;
        scan.k = job.k;
        scan.tables = memory_must_zeroed(job.threads, sizeof *scan.tables);
        done = columns_load(&scan.columns, argv[1],
                            job.ranking == RANK_VACANCIES ? RECORD_VACANCY : RECORD_APPLICANT,
                            &error) &&
               peer_run(&job, &error);
    }
    columns_release(&scan.columns);
    memory_free(scan.tables);
    if (!done)
        fprintf(stderr, "scan: %s\n", error.text);
    return done ? EXIT_SUCCESS : EXIT_FAILURE;
}
