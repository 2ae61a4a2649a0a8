/* See store.h: single values, scans over the records, walks over the history. */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "store/store_internal.h"
#include "store/value.h"

#include "base/banned.h"

bool store_enter(struct store *store, struct error *error)
{
    if (pthread_rwlock_tryrdlock(&store->lock) != 0) /* a search worker does not wait */
        return error_set(error, ERROR_UNAVAILABLE, "the store is being opened again");
    if (store->rocks.db)
        return true;
    pthread_rwlock_unlock(&store->lock);
    return error_set(error, ERROR_UNAVAILABLE, "the store is closed after a failure");
}

void store_leave(struct store *store)
{
    pthread_rwlock_unlock(&store->lock);
}

/* --- Single values ---------------------------------------------------------------------------- */

/* A copy in `buffer`. The store's lock is held, or nobody else has the store. */
static enum store_found get(const struct store *store, enum rocks_family family, struct str key,
                            struct buffer *buffer, struct error *error)
{
    char *message = NULL;
    size_t size_bytes = 0;
    enum store_found found = STORE_ABSENT;
    rocksdb_pinnableslice_t *slice =
        rocksdb_get_pinned_cf(store->rocks.db, store->setup.reading, store->rocks.families[family],
                              key.data, key.length, &message);
    const char *bytes = slice ? rocksdb_pinnableslice_value(slice, &size_bytes) : NULL;
    buffer_clear(buffer);
    if (message) {
        found = STORE_FAILED;
        rocks_fail(message, "read", error);
    } else if (bytes) {
        found = STORE_FOUND;
        if (!buffer_append(buffer, bytes, size_bytes)) {
            found = STORE_FAILED;
            error_set(error, ERROR_RESOURCE_EXHAUSTED, "no memory for %zu bytes of the store",
                      size_bytes);
        }
    }
    if (slice)
        rocksdb_pinnableslice_destroy(slice);
    return found;
}

static enum store_found get_entered(struct store *store, enum rocks_family family, struct str key,
                                    struct buffer *buffer, struct error *error)
{
    if (!store_enter(store, error))
        return STORE_FAILED;
    enum store_found found = get(store, family, key, buffer, error);
    store_leave(store);
    return found;
}

static enum store_found damaged(struct error *error, const char *what, struct str key)
{
    char text[256];
    error_set(error, ERROR_DATA_LOSS, "%s %s is damaged: its checksum is wrong", what,
              log_quote(text, sizeof text, key));
    return STORE_FAILED;
}

static enum store_found damaged_change(struct error *error, uint64_t sequence)
{
    error_set(error, ERROR_DATA_LOSS, "change %" PRIu64 " is damaged: its checksum is wrong",
              sequence);
    return STORE_FAILED;
}

enum store_found store_get(struct store *store, struct str key, struct buffer *buffer,
                           struct store_record *out, struct error *error)
{
    enum store_found found = get_entered(store, FAMILY_RECORDS, key, buffer, error);
    if (found == STORE_FOUND && !value_read_record(key, buffer_borrow(buffer), out))
        return damaged(error, "record", key);
    return found;
}

enum store_found store_get_change(struct store *store, uint64_t sequence, struct buffer *buffer,
                                  struct store_change *out, struct error *error)
{
    char key[VALUE_SEQUENCE_KEY_BYTES];
    value_sequence_key(sequence, key);
    const struct str name = {key, sizeof key};
    if (sequence < store_first_held(store)) /* also when what is there was not yet cleared away */
        return STORE_ABSENT;
    enum store_found found = get_entered(store, FAMILY_HISTORY, name, buffer, error);
    if (found == STORE_FOUND && !value_read_change(name, buffer_borrow(buffer), out))
        return damaged_change(error, sequence);
    return found;
}

enum store_found store_get_meta(struct store *store, struct str name, struct buffer *buffer,
                                struct str *out, struct error *error)
{
    enum store_found found = get(store, FAMILY_META, name, buffer, error);
    if (found == STORE_FOUND && !value_read_note(name, buffer_borrow(buffer), out))
        return damaged(error, "meta", name);
    return found;
}

