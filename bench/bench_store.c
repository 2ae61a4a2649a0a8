/* What does durability cost, from the bare disk up to the engine?
 *
 *   file     write and fdatasync: groups of records, 1 MiB, 4 KiB; before and after all others
 *   new      N + N records through an engine with a data directory, 1024 under way
 *   updates  the same for changes that replace records in random order
 *   sync     one upsert at a time, each waited for
 *   idle     --searches: one caller searches, nothing changes
 *   loaded   --searches: the same, with as many updates as there can be
 *   store    the same new records and updates by store_commit in batches, without an engine
 *
 * All on one disk in one run, of changes encoded before. Prints name=value lines.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "arguments.h"
#include "base/memory.h"
#include "disk.h"
#include "distribution.h"
#include "durable.h"
#include "machine.h"
#include "searcher.h"
#include "stock.h"
#include "store/store.h"
#include "window.h"

#include "base/banned.h"

enum {
    GROUP_RECORDS = 1000,
    SYNC_UPSERTS = 2000,
    FILE_WRITES = 200, /* of each size */
    LARGE_BYTES = 1 << 20,
    SMALL_BYTES = 4096,
    QUERY_COUNT = 2000,
    MATCHES = 50,
    SEARCH_S = 10, /* of each phase */
    SEARCHES_PER_SECOND_LIMIT = 200000,
    CHANGES_LIMIT = 100000000,
    UNDER_WAY_LIMIT = 8192, /* the engine's queue */
    GROUP_LIMIT = 100000,
    OPTION_SEARCHES = 256,
    OPTION_UNDER_WAY,
    OPTION_GROUP,
};

struct settings {
    const char *directory;
    struct city_size size;
    size_t changes, under_way;
    uint32_t group_limit; /* 0: the daemon's */
    bool searches;
};

struct bench {
    const struct settings *options;
    char directory[DISK_PATH_LIMIT_BYTES]; /* fresh, below the given one */
    struct city city;
    struct stock fresh, updates; /* the records, and what replaces them */
    struct durable durable;
    struct window window;
    struct workload workload; /* queries alone */
    struct searcher searcher;
};

/* --- What a phase takes ---------------------------------------------------------------------- */

struct phase {
    int64_t begin_ns, cpu_ns;
    uint64_t written_bytes;
};

