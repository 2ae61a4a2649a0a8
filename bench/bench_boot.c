/* How long does a daemon with a data directory take until it can answer?
 *
 *   --make   the sample market's records into DIR by store_commit, in large batches
 *   cold     engine_new until it is ready, with nothing of the files in memory
 *   warm     the same again, with what the cold start left there
 *
 * Each is a process of its own, so that no start finds the memory of another. Prints name=value
 * lines.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arguments.h"
#include "base/memory.h"
#include "disk.h"
#include "durable.h"
#include "machine.h"
#include "stock.h"
#include "store/store.h"

#include "base/banned.h"

enum {
    CHUNK_RECORDS = 200000, /* encoded at a time */
    BATCH_RECORDS = 10000,
    COUNT_LIMIT = 100000000,
    OPTION_MAKE = 256,
    OPTION_WORKERS,
    OPTION_DROP,
};

struct settings {
    const char *directory;
    struct city_size size;
    uint32_t worker_count;
    bool make, drop_caches;
};

/* --- Filling --------------------------------------------------------------------------------- */

static bool commit(struct store *store, struct store_batch *batch, int32_t day, struct error *error)
{
    store_batch_set_day(batch, day);
    bool committed = store_commit(store, batch, error);
    store_batch_clear(batch);
    return committed;
}

static bool commit_all(struct store *store, struct store_batch *batch, const struct stock *stock,
                       int32_t day, struct error *error)
{
    uint64_t sequence = store_sequence(store);
    for (size_t i = 0; i < stock->count; i++) {
        const struct store_change change = {
            .sequence = ++sequence,
            .time_ms = (int64_t)day * 24 * 3600 * 1000,
            .kind = STORE_PUT,
            .day = day,
            .key = stock_key(&stock->items[i]),
            .bytes = stock_record(&stock->items[i]),
        };
        if (!store_batch_add(batch, &change))
            return error_set(error, ERROR_RESOURCE_EXHAUSTED, "no memory for a batch");
        if (store_batch_count(batch) == BATCH_RECORDS && !commit(store, batch, day, error))
            return false;
    }
    return commit(store, batch, day, error);
}

static bool fill_store(struct store *store, struct store_batch *batch, struct city *city,
                       const struct city_size *size, struct error *error)
{
    const struct stock_market market = {city, *size, machine_cores()};
    size_t count = size->vacancies + size->applicants;
    if (store_sequence(store) > 0)
        return error_set(error, ERROR_FAILED_PRECONDITION, "there are records in it already");
    for (size_t begin = 0; begin < count; begin += CHUNK_RECORDS) {
        struct stock stock;
        size_t end = begin + CHUNK_RECORDS < count ? begin + CHUNK_RECORDS : count;
        if (!stock_fill_new(&stock, &market, begin, end, error))
            return false;
        bool committed = commit_all(store, batch, &stock, city->today, error);
        stock_release(&stock);
        if (!committed)
            return false;
    }
    return true;
}

static bool make(const struct settings *line, struct city *city, struct error *error)
{
    const struct store_options options = {.directory = line->directory};
    int64_t begin_ns = clock_monotonic_ns();
    struct store *store = store_open(&options, error);
    struct store_batch *batch = store_batch_new();
    bool made = store && batch && fill_store(store, batch, city, &line->size, error);
    if (made)
        printf("made=%" PRIu64 "\nmake_s=%.2f\n", store_sequence(store),
               (double)(clock_monotonic_ns() - begin_ns) / 1e9);
    disk_settle();
    store_batch_free(batch);
    store_close(store);
    return made;
}

/* --- Starting -------------------------------------------------------------------------------- */