/* What the notes add up to. */
static bool add_notes(const struct store *store, uint64_t *sum, struct error *error)
{
    char *message = NULL;
    bool is_sound = true;
    rocksdb_iterator_t *iterator = rocksdb_create_iterator_cf(store->rocks.db, store->setup.reading,
                                                              store->rocks.families[FAMILY_META]);
    *sum = 0;
    for (rocksdb_iter_seek_to_first(iterator); is_sound && rocksdb_iter_valid(iterator);
         rocksdb_iter_next(iterator)) {
        size_t name_bytes, value_bytes;
        const char *data = rocksdb_iter_key(iterator, &name_bytes);
        const struct str name = {data, (uint32_t)name_bytes};
        data = rocksdb_iter_value(iterator, &value_bytes);
        struct str bytes;
        is_sound = value_read_note(name, (struct str){data, (uint32_t)value_bytes}, &bytes);
        if (!is_sound)
            damaged(error, "meta", name);
        else if (str_starts_with(name, STR(META_NOTE)))
            *sum += value_noted(name, bytes);
    }
    rocksdb_iter_get_error(iterator, &message);
    rocksdb_iter_destroy(iterator);
    return message ? rocks_fail(message, "read", error) : is_sound;
}

bool store_get_state(struct store *store, struct state *out, struct error *error)
{
    struct buffer buffer;
    struct str bytes = {0};
    uint64_t note_sum;
    buffer_init(&buffer, STORE_KEY_LIMIT_BYTES);
    enum store_found found = store_get_meta(store, META_STATE, &buffer, &bytes, error);
    bool is_read = found == STORE_FOUND && value_read_state(bytes, out);
    buffer_release(&buffer);
    if (found == STORE_FAILED)
        return false;
    if (!is_read)
        return error_set(error, ERROR_DATA_LOSS, "its state is missing");
    return add_notes(store, &note_sum, error) &&
           (note_sum == out->note_sum ||
            error_set(error, ERROR_DATA_LOSS, "a note in meta was lost or came back"));
}

enum store_found store_get_note(struct store *store, struct str name, struct buffer *buffer,
                                struct str *out, struct error *error)
{
    char full[sizeof META_NOTE + STORE_NAME_LIMIT_BYTES];
    assert(name.length <= STORE_NAME_LIMIT_BYTES);
    int length = snprintf(full, sizeof full, META_NOTE "%.*s", STR_ARG(name));
    if (!store_enter(store, error))
        return STORE_FAILED;
    enum store_found found =
        store_get_meta(store, (struct str){full, (uint32_t)length}, buffer, out, error);
    store_leave(store);
    return found;
}

/* --- Scans ------------------------------------------------------------------------------------ */

/* An iterator with its options; of scans and walks. */
struct cursor {
    struct store *store;
    rocksdb_readoptions_t *options;
    rocksdb_iterator_t *iterator;
    struct buffer until; /* exclusive; empty: to the end. RocksDB keeps a pointer to it */
};

struct store_scan {
    struct cursor cursor;
    const rocksdb_snapshot_t *snapshot; /* of the first of its siblings; NULL: not its own */
    struct buffer last;                 /* the key before, for errors */
    uint64_t sum;                       /* of what it gave */
    bool begun;
};

static void cursor_open(struct cursor *cursor, struct store *store, enum rocks_family family,
                        const rocksdb_snapshot_t *snapshot)
{
    cursor->store = store;
    cursor->options = rocksdb_readoptions_create();
    rocksdb_readoptions_set_fill_cache(cursor->options, 0); /* leaves the searches theirs */
    rocksdb_readoptions_set_readahead_size(cursor->options, 1 << 20);
    if (snapshot)
        rocksdb_readoptions_set_snapshot(cursor->options, snapshot);
    if (cursor->until.length_bytes > 0)
        rocksdb_readoptions_set_iterate_upper_bound(cursor->options, cursor->until.data,
                                                    cursor->until.length_bytes);
    cursor->iterator =
        rocksdb_create_iterator_cf(store->rocks.db, cursor->options, store->rocks.families[family]);
}

static void cursor_close(struct cursor *cursor)
{
    if (cursor->iterator)
        rocksdb_iter_destroy(cursor->iterator);
    if (cursor->options)
        rocksdb_readoptions_destroy(cursor->options);
    buffer_release(&cursor->until);
}

