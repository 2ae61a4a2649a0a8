/* See store.h: opening, committing, and what follows a failure. */
#include "store/store_internal.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "store/batch.h"
#include "store/value.h"

#include "base/banned.h"

enum { DEFAULT_CACHE_BYTES = 64 << 20 };

/* --- Meta ------------------------------------------------------------------------------------ */

static void put_meta(const struct store *store, rocksdb_writebatch_t *rocks_batch, struct str name,
                     struct str bytes)
{
    char head[VALUE_HASH_BYTES];
    value_note_head(name, bytes, head);
    const char *keys[] = {name.data}, *values[] = {head, bytes.data};
    const size_t key_sizes[] = {name.length}, value_sizes[] = {sizeof head, bytes.length};
    rocksdb_writebatch_putv_cf(rocks_batch, store->rocks.families[FAMILY_META], 1, keys, key_sizes,
                               2, values, value_sizes);
}

static void put_meta_number(const struct store *store, rocksdb_writebatch_t *rocks_batch,
                            struct str name, uint64_t number)
{
    char bytes[VALUE_SEQUENCE_KEY_BYTES];
    value_sequence_key(number, bytes);
    put_meta(store, rocks_batch, name, (struct str){bytes, sizeof bytes});
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
    uint64_t format;
    if (!store_get_meta_number(store, META_FORMAT, &format, error))
        return false;
    if (format == STORE_FORMAT)
        return true;
    if (format == 0)
        return error_set(error, ERROR_DATA_LOSS, "its format version is missing");
    return error_set(error, ERROR_FAILED_PRECONDITION,
                     "is of format version %" PRIu64 "; this program knows versions 1 to %d",
                     format, STORE_FORMAT);
}

/* What is known from meta. */
static bool read_meta(struct store *store, struct error *error)
{
    uint64_t sequence, first, day;
    if (!check_format(store, error) ||
        !store_get_meta_number(store, META_SEQUENCE, &sequence, error) ||
        !store_get_meta_number(store, META_FIRST, &first, error) ||
        !store_get_meta_number(store, META_DAY, &day, error))
        return false;
    if (sequence < store->mark.sequence)
        return error_set(error, ERROR_DATA_LOSS,
                         "change %" PRIu64 " was acknowledged, and the log ends with %" PRIu64
                         ": changes were lost",
                         store->mark.sequence, sequence);
    atomic_store(&store->sequence, sequence);
    atomic_store(&store->first_held, first > 0 ? first : 1);
    store->has_day = day > 0;
    store->day = day > 0 ? (int32_t)((int64_t)day - 1 + INT32_MIN) : 0; /* as encode makes it */
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
    char *message = NULL;
    if (!rocks_open(&store->rocks, &store->setup, store->database, ROCKS_CREATE, error))
        return false;
    rocksdb_writebatch_t *batch = rocksdb_writebatch_create();
    put_meta_number(store, batch, META_FORMAT, STORE_FORMAT);
    rocksdb_write(store->rocks.db, store->setup.synced, batch, &message);
    rocksdb_writebatch_destroy(batch);
    if (!message && read_meta(store, error))
        return true;
    if (message)
        rocks_fail(message, "made", error);
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
        return mark_open(&store->mark, store->directory, error);
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
    return mark_create(&store->mark, store->directory, 0, error);
}

/* A store whose making was cut short has nothing acknowledged in it: it is made again. */
static bool was_never_used(struct store *store)
{
    struct error ignored;
    if (store->read_only || store->mark.sequence > 0)
        return false;
    if (open_database(store, ROCKS_READ_ONLY, &ignored)) {
        rocks_close(&store->rocks);
        return false;
    }
    return true;
}

static bool open_all(struct store *store, struct error *error)
{
    if (!open_mark(store, error))
        return false;
    bool opened =
        was_never_used(store) ? create_database(store, error) : open_existing(store, error);
    if (opened) {
        mark_advance(&store->mark, store_sequence(store));
        return true;
    }
    mark_close(&store->mark);
    return fail_at(store, error);
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

struct store *store_open(const struct store_options *options, struct error *error)
{
    struct store *store = memory_try_zeroed(1, sizeof *store);
    if (!store || pthread_rwlock_init(&store->lock, NULL) != 0) {
        memory_free(store);
        error_set(error, ERROR_RESOURCE_EXHAUSTED, "no memory for the store");
        return NULL;
    }
    store->log = options->log;
    store->read_only = options->read_only;
    store->directory = join(options->directory, "");
    store->database = join(options->directory, "/db");
    if (!store->directory || !store->database) {
        error_set(error, ERROR_RESOURCE_EXHAUSTED, "no memory for the store");
        release(store);
        return NULL;
    }
    size_t cache_bytes = options->cache_bytes ? options->cache_bytes : DEFAULT_CACHE_BYTES;
    if (!rocks_setup_init(&store->setup, cache_bytes, options->log))
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
    *day = store->day;
    return store->has_day;
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

static void put_note(const struct store *store, rocksdb_writebatch_t *batch,
                     const struct store_change *change)
{
    char name[sizeof META_NOTE + STORE_NAME_LIMIT_BYTES];
    assert(change->key.length <= STORE_NAME_LIMIT_BYTES);
    int length = snprintf(name, sizeof name, META_NOTE "%.*s", STR_ARG(change->key));
    put_meta(store, batch, (struct str){name, (uint32_t)length}, change->bytes);
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

static rocksdb_writebatch_t *encode(const struct store *store, const struct store_batch *batch)
{
    rocksdb_writebatch_t *out = rocksdb_writebatch_create();
    for (size_t i = 0; i < batch->count; i++) {
        const struct store_change change = batch_change(batch, i);
        if (change.kind == STORE_NOTE)
            put_note(store, out, &change);
        else
            put_record(store, out, &change);
        put_history(store, out, &change);
    }
    if (batch->count > 0)
        put_meta_number(store, out, META_SEQUENCE, batch->items[batch->count - 1].change.sequence);
    if (batch->has_day) /* above 0, which is none */
        put_meta_number(store, out, META_DAY, (uint64_t)((int64_t)batch->day - INT32_MIN + 1));
    return out;
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
    char *message = NULL;
    rocksdb_writebatch_t *encoded = encode(store, batch);
    rocksdb_write(store->rocks.db, store->setup.synced, encoded, &message);
    rocksdb_writebatch_destroy(encoded);
    if (message) {
        store->failed = true;
        rocks_fail(message, "written", &store->failure);
        *error = store->failure;
        return false;
    }
    if (batch->count > 0) {
        atomic_store(&store->sequence, batch->items[batch->count - 1].change.sequence);
        mark_advance(&store->mark, store_sequence(store));
    }
    if (batch->has_day) {
        store->has_day = true;
        store->day = batch->day;
    }
    return true;
}

bool store_reopen(struct store *store, uint64_t *record_count, struct error *error)
{
    struct error problem = {0};
    pthread_rwlock_wrlock(&store->lock);
    rocks_close(&store->rocks);
    bool reopened = open_existing(store, &problem);
    pthread_rwlock_unlock(&store->lock);
    if (reopened && store_verify(store, record_count, &problem)) {
        store->failed = false;
        mark_advance(&store->mark, store_sequence(store));
        return true;
    }
    store->failed = true;
    fail_at(store, &problem);
    store->failure = problem;
    *error = problem;
    return false;
}
