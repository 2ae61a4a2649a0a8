/* See writer_internal.h. A failed write or fsync is never tried again: the store is closed, opened
 * anew (which writes its log into tables with fsyncs of their own) and verified record by record.
 * Then it is known whether the last group is in it: if so it is published, otherwise it is undone.
 */
#include <inttypes.h>
#include <time.h>

#include "base/memory.h"
#include "engine/boot.h"
#include "engine/writer_internal.h"

#include "base/banned.h"

enum {
    REOPEN_S = 1,        /* before the first try to open a store that failed .. */
    REOPEN_LIMIT_S = 60, /* .. and doubled up to this */
    TRIM_S = 60,         /* between two looks at the history's age and size */
    UNDO_NAP_NS = 10000000,
    NOTE_LIMIT_BYTES = 64 * 1024,
};

/* Without paths and keys, for anybody. */
static const char *reason_of(const struct error *failure)
{
    switch (failure->code) {
    case ERROR_RESOURCE_EXHAUSTED:
        return "the disk is full, or memory is";
    case ERROR_DATA_LOSS:
        return "the store is damaged";
    default:
        return "the store failed";
    }
}

enum engine_state writer_state(struct writer *writer, struct error *error)
{
    struct error failure;
    enum engine_state state = writer_failure(writer, &failure);
    if (!error)
        return state;
    switch (state) {
    case ENGINE_STARTING:
        error_set(error, ERROR_UNAVAILABLE, "haihed is starting: %" PRIu64 " records read so far",
                  counter_read(&writer->records_read));
        break;
    case ENGINE_READ_ONLY:
        error_set(error, ERROR_UNAVAILABLE, "changes are refused: %s; searches go on",
                  reason_of(&failure));
        break;
    case ENGINE_FAILED:
        error_set(error, ERROR_UNAVAILABLE, "haihed cannot start: %s", reason_of(&failure));
        break;
    case ENGINE_READY:
        *error = (struct error){0};
        break;
    }
    return state;
}

enum engine_state writer_failure(struct writer *writer, struct error *failure)
{
    pthread_mutex_lock(&writer->failure_lock);
    enum engine_state state = (enum engine_state)atomic_load(&writer->state);
    *failure = writer->failure;
    pthread_mutex_unlock(&writer->failure_lock);
    return state;
}

struct store *writer_store(struct writer *writer)
{
    return atomic_load_explicit(&writer->store, memory_order_acquire);
}

/* --- The store ------------------------------------------------------------------------------- */

void writer_set_state(struct writer *writer, enum engine_state state, const struct error *failure)
{
    pthread_mutex_lock(&writer->failure_lock);
    if (failure)
        writer->failure = *failure;
    atomic_store(&writer->state, state);
    pthread_mutex_unlock(&writer->failure_lock);
    if (writer->options->on_state)
        writer->options->on_state(writer->options->state_context);
}

/* The store has failed: no changes until it was reopened. */
void writer_stop_changes(struct writer *writer, const struct error *error)
{
    char text[512];
    if (writer->reopen_wait_s == 0)
        log_event(writer->log, LOG_ERROR, "engine: the store failed, changes are refused",
                  "error=%s", log_quote(text, sizeof text, str_of(error->text)));
    writer->reopen_wait_s = writer->reopen_wait_s == 0 ? REOPEN_S : 2 * writer->reopen_wait_s;
    if (writer->reopen_wait_s > REOPEN_LIMIT_S)
        writer->reopen_wait_s = REOPEN_LIMIT_S;
    writer->reopen_ns = clock_monotonic_ns() + writer->reopen_wait_s * INT64_C(1000000000);
    writer_set_state(writer, ENGINE_READ_ONLY, error);
}

bool writer_has_failed(const struct writer *writer)
{
    return writer->reopen_wait_s > 0;
}

/* Before changes are made. */
void writer_open_group(struct writer *writer)
{
    writer->book.ledger.now_ms = clock_wall_ms(&writer->clock);
    writer->book.ledger.day = writer->book.today;
}

bool writer_commit(struct writer *writer)
{
    struct ledger *ledger = &writer->book.ledger;
    struct error error = {0};
    if (ledger->store && !store_commit(ledger->store, ledger->batch, &error)) {
        writer_stop_changes(writer, &error);
        return false;
    }
    ledger_clear(ledger);
    return true;
}

/* There is nobody to refuse: waits for memory. */
static void undo(struct writer *writer)
{
    const struct timespec nap = {.tv_nsec = UNDO_NAP_NS};
    while (!book_undo(&writer->book)) {
        nanosleep(&nap, NULL);
        publication_collect(&writer->publication);
    }
}

/* The store is open again. The last group is in it, or is not: the book follows. */
static bool settle(struct writer *writer, uint64_t record_count, struct error *error)
{
    struct book *book = &writer->book;
    struct store *store = book->ledger.store;
    int32_t day;
    uint64_t sequence = store_sequence(store);
    if (sequence == book->sequence)
        ledger_clear(&book->ledger);
    else if (sequence == book->sequence - book->ledger.step_count)
        undo(writer);
    else
        return error_set(error, ERROR_DATA_LOSS,
                         "the store ends with change %" PRIu64 ", not %" PRIu64
                         ": restart haihed to serve what it holds",
                         sequence, book->sequence);
    uint64_t expected = collection_record_count(book->collections[0]) +
                        collection_record_count(book->collections[1]);
    if (record_count != expected)
        return error_set(error, ERROR_DATA_LOSS,
                         "the store holds %" PRIu64 " records, not %" PRIu64
                         ": restart haihed to serve what it holds",
                         record_count, expected);
    if (!store_day(store, &day) || day != book->today)
        writer->turn = (struct day_turn){.kind = RECORD_VACANCY};
    writer_publish(writer);
    return true;
}