static int64_t cpu_ns(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * INT64_C(1000000000) +
           (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * INT64_C(1000);
}

static struct phase phase_begin(void)
{
    return (struct phase){clock_monotonic_ns(), cpu_ns(), disk_traffic().written_bytes};
}

static void phase_print(const struct phase *phase, const char *name, uint64_t count)
{
    double seconds = (double)(clock_monotonic_ns() - phase->begin_ns) / 1e9;
    double of_each = count > 0 ? 1.0 / (double)count : 0.0;
    printf("%s_per_s=%.0f\n%s_cpu_us_each=%.2f\n%s_written_bytes_each=%.0f\n", name,
           (double)count / seconds, name, (double)(cpu_ns() - phase->cpu_ns) / 1e3 * of_each, name,
           (double)(disk_traffic().written_bytes - phase->written_bytes) * of_each);
}

/* --- A plain file ---------------------------------------------------------------------------- */

static bool path_of(const struct bench *bench, const char *name, char out[DISK_PATH_LIMIT_BYTES],
                    struct error *error)
{
    return snprintf(out, DISK_PATH_LIMIT_BYTES, "%s/%s", bench->directory, name) <
               DISK_PATH_LIMIT_BYTES ||
           error_set(error, ERROR_INVALID_ARGUMENT, "'%s' is too long a path", bench->directory);
}

static bool write_through(int fd, const char *bytes, size_t size_bytes, int64_t *sync_ns,
                          struct error *error)
{
    for (size_t done = 0; done < size_bytes;) {
        ssize_t written = write(fd, bytes + done, size_bytes - done);
        if (written < 0 && errno != EINTR)
            return error_set(error, ERROR_UNAVAILABLE, "write: %s", strerror(errno));
        done += written > 0 ? (size_t)written : 0;
    }
    int64_t begin_ns = clock_monotonic_ns();
    if (fdatasync(fd) != 0)
        return error_set(error, ERROR_UNAVAILABLE, "fdatasync: %s", strerror(errno));
    *sync_ns = clock_monotonic_ns() - begin_ns;
    return true;
}

static bool measure_writes(int fd, const char *name, size_t size_bytes, struct error *error)
{
    int64_t sync_ns[FILE_WRITES];
    char *bytes = memory_must_zeroed(1, size_bytes);
    bool written = true;
    for (size_t i = 0; i < FILE_WRITES && written; i++)
        written = write_through(fd, bytes, size_bytes, &sync_ns[i], error);
    memory_free(bytes);
    if (!written)
        return false;
    struct distribution spent = distribution_of(sync_ns, FILE_WRITES);
    printf("%s_p50_us=%.0f\n%s_p99_us=%.0f\n", name, spent.p50_us, name, spent.p99_us);
    return true;
}

static bool measure_groups(int fd, const struct stock *stock, const char *name, struct error *error)
{
    struct buffer group;
    size_t group_count = (stock->count + GROUP_RECORDS - 1) / GROUP_RECORDS;
    int64_t *sync_ns = memory_must_zeroed(group_count + 1, sizeof *sync_ns);
    bool written = true;
    buffer_init(&group, SIZE_MAX / 2);
    struct phase phase = phase_begin();
    for (size_t i = 0; i < group_count && written; i++) {
        buffer_clear(&group);
        for (size_t j = i * GROUP_RECORDS; j < (i + 1) * GROUP_RECORDS && j < stock->count; j++) {
            buffer_append_str(&group, stock_key(&stock->items[j]));
            buffer_append_str(&group, stock_record(&stock->items[j]));
        }
        written = write_through(fd, group.data, group.length_bytes, &sync_ns[i], error);
    }
    if (written) {
        struct distribution spent = distribution_of(sync_ns, group_count);
        phase_print(&phase, name, stock->count);
        printf("%s_group_fdatasync_p50_us=%.0f\n%s_group_fdatasync_p99_us=%.0f\n", name,
               spent.p50_us, name, spent.p99_us);
    }
    buffer_release(&group);
    memory_free(sync_ns);
    return written;
}

/* `again` goes in front of the names. */
static bool measure_file(const struct bench *bench, const char *again, struct error *error)
{
    char path[DISK_PATH_LIMIT_BYTES], name[64];
    if (!path_of(bench, "file", path, error))
        return false;
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0666);
    if (fd < 0)
        return error_set(error, ERROR_UNAVAILABLE, "'%s': %s", path, strerror(errno));
    snprintf(name, sizeof name, "%sfile", again);
    bool measured = measure_groups(fd, &bench->fresh, name, error);
    snprintf(name, sizeof name, "%sfdatasync_1m", again);
    measured = measured && measure_writes(fd, name, LARGE_BYTES, error);
    snprintf(name, sizeof name, "%sfdatasync_4k", again);
    measured = measured && measure_writes(fd, name, SMALL_BYTES, error);
    close(fd);
    unlink(path);
    return measured;
}

/* --- The engine ------------------------------------------------------------------------------ */

static void send_all(struct bench *bench, const struct stock *stock, const char *name)
{
    struct window *window = &bench->window;
    window_clear_counts(window, true);
    struct phase phase = phase_begin();
    for (size_t i = 0; i < stock->count; i++)
        window_send(window, stock_request(&stock->items[i]));
    window_wait(window);
    phase_print(&phase, name, stock->count);
    printf("%s_refused=%" PRIu64 "\n%s_group_mean=%.1f\n", name, window->refused, name,
           window->group_count > 0 ? (double)window->applied / (double)window->group_count : 0.0);
}

static void print_sizes(struct bench *bench, const char *name)
{
    struct engine_stats stats;
    engine_stats(bench->durable.engine, &stats);
    double count = (double)(stats.vacancy_count + stats.applicant_count);
    int64_t bytes = disk_bytes(bench->directory);
    printf("%s_disk_bytes=%" PRId64 "\n%s_disk_bytes_per_record=%.1f\n"
           "%s_disk_records_bytes=%" PRIu64 "\n%s_disk_history_bytes=%" PRIu64 "\n",
           name, bytes, name, (double)bytes / count, name, stats.records_bytes, name,
           stats.history_bytes);
}

