/* See boot.h. */
#include "engine/boot.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>

#include "base/memory.h"
#include "engine/thread.h"
#include "wire/record_message.h"

#include "base/banned.h"

enum {
    THREAD_LIMIT = 64,
    LOOK_UP_EVERY = 1024, /* records, for a stop */
    TELL_EVERY = 1000000, /* in the log */
};

struct boot {
    const struct boot_options *options;
    int32_t day;          /* the store's: by which its records are open and available */
    pthread_mutex_t lock; /* of book and error */
    struct error error;
    atomic_bool ended; /* by an error or a stop */
};

struct boot_thread {
    struct boot *boot;
    struct store_scan *scan; /* owned */
    struct arena arena;
    pthread_t thread;
};

/* --- One record ------------------------------------------------------------------------------- */

/* A record read, not yet packed. */
struct loaded {
    enum record_kind kind;
    struct key key; /* of the store */
    union {
        struct vacancy vacancy;
        struct applicant applicant;
    };
};

static bool read_message(const struct boot *boot, struct arena *arena, struct str bytes,
                         int32_t day, struct loaded *out, struct error *error)
{
    struct record_extras extras;
    const struct model *model = boot->options->book->model;
    if (out->kind == RECORD_VACANCY)
        return wire_read_vacancy(model, bytes, RECORD_FOR_STORE, day, arena, &out->vacancy, &extras,
                                 error);
    return wire_read_applicant(model, bytes, RECORD_FOR_STORE, day, arena, &out->applicant, &extras,
                               error);
}

/* The record's own key is the one that it stands under. */
static bool read_record(const struct boot *boot, struct arena *arena,
                        const struct store_record *record, struct loaded *out, struct error *error)
{
    char text[256];
    struct error cause = {0};
    int32_t day = record->day > boot->day ? record->day : boot->day;
    if (!ledger_read_key(record->key, &out->kind, &out->key))
        return error_set(error, ERROR_DATA_LOSS, "record %s: the key is none of a record",
                         log_quote(text, sizeof text, record->key));
    const char *kind = out->kind == RECORD_VACANCY ? "vacancy" : "applicant";
    if (!read_message(boot, arena, record->bytes, day, out, &cause))
        return error_set(
            error, cause.code == ERROR_RESOURCE_EXHAUSTED ? cause.code : ERROR_FAILED_PRECONDITION,
            "%s '%.*s:%.*s' of change %" PRIu64 " cannot be read with the present tables: %s", kind,
            STR_ARG(out->key.platform), STR_ARG(out->key.id), record->sequence, cause.text);
    if (!key_equal(out->key, out->kind == RECORD_VACANCY ? out->vacancy.key : out->applicant.key))
        return error_set(error, ERROR_DATA_LOSS, "%s '%.*s:%.*s' holds another's record", kind,
                         STR_ARG(out->key.platform), STR_ARG(out->key.id));
    return true;
}

/* The lock is held. */
static bool keep(struct boot *boot, const struct loaded *loaded, uint64_t sequence,
                 struct error *error)
{
    struct book *book = boot->options->book;
    struct lexicon *lexicon = book->publication->lexicon;
    struct entry *entry = loaded->kind == RECORD_VACANCY
                              ? entry_new_vacancy(&loaded->vacancy, lexicon, STR(""))
                              : entry_new_applicant(&loaded->applicant, lexicon, STR(""));
    if (entry)
        entry->sequence = sequence;
    return (entry && book_restore(book, entry)) ||
           error_set(error, ERROR_RESOURCE_EXHAUSTED, "no memory for all records");
}

/* --- The threads ------------------------------------------------------------------------------ */

static void end(struct boot *boot, const struct error *error)
{
    pthread_mutex_lock(&boot->lock);
    if (!atomic_exchange(&boot->ended, true))
        boot->error = *error;
    pthread_mutex_unlock(&boot->lock);
}

static void tell(const struct boot *boot, uint64_t count)
{
    if (count % TELL_EVERY == 0)
        log_event(boot->options->log, LOG_INFO, "engine: reading records", "count=%" PRIu64, count);
}

static bool look_up(struct boot *boot, struct error *error)
{
    if (!boot->options->is_stopped(boot->options->context))
        return true;
    return error_set(error, ERROR_CANCELLED, "the start was stopped");
}

