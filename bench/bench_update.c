/* What do changes cost the searches, and how soon can they be seen?
 *
 *   market --ApplyRequest--> engine                         load, all cores
 *   idle     one caller searches, nothing changes
 *   loaded   the same, while changes arrive at a constant rate (change_plan.h says which)
 *   checked  as loaded; answers are compared with the exhaustive search of the same root
 *   settled  one caller searches again, nothing changes
 *
 * Searches and changes go through the engine as the server's do: its queues, its writer, its
 * workers. A change's latency counts from the moment it was due until its publication, so waiting
 * for a full queue is in it. Prints name=value lines.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "blocks.h"
#include "change_plan.h"
#include "config/host.h"
#include "courier.h"
#include "distribution.h"
#include "machine.h"
#include "searcher.h"
#include "update_options.h"

#include "base/banned.h"

enum {
    BLOCK_CHANGES = 1000,
    QUERY_COUNT = 2000,
    /* A search takes some microseconds at least. */
    SEARCHES_PER_SECOND_LIMIT = 200000,
};

struct bench {
    const struct update_options *options;
    struct city city;
    struct change_plan plan;
    struct workload workload; /* queries alone */
    struct log log;
    struct engine *engine;
    struct searcher searcher;
    struct courier courier;
    unsigned threads;               /* that encode */
    struct city_scratch *scratches; /* owned, one a thread */
    struct parcel **parcels;        /* owned: the changes to come, NULL once sent */
    size_t parcel_count, next_parcel;
};

/* --- The engine ------------------------------------------------------------------------------ */

/* Noon of the city's day in its zone, for ever: no day turns while we measure. */
static int64_t noon_ms(void *context)
{
    const struct city *city = context;
    return ((int64_t)city->today * 24 + 12 - 8) * 3600 * 1000;
}

static bool start_engine(struct bench *bench, struct error *error)
{
    struct options options;
    options_set_defaults(&options);
    if (!host_set_zone(options.zone, error))
        return false;
    log_init(&bench->log, STDERR_FILENO, LOG_WARNING);
    struct engine_options engine = {
        .model = &bench->city.data.model,
        .profiles = &bench->options->profile,
        .profile_count = 1,
        .clock = {.wall_ms = noon_ms, .context = &bench->city},
        .log = &bench->log,
        .worker_count = 1,
        .query_queue_limit = (uint32_t)options.query_queue,
        .change_queue_limit = (uint32_t)options.change_queue,
        .group_limit = (uint32_t)options.group_limit,
        .request_arena_bytes = (size_t)options.request_memory_kib * 1024,
    };
    bench->engine = engine_new(&engine, error);
    return bench->engine != NULL;
}

static bool load_block(void *context, unsigned worker, size_t block, struct error *error)
{
    struct bench *bench = context;
    size_t vacancies = bench->options->size.vacancies;
    size_t count = vacancies + bench->options->size.applicants, begin = block * BLOCK_CHANGES;
    for (size_t i = begin; i < begin + BLOCK_CHANGES && i < count; i++) {
        struct str request;
        bool is_vacancy = i < vacancies;
        if (!change_plan_encode_first(&bench->plan, is_vacancy ? RECORD_VACANCY : RECORD_APPLICANT,
                                      is_vacancy ? i : i - vacancies, &bench->scratches[worker],
                                      &request, error))
            return false;
        struct parcel *parcel = parcel_new(request);
        if (!parcel)
            return error_set(error, ERROR_RESOURCE_EXHAUSTED, "no memory for a change");
        courier_send(&bench->courier, parcel, 0);
    }
    return true;
}

static bool load(struct bench *bench, struct error *error)
{
    const struct city_size *size = &bench->options->size;
    size_t count = size->vacancies + size->applicants;
    int64_t begin_ns = clock_monotonic_ns(), before_bytes = machine_anonymous_bytes();
    if (!blocks_run((count + BLOCK_CHANGES - 1) / BLOCK_CHANGES, bench->threads, load_block, bench,
                    error))
        return false;
    courier_wait(&bench->courier);
    struct engine_stats stats;
    engine_stats(bench->engine, &stats);
    printf("records=%" PRIu64 "\nload_refused=%" PRIu64 "\nload_seconds=%.2f\n"
           "bytes_per_record=%.1f\n",
           stats.vacancy_count + stats.applicant_count, stats.changes_refused,
           (double)(clock_monotonic_ns() - begin_ns) / 1e9,
           (double)(machine_anonymous_bytes() - before_bytes) / (double)count);
    return true;
}

/* --- Changes --------------------------------------------------------------------------------- */

