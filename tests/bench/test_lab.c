#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lab.h"

enum { LINE_COUNT = 2500, QUERY_COUNT = 3 };

/* Files of vacancies and of queries; line `bad_line` (1-based) is not a vacancy. */
struct files {
    char vacancies[64], queries[64];
};

static FILE *temporary(char path[64], const char *name)
{
    snprintf(path, 64, "/tmp/test_lab_%s_XXXXXX", name);
    int file = mkstemp(path);
    cr_assert(file >= 0);
    return fdopen(file, "w");
}

static struct files write_files(size_t bad_line)
{
    struct files files;
    FILE *out = temporary(files.vacancies, "vacancies");
    for (size_t i = 1; i <= LINE_COUNT; i++)
        fprintf(out,
                i == bad_line ? "v%zu\tnowhere\n" : "v%zu\t39.1\t117.2\t%zu\t9000\t7\t%zu:3:2\n", i,
                i, i);
    fclose(out);
    out = temporary(files.queries, "queries");
    for (size_t i = 1; i <= QUERY_COUNT; i++)
        fprintf(out, "a%zu\t39.1\t117.2\t10\t1000\t2000\t7\t%zu:5%s", i, i,
                i < QUERY_COUNT ? "\n" : ""); /* the last line has no end */
    fclose(out);
    return files;
}

static bool load(const struct files *files, enum variant variant, struct workload *workload,
                 struct error *error)
{
    struct lab_options options = {.ranking = RANK_VACANCIES,
                                  .candidates_path = files->vacancies,
                                  .queries_path = files->queries,
                                  .candidate_limit = SIZE_MAX,
                                  .query_limit = SIZE_MAX,
                                  .fill = {.variant = {.variant = variant}, .threads = 3}};
    bool loaded = lab_load(workload, &options, error);
    unlink(files->vacancies);
    unlink(files->queries);
    return loaded;
}

static const struct vacancy *vacancy_at(const struct workload *workload, size_t index)
{
    static struct workload_record rooms[8]; /* the last few stay valid */
    static size_t next;
    return workload_candidate(workload, index, &rooms[next++ % 8]);
}

Test(lab, reads_every_line_into_its_place)
{
    struct files files = write_files(0);
    struct workload workload;
    struct error error = {0};
    cr_assert(load(&files, VARIANT_NONE, &workload, &error), "%s", error.text);
    cr_assert_eq(workload.candidate_count, LINE_COUNT);
    for (size_t i = 0; i < LINE_COUNT; i++) {
        cr_assert_eq(vacancy_at(&workload, i)->wage_min_month_cents, (int64_t)(i + 1) * 100);
        cr_assert_eq(workload.candidates[i]->sequence, i + 1);
    }
    cr_assert_eq(workload.query_count, QUERY_COUNT);
    const struct applicant *last = workload.queries[QUERY_COUNT - 1];
    cr_expect(str_equal(last->key.id, STR("a3")));
    cr_expect_eq(last->skills[0].skill_id, 3);
    workload_release(&workload);
}

Test(lab, names_file_and_line_of_the_first_bad_record)
{
    struct files files = write_files(1777);
    struct workload workload;
    struct error error = {0};
    char where[128];
    cr_assert(!load(&files, VARIANT_NONE, &workload, &error));
    snprintf(where, sizeof where, "%s:1777: column 'lat' 'nowhere'", files.vacancies);
    cr_expect(strncmp(error.text, where, strlen(where)) == 0, "%s", error.text);
    workload_release(&workload);
}

Test(lab, names_a_file_that_is_not_there)
{
    struct files files = {"/nonexistent/v.tsv", "/nonexistent/q.tsv"};
    struct workload workload;
    struct error error = {0};
    cr_assert(!load(&files, VARIANT_NONE, &workload, &error));
    cr_expect(strstr(error.text, "'/nonexistent/v.tsv'"), "%s", error.text);
    workload_release(&workload);
}

Test(lab, a_thousand_copies_differ_by_their_ids_alone)
{
    struct files files = write_files(0);
    struct workload workload;
    struct error error = {0};
    cr_assert(load(&files, VARIANT_COPIES, &workload, &error), "%s", error.text);
    cr_assert_eq(workload.candidate_count, LINE_COUNT);
    for (size_t i = 0; i < LINE_COUNT; i++) {
        char id[32];
        size_t original = i / 1000 * 1000, number = i - original;
        snprintf(id, sizeof id, number ? "v%zu-%zu" : "v%zu", original + 1, number);
        cr_assert_eq(vacancy_at(&workload, i)->skills[0].skill_id, original + 1);
        cr_assert(str_equal(vacancy_at(&workload, i)->key.id, str_of(id)), "%s", id);
    }
    workload_release(&workload);
}
