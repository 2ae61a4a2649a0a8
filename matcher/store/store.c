/* See store.h: opening, committing, and what follows a failure. */
#include "store/store_internal.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "store/batch.h"
#include "store/value.h"

#include "base/banned.h"

enum { DEFAULT_CACHE_BYTES = 64 << 20, PATH_LIMIT_BYTES = 4096, ERASE_DAYS = 30 };

/* --- Meta ------------------------------------------------------------------------------------ */

void store_put_meta(const struct store *store, rocksdb_writebatch_t *batch, struct str name,
                    struct str bytes)
{
    char head[VALUE_HASH_BYTES];
    value_note_head(name, bytes, head);
    const char *keys[] = {name.data}, *values[] = {head, bytes.data};
    const size_t key_sizes[] = {name.length}, value_sizes[] = {sizeof head, bytes.length};
    rocksdb_writebatch_putv_cf(batch, store->rocks.families[FAMILY_META], 1, keys, key_sizes, 2,
                               values, value_sizes);
}

static void set_state(struct store *store, const struct state *state)
{
    store->state = *state;
    atomic_store(&store->sequence, state->sequence);
    atomic_store(&store->first_held, state->first);
}

bool store_write(struct store *store, rocksdb_writebatch_t *batch, const struct state *state,
                 struct error *error)
{
    char bytes[VALUE_STATE_BYTES], *message = NULL;
    value_state(state, bytes);
    store_put_meta(store, batch, META_STATE, (struct str){bytes, sizeof bytes});
    rocksdb_write(store->rocks.db, store->setup.synced, batch, &message);
    rocksdb_writebatch_destroy(batch);
    if (message) {
        store->failed = true;
        rocks_fail(message, "written", &store->failure);
        if (error)
            *error = store->failure;
        return false;
    }
    set_state(store, state);
    mark_advance(&store->mark, state->sequence, state->write_count);
    return true;
}

/* --- Opening --------------------------------------------------------------------------------- */

/* The text of an error gets its place in front. Always false. */
static bool fail_at(const struct store *store, struct error *error)
{
    if (error)
        error_set(error, error->code, "store '%s': %s", store->directory, error->text);
    return false;
}

static bool check_format(struct store *store, struct error *error)
{
    struct buffer buffer;
    struct str bytes;
    uint64_t format = 0;
    buffer_init(&buffer, STORE_KEY_LIMIT_BYTES);
    enum store_found found = store_get_meta(store, META_FORMAT, &buffer, &bytes, error);
    if (found == STORE_FOUND)
        value_read_sequence_key(bytes, &format);
    buffer_release(&buffer);
    if (found == STORE_FAILED || format == STORE_FORMAT)
        return found != STORE_FAILED;
    if (format == 0)
        return error_set(error, ERROR_DATA_LOSS, "its format version is missing");
    return error_set(error, ERROR_FAILED_PRECONDITION,
                     "is of format version %" PRIu64 "; this program knows versions 1 to %d",
                     format, STORE_FORMAT);
}

/* What is known from meta. */
static bool read_meta(struct store *store, struct error *error)
{
    struct state state;
    if (!check_format(store, error) || !store_get_state(store, &state, error))
        return false;
    if (state.sequence < store->mark.sequence)
        return error_set(error, ERROR_DATA_LOSS,
                         "change %" PRIu64 " was acknowledged, and the log ends with %" PRIu64
                         ": changes were lost",
                         store->mark.sequence, state.sequence);
    if (state.write_count < store->mark.write_count)
        return error_set(error, ERROR_DATA_LOSS,
                         "write %" PRIu64 " was made, and the log ends with %" PRIu64
                         ": a day or a trim of the history was lost",
                         store->mark.write_count, state.write_count);
    set_state(store, &state);
    return true;
}

static bool open_database(struct store *store, enum rocks_mode mode, struct error *error)
{
    if (!rocks_open(&store->rocks, &store->setup, store->database, mode, error))
        return false;
    if (read_meta(store, error))
        return true;
    rocks_close(&store->rocks);
    return false;
}

