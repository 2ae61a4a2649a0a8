/* How long does a search take, and is its answer the exact one?
 *
 *   yardstick's files --> workload --> subject --> times, mismatches, answers
 *                                         ^
 *   the yardstick itself, before and after, on the same files
 *
 * Prints name=value lines. Times are of a search alone, each query once; reading the files is not
 * measured. `--check N` compares the first N answers with the exhaustive search and the exit status
 * is 1 when one differs.
 */
#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/text.h"
#include "blocks.h"
#include "lab.h"
#include "machine.h"
#include "measure.h"
#include "yardstick.h"

#include "base/banned.h"

enum { COUNT_LIMIT = 1000000000 };

struct options {
    const char *vacancies_path, *applicants_path, *queries_path, *out_path, *yardstick;
    bool has_ranking;
    enum ranking ranking;
    struct profile profile;
    int64_t k, threads, check_count, candidate_limit, query_limit;
};

enum {
    OPTION_VACANCIES = 256,
    OPTION_APPLICANTS,
    OPTION_QUERIES_FILE,
    OPTION_CHECK,
    OPTION_LIMIT,
    OPTION_QUERIES,
    OPTION_YARDSTICK,
};

static const struct argp_option option_table[] = {
    {"direction", 'd', "vacancies|applicants", 0, "What is ranked", 0},
    {"tsv-vacancies", OPTION_VACANCIES, "FILE", 0, "Vacancies, when those are ranked", 1},
    {"tsv-applicants", OPTION_APPLICANTS, "FILE", 0, "Applicants, when those are ranked", 1},
    {"tsv-queries", OPTION_QUERIES_FILE, "FILE", 0, "Who asks: records of the other kind", 1},
    {"limit", OPTION_LIMIT, "N", 0, "Use the first N records only", 1},
    {"queries", OPTION_QUERIES, "N", 0, "Ask the first N queries only", 1},
    {"k", 'k', "N", 0, "Matches in an answer, 1..1000 (default 50)", 2},
    {"threads", 't', "N", 0, "Searching threads, which share the queries (default 1)", 2},
    {"profile", 'p', "default|lab", 0, "Weights (default: default)", 2},
    {"check", OPTION_CHECK, "N", 0, "Compare the first N answers with the exhaustive search", 3},
    {"out", 'o', "FILE", 0, "Write lines of query, rank, id, score", 3},
    {"yardstick", OPTION_YARDSTICK, "PROGRAM", 0, "Run it before and after, and compare", 3},
    {0}};

static void parse_count(struct argp_state *state, const char *name, const char *text, int64_t low,
                        int64_t high, int64_t *out)
{
    if (!text_to_int64(str_of(text), out) || *out < low || *out > high)
        argp_error(state, "--%s '%s': must be %" PRId64 "..%" PRId64, name, text, low, high);
}

static void parse_profile(struct argp_state *state, const char *text, struct profile *profile)
{
    if (strcmp(text, "default") == 0)
        *profile = profile_default();
    else if (strcmp(text, "lab") == 0)
        *profile = profile_lab();
    else
        argp_error(state, "--profile '%s': must be default or lab", text);
}

static void parse_direction(struct argp_state *state, const char *text, struct options *options)
{
    options->has_ranking = true;
    if (strcmp(text, "vacancies") == 0)
        options->ranking = RANK_VACANCIES;
    else if (strcmp(text, "applicants") == 0)
        options->ranking = RANK_APPLICANTS;
    else
        argp_error(state, "--direction '%s': must be vacancies or applicants", text);
}

static const char *candidates_path(const struct options *options)
{
    return options->ranking == RANK_VACANCIES ? options->vacancies_path : options->applicants_path;
}

