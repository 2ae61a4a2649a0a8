/* How long does a search take, and is its answer the exact one?
 *
 *   the yardstick's files --+
 *                           +--variant--> workload --> subject --> times, mismatches, answers
 *   tools/market -----------+
 *
 * On files the yardstick itself can be run in the same go, before and after.
 *
 * Prints name=value lines. Times are of a search alone, each query once; reading the files is not
 * measured. `--check N` compares the first N answers with the exhaustive search and the exit status
 * is 1 when one differs.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/memory.h"
#include "batch.h"
#include "machine.h"
#include "measure.h"
#include "search_options.h"
#include "yardstick.h"

#include "base/banned.h"

enum { ESSENTIAL_SAMPLE_PAIRS = 200000 };

/* --- Steps ----------------------------------------------------------------------------------- */

static double seconds_since(int64_t begin_ns)
{
    return (double)(clock_monotonic_ns() - begin_ns) / 1e9;
}

static bool load_records(const struct search_options *options, struct workload *workload,
                         struct error *error)
{
    size_t refused = 0;
    if (!options->has_market)
        return lab_load(workload, &options->lab, error);
    if (!city_load(workload, &options->city, &refused, error))
        return false;
    printf("refused=%zu\n", refused);
    return true;
}

static bool load(const struct search_options *options, struct workload *workload,
                 struct error *error)
{
    int64_t begin_ns = clock_monotonic_ns(), before_bytes = machine_anonymous_bytes();
    if (!load_records(options, workload, error))
        return false;
    if (workload->candidate_count == 0 || workload->query_count == 0)
        return error_set(error, ERROR_INVALID_ARGUMENT, "there are no %s",
                         workload->query_count == 0 ? "queries" : "records");
    printf("records=%zu\nqueries=%zu\nload_seconds=%.2f\nrecord_bytes=%.1f\n",
           workload->candidate_count, workload->query_count, seconds_since(begin_ns),
           (double)(machine_anonymous_bytes() - before_bytes) / (double)workload->candidate_count);
    return true;
}

/* Whom the filter lets through; nothing is printed without one. */
static bool mark(const struct search_options *options, struct workload *workload,
                 struct filter *filter, struct error *error)
{
    size_t passing;
    if (!mark_candidates(workload, &options->mark, filter, &passing, error))
        return false;
    if (options->mark.mark != MARK_NONE)
        printf("filter_passes=%zu\n", passing);
    return true;
}

static struct subject *build(const struct workload *workload, struct error *error)
{
    int64_t begin_ns = clock_monotonic_ns(), before_bytes = machine_anonymous_bytes();
    struct subject_options options = {.ranking = workload->ranking,
                                      .taxonomy = workload->taxonomy,
                                      .entries = (const struct entry *const *)workload->candidates,
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

/* How hard the essential skills make it for an index. */
static void print_essential(const struct measure_options *options, uint64_t seed)
{
    size_t seen;
    uint32_t permille = measure_essential_permille(options, ESSENTIAL_SAMPLE_PAIRS, seed, &seen);
    printf("essential_missing_permille=%" PRIu32 "\nessential_sample=%zu\n", permille, seen);
}

static bool print_times(const struct measure_options *options, bool batch,
                        struct measure_times *times, struct error *error)
{
    double seconds;
    if (batch ? !batch_times(options, times, &seconds, error)
              : !measure_times(options, times, error))
        return false;
    if (batch)
        printf("seconds=%.3f\n", seconds);
    const struct distribution *spent = &times->spent;
    printf("mean_us=%.1f\np50_us=%.1f\np90_us=%.1f\np99_us=%.1f\nmax_us=%.1f\n", spent->mean_us,
           spent->p50_us, spent->p90_us, spent->p99_us, spent->max_us);
    printf("searches_per_second=%.1f\n", times->searches_per_second);
#define X(name) printf(#name "=%.1f\n", times->name);
    INDEX_WORK(X)
#undef X
    printf("matches=%.1f\nempty_answers=%zu\n", times->matches, times->empty_count);
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
    bool checked = truth_init(&truth, (const struct entry *const *)workload->candidates,
                              workload->candidate_count, error) &&
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

static bool run(const struct search_options *options, struct measure_times *times,
                struct error *error)
{
    struct workload workload;
    struct subject *subject = NULL;
    struct filter filter;
    bool done = load(options, &workload, error) && mark(options, &workload, &filter, error) &&
                (subject = build(&workload, error));
    if (done) {
        struct measure_options measure = {.subject = subject,
                                          .workload = &workload,
                                          .profile = &options->profile,
                                          .filter =
                                              options->mark.mark != MARK_NONE ? &filter : NULL,
                                          .k = options->k,
                                          .threads = options->threads};
        print_essential(&measure, options->seed);
        done = print_times(&measure, options->batch, times, error) &&
               (!options->out_path || write_answers(&measure, options->out_path, error)) &&
               (options->check_count == 0 || check(&measure, (size_t)options->check_count, error));
    }
    subject_free(subject);
    workload_release(&workload);
    return done;
}

/* Nothing of ours is loaded while the yardstick runs, so that memory is enough for ten million
 * records on either side. */
static bool run_yardstick(const struct search_options *options, struct yardstick_times *times,
                          struct error *error)
{
    struct yardstick_options yardstick = {.program = options->yardstick,
                                          .ranking = options->ranking,
                                          .candidates_path = options->lab.candidates_path,
                                          .queries_path = options->lab.queries_path,
                                          .query_limit = options->lab.query_limit};
    return yardstick_run(&yardstick, times, error);
}

static bool run_beside_yardstick(const struct search_options *options, struct error *error)
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
    printf("ratio_mean=%.3f\nratio_p50=%.3f\nratio_p99=%.3f\n", ours.spent.mean_us / first.mean_us,
           ours.spent.p50_us / first.p50_us, ours.spent.p99_us / first.p99_us);
    return true;
}

int main(int argc, char **argv)
{
    struct search_options options;
    struct measure_times times;
    struct error error = {0};
    search_options_parse(&options, argc, argv);
    memory_use_huge_pages(); /* as the daemon's writer */
    machine_print();
    printf("seed=%" PRIu64 "\ndirection=%s\nk=%" PRIu32 "\nthreads=%u\nprofile=%s\nvariant=%s\n",
           options.seed, options.ranking == RANK_VACANCIES ? "vacancies" : "applicants", options.k,
           options.threads, options.profile.name, variant_name(options.variant));
    bool done =
        options.yardstick ? run_beside_yardstick(&options, &error) : run(&options, &times, &error);
    if (!done)
        fprintf(stderr, "bench_search: %s\n", error.text);
    return done ? EXIT_SUCCESS : EXIT_FAILURE;
}