static bool encode_block(void *context, unsigned worker, size_t block, struct error *error)
{
    struct bench *bench = context;
    size_t begin = block * BLOCK_CHANGES;
    for (size_t i = begin; i < begin + BLOCK_CHANGES && i < bench->parcel_count; i++) {
        struct str request;
        if (!change_plan_encode(&bench->plan, i, &bench->scratches[worker], &request, error))
            return false;
        bench->parcels[i] = parcel_new(request);
        if (!bench->parcels[i])
            return error_set(error, ERROR_RESOURCE_EXHAUSTED, "no memory for a change");
    }
    return true;
}

/* Enough for the loaded phase and, should it take as long, the checked one. */
static bool encode_changes(struct bench *bench, struct error *error)
{
    const struct update_options *options = bench->options;
    bench->parcel_count =
        (size_t)((double)options->rate * options->seconds) * (options->check_count > 0 ? 2 : 1);
    bench->parcels = memory_must_zeroed(bench->parcel_count + 1, sizeof(struct parcel *));
    return blocks_run((bench->parcel_count + BLOCK_CHANGES - 1) / BLOCK_CHANGES, bench->threads,
                      encode_block, bench, error);
}

/* Sends changes at the rate while the searcher runs and changes are left. Returns how many. */
static size_t send_changes(struct bench *bench, int64_t begin_ns)
{
    const int64_t rate = bench->options->rate;
    size_t sent = 0;
    while (searcher_is_running(&bench->searcher) && bench->next_parcel < bench->parcel_count) {
        int64_t now_ns = clock_monotonic_ns();
        int64_t due_ns = begin_ns + (int64_t)((double)sent * 1e9 / (double)rate);
        if (due_ns > now_ns) {
            nanosleep(&(struct timespec){.tv_nsec = due_ns - now_ns}, NULL);
            continue;
        }
        struct parcel **parcel = &bench->parcels[bench->next_parcel++];
        courier_send(&bench->courier, *parcel, due_ns);
        *parcel = NULL;
        sent++;
    }
    return sent;
}

/* --- Phases ---------------------------------------------------------------------------------- */

static bool search_for(struct bench *bench, bool with_changes, size_t *sent, struct error *error)
{
    struct searcher *searcher = &bench->searcher;
    int64_t begin_ns = clock_monotonic_ns();
    searcher->spent_count = 0;
    searcher->until_ns = begin_ns + (int64_t)(bench->options->seconds * 1e9);
    searcher->question_limit = SIZE_MAX;
    if (!searcher_start(searcher, error))
        return false;
    if (with_changes)
        *sent = send_changes(bench, begin_ns);
    return searcher_wait(searcher, error);
}

static void print_searches(struct bench *bench, const char *phase, struct distribution *spent)
{
    *spent = distribution_of(bench->searcher.spent_ns, bench->searcher.spent_count);
    printf("%s_searches=%zu\n%s_mean_us=%.1f\n%s_p50_us=%.1f\n%s_p99_us=%.1f\n%s_max_us=%.1f\n",
           phase, bench->searcher.spent_count, phase, spent->mean_us, phase, spent->p50_us, phase,
           spent->p99_us, phase, spent->max_us);
    fflush(stdout);
}

static bool run_idle(struct bench *bench, const char *phase, struct distribution *spent,
                     struct error *error)
{
    if (!search_for(bench, false, NULL, error))
        return false;
    print_searches(bench, phase, spent);
    return true;
}

static bool run_loaded(struct bench *bench, struct distribution *spent, struct error *error)
{
    struct engine_stats before, after;
    size_t sent = 0;
    int64_t begin_ns = clock_monotonic_ns();
    engine_stats(bench->engine, &before);
    if (!search_for(bench, true, &sent, error))
        return false;
    courier_wait(&bench->courier);
    engine_stats(bench->engine, &after);
    print_searches(bench, "loaded", spent);
    struct courier *courier = &bench->courier;
    double seconds = (double)(courier->last_visible_ns - begin_ns) / 1e9;
    struct distribution latency = distribution_of(courier->latency_ns, courier->noted);
    printf("changes=%zu\nchanges_refused=%" PRIu64 "\nchanges_per_second=%.1f\n", sent,
           after.changes_refused - before.changes_refused, sent > 0 ? (double)sent / seconds : 0.0);
    printf("visible_mean_us=%.1f\nvisible_p50_us=%.1f\nvisible_p99_us=%.1f\nvisible_max_us=%.1f\n",
           latency.mean_us, latency.p50_us, latency.p99_us, latency.max_us);
    return true;
}