static void load(struct bench *bench)
{
    int64_t before_bytes = machine_anonymous_bytes();
    send_all(bench, &bench->fresh, "new_records");
    int64_t grown_bytes = machine_anonymous_bytes() - before_bytes;
    printf("resident_bytes=%" PRId64 "\nresident_bytes_per_record=%.1f\n", grown_bytes,
           (double)grown_bytes / (double)bench->fresh.count);
    print_sizes(bench, "new");
}

static void measure_sync(struct bench *bench)
{
    int64_t spent_ns[SYNC_UPSERTS];
    const struct stock *updates = &bench->updates;
    size_t count = updates->count < SYNC_UPSERTS ? updates->count : SYNC_UPSERTS;
    window_clear_counts(&bench->window, false);
    for (size_t i = 0; i < count; i++) {
        int64_t begin_ns = clock_monotonic_ns();
        window_send(&bench->window, stock_request(&updates->items[updates->count - 1 - i]));
        window_wait(&bench->window);
        spent_ns[i] = clock_monotonic_ns() - begin_ns;
    }
    struct distribution spent = distribution_of(spent_ns, count);
    printf("sync_upsert_mean_us=%.0f\nsync_upsert_p50_us=%.0f\nsync_upsert_p99_us=%.0f\n",
           spent.mean_us, spent.p50_us, spent.p99_us);
}

/* --- Searches -------------------------------------------------------------------------------- */

static bool searches_init(struct bench *bench, struct error *error)
{
    const struct city_options city = {.ranking = RANK_VACANCIES,
                                      .size = bench->options->size,
                                      .query_limit = QUERY_COUNT,
                                      .fill = {.threads = 1}};
    bench->workload.ranking = RANK_VACANCIES;
    if (!city_fill_queries(&bench->workload, &bench->city, &city, error))
        return false;
    if (bench->workload.query_count == 0)
        return error_set(error, ERROR_INVALID_ARGUMENT, "nobody in this market can ask");
    struct searcher *searcher = &bench->searcher;
    searcher->engine = bench->durable.engine;
    searcher->workload = &bench->workload;
    searcher->profile = &bench->durable.profile;
    searcher->k = MATCHES;
    searcher->question_limit = SIZE_MAX;
    searcher->spent_limit = (size_t)SEARCH_S * SEARCHES_PER_SECOND_LIMIT;
    searcher->spent_ns = memory_must_zeroed(searcher->spent_limit, sizeof *searcher->spent_ns);
    return true;
}

/* Updates go round as long as the searcher runs. */
static void press(struct bench *bench)
{
    const struct stock *updates = &bench->updates;
    uint64_t count = 0;
    int64_t begin_ns = clock_monotonic_ns();
    window_clear_counts(&bench->window, false);
    for (; searcher_is_running(&bench->searcher); count++)
        window_send(&bench->window, stock_request(&updates->items[count % updates->count]));
    window_wait(&bench->window);
    printf("loaded_updates_per_s=%.0f\n",
           (double)count * 1e9 / (double)(clock_monotonic_ns() - begin_ns));
}

static bool search(struct bench *bench, const char *name, bool with_changes,
                   struct distribution *spent, struct error *error)
{
    struct searcher *searcher = &bench->searcher;
    searcher->spent_count = 0;
    searcher->until_ns = clock_monotonic_ns() + SEARCH_S * INT64_C(1000000000);
    if (!searcher_start(searcher, error))
        return false;
    if (with_changes)
        press(bench);
    if (!searcher_wait(searcher, error))
        return false;
    *spent = distribution_of(searcher->spent_ns, searcher->spent_count);
    printf("%s_searches=%zu\n%s_search_p50_us=%.1f\n%s_search_p99_us=%.1f\n", name,
           searcher->spent_count, name, spent->p50_us, name, spent->p99_us);
    return true;
}

static bool measure_searches(struct bench *bench, struct error *error)
{
    struct distribution idle, loaded;
    searcher_init(&bench->searcher);
    bool searched = searches_init(bench, error) && search(bench, "idle", false, &idle, error) &&
                    search(bench, "loaded", true, &loaded, error);
    if (searched)
        printf("search_p50_ratio=%.2f\nsearch_p99_ratio=%.2f\n", loaded.p50_us / idle.p50_us,
               loaded.p99_us / idle.p99_us);
    searcher_release(&bench->searcher);
    memory_free(bench->searcher.spent_ns);
    workload_release(&bench->workload);
    return searched;
}