static double cpu_seconds(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static bool start(const struct settings *line, struct city *city, const char *name,
                  struct error *error)
{
    const struct durable_options options = {.city = city,
                                            .directory = line->directory,
                                            .worker_count = line->worker_count,
                                            .log_level = LOG_INFO};
    struct durable durable;
    struct engine_stats stats;
    int64_t before_bytes = machine_anonymous_bytes();
    double before_s = cpu_seconds();
    uint64_t before_read_bytes = disk_traffic().read_bytes;
    if (!durable_start(&durable, &options, error))
        return false;
    double seconds = (double)durable.start_ns / 1e9, spent_s = cpu_seconds() - before_s;
    uint64_t read_bytes = disk_traffic().read_bytes - before_read_bytes;
    int64_t grown_bytes = machine_anonymous_bytes() - before_bytes;
    engine_stats(durable.engine, &stats);
    uint64_t records = stats.vacancy_count + stats.applicant_count;
    double of_each = records > 0 ? 1.0 / (double)records : 0.0;
    printf("boot_%s_s=%.2f\n%s_records=%" PRIu64 "\n%s_records_per_s=%.0f\n"
           "%s_cpu_us_each=%.2f\n%s_read_bytes=%" PRIu64 "\n%s_resident_bytes=%" PRId64
           "\n%s_resident_bytes_per_record=%.1f\n",
           name, seconds, name, records, name, (double)records / seconds, name,
           spent_s * 1e6 * of_each, name, read_bytes, name, grown_bytes, name,
           (double)grown_bytes * of_each);
    disk_settle(); /* so that nothing is left to do for the next start */
    durable_stop(&durable);
    return true;
}

/* --- Processes ------------------------------------------------------------------------------- */

enum task { MAKE, COLD, WARM };

static bool run_task(const struct settings *line, enum task task, struct error *error)
{
    struct city city;
    if (!city_init(&city, &line->size, error))
        return false;
    bool done = task == MAKE ? make(line, &city, error)
                             : start(line, &city, task == COLD ? "cold" : "warm", error);
    city_release(&city);
    return done;
}

/* In a child, which says itself what went wrong. */
static bool run_apart(const struct settings *line, enum task task)
{
    int status = 0;
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        struct error error = {0};
        bool done = run_task(line, task, &error);
        if (!done)
            fprintf(stderr, "bench_boot: %s\n", error.text);
        exit(done ? EXIT_SUCCESS : EXIT_FAILURE);
    }
    if (child < 0) {
        fprintf(stderr, "bench_boot: fork: %s\n", strerror(errno));
        return false;
    }
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    return WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS;
}

static bool run(const struct settings *line)
{
    if (line->make && !run_apart(line, MAKE))
        return false;
    printf("disk_bytes=%" PRId64 "\n", disk_bytes(line->directory));
    disk_forget(line->directory);
    if (line->drop_caches)
        printf("caches_dropped=%s\n", disk_drop_caches() ? "yes" : "no, that needs root");
    return run_apart(line, COLD) && run_apart(line, WARM);
}

static const struct argp_option option_table[] = {
    {"directory", 'd', "DIR", 0, "The data directory", 0},
    {"vacancies", 'v', "N", 0, "Records that --make makes (default 100000)", 0},
    {"applicants", 'a', "N", 0, "Likewise (default 300000)", 0},
    {"seed", 's', "N", 0, "Of the market (default 1)", 0},
    {"workers", OPTION_WORKERS, "N", 0,
     "The engine's (default: as the daemon); starts with one "
     "thread more",
     0},
    {"drop-caches", OPTION_DROP, NULL, 0,
     "Drop all of the machine's caches before the cold start, not just the files'", 0},
    {"make", OPTION_MAKE, NULL, 0, "Fill the directory first, which has no records yet", 0},
    {0}};

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct settings *line = state->input;
    switch (key) {
    case 'd':
        line->directory = argument;
        break;
    case 'v':
        line->size.vacancies =
            (size_t)argument_number(state, "vacancies", argument, 1, COUNT_LIMIT);
        break;
    case 'a':
        line->size.applicants =
            (size_t)argument_number(state, "applicants", argument, 1, COUNT_LIMIT);
        break;
    case 's':
        line->size.seed = (uint64_t)argument_number(state, "seed", argument, 0, INT64_MAX);
        break;
    case OPTION_WORKERS:
        line->worker_count = (uint32_t)argument_number(state, "workers", argument, 1, 63);
        break;
    case OPTION_DROP:
        line->drop_caches = true;
        break;
    case OPTION_MAKE:
        line->make = true;
        break;
    case ARGP_KEY_ARG:
        argp_error(state, "unexpected argument '%s'", argument);
        break;
    case ARGP_KEY_END:
        if (!line->directory)
            argp_error(state, "--directory is missing");
        break;
    default:
        return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

/* How many wanted a core in the last minute: wall times of a busy machine mean little. */
static void print_load(void)
{
    double load = 0;
    if (getloadavg(&load, 1) == 1)
        printf("load_before=%.2f\n", load);
}

int main(int argc, char **argv)
{
    const struct argp argp = {.options = option_table,
                              .parser = parse_option,
                              .doc = "Measures starts of an engine from a data directory."};
    struct settings line = {.size = {1, 100000, 300000}};
    argp_parse(&argp, argc, argv, 0, NULL, &line);
    machine_print();
    print_load();
    printf("seed=%" PRIu64 "\n", line.size.seed);
    return run(&line) ? EXIT_SUCCESS : EXIT_FAILURE;
}