/* Looks first, without touching anything: opening for writing drops what it cannot read of the
 * log, and with it the traces of damage. */
static bool open_existing(struct store *store, struct error *error)
{
    if (!open_database(store, ROCKS_READ_ONLY, error))
        return false;
    if (store->read_only)
        return true;
    uint64_t sequence = store_sequence(store);
    rocks_close(&store->rocks);
    if (!open_database(store, ROCKS_WRITE, error))
        return false;
    if (store_sequence(store) == sequence)
        return true;
    rocks_close(&store->rocks);
    return error_set(error, ERROR_DATA_LOSS, "its newest change was %" PRIu64 " and is %" PRIu64,
                     sequence, store_sequence(store));
}

static bool create_database(struct store *store, struct error *error)
{
    char version[VALUE_SEQUENCE_KEY_BYTES];
    const struct state state = {.first = 1};
    mkdir(store->database, 0700); /* or RocksDB logs that it is not there */
    if (!rocks_open(&store->rocks, &store->setup, store->database, ROCKS_CREATE, error))
        return false;
    rocksdb_writebatch_t *batch = rocksdb_writebatch_create();
    value_sequence_key(STORE_FORMAT, version);
    store_put_meta(store, batch, META_FORMAT, (struct str){version, sizeof version});
    if (store_write(store, batch, &state, error))
        return true;
    rocks_close(&store->rocks);
    return false;
}

static bool directory_is_empty(const char *directory)
{
    DIR *listing = opendir(directory);
    bool is_empty = listing != NULL;
    for (struct dirent *entry; is_empty && (entry = readdir(listing));)
        is_empty = str_equal(str_of(entry->d_name), STR(".")) ||
                   str_equal(str_of(entry->d_name), STR("..")) ||
                   str_equal(str_of(entry->d_name), STR("MARK.new"));
    if (listing)
        closedir(listing);
    return is_empty;
}

/* A lock and a mark: those that are there, or those of a new store. */
static bool open_mark(struct store *store, struct error *error)
{
    if (store->read_only || mark_exists(store->directory))
        return mark_open(&store->mark, store->directory, store->read_only, error);
    if (access(store->database, F_OK) == 0)
        return error_set(error, ERROR_DATA_LOSS, "store '%s': MARK is missing, db is there",
                         store->directory);
    if (mkdir(store->directory, 0700) != 0 && errno != EEXIST)
        return error_set(error, ERROR_UNAVAILABLE, "store '%s': cannot be made: %s",
                         store->directory, strerror(errno));
    if (!directory_is_empty(store->directory))
        return error_set(error, ERROR_FAILED_PRECONDITION,
                         "store '%s': the directory holds other files and no store",
                         store->directory);
    return mark_create(&store->mark, store->directory, 0, 0, error);
}

/* A store whose making was cut short has nothing acknowledged in it: it is made again. It lacks the
 * file that RocksDB makes last, or families, or its first state; all other trouble is damage. */
static bool was_never_used(struct store *store)
{
    struct error error = {0};
    struct buffer buffer;
    struct str bytes;
    char current[PATH_LIMIT_BYTES];
    if (store->read_only || store->mark.sequence > 0 || store->mark.write_count > 0)
        return false;
    if (snprintf(current, sizeof current, "%s/CURRENT", store->database) >= (int)sizeof current ||
        access(current, F_OK) != 0)
        return true;
    if (!rocks_open(&store->rocks, &store->setup, store->database, ROCKS_READ_ONLY, &error))
        return strstr(error.text, "Column famil") != NULL;
    buffer_init(&buffer, STORE_KEY_LIMIT_BYTES);
    bool has_state = store_get_meta(store, META_STATE, &buffer, &bytes, &error) != STORE_ABSENT;
    buffer_release(&buffer);
    rocks_close(&store->rocks);
    return !has_state;
}

/* The database, once the mark is there. */
static bool open_checked(struct store *store, struct error *error)
{
    bool opened =
        was_never_used(store) ? create_database(store, error) : open_existing(store, error);
    if (!opened)
        return fail_at(store, error);
    if (store->read_only || mark_sync_names(store->directory, error))
        return true;
    rocks_close(&store->rocks);
    return false;
}