static bool measure_engine(struct bench *bench, struct error *error)
{
    char path[DISK_PATH_LIMIT_BYTES];
    if (!path_of(bench, "engine", path, error))
        return false;
    const struct durable_options options = {.city = &bench->city,
                                            .directory = path,
                                            .worker_count = 1,
                                            .group_limit = bench->options->group_limit,
                                            .log_level = LOG_WARNING};
    if (!durable_start(&bench->durable, &options, error))
        return false;
    window_init(&bench->window, bench->durable.engine, bench->options->under_way);
    load(bench);
    send_all(bench, &bench->updates, "updates");
    disk_settle();
    print_sizes(bench, "updated");
    measure_sync(bench);
    disk_settle();
    bool measured = !bench->options->searches || measure_searches(bench, error);
    durable_stop(&bench->durable);
    window_release(&bench->window);
    disk_remove(path);
    return measured;
}

/* --- The store alone ------------------------------------------------------------------------- */

struct bare {
    struct store *store;
    struct store_batch *batch;
    uint64_t *sequences[2]; /* of the newest change of a record, by kind and index; 0: none */
    uint64_t sequence;
    int32_t day;
};

static bool commit(struct bare *bare, struct error *error)
{
    bool committed = store_commit(bare->store, bare->batch, error);
    store_batch_clear(bare->batch);
    return committed;
}

static bool commit_all(struct bare *bare, const struct stock *stock, const char *name,
                       struct error *error)
{
    struct phase phase = phase_begin();
    for (size_t i = 0; i < stock->count; i++) {
        const struct stock_item *item = &stock->items[i];
        uint64_t *newest = &bare->sequences[item->kind == RECORD_APPLICANT][item->index];
        const struct store_change change = {
            .sequence = ++bare->sequence,
            .time_ms = (int64_t)bare->day * 24 * 3600 * 1000,
            .kind = STORE_PUT,
            .day = bare->day,
            .before = *newest,
            .key = stock_key(item),
            .bytes = stock_record(item),
        };
        *newest = bare->sequence;
        if (!store_batch_add(bare->batch, &change))
            return error_set(error, ERROR_RESOURCE_EXHAUSTED, "no memory for a batch");
        if (store_batch_count(bare->batch) == GROUP_RECORDS && !commit(bare, error))
            return false;
    }
    if (!commit(bare, error))
        return false;
    phase_print(&phase, name, stock->count);
    return true;
}

static bool measure_store(struct bench *bench, struct error *error)
{
    char path[DISK_PATH_LIMIT_BYTES];
    const struct city_size *size = &bench->options->size;
    if (!path_of(bench, "store", path, error))
        return false;
    const struct store_options options = {.directory = path, .log = &bench->durable.log};
    struct bare bare = {
        .store = store_open(&options, error),
        .batch = store_batch_new(),
        .sequences = {memory_must_zeroed(size->vacancies, sizeof(uint64_t)),
                      memory_must_zeroed(size->applicants, sizeof(uint64_t))},
        .day = bench->city.today,
    };
    bool measured =
        bare.store && (bare.batch || error_set(error, ERROR_RESOURCE_EXHAUSTED, "no memory"));
    int64_t begin_ns = clock_monotonic_ns();
    measured = measured && commit_all(&bare, &bench->fresh, "store_new", error) &&
               commit_all(&bare, &bench->updates, "store_updates", error);
    if (measured)
        printf("rocksdb_batch_per_s=%.0f\n",
               (double)bare.sequence / ((double)(clock_monotonic_ns() - begin_ns) / 1e9));
    store_close(bare.store);
    store_batch_free(bare.batch);
    memory_free(bare.sequences[0]);
    memory_free(bare.sequences[1]);
    disk_remove(path);
    return measured;
}

/* --- Life ------------------------------------------------------------------------------------ */