static bool load_one(struct boot_thread *self, const struct store_record *record,
                     struct error *error)
{
    struct boot *boot = self->boot;
    struct loaded loaded;
    arena_clear(&self->arena);
    if (!read_record(boot, &self->arena, record, &loaded, error))
        return false;
    pthread_mutex_lock(&boot->lock);
    bool kept = keep(boot, &loaded, record->sequence, error);
    if (kept) {
        counter_add(boot->options->records_read, 1);
        tell(boot, counter_read(boot->options->records_read));
    }
    pthread_mutex_unlock(&boot->lock);
    return kept;
}

static void *run(void *argument)
{
    struct boot_thread *self = argument;
    struct store_record record;
    struct error error = {0};
    enum store_found found = STORE_ABSENT;
    memory_use_huge_pages();
    for (uint64_t count = 0; !atomic_load(&self->boot->ended); count++) {
        found = store_scan_next(self->scan, &record, &error);
        if (found != STORE_FOUND)
            break;
        if ((count % LOOK_UP_EVERY == 0 && !look_up(self->boot, &error)) ||
            !load_one(self, &record, &error)) {
            found = STORE_FAILED;
            break;
        }
    }
    if (found == STORE_FAILED)
        end(self->boot, &error);
    return NULL;
}

/* The caller does the parts of those that could not be started. */
static void run_all(struct boot_thread *threads, unsigned count)
{
    struct error error;
    unsigned started = 0;
    while (started < count &&
           thread_start(&threads[started].thread, "haihe-boot", run, &threads[started], &error))
        started++;
    for (unsigned i = started; i < count; i++)
        run(&threads[i]);
    for (unsigned i = 0; i < started; i++)
        pthread_join(threads[i].thread, NULL);
}

static bool read_all(struct boot *boot, unsigned thread_count, struct error *error)
{
    struct boot_thread threads[THREAD_LIMIT];
    struct store_scan *scans[THREAD_LIMIT];
    uint64_t sum = 0;
    if (!store_scans_new(boot->options->book->ledger.store, thread_count, scans, error))
        return false;
    for (unsigned i = 0; i < thread_count; i++) {
        threads[i] = (struct boot_thread){.boot = boot, .scan = scans[i]};
        arena_init(&threads[i].arena, boot->options->arena_bytes);
    }
    run_all(threads, thread_count);
    for (unsigned i = 0; i < thread_count; i++) {
        sum += store_scan_sum(scans[i]);
        arena_release(&threads[i].arena);
        store_scan_free(scans[i]);
    }
    if (!atomic_load(&boot->ended))
        return store_check_sum(boot->options->book->ledger.store, sum, error);
    if (error)
        *error = boot->error;
    return false;
}

/* --- The indexes ------------------------------------------------------------------------------ */

/* Every slot is in use. */
static bool build_index(struct book *book, size_t kind, unsigned thread_count)
{
    const struct collection_writer *collection = book->collections[kind];
    size_t count = collection_slot_count(collection);
    if (count == 0)
        return true;
    const struct entry **entries = memory_try_zeroed(count, sizeof(const struct entry *));
    if (!entries)
        return false;
    for (size_t slot = 0; slot < count; slot++)
        entries[slot] = collection_peek(collection, slot);
    bool built = index_writer_build(book->publication->indexes[kind],
                                    (const struct entry *const *)entries, count, thread_count);
    memory_free(entries);
    return built;
}

bool boot_load(const struct boot_options *options, struct error *error)
{
    struct boot boot = {.options = options};
    struct book *book = options->book;
    unsigned thread_count =
        options->thread_count < THREAD_LIMIT ? options->thread_count : THREAD_LIMIT;
    if (!store_day(book->ledger.store, &boot.day))
        boot.day = book->today;
    book->today = boot.day;
    book->sequence = store_sequence(book->ledger.store);
    pthread_mutex_init(&boot.lock, NULL);
    bool loaded = read_all(&boot, thread_count, error);
    pthread_mutex_destroy(&boot.lock);
    if (!loaded)
        return false;
    log_event(options->log, LOG_INFO, "engine: building the indexes", "records=%" PRIu64,
              counter_read(options->records_read));
    for (size_t kind = 0; kind < KIND_COUNT; kind++)
        if (!build_index(book, kind, thread_count))
            return error_set(error, ERROR_RESOURCE_EXHAUSTED, "no memory for the indexes");
    return true;
}
