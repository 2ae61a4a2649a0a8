/* See store.h. What can be read is copied into a new store; the damaged one stays as it is.
 *
 *   records  --values with a right checksum--> new records
 *            --a block that cannot be read: its keys are a lost range, the walk goes on behind it
 *   history  --lost ranges and records get their newest state from it
 *            --from behind the last gap on--> new history
 */
#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/memory.h"
#include "store/rebuild.h"
#include "store/store_internal.h"
#include "store/value.h"

#include "base/banned.h"

enum {
    LEVEL_BYTES = 8,
    LEVEL_COUNT = 4, /* behind so many digits the keys of a lost range are not told apart */
    TEXT_BYTES = 400,
    PATH_BYTES = 4096,
};

static_assert((int)LEVEL_BYTES == (int)VALUE_SEQUENCE_KEY_BYTES, "digits are written as sequences");

/* Keys of which some were not read: from .. to, both included; empty: from the first, to the last.
 */
struct lost_range {
    struct buffer from, to;
};

struct repair {
    const struct store_repair_options *options;
    struct store_repair_result *result;
    struct rocks_setup setup;
    struct rocks old;
    struct store *store;     /* the new one */
    struct lost_range *lost; /* of records; owned */
    size_t lost_count, lost_capacity;
    struct state old_state; /* what the old one says of itself; zeros: that is lost */
    struct state state;     /* of the new one, as it grows; first: of the last part without a gap */
    char work[PATH_BYTES];  /* where a database is rebuilt */
    struct error *error;
};

/* --- Telling ---------------------------------------------------------------------------------- */