static bool stock_up(struct bench *bench, struct error *error)
{
    const struct city_size *size = &bench->options->size;
    const struct stock_market market = {&bench->city, *size, machine_cores()};
    if (!stock_fill_new(&bench->fresh, &market, 0, size->vacancies + size->applicants, error) ||
        !stock_fill_updates(&bench->updates, &market, &bench->fresh, bench->options->changes,
                            error))
        return false;
    printf("records=%zu\nrecords_refused=%zu\nupdates=%zu\nraw_bytes_per_record=%.1f\n",
           bench->fresh.count, bench->fresh.refused, bench->updates.count,
           (double)bench->fresh.bytes / (double)bench->fresh.count);
    return true;
}

static bool run(const struct settings *options, struct error *error)
{
    struct bench *bench = memory_must_zeroed(1, sizeof *bench);
    bench->options = options;
    bool done = disk_make_directory(options->directory, bench->directory, error);
    bool has_city = done && city_init(&bench->city, &options->size, error);
    done = has_city && stock_up(bench, error) && measure_file(bench, "", error) &&
           measure_engine(bench, error) && measure_store(bench, error) &&
           measure_file(bench, "again_", error);
    if (bench->directory[0])
        disk_remove(bench->directory);
    stock_release(&bench->fresh);
    stock_release(&bench->updates);
    if (has_city)
        city_release(&bench->city);
    memory_free(bench);
    return done;
}

static const struct argp_option option_table[] = {
    {"directory", 'd', "DIR", 0, "A fresh directory is made below it (default build)", 0},
    {"vacancies", 'v', "N", 0, "Records of the market (default 100000)", 0},
    {"applicants", 'a', "N", 0, "Likewise (default 300000)", 0},
    {"changes", 'c', "N", 0, "Updates (default 400000)", 0},
    {"seed", 's', "N", 0, "Of the market (default 1)", 0},
    {"under-way", OPTION_UNDER_WAY, "N", 0, "Changes sent and not yet answered (default 1024)", 0},
    {"group", OPTION_GROUP, "N", 0, "Changes in one publication at the most (default 1000)", 0},
    {"searches", OPTION_SEARCHES, NULL, 0, "Measure searches too, idle and under full load", 0},
    {0}};

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct settings *options = state->input;
    switch (key) {
    case 'd':
        options->directory = argument;
        break;
    case 'v':
        options->size.vacancies =
            (size_t)argument_number(state, "vacancies", argument, 1, CHANGES_LIMIT);
        break;
    case 'a':
        options->size.applicants =
            (size_t)argument_number(state, "applicants", argument, 1, CHANGES_LIMIT);
        break;
    case 'c':
        options->changes = (size_t)argument_number(state, "changes", argument, 1, CHANGES_LIMIT);
        break;
    case 's':
        options->size.seed = (uint64_t)argument_number(state, "seed", argument, 0, INT64_MAX);
        break;
    case OPTION_UNDER_WAY:
        options->under_way =
            (size_t)argument_number(state, "under-way", argument, 1, UNDER_WAY_LIMIT);
        break;
    case OPTION_GROUP:
        options->group_limit = (uint32_t)argument_number(state, "group", argument, 1, GROUP_LIMIT);
        break;
    case OPTION_SEARCHES:
        options->searches = true;
        break;
    case ARGP_KEY_ARG:
        argp_error(state, "unexpected argument '%s'", argument);
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
    const struct argp argp = {
        .options = option_table,
        .parser = parse_option,
        .doc =
            "Measures durable changes: through the engine, by the store alone, to a plain file."};
    struct settings options = {.directory = "build",
                               .size = {1, 100000, 300000},
                               .changes = 400000,
                               .under_way = WINDOW_DEFAULT_JOBS};
    struct error error = {0};
    argp_parse(&argp, argc, argv, 0, NULL, &options);
    setlinebuf(stdout);
    machine_print();
    print_load();
    printf("seed=%" PRIu64 "\nvacancies=%zu\napplicants=%zu\nunder_way=%zu\n", options.size.seed,
           options.size.vacancies, options.size.applicants, options.under_way);
    bool done = run(&options, &error);
    if (!done)
        fprintf(stderr, "bench_store: %s\n", error.text);
    return done ? EXIT_SUCCESS : EXIT_FAILURE;
}