static void check_options(struct argp_state *state, const struct options *options)
{
    if (!options->has_ranking)
        argp_error(state, "--direction is missing");
    if (!candidates_path(options))
        argp_error(state, "--tsv-%s is missing",
                   options->ranking == RANK_VACANCIES ? "vacancies" : "applicants");
    if (!options->queries_path)
        argp_error(state, "--tsv-queries is missing");
    if (options->yardstick && options->candidate_limit != COUNT_LIMIT)
        argp_error(state, "--yardstick reads whole files: it cannot go with --limit");
}

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct options *options = state->input;
    switch (key) {
    case 'd':
        parse_direction(state, argument, options);
        break;
    case OPTION_VACANCIES:
        options->vacancies_path = argument;
        break;
    case OPTION_APPLICANTS:
        options->applicants_path = argument;
        break;
    case OPTION_QUERIES_FILE:
        options->queries_path = argument;
        break;
    case OPTION_LIMIT:
        parse_count(state, "limit", argument, 1, COUNT_LIMIT, &options->candidate_limit);
        break;
    case OPTION_QUERIES:
        parse_count(state, "queries", argument, 1, COUNT_LIMIT, &options->query_limit);
        break;
    case 'k':
        parse_count(state, "k", argument, 1, SEARCH_K_LIMIT, &options->k);
        break;
    case 't':
        parse_count(state, "threads", argument, 1, BLOCK_THREAD_LIMIT, &options->threads);
        break;
    case 'p':
        parse_profile(state, argument, &options->profile);
        break;
    case OPTION_CHECK:
        parse_count(state, "check", argument, 0, COUNT_LIMIT, &options->check_count);
        break;
    case 'o':
        options->out_path = argument;
        break;
    case OPTION_YARDSTICK:
        options->yardstick = argument;
        break;
    case ARGP_KEY_ARG:
        argp_error(state, "unexpected argument '%s'", argument);
        break;
    case ARGP_KEY_END:
        check_options(state, options);
        break;
    default:
        return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

/* --- Steps ----------------------------------------------------------------------------------- */

static double seconds_since(int64_t begin_ns)
{
    return (double)(clock_monotonic_ns() - begin_ns) / 1e9;
}

static bool load(const struct options *options, struct workload *workload, struct error *error)
{
    int64_t begin_ns = clock_monotonic_ns(), before_bytes = machine_anonymous_bytes();
    struct lab_options lab = {.ranking = options->ranking,
                              .candidates_path = candidates_path(options),
                              .queries_path = options->queries_path,
                              .candidate_limit = (size_t)options->candidate_limit,
                              .query_limit = (size_t)options->query_limit,
                              .threads = machine_cores()};
    if (!lab_load(workload, &lab, error))
        return false;
    if (workload->candidate_count == 0 || workload->query_count == 0)
        return error_set(error, ERROR_INVALID_ARGUMENT, "there are no %s",
                         workload->query_count == 0 ? "queries" : "records");
    printf("records=%zu\nqueries=%zu\nload_seconds=%.2f\nrecord_bytes=%.1f\n",
           workload->candidate_count, workload->query_count, seconds_since(begin_ns),
           (double)(machine_anonymous_bytes() - before_bytes) / (double)workload->candidate_count);
    return true;
}

static struct subject *build(const struct workload *workload, struct error *error)
{
    int64_t begin_ns = clock_monotonic_ns(), before_bytes = machine_anonymous_bytes();
    struct subject_options options = {.ranking = workload->ranking,
                                      .taxonomy = workload->taxonomy,
                                      .entries = workload->candidates,
                                      .count = workload->candidate_count,
                                      .threads = machine_cores()};
    struct subject *subject = subject_new(&options, error);
    if (!subject)
        return NULL;
    printf("build_threads=%u\nbuild_seconds=%.3f\nbytes_per_record=%.1f\n", options.threads,
           seconds_since(begin_ns),
           (double)(machine_anonymous_bytes() - before_bytes) / (double)options.count);
    return subject;
}

static bool print_times(const struct measure_options *options, struct measure_times *times,
                        struct error *error)
{
    if (!measure_times(options, times, error))
        return false;
    printf("mean_us=%.1f\np50_us=%.1f\np90_us=%.1f\np99_us=%.1f\nmax_us=%.1f\n", times->mean_us,
           times->p50_us, times->p90_us, times->p99_us, times->max_us);
    printf("searches_per_second=%.1f\ntiles_visited=%.1f\npairs_scored=%.1f\nmatches=%.1f\n"
           "empty_answers=%zu\n",
           times->searches_per_second, times->tiles_visited, times->pairs_scored, times->matches,
           times->empty_count);
    fflush(stdout);
    return true;
}

/* False also when answers differ: the error says how many. */
static bool check(const struct measure_options *options, size_t count, struct error *error)
{
    const struct workload *workload = options->workload;
    struct truth truth;
    size_t mismatches;
    if (count > workload->query_count)
        count = workload->query_count;
    bool checked = truth_init(&truth, workload->candidates, workload->candidate_count, error) &&
                   measure_mismatches(options, &truth, count, &mismatches, error);
    truth_release(&truth);
    if (!checked)
        return false;
    printf("checked=%zu\nmismatches=%zu\n", count, mismatches);
    return mismatches == 0 ||
           error_set(error, ERROR_INTERNAL, "%zu of %zu answers are not the exhaustive search's",
                     mismatches, count);
}

static bool write_answers(const struct measure_options *options, const char *path,
                          struct error *error)
{
    FILE *file = fopen(path, "w");
    if (!file)
        return error_set(error, ERROR_UNKNOWN, "'%s': %s", path, strerror(errno));
    bool written = measure_write(options, file, error);
    if (fclose(file) != 0 && written)
        written = error_set(error, ERROR_UNKNOWN, "'%s': %s", path, strerror(errno));
    return written;
}

static bool run(const struct options *options, struct measure_times *times, struct error *error)
{
    struct workload workload;
    struct subject *subject = NULL;
    bool done = load(options, &workload, error) && (subject = build(&workload, error));
    if (done) {
        struct measure_options measure = {.subject = subject,
                                          .workload = &workload,
                                          .profile = &options->profile,
                                          .k = (uint32_t)options->k,
                                          .threads = (unsigned)options->threads};
        done = print_times(&measure, times, error) &&
               (!options->out_path || write_answers(&measure, options->out_path, error)) &&
               (options->check_count == 0 || check(&measure, (size_t)options->check_count, error));
    }
    subject_free(subject);
    workload_release(&workload);
    return done;
}

/* Nothing of ours is loaded while the yardstick runs, so that memory is enough for ten million
 * records on either side. */
static bool run_yardstick(const struct options *options, struct yardstick_times *times,
                          struct error *error)
{
    struct yardstick_options yardstick = {.program = options->yardstick,
                                          .ranking = options->ranking,
                                          .candidates_path = candidates_path(options),
                                          .queries_path = options->queries_path,
                                          .query_limit = (size_t)options->query_limit};
    return yardstick_run(&yardstick, times, error);
}

static bool run_beside_yardstick(const struct options *options, struct error *error)
{
    struct measure_times ours;
    struct yardstick_times first, second;
    if (!run_yardstick(options, &first, error) || !run(options, &ours, error) ||
        !run_yardstick(options, &second, error))
        return false;
    if (second.mean_us < first.mean_us)
        first = second;
    printf("yardstick_mean_us=%.1f\nyardstick_p50_us=%.1f\nyardstick_p99_us=%.1f\n", first.mean_us,
           first.p50_us, first.p99_us);
    printf("ratio_mean=%.3f\nratio_p50=%.3f\nratio_p99=%.3f\n", ours.mean_us / first.mean_us,
           ours.p50_us / first.p50_us, ours.p99_us / first.p99_us);
    return true;
}

int main(int argc, char **argv)
{
    struct options options = {.profile = profile_default(),
                              .k = 50,
                              .threads = 1,
                              .candidate_limit = COUNT_LIMIT,
                              .query_limit = COUNT_LIMIT};
    const struct argp argp = {.options = option_table,
                              .parser = parse_option,
                              .doc =
                                  "Measures searches and compares them with the exhaustive one."};
    struct measure_times times;
    struct error error = {0};
    argp_parse(&argp, argc, argv, 0, NULL, &options);
    machine_print();
    printf("direction=%s\nk=%" PRId64 "\nthreads=%" PRId64 "\nprofile=%s\n",
           options.ranking == RANK_VACANCIES ? "vacancies" : "applicants", options.k,
           options.threads, options.profile.name);
    bool done =
        options.yardstick ? run_beside_yardstick(&options, &error) : run(&options, &times, &error);
    if (!done)
        fprintf(stderr, "bench_search: %s\n", error.text);
    return done ? EXIT_SUCCESS : EXIT_FAILURE;
}