static bool run_checked(struct bench *bench, struct error *error)
{
    struct searcher *searcher = &bench->searcher;
    if (bench->options->check_count == 0)
        return true;
    searcher->compare = true;
    searcher->until_ns = INT64_MAX;
    searcher->question_limit = (size_t)bench->options->check_count;
    if (!searcher_start(searcher, error))
        return false;
    size_t sent = send_changes(bench, clock_monotonic_ns());
    bool searched = searcher_wait(searcher, error);
    courier_wait(&bench->courier);
    searcher->compare = false;
    if (!searched)
        return false;
    printf("checked=%zu\nchanges_while_checked=%zu\nmismatches=%zu\n", searcher->asked, sent,
           searcher->mismatches);
    return searcher->mismatches == 0 ||
           error_set(error, ERROR_INTERNAL, "%zu of %zu answers are not the exhaustive search's",
                     searcher->mismatches, searcher->asked);
}

static bool run_phases(struct bench *bench, struct error *error)
{
    struct distribution idle, loaded, settled;
    if (!load(bench, error) || !encode_changes(bench, error) ||
        !run_idle(bench, "idle", &idle, error) || !run_loaded(bench, &loaded, error) ||
        !run_checked(bench, error) || !run_idle(bench, "settled", &settled, error))
        return false;
    printf("ratio_p50=%.3f\nratio_p99=%.3f\n", loaded.p50_us / idle.p50_us,
           loaded.p99_us / idle.p99_us);
    return true;
}

/* --- Life ------------------------------------------------------------------------------------ */

static bool prepare(struct bench *bench, struct error *error)
{
    const struct update_options *options = bench->options;
    const struct city_options city = {.ranking = options->ranking,
                                      .size = options->size,
                                      .query_limit = QUERY_COUNT,
                                      .fill = {.threads = 1}};
    size_t searches = (size_t)(options->seconds * SEARCHES_PER_SECOND_LIMIT);
    bench->workload.ranking = options->ranking;
    bench->plan = (struct change_plan){&bench->city, options->size};
    if (!city_fill_queries(&bench->workload, &bench->city, &city, error) ||
        !start_engine(bench, error))
        return false;
    if (bench->workload.query_count == 0)
        return error_set(error, ERROR_INVALID_ARGUMENT, "nobody in this market can ask");
    courier_init(&bench->courier, bench->engine,
                 (size_t)((double)options->rate * options->seconds));
    bench->searcher.engine = bench->engine;
    bench->searcher.workload = &bench->workload;
    bench->searcher.profile = &options->profile;
    bench->searcher.k = (uint32_t)options->k;
    bench->searcher.spent_ns = memory_must_zeroed(searches, sizeof(int64_t));
    bench->searcher.spent_limit = searches;
    return true;
}

static void release(struct bench *bench)
{
    engine_free(bench->engine);
    courier_release(&bench->courier);
    searcher_release(&bench->searcher);
    memory_free(bench->searcher.spent_ns);
    for (size_t i = 0; i < bench->parcel_count; i++)
        parcel_free(bench->parcels[i]);
    memory_free(bench->parcels);
    for (unsigned i = 0; i < bench->threads; i++)
        city_scratch_release(&bench->scratches[i]);
    memory_free(bench->scratches);
    workload_release(&bench->workload);
    city_release(&bench->city);
    memory_free(bench);
}

static bool run(const struct update_options *options, struct error *error)
{
    struct bench *bench = memory_must_zeroed(1, sizeof *bench);
    bench->options = options;
    if (!city_init(&bench->city, &options->size, error)) {
        memory_free(bench);
        return false;
    }
    bench->threads = machine_cores();
    bench->scratches = memory_must_zeroed(bench->threads, sizeof *bench->scratches);
    for (unsigned i = 0; i < bench->threads; i++)
        city_scratch_init(&bench->scratches[i]);
    searcher_init(&bench->searcher);
    bool done = prepare(bench, error) && run_phases(bench, error);
    release(bench);
    return done;
}

int main(int argc, char **argv)
{
    struct update_options options;
    struct error error = {0};
    update_options_parse(&options, argc, argv);
    machine_print();
    printf("seed=%" PRIu64 "\nvacancies=%zu\napplicants=%zu\ndirection=%s\nk=%" PRId64
           "\nprofile=%s\nrate=%" PRId64 "\nseconds=%g\nsearch_threads=1\n",
           options.size.seed, options.size.vacancies, options.size.applicants,
           options.ranking == RANK_VACANCIES ? "vacancies" : "applicants", options.k,
           options.profile.name, options.rate, options.seconds);
    bool done = run(&options, &error);
    if (!done)
        fprintf(stderr, "bench_update: %s\n", error.text);
    return done ? EXIT_SUCCESS : EXIT_FAILURE;
}