static bool open_all(struct store *store, struct error *error)
{
    if (!open_mark(store, error))
        return false;
    if (open_checked(store, error)) {
        if (!store->read_only)
            mark_advance(&store->mark, store->state.sequence, store->state.write_count);
        return true;
    }
    mark_close(&store->mark);
    return false;
}

static char *join(const char *directory, const char *name)
{
    size_t size_bytes = strlen(directory) + strlen(name) + 1;
    char *path = memory_try(size_bytes);
    if (path)
        snprintf(path, size_bytes, "%s%s", directory, name);
    return path;
}

static void release(struct store *store)
{
    pthread_rwlock_destroy(&store->lock);
    memory_free(store->directory);
    memory_free(store->database);
    memory_free(store);
}

/* Whoever reopens comes before those who read: they only try. */
static bool init_lock(pthread_rwlock_t *lock)
{
    pthread_rwlockattr_t attributes;
    pthread_rwlockattr_init(&attributes);
    pthread_rwlockattr_setkind_np(&attributes, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    bool initialised = pthread_rwlock_init(lock, &attributes) == 0;
    pthread_rwlockattr_destroy(&attributes);
    return initialised;
}

struct store *store_open(const struct store_options *options, struct error *error)
{
    struct store *store = memory_try_zeroed(1, sizeof *store);
    if (!store || !init_lock(&store->lock)) {
        memory_free(store);
        error_set(error, ERROR_RESOURCE_EXHAUSTED, "no memory for the store");
        return NULL;
    }
    store->log = options->log;
    store->read_only = options->read_only;
    store->is_stopped = options->is_stopped;
    store->context = options->context;
    store->flushed_ns = clock_monotonic_ns();
    store->directory = join(options->directory, "");
    store->database = join(options->directory, "/db");
    if (!store->directory || !store->database) {
        error_set(error, ERROR_RESOURCE_EXHAUSTED, "no memory for the store");
        release(store);
        return NULL;
    }
    size_t cache_bytes = options->cache_bytes ? options->cache_bytes : DEFAULT_CACHE_BYTES;
    if (!rocks_setup_init(&store->setup, cache_bytes, options->log) ||
        !rocks_set_period(&store->setup, options->erase_days ? options->erase_days : ERASE_DAYS))
        error_set(error, ERROR_RESOURCE_EXHAUSTED, "no memory for the store");
    else if (open_all(store, error))
        return store;
    rocks_setup_release(&store->setup);
    release(store);
    return NULL;
}

void store_close(struct store *store)
{
    if (!store)
        return;
    rocks_close(&store->rocks);
    mark_close(&store->mark);
    rocks_setup_release(&store->setup);
    release(store);
}

uint64_t store_sequence(const struct store *store)
{
    return atomic_load(&store->sequence);
}

uint64_t store_first_held(const struct store *store)
{
    return atomic_load(&store->first_held);
}

bool store_day(const struct store *store, int32_t *day)
{
    *day = store->state.day;
    return store->state.has_day;
}

/* --- Committing ------------------------------------------------------------------------------ */

static void put_record(const struct store *store, rocksdb_writebatch_t *batch,
                       const struct store_change *change)
{
    rocksdb_column_family_handle_t *family = store->rocks.families[FAMILY_RECORDS];
    if (change->kind == STORE_REMOVE) {
        rocksdb_writebatch_delete_cf(batch, family, change->key.data, change->key.length);
        return;
    }
    char head[VALUE_RECORD_HEAD_BYTES];
    const struct store_record record = {
        .sequence = change->sequence,
        .day = change->day,
        .key = change->key,
        .bytes = change->bytes,
    };
    value_record_head(&record, head);
    const char *keys[] = {change->key.data}, *values[] = {head, change->bytes.data};
    const size_t key_sizes[] = {change->key.length};
    const size_t value_sizes[] = {sizeof head, change->bytes.length};
    rocksdb_writebatch_putv_cf(batch, family, 1, keys, key_sizes, 2, values, value_sizes);
}

/* The note that it replaces no longer counts. False when that cannot be read. */
static bool put_note(struct store *store, rocksdb_writebatch_t *batch,
                     const struct store_change *change, struct state *state, struct error *error)
{
    char text[sizeof META_NOTE + STORE_NAME_LIMIT_BYTES];
    struct buffer buffer;
    struct str before;
    assert(change->key.length <= STORE_NAME_LIMIT_BYTES);
    int length = snprintf(text, sizeof text, META_NOTE "%.*s", STR_ARG(change->key));
    const struct str name = {text, (uint32_t)length};
    buffer_init(&buffer, UINT32_MAX);
    enum store_found found = store_get_meta(store, name, &buffer, &before, error);
    if (found == STORE_FOUND)
        state->note_sum -= value_noted(name, before);
    state->note_sum += value_noted(name, change->bytes);
    store_put_meta(store, batch, name, change->bytes);
    buffer_release(&buffer);
    return found != STORE_FAILED;
}

static void put_history(const struct store *store, rocksdb_writebatch_t *batch,
                        const struct store_change *change)
{
    char key[VALUE_SEQUENCE_KEY_BYTES], head[VALUE_CHANGE_HEAD_BYTES];
    value_sequence_key(change->sequence, key);
    value_change_head(change, head);
    const char *keys[] = {key}, *values[] = {head, change->key.data, change->bytes.data};
    const size_t key_sizes[] = {sizeof key};
    const size_t value_sizes[] = {sizeof head, change->key.length, change->bytes.length};
    rocksdb_writebatch_putv_cf(batch, store->rocks.families[FAMILY_HISTORY], 1, keys, key_sizes, 3,
                               values, value_sizes);
}

/* One change, and what becomes of the state with it. */
static bool encode_change(struct store *store, rocksdb_writebatch_t *out,
                          const struct store_change *change, struct state *state,
                          struct error *error)
{
    state->sequence = change->sequence;
    put_history(store, out, change);
    if (change->kind == STORE_NOTE)
        return put_note(store, out, change, state, error);
    put_record(store, out, change);
    if (change->before > 0)
        state->record_sum -= value_made(change->before, change->key);
    if (change->kind != STORE_REMOVE)
        state->record_sum += value_made(change->sequence, change->key);
    return true;
}

bool store_commit(struct store *store, const struct store_batch *batch, struct error *error)
{
    if (store->failed) {
        *error = store->failure;
        return false;
    }
    assert(!store->read_only);
    if (batch->count == 0 && !batch->has_day)
        return true;
    assert(batch->count == 0 || batch->items[0].change.sequence == store_sequence(store) + 1);
    struct state state = store->state;
    rocksdb_writebatch_t *encoded = rocksdb_writebatch_create();
    for (size_t i = 0; i < batch->count; i++) {
        const struct store_change change = batch_change(batch, i);
        if (!encode_change(store, encoded, &change, &state, error)) {
            store->failed = true;
            store->failure = *error;
            rocksdb_writebatch_destroy(encoded);
            return false;
        }
    }
    state.write_count++;
    state.has_day = state.has_day || batch->has_day;
    state.day = batch->has_day ? batch->day : state.day;
    return store_write(store, encoded, &state, error);
}

bool store_reopen(struct store *store, uint64_t *record_count, struct error *error)
{
    struct error problem = {0};
    pthread_rwlock_wrlock(&store->lock);
    rocks_close(&store->rocks);
    bool reopened = open_existing(store, &problem);
    if (!reopened) /* what can be read is read */
        open_database(store, ROCKS_READ_ONLY, NULL);
    pthread_rwlock_unlock(&store->lock);
    if (reopened && store_verify(store, record_count, &problem)) {
        store->failed = false;
        mark_advance(&store->mark, store->state.sequence, store->state.write_count);
        return true;
    }
    store->failed = true;
    fail_at(store, &problem);
    store->failure = problem;
    *error = problem;
    return false;
}