/* Key and value where it stands. */
static enum store_found cursor_read(struct cursor *cursor, struct str *key, struct str *value,
                                    struct error *error)
{
    char *message = NULL;
    size_t key_bytes, value_bytes;
    if (!rocksdb_iter_valid(cursor->iterator)) {
        rocksdb_iter_get_error(cursor->iterator, &message);
        if (!message)
            return STORE_ABSENT;
        rocks_fail(message, "read", error);
        return STORE_FAILED;
    }
    key->data = rocksdb_iter_key(cursor->iterator, &key_bytes);
    value->data = rocksdb_iter_value(cursor->iterator, &value_bytes);
    key->length = (uint32_t)key_bytes;
    value->length = (uint32_t)value_bytes;
    return STORE_FOUND;
}

static int compare_texts(const void *a, const void *b)
{
    return str_compare(*(const struct str *)a, *(const struct str *)b);
}

/* Where parts may begin: the smallest keys of the records' files, in order. The texts are those of
 * `files`. Returns how many. */
static size_t list_bounds(const rocksdb_livefiles_t *files, struct str *bounds)
{
    size_t count = 0;
    for (int i = 0; i < rocksdb_livefiles_count(files); i++) {
        size_t size_bytes;
        const char *family = rocksdb_livefiles_column_family_name(files, i);
        const char *key = rocksdb_livefiles_smallestkey(files, i, &size_bytes);
        if (str_equal(str_of(family), str_of(rocks_family_name(FAMILY_RECORDS))))
            bounds[count++] = (struct str){key, (uint32_t)size_bytes};
    }
    if (count > 0)
        qsort(bounds, count, sizeof *bounds, compare_texts);
    return count;
}

/* Ends part i where part i + 1 begins. False when there is no memory. */
static bool set_ends(struct store *store, size_t count, struct store_scan **scans)
{
    const rocksdb_livefiles_t *files = rocksdb_livefiles(store->rocks.db);
    size_t file_count = (size_t)rocksdb_livefiles_count(files);
    struct str *bounds = memory_try_zeroed(file_count + 1, sizeof *bounds);
    bool set = bounds != NULL;
    size_t bound_count = set ? list_bounds(files, bounds) : 0;
    for (size_t i = 0; set && bound_count > 0 && i + 1 < count; i++)
        set = buffer_append_str(&scans[i]->cursor.until, bounds[(i + 1) * bound_count / count]);
    memory_free(bounds);
    rocksdb_livefiles_destroy(files);
    return set;
}

static struct store_scan *new_scan(void)
{
    struct store_scan *scan = memory_try_zeroed(1, sizeof *scan);
    if (scan) {
        buffer_init(&scan->cursor.until, STORE_KEY_LIMIT_BYTES);
        buffer_init(&scan->last, STORE_KEY_LIMIT_BYTES);
    }
    return scan;
}

/* Each begins where the one before it ends. */
static void open_scans(struct store *store, size_t count, struct store_scan **scans)
{
    struct buffer *from = NULL;
    const rocksdb_snapshot_t *snapshot = rocksdb_create_snapshot(store->rocks.db);
    scans[0]->snapshot = snapshot;
    for (size_t i = 0; i < count; i++) {
        struct cursor *cursor = &scans[i]->cursor;
        cursor_open(cursor, store, FAMILY_RECORDS, snapshot);
        if (from && from->length_bytes > 0)
            rocksdb_iter_seek(cursor->iterator, from->data, from->length_bytes);
        else if (i == 0)
            rocksdb_iter_seek_to_first(cursor->iterator);
        from = &cursor->until;
    }
}

bool store_scans_new(struct store *store, size_t count, struct store_scan **scans,
                     struct error *error)
{
    bool made = true;
    assert(count >= 1);
    for (size_t i = 0; i < count; i++)
        made = (scans[i] = new_scan()) && made;
    bool entered = made && store_enter(store, error);
    if (entered) {
        made = set_ends(store, count, scans);
        if (made)
            open_scans(store, count, scans);
        store_leave(store);
    }
    if (entered && made)
        return true;
    for (size_t i = 0; i < count; i++)
        store_scan_free(scans[i]);
    return made ? false
                : error_set(error, ERROR_RESOURCE_EXHAUSTED, "no memory for a scan of the store");
}

void store_scan_free(struct store_scan *scan)
{
    if (!scan)
        return;
    cursor_close(&scan->cursor);
    if (scan->snapshot)
        rocksdb_release_snapshot(scan->cursor.store->rocks.db, scan->snapshot);
    buffer_release(&scan->last);
    memory_free(scan);
}