static void tell(struct repair *repair, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void tell(struct repair *repair, const char *format, ...)
{
    char text[3 * TEXT_BYTES];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    repair->result->loss_count++;
    repair->options->on_loss(repair->options->context, text);
}

static bool no_memory(struct repair *repair)
{
    return error_set(repair->error, ERROR_RESOURCE_EXHAUSTED, "no memory for the repair");
}

/* --- A walk that goes on behind damage -------------------------------------------------------- */

struct reading {
    struct repair *repair;
    enum rocks_family family;
    rocksdb_readoptions_t *options;
    rocksdb_iterator_t *iterator; /* where the walk is */
};

static rocksdb_iterator_t *new_iterator(const struct reading *reading)
{
    const struct rocks *old = &reading->repair->old;
    return rocksdb_create_iterator_cf(old->db, reading->options, old->families[reading->family]);
}

/* Whether a walk can stand at the key, or behind all: by an iterator of its own, because one that
 * has met damage may go on telling of it elsewhere (RocksDB 7.8 keeps a block by its offset). */
static bool is_readable(const struct reading *reading, struct str key)
{
    char *message = NULL;
    rocksdb_iterator_t *iterator = new_iterator(reading);
    rocksdb_iter_seek(iterator, key.data, key.length);
    if (!rocksdb_iter_valid(iterator))
        rocksdb_iter_get_error(iterator, &message);
    rocksdb_iter_destroy(iterator);
    bool readable = message == NULL;
    rocksdb_free(message);
    return readable;
}

/* Eight bytes of a key, as a number; what it has not is 0. */
static uint64_t digit_of(struct str key, size_t level)
{
    char bytes[LEVEL_BYTES] = {0};
    uint64_t digit = 0;
    size_t start = level * LEVEL_BYTES;
    if (start < key.length)
        memcpy(bytes, key.data + start,
               key.length - start < LEVEL_BYTES ? key.length - start : LEVEL_BYTES);
    value_read_sequence_key((struct str){bytes, sizeof bytes},
                            &digit); /* big-endian, as order is */
    return digit;
}

/* The key becomes the one that has this digit at the level, and nothing behind. */
static void set_digit(struct buffer *key, size_t level, uint64_t digit)
{
    char bytes[LEVEL_BYTES];
    value_sequence_key(digit, bytes);
    key->length_bytes = level * LEVEL_BYTES;
    buffer_append(key, bytes, sizeof bytes);
}

static bool try_digit(const struct reading *reading, struct buffer *key, size_t level,
                      uint64_t digit)
{
    set_digit(key, level, digit);
    return !key->failed && is_readable(reading, buffer_borrow(key));
}

/* The nearest digit above `from` at which the walk can stand, by steps that double and then halve.
 */
static bool find_digit(const struct reading *reading, struct buffer *key, size_t level,
                       uint64_t from)
{
    uint64_t low = from, high = from, step = 1;
    do {
        if (step == 0 || step > UINT64_MAX - from)
            return false;
        low = high;
        high = from + step;
        step *= 2;
    } while (!try_digit(reading, key, level, high));
    while (high - low > 1) {
        uint64_t middle = low + (high - low) / 2;
        if (try_digit(reading, key, level, middle))
            high = middle;
        else
            low = middle;
    }
    set_digit(key, level, high);
    return !key->failed;
}

/* The nearest key behind `last` from which on can be read. False: there is none. */
static bool find_next(const struct reading *reading, struct str last, struct buffer *key)
{
    size_t deepest = last.length / LEVEL_BYTES;
    if (deepest >= LEVEL_COUNT)
        deepest = LEVEL_COUNT - 1;
    for (size_t level = deepest + 1; level-- > 0;) {
        buffer_clear(key);
        if (buffer_append(key, last.data, level * LEVEL_BYTES) &&
            find_digit(reading, key, level, digit_of(last, level)))
            return true;
    }
    return false;
}

struct walker {
    /* False ends the walk: an error of writing. */
    bool (*on_value)(struct repair *repair, struct str key, struct str value);
    /* What lies between two keys cannot be read; the second is empty at the end. */
    bool (*on_gap)(struct repair *repair, struct str from, struct str to, const char *why);
};

static struct str current_key(rocksdb_iterator_t *iterator)
{
    size_t size_bytes = 0;
    const char *data =
        rocksdb_iter_valid(iterator) ? rocksdb_iter_key(iterator, &size_bytes) : NULL;
    return (struct str){data, (uint32_t)size_bytes};
}

/* At an end that may be none. False when the walk is over; *failed: because writing failed. */
static bool pass_damage(struct reading *reading, const struct walker *walker, struct str last,
                        bool *failed)
{
    struct buffer key;
    char *message = NULL;
    rocksdb_iter_get_error(reading->iterator, &message);
    if (!message)
        return false;
    buffer_init(&key, STORE_KEY_LIMIT_BYTES);
    bool goes_on = find_next(reading, last, &key);
    if (goes_on) {
        rocksdb_iter_destroy(reading->iterator);
        reading->iterator = new_iterator(reading);
        rocksdb_iter_seek(reading->iterator, key.data, key.length_bytes);
    }
    *failed = !walker->on_gap(reading->repair, last, current_key(reading->iterator), message);
    buffer_release(&key);
    rocksdb_free(message);
    return goes_on && !*failed && rocksdb_iter_valid(reading->iterator);
}

static bool walk(struct repair *repair, enum rocks_family family, const struct walker *walker)
{
    struct buffer last;
    bool failed = false;
    struct reading reading = {repair, family, rocksdb_readoptions_create(), NULL};
    rocksdb_readoptions_set_fill_cache(reading.options, 0);
    reading.iterator = new_iterator(&reading);
    buffer_init(&last, STORE_KEY_LIMIT_BYTES);
    rocksdb_iter_seek_to_first(reading.iterator);
    while (!failed && (rocksdb_iter_valid(reading.iterator) ||
                       pass_damage(&reading, walker, buffer_borrow(&last), &failed))) {
        size_t value_bytes;
        const struct str key = current_key(reading.iterator);
        const char *value = rocksdb_iter_value(reading.iterator, &value_bytes);
        buffer_clear(&last);
        failed = !buffer_append_str(&last, key) ||
                 !walker->on_value(repair, key, (struct str){value, (uint32_t)value_bytes});
        rocksdb_iter_next(reading.iterator);
    }
    buffer_release(&last);
    rocksdb_iter_destroy(reading.iterator);
    rocksdb_readoptions_destroy(reading.options);
    return !failed;
}

/* --- Records ---------------------------------------------------------------------------------- */

static bool put(struct repair *repair, enum rocks_family family, struct str key, struct str value)
{
    char *message = NULL;
    rocksdb_writeoptions_t *unsynced =
        rocksdb_writeoptions_create(); /* one fsync comes at the end */
    rocksdb_put_cf(repair->store->rocks.db, unsynced, repair->store->rocks.families[family],
                   key.data, key.length, value.data, value.length, &message);
    rocksdb_writeoptions_destroy(unsynced);
    return !message || rocks_fail(message, "written", repair->error);
}

static bool note_range(struct repair *repair, struct str from, struct str to)
{
    if (repair->lost_count == repair->lost_capacity) {
        size_t capacity = repair->lost_capacity ? 2 * repair->lost_capacity : 16;
        struct lost_range *lost = memory_try_resize(repair->lost, capacity * sizeof *lost);
        if (!lost)
            return no_memory(repair);
        repair->lost = lost;
        repair->lost_capacity = capacity;
    }
    struct lost_range *range = &repair->lost[repair->lost_count++];
    buffer_init(&range->from, STORE_KEY_LIMIT_BYTES + 1);
    buffer_init(&range->to, STORE_KEY_LIMIT_BYTES + 1);
    return (buffer_append_str(&range->from, from) && buffer_append_str(&range->to, to)) ||
           no_memory(repair);
}

static bool is_lost(const struct repair *repair, struct str key)
{
    for (size_t i = 0; i < repair->lost_count; i++) {
        const struct lost_range *range = &repair->lost[i];
        if (str_compare(key, buffer_borrow(&range->from)) >= 0 &&
            (range->to.length_bytes == 0 || str_compare(key, buffer_borrow(&range->to)) <= 0))
            return true;
    }
    return false;
}

static bool on_record(struct repair *repair, struct str key, struct str value)
{
    char text[TEXT_BYTES];
    struct store_record record;
    if (value_read_record(key, value, &record)) {
        repair->result->record_count++;
        repair->state.record_sum += value_made(record.sequence, key);
        if (record.sequence > repair->state.sequence)
            repair->state.sequence = record.sequence;
        return put(repair, FAMILY_RECORDS, key, value);
    }
    tell(repair, "record %s: its checksum is wrong", log_quote(text, sizeof text, key));
    return note_range(repair, key, key);
}

static bool on_record_gap(struct repair *repair, struct str from, struct str to, const char *why)
{
    char first[TEXT_BYTES], second[TEXT_BYTES];
    tell(repair, "records between %s and %s: %.200s", log_quote(first, sizeof first, from),
         to.length > 0 ? log_quote(second, sizeof second, to) : "the end", why);
    return note_range(repair, from, to);
}

/* --- History ---------------------------------------------------------------------------------- */

static bool remove_record(struct repair *repair, struct str key)
{
    char *message = NULL;
    rocksdb_delete_cf(repair->store->rocks.db, repair->store->setup.synced,
                      repair->store->rocks.families[FAMILY_RECORDS], key.data, key.length,
                      &message);
    return !message || rocks_fail(message, "written", repair->error);
}

static bool put_record(struct repair *repair, const struct store_change *change)
{
    const struct store_record record = {change->sequence, change->day, change->key, change->bytes};
    struct buffer value;
    char head[VALUE_RECORD_HEAD_BYTES];
    value_record_head(&record, head);
    buffer_init(&value, UINT32_MAX);
    bool done =
        ((buffer_append(&value, head, sizeof head) && buffer_append_str(&value, change->bytes)) ||
         no_memory(repair)) &&
        put(repair, FAMILY_RECORDS, change->key, buffer_borrow(&value));
    buffer_release(&value);
    return done;
}

/* The record of a lost key gets the state that a change gave it, if none newer is there. */
static bool restore(struct repair *repair, const struct store_change *change)
{
    struct buffer buffer;
    struct store_record present;
    buffer_init(&buffer, UINT32_MAX);
    bool exists = store_get(repair->store, change->key, &buffer, &present, NULL) == STORE_FOUND;
    buffer_release(&buffer); /* of `present` only the number is used */
    if (exists && present.sequence > change->sequence)
        return true;
    if (exists)
        repair->state.record_sum -= value_made(present.sequence, change->key);
    if (change->kind == STORE_REMOVE)
        return remove_record(repair, change->key);
    repair->state.record_sum += value_made(change->sequence, change->key);
    return put_record(repair, change);
}

/* Finds the last gap, and restores what was lost. */
static bool on_change(struct repair *repair, struct str key, struct str value)
{
    struct store_change change;
    if (!value_read_change(key, value, &change)) {
        uint64_t sequence = 0;
        value_read_sequence_key(key, &sequence);
        tell(repair, "change %" PRIu64 ": its checksum is wrong", sequence);
        return true;
    }
    if (repair->result->change_count == 0 ||
        change.sequence != repair->state.first + repair->result->change_count) {
        repair->state.first = change.sequence;
        repair->result->change_count = 0;
    }
    repair->result->change_count++;
    if (change.sequence > repair->state.sequence)
        repair->state.sequence = change.sequence;
    return change.kind == STORE_NOTE || !is_lost(repair, change.key) || restore(repair, &change);
}

static bool on_change_gap(struct repair *repair, struct str from, struct str to, const char *why)
{
    uint64_t last = 0, next = 0;
    value_read_sequence_key(from, &last);
    value_read_sequence_key(to, &next);
    if (to.length > 0)
        tell(repair, "changes %" PRIu64 " to %" PRIu64 ": %.200s", last + 1, next - 1, why);
    else
        tell(repair, "changes from %" PRIu64 " on: %.200s", last + 1, why);
    return true;
}

/* Once the last gap is known. */
static bool copy_change(struct repair *repair, struct str key, struct str value)
{
    struct store_change change;
    if (!value_read_change(key, value, &change) || change.sequence < repair->state.first)
        return true;
    return put(repair, FAMILY_HISTORY, key, value);
}

static bool pass_gap(struct repair *repair, struct str from, struct str to, const char *why)
{
    (void)repair, (void)from, (void)to, (void)why;
    return true;
}

/* --- Meta ------------------------------------------------------------------------------------- */

static bool on_meta(struct repair *repair, struct str key, struct str value)
{
    struct str bytes;
    struct state old;
    if (!value_read_note(key, value, &bytes)) {
        tell(repair, "meta '%.*s': its checksum is wrong", STR_ARG(key));
        return true;
    }
    if (str_equal(key, META_STATE) && value_read_state(bytes, &old)) {
        repair->old_state = old;
        repair->state.has_day = old.has_day;
        repair->state.day = old.day;
    }
    if (!str_starts_with(key, STR(META_NOTE)))
        return true; /* the new store has its own */
    repair->state.note_sum += value_noted(key, bytes);
    return put(repair, FAMILY_META, key, value);
}

static bool on_meta_gap(struct repair *repair, struct str from, struct str to, const char *why)
{
    (void)from, (void)to;
    tell(repair, "meta: %.200s", why);
    return true;
}

/* Numbers are never given twice: the new order goes on behind all that was ever acknowledged. A
 * history that does not reach so far is none. */
static bool finish(struct repair *repair, uint64_t acknowledged)
{
    if (acknowledged > repair->state.sequence) {
        tell(repair, "changes %" PRIu64 " to %" PRIu64 " were acknowledged and are not in the log",
             repair->state.sequence + 1, acknowledged);
        repair->state.sequence = acknowledged;
    }
    if (repair->state.first + repair->result->change_count != repair->state.sequence + 1) {
        repair->state.first = repair->state.sequence + 1;
        repair->result->change_count = 0;
    }
    static const struct walker copy = {copy_change, pass_gap};
    repair->state.write_count = repair->store->state.write_count + 1;
    if (!walk(repair, FAMILY_HISTORY, &copy) ||
        !store_write(repair->store, rocksdb_writebatch_create(), &repair->state, repair->error))
        return false;
    repair->result->sequence = repair->state.sequence;
    return true;
}

/* Whether all is there now: what the old store says of itself, and what the history says. */
static bool compare(struct repair *repair)
{
    struct store_findings findings;
    struct error problem = {0};
    const struct state *old = &repair->old_state, *now = &repair->state;
    uint64_t read_count = repair->result->record_count;
    if (old->sequence == now->sequence && old->record_sum != now->record_sum)
        tell(repair, "the records are not all those of change %" PRIu64, old->sequence);
    if (!store_verify(repair->store, &repair->result->record_count, repair->error))
        return false;
    if (repair->result->record_count > read_count)
        repair->result->restored_count = repair->result->record_count - read_count;
    if (!store_check(repair->store, &findings, &problem))
        tell(repair, "%s", problem.text);
    return true;
}

static bool run(struct repair *repair, uint64_t acknowledged)
{
    static const struct walker meta = {on_meta, on_meta_gap}, records = {on_record, on_record_gap},
                               history = {on_change, on_change_gap};
    return walk(repair, FAMILY_META, &meta) && walk(repair, FAMILY_RECORDS, &records) &&
           walk(repair, FAMILY_HISTORY, &history) && finish(repair, acknowledged) &&
           compare(repair);
}

/* A damaged mark is a loss like others; a store in use is not touched. */
static bool open_old_mark(struct repair *repair, struct mark *mark)
{
    if (mark_open(mark, repair->options->from, true, repair->error))
        return true;
    if (repair->error->code != ERROR_DATA_LOSS)
        return false;
    *mark = (struct mark){.fd = -1};
    tell(repair, "MARK: it is not as it was written");
    return true;
}

/* As it is, or rebuilt from its tables and logs. */
static bool open_old(struct repair *repair)
{
    char database[PATH_BYTES];
    if (snprintf(database, sizeof database, "%s/db", repair->options->from) >=
            (int)sizeof database ||
        snprintf(repair->work, sizeof repair->work, "%s.work", repair->options->to) >=
            (int)sizeof repair->work)
        return error_field(repair->error, "too_long", "directory", repair->options->from,
                           "is too long a path");
    if (rocks_open(&repair->old, &repair->setup, database, ROCKS_SALVAGE, repair->error))
        return true;
    tell(repair, "the table of contents: %.300s", repair->error->text);
    /* Of tables that are gone nobody tells: all of the history is looked at. */
    return note_range(repair, STR(""), STR("")) &&
           rebuild_database(&repair->setup, database, repair->work, repair->error) &&
           rocks_open(&repair->old, &repair->setup, repair->work,
                      ROCKS_CREATE /* of a family without tables nothing is left */, repair->error);
}

static bool open_both(struct repair *repair)
{
    if (!open_old(repair))
        return false;
    const struct store_options options = {.directory = repair->options->to};
    repair->store = store_open(&options, repair->error);
    if (repair->store && store_sequence(repair->store) > 0)
        return error_field(repair->error, "not_empty", "directory", repair->options->to,
                           "holds a store already");
    return repair->store != NULL;
}

bool store_repair(const struct store_repair_options *options, struct store_repair_result *out,
                  struct error *error)
{
    struct mark mark;
    struct repair repair = {.options = options, .result = out, .error = error};
    *out = (struct store_repair_result){0};
    if (!open_old_mark(&repair, &mark))
        return false;
    bool done = rocks_setup_init(&repair.setup, (size_t)8 << 20, NULL) && open_both(&repair) &&
                run(&repair, mark.sequence);
    store_close(repair.store);
    rocks_close(&repair.old);
    rocks_setup_release(&repair.setup);
    if (repair.work[0] != '\0')
        rebuild_remove(repair.work);
    for (size_t i = 0; i < repair.lost_count; i++) {
        buffer_release(&repair.lost[i].from);
        buffer_release(&repair.lost[i].to);
    }
    memory_free(repair.lost);
    if (mark.fd >= 0)
        mark_close(&mark);
    return done;
}
