/* See store.h: trimming, backup, checking. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "store/rebuild.h"
#include "store/store_internal.h"
#include "store/value.h"

#include "base/banned.h"

enum { COPY_CACHE_BYTES = 1 << 20, LOOK_UP_EVERY = 4096 };

#define DAY_NS (INT64_C(24) * 3600 * 1000000000)

/* --- Trimming ----------------------------------------------------------------------------------
 */

/* The first change in [first, newest] that was made at `before_ms` or later, by halving: their
 * times are in order but for steps of the clock. Changes that cannot be read count as late. */
static uint64_t find_time(struct store *store, uint64_t first, uint64_t newest, int64_t before_ms)
{
    struct buffer buffer;
    buffer_init(&buffer, UINT32_MAX);
    while (first < newest) {
        uint64_t middle = first + (newest - first) / 2;
        struct store_change change;
        if (store_get_change(store, middle, &buffer, &change, NULL) == STORE_FOUND &&
            change.time_ms < before_ms)
            first = middle + 1;
        else
            newest = middle;
    }
    buffer_release(&buffer);
    return first;
}

static uint64_t property(const struct store *store, enum rocks_family family, const char *name)
{
    uint64_t value = 0;
    rocksdb_property_int_cf(store->rocks.db, store->rocks.families[family], name, &value);
    return value;
}

/* What the changes from `first` on take on disk. Tables alone would not tell: what was forgotten
 * stays in them until they are compacted. */
static uint64_t held_bytes(const struct store *store, uint64_t first)
{
    char from[VALUE_SEQUENCE_KEY_BYTES], to[VALUE_SEQUENCE_KEY_BYTES], *message = NULL;
    const char *starts[] = {from}, *ends[] = {to};
    const size_t sizes[] = {VALUE_SEQUENCE_KEY_BYTES};
    uint64_t bytes = 0;
    value_sequence_key(first, from);
    value_sequence_key(UINT64_MAX, to);
    rocksdb_approximate_sizes_cf(store->rocks.db, store->rocks.families[FAMILY_HISTORY], 1, starts,
                                 sizes, ends, sizes, &bytes, &message);
    rocksdb_free(message);
    return bytes;
}

/* So many of the oldest as the history is too large by. */
static uint64_t find_size(const struct store *store, uint64_t first, uint64_t newest,
                          uint64_t limit_bytes)
{
    uint64_t size_bytes = held_bytes(store, first);
    if (size_bytes <= limit_bytes || newest <= first)
        return first;
    double share = (double)(size_bytes - limit_bytes) / (double)size_bytes;
    return first + (uint64_t)(share * (double)(newest - first));
}

/* As one change of the database: what is forgotten, and that it is. Whoever begins to walk behind
 * this finds what it was promised: the new end is told first. */
static bool forget(struct store *store, uint64_t cut, struct error *error)
{
    char *message = NULL, from[VALUE_SEQUENCE_KEY_BYTES], to[VALUE_SEQUENCE_KEY_BYTES];
    rocksdb_column_family_handle_t *history = store->rocks.families[FAMILY_HISTORY];
    struct state state = store->state;
    value_sequence_key(0, from); /* what an earlier cut went through is whole now */
    value_sequence_key(cut, to);
    state.first = cut;
    state.write_count++;
    atomic_store(&store->first_held, cut);
    rocksdb_writebatch_t *batch = rocksdb_writebatch_create();
    rocksdb_writebatch_delete_range_cf(batch, history, from, sizeof from, to, sizeof to);
    if (!store_write(store, batch, &state, error))
        return false;
    /* Whole tables go at once, their last key included; the rest goes when it is compacted. */
    value_sequence_key(cut - 1, to);
    rocksdb_delete_file_in_range_cf(store->rocks.db, history, from, sizeof from, to, sizeof to,
                                    &message);
    rocksdb_free(message);
    return true;
}

/* So that what was erased leaves the log, and comes into tables that are compacted in time. */
static void flush_daily(struct store *store)
{
    char *message = NULL;
    int64_t now_ns = clock_monotonic_ns();
    if (now_ns - store->flushed_ns < DAY_NS)
        return;
    store->flushed_ns = now_ns;
    rocksdb_flushoptions_t *options = rocksdb_flushoptions_create();
    rocksdb_flushoptions_set_wait(options, 0);
    for (size_t family = 0; family < FAMILY_COUNT; family++) {
        rocksdb_flush_cf(store->rocks.db, options, store->rocks.families[family], &message);
        rocksdb_free(message); /* the next write tells */
        message = NULL;
    }
    rocksdb_flushoptions_destroy(options);
}

bool store_trim(struct store *store, int64_t before_ms, uint64_t limit_bytes, struct error *error)
{
    uint64_t first = store_first_held(store), newest = store_sequence(store);
    if (store->failed) {
        *error = store->failure;
        return false;
    }
    if (newest <= first)
        return true;
    flush_daily(store);
    uint64_t by_size = find_size(store, first, newest, limit_bytes);
    uint64_t cut = find_time(store, by_size, newest, before_ms);
    return cut == first || forget(store, cut, error);
}