void writer_recover(struct writer *writer)
{
    struct error error = {0};
    uint64_t record_count;
    if (!writer_has_failed(writer) || clock_monotonic_ns() < writer->reopen_ns)
        return;
    if (!store_reopen(writer->book.ledger.store, &record_count, &error)) {
        writer_stop_changes(writer, &error);
        return;
    }
    if (!settle(writer, record_count, &error)) {
        writer_stop_changes(writer, &error);
        writer->reopen_ns = INT64_MAX;
        return;
    }
    writer->reopen_wait_s = 0;
    log_event(writer->log, LOG_INFO, "engine: the store is open again and verified",
              "sequence=%" PRIu64 " records=%" PRIu64, writer->book.sequence, record_count);
    writer_set_state(writer, ENGINE_READY, NULL);
}

void writer_trim(struct writer *writer)
{
    const struct engine_options *options = writer->options;
    struct store *store = writer->book.ledger.store;
    struct error error = {0};
    int64_t now_ns = clock_monotonic_ns();
    if (!store || writer_has_failed(writer) || now_ns < writer->trim_ns)
        return;
    writer->trim_ns = now_ns + TRIM_S * INT64_C(1000000000);
    int64_t before_ms = options->history_age_ms > 0
                            ? clock_wall_ms(&writer->clock) - options->history_age_ms
                            : INT64_MIN;
    uint64_t limit_bytes = options->history_bytes > 0 ? options->history_bytes : UINT64_MAX;
    if (!store_trim(store, before_ms, limit_bytes, &error))
        writer_stop_changes(writer, &error);
}

/* --- The start ----------------------------------------------------------------------------- */

static bool is_stopped(void *context)
{
    struct writer *writer = context;
    return queue_is_closed(writer->queue);
}

/* Enters what the daemon was told and was not told before. False and an error. */
static bool enter_notes(struct writer *writer, struct error *error)
{
    struct book *book = &writer->book;
    struct buffer buffer;
    struct str known;
    enum store_found found = STORE_ABSENT;
    buffer_init(&buffer, NOTE_LIMIT_BYTES);
    for (size_t i = 0; i < writer->options->note_count && found != STORE_FAILED; i++) {
        const struct engine_note *note = &writer->options->notes[i];
        struct str name = str_of(note->name);
        found = store_get_note(book->ledger.store, name, &buffer, &known, error);
        if (found == STORE_FAILED || (found == STORE_FOUND && str_equal(known, note->bytes)))
            continue;
        log_event(writer->log, LOG_INFO, "engine: told anew", "name=%s", note->name);
        if (!book_note(book, name, note->bytes)) {
            error_set(error, ERROR_RESOURCE_EXHAUSTED, "no memory for the start");
            found = STORE_FAILED;
        }
    }
    buffer_release(&buffer);
    return found != STORE_FAILED;
}

/* The first group: notes, and the day of a new store. */
static bool commit_start(struct writer *writer, struct error *error)
{
    struct ledger *ledger = &writer->book.ledger;
    int32_t day;
    writer_open_group(writer);
    if (!enter_notes(writer, error))
        return false;
    if (!store_day(ledger->store, &day))
        store_batch_set_day(ledger->batch, writer->book.today);
    if (!store_commit(ledger->store, ledger->batch, error))
        return false;
    ledger_clear(ledger);
    return true;
}

/* A third of the history's age: what was erased has left it, and the tables then, within that age
 * and a third. 0: the store's default. */
static uint32_t erase_days(const struct engine_options *options)
{
    int64_t days = options->history_age_ms / (24 * 3600 * INT64_C(1000));
    return days == 0 ? 0 : days < 3 ? 1 : days > 3650 ? 1217 : (uint32_t)(days / 3);
}

bool writer_start(struct writer *writer, struct error *error)
{
    const struct engine_options *options = writer->options;
    const struct store_options store = {.directory = options->data_directory,
                                        .log = options->log,
                                        .cache_bytes = options->store_cache_bytes,
                                        .erase_days = erase_days(options),
                                        .is_stopped = is_stopped,
                                        .context = writer};
    const struct boot_options boot = {.book = &writer->book,
                                      .thread_count = options->worker_count + 1,
                                      .arena_bytes = options->request_arena_bytes,
                                      .log = options->log,
                                      .records_read = &writer->records_read,
                                      .is_stopped = is_stopped,
                                      .context = writer};
    int64_t begun_ns = clock_monotonic_ns();
    writer->book.ledger.store = store_open(&store, error);
    if (!writer->book.ledger.store || !boot_load(&boot, error) || !commit_start(writer, error))
        return false;
    writer_publish(writer);
    atomic_store(&writer->store, writer->book.ledger.store);
    log_event(writer->log, LOG_INFO, "engine: ready",
              "records=%" PRIu64 " sequence=%" PRIu64 " seconds=%.1f",
              counter_read(&writer->records_read), writer->book.sequence,
              (double)(clock_monotonic_ns() - begun_ns) / 1e9);
    return true;
}