enum store_found store_scan_next(struct store_scan *scan, struct store_record *out,
                                 struct error *error)
{
    struct str key, value;
    char text[256];
    if (scan->begun && rocksdb_iter_valid(scan->cursor.iterator))
        rocksdb_iter_next(scan->cursor.iterator);
    scan->begun = true;
    enum store_found found = cursor_read(&scan->cursor, &key, &value, error);
    if (found == STORE_FOUND && !value_read_record(key, value, out))
        return damaged(error, "record", key);
    if (found == STORE_FAILED && error)
        error_set(error, error->code, "%s (behind record %s)", error->text,
                  log_quote(text, sizeof text, buffer_borrow(&scan->last)));
    if (found == STORE_FOUND) {
        scan->sum += value_made(out->sequence, out->key);
        buffer_clear(&scan->last);
        buffer_append_str(&scan->last, key);
    }
    return found;
}

uint64_t store_scan_sum(const struct store_scan *scan)
{
    return scan->sum;
}

bool store_check_sum(const struct store *store, uint64_t sum, struct error *error)
{
    return sum == store->state.record_sum ||
           error_set(error, ERROR_DATA_LOSS,
                     "the records are not those of change %" PRIu64
                     ": one at least was lost or came back",
                     store->state.sequence);
}

/* --- Walks ------------------------------------------------------------------------------------ */

struct store_walk {
    struct cursor cursor;
    uint64_t next;
    uint64_t end; /* the newest change when it began: it gets so far at least */
    bool begun;
};

static bool check_held(const struct store *store, uint64_t from, struct error *error)
{
    uint64_t first = store_first_held(store), newest = store_sequence(store);
    if (from >= first && from <= newest + 1)
        return true;
    if (from < first)
        return error_set(error, ERROR_OUT_OF_RANGE,
                         "change %" PRIu64 " is no longer held: the oldest is %" PRIu64, from,
                         first);
    return error_set(error, ERROR_OUT_OF_RANGE,
                     "change %" PRIu64 " has not been made: the newest is %" PRIu64, from, newest);
}

struct store_walk *store_walk_new(struct store *store, uint64_t from, struct error *error)
{
    char key[VALUE_SEQUENCE_KEY_BYTES];
    if (!check_held(store, from, error))
        return NULL;
    struct store_walk *walk = memory_try_zeroed(1, sizeof *walk);
    if (!walk) {
        error_set(error, ERROR_RESOURCE_EXHAUSTED, "no memory for a walk over the history");
        return NULL;
    }
    if (!store_enter(store, error)) {
        memory_free(walk);
        return NULL;
    }
    walk->next = from;
    walk->end = store_sequence(store);
    cursor_open(&walk->cursor, store, FAMILY_HISTORY, NULL);
    value_sequence_key(from, key);
    rocksdb_iter_seek(walk->cursor.iterator, key, sizeof key);
    if (check_held(store, from, error)) /* still, now that the iterator keeps it */
        return walk;                    /* and stays inside */
    store_walk_free(walk);
    return NULL;
}

void store_walk_free(struct store_walk *walk)
{
    if (!walk)
        return;
    cursor_close(&walk->cursor);
    store_leave(walk->cursor.store);
    memory_free(walk);
}

enum store_found store_walk_next(struct store_walk *walk, struct store_change *out,
                                 struct error *error)
{
    struct str key, value;
    uint64_t sequence;
    if (walk->begun && rocksdb_iter_valid(walk->cursor.iterator))
        rocksdb_iter_next(walk->cursor.iterator);
    walk->begun = true;
    enum store_found found = cursor_read(&walk->cursor, &key, &value, error);
    if (found == STORE_FAILED && error)
        error_set(error, error->code, "%s (at change %" PRIu64 ")", error->text, walk->next);
    if (found == STORE_FAILED || (found == STORE_ABSENT && walk->next > walk->end))
        return found;
    if (found == STORE_ABSENT || !value_read_sequence_key(key, &sequence) ||
        sequence != walk->next) {
        error_set(error, ERROR_DATA_LOSS, "change %" PRIu64 " is missing", walk->next);
        return STORE_FAILED;
    }
    if (!value_read_change(key, value, out))
        return damaged_change(error, sequence);
    walk->next++;
    return STORE_FOUND;
}