void store_sizes(struct store *store, struct store_sizes *out)
{
    *out = (struct store_sizes){0};
    if (!store_enter(store, NULL))
        return;
    out->records_bytes = property(store, FAMILY_RECORDS, "rocksdb.live-sst-files-size");
    out->history_bytes = property(store, FAMILY_HISTORY, "rocksdb.live-sst-files-size");
    for (size_t family = 0; family < FAMILY_COUNT; family++)
        out->memory_bytes += property(store, family, "rocksdb.cur-size-all-mem-tables");
    out->memory_bytes += rocksdb_cache_get_usage(store->setup.cache);
    store_leave(store);
}

/* --- Backup ------------------------------------------------------------------------------------
 */

static bool checkpoint(struct store *store, const char *database, struct error *error)
{
    char *message = NULL;
    if (!store_enter(store, error))
        return false;
    rocksdb_checkpoint_t *object = rocksdb_checkpoint_object_create(store->rocks.db, &message);
    if (!message)
        rocksdb_checkpoint_create(object, database, 0 /* what is in memory is written */, &message);
    if (object)
        rocksdb_checkpoint_object_destroy(object);
    store_leave(store);
    return !message || rocks_fail(message, "copied", error);
}

/* Of a copy, which is read as one would read it later. */
static bool read_state(const struct store *store, const char *database, struct state *state,
                       struct error *error)
{
    struct store copy = {.directory = store->directory};
    bool is_read = rocks_setup_init(&copy.setup, COPY_CACHE_BYTES, store->log) &&
                   rocks_open(&copy.rocks, &copy.setup, database, ROCKS_READ_ONLY, error) &&
                   store_get_state(&copy, state, error);
    rocks_close(&copy.rocks);
    rocks_setup_release(&copy.setup);
    return is_read;
}

/* The mark comes last: a copy that was cut short is no store. */
bool store_backup(struct store *store, const char *directory, uint64_t *sequence,
                  struct error *error)
{
    char database[4096];
    struct mark mark;
    struct state state;
    if (directory[0] != '/')
        return error_field(error, "not_absolute", "directory", directory,
                           "is not an absolute path, and the daemon's place is not yours");
    if (snprintf(database, sizeof database, "%s/db", directory) >= (int)sizeof database)
        return error_field(error, "too_long", "directory", directory, "is too long a path");
    if (mkdir(directory, 0700) != 0)
        return error_field(error, "not_made", "directory", directory, "cannot be made: %s",
                           strerror(errno));
    if (!checkpoint(store, database, error) || !read_state(store, database, &state, error) ||
        !mark_create(&mark, directory, state.sequence, state.write_count, error)) {
        rebuild_remove(directory); /* or the next try would find it there */
        return false;
    }
    *sequence = state.sequence;
    mark_close(&mark);
    return mark_sync_names(directory, error);
}

/* --- Checking ----------------------------------------------------------------------------------
 */

static bool check_sequence(const struct store *store, const struct store_record *record,
                           struct error *error)
{
    char text[256];
    if (record->sequence >= 1 && record->sequence <= store_sequence(store))
        return true;
    return error_set(
        error, ERROR_DATA_LOSS, "record %s is of change %" PRIu64 ", the newest is %" PRIu64,
        log_quote(text, sizeof text, record->key), record->sequence, store_sequence(store));
}

/* What its changes made, less what they replaced and what is there: 0 in a sound store. */
static bool check_history(struct store *store, uint64_t *sum, uint64_t *count, struct error *error)
{
    struct store_change change;
    enum store_found found;
    uint64_t first = store_first_held(store);
    struct store_walk *walk = store_walk_new(store, first, error);
    if (!walk)
        return false;
    *count = 0;
    while ((found = store_walk_next(walk, &change, error)) == STORE_FOUND) {
        ++*count;
        if (change.kind == STORE_PUT || change.kind == STORE_TURN)
            *sum += value_made(change.sequence, change.key);
        if (change.before >= first)
            *sum -= value_made(change.before, change.key);
    }
    store_walk_free(walk);
    return found == STORE_ABSENT;
}

static bool check_records(struct store *store, uint64_t *sum, uint64_t *count, struct error *error)
{
    struct store_scan *scan;
    struct store_record record;
    enum store_found found;
    *count = 0;
    if (!store_scans_new(store, 1, &scan, error))
        return false;
    while ((found = store_scan_next(scan, &record, error)) == STORE_FOUND) {
        if (!check_sequence(store, &record, error)) {
            found = STORE_FAILED;
            break;
        }
        if (++*count % LOOK_UP_EVERY == 0 && store->is_stopped &&
            store->is_stopped(store->context)) {
            error_set(error, ERROR_CANCELLED, "it was stopped");
            found = STORE_FAILED;
            break;
        }
        if (record.sequence >= store_first_held(store))
            *sum -= value_made(record.sequence, record.key);
    }
    uint64_t scan_sum = store_scan_sum(scan);
    store_scan_free(scan);
    return found == STORE_ABSENT && store_check_sum(store, scan_sum, error);
}

bool store_verify(struct store *store, uint64_t *count, struct error *error)
{
    uint64_t sum = 0;
    return check_records(store, &sum, count, error);
}

bool store_check(struct store *store, struct store_findings *out, struct error *error)
{
    uint64_t sum = 0;
    if (!check_records(store, &sum, &out->record_count, error) ||
        !check_history(store, &sum, &out->change_count, error))
        return false;
    return sum == 0 || error_set(error, ERROR_DATA_LOSS,
                                 "records and history disagree: a record was lost or came back");
}
