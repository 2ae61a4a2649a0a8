/* See writer.h. A group is whatever waits, so one change alone is durable and published at once,
 * and a flood costs one fsync, one copied chunk and one root for a thousand changes. While a group
 * is being written, the next one gathers: nobody has to wait for a group to fill.
 *
 * A publication has nobody to refuse: its changes have their numbers. When it finds no memory it
 * waits and tries again; the jobs of the group are answered only then, searches go on with the old
 * root, and the queue in front fills and sheds.
 */
#include <assert.h>
#include <inttypes.h>
#include <pthread.h>
#include <time.h>

#include "base/memory.h"
#include "base/queue.h"
#include "engine/thread.h"
#include "engine/writer_internal.h"
#include "wire/record_service_message.h"

#include "base/banned.h"

enum {
    /* How many documents may wait in fresh tiles of an index, with changes waiting and without.
     * 65,536 are 32 tiles, whose blocks every search bounds (a few microseconds); merged then, a
     * home gets a hundred at a time. */
    FRESH_PRESSED = 65536,
    FRESH_BUSY = 8192,
    TIDY_SLICES = 1,     /* after a group: keeps up with 1000 changes, and delays the next group by
                            10 ms at the most */
    NAP_NS = 1000000000, /* how late an idle writer may see midnight */
    RETRY_NS = 10000000, /* between two tries of a publication without memory */
    RESPONSE_LIMIT_BYTES = 64 * 1024, /* 64 unresolved skills of 200 bytes, with room to spare */
};

/* --- Publishing ---------------------------------------------------------------------------- */

/* What a publication has got so far; what it has, a second try keeps. */
struct attempt {
    struct published *next;
    struct snapshot snapshots[KIND_COUNT];
    const struct index_view *indexes[KIND_COUNT];
    bool ready[KIND_COUNT], index_ready[KIND_COUNT];
    struct publication_garbage garbage;
};

/* False when there is no memory. */
static bool try_to_prepare(struct book *book, struct attempt *attempt)
{
    if (!attempt->next && !(attempt->next = published_new()))
        return false;
    for (size_t kind = 0; kind < KIND_COUNT; kind++) {
        if (!attempt->ready[kind] &&
            !collection_publish(book->collections[kind], &attempt->snapshots[kind],
                                &attempt->garbage.replaced[kind]))
            return false;
        attempt->ready[kind] = true;
        if (!attempt->index_ready[kind] &&
            !index_publish(book->publication->indexes[kind], &attempt->indexes[kind],
                           &attempt->garbage.index_replaced[kind]))
            return false;
        attempt->index_ready[kind] = true;
    }
    return true;
}

static void prepare(struct writer *writer, struct attempt *attempt)
{
    for (uint64_t tries = 0; !try_to_prepare(&writer->book, attempt); tries++) {
        if (tries % 100 == 0)
            log_event(writer->log, LOG_WARNING, "engine: no memory to publish, trying again",
                      "sequence=%" PRIu64, writer->book.sequence);
        const struct timespec nap = {.tv_nsec = RETRY_NS};
        nanosleep(&nap, NULL);
        publication_collect(&writer->publication);
    }
}

static void set_counter(counter *c, uint64_t value)
{
    atomic_store_explicit(c, value, memory_order_relaxed);
}

/* Makes what the book holds visible, if anything changed. */
void writer_publish(struct writer *writer)
{
    struct book *book = &writer->book;
    const struct root *before = publication_root(&writer->publication);
    if (before->sequence == book->sequence && before->today == book->today && !book->dirty[0] &&
        !book->dirty[1])
        return;
    struct attempt attempt = {
        .snapshots = {before->vacancies, before->applicants},
        .ready = {!book->dirty[0], !book->dirty[1]},
        .indexes = {before->indexes[0], before->indexes[1]},
        .index_ready = {!book->dirty[0], !book->dirty[1]},
        .garbage.retired = book->retired,
    };
    prepare(writer, &attempt);
    attempt.next->root = (struct root){
        .vacancies = attempt.snapshots[0],
        .applicants = attempt.snapshots[1],
        .indexes = {attempt.indexes[0], attempt.indexes[1]},
        .sequence = book->sequence,
        .open_vacancy_count = book->standing[0],
        .active_applicant_count = book->standing[1],
        .today = book->today,
    };
    publication_swap(&writer->publication, attempt.next, &attempt.garbage);
    book->retired = (struct retired_list){0};
    set_counter(&writer->sequence, book->sequence);
    for (size_t kind = 0; kind < KIND_COUNT; kind++) {
        book->dirty[kind] = false;
        set_counter(&writer->records[kind], attempt.snapshots[kind].record_count);
        set_counter(&writer->standing[kind], book->standing[kind]);
    }
}

/* --- The thread ---------------------------------------------------------------------------- */

static void begin_day(struct writer *writer, int32_t today)
{
    char date[11];
    date_format(today, date);
    log_event(writer->log, LOG_INFO, "engine: a new day", "date=%s", date);
    writer->book.today = today;
    writer->turn = (struct day_turn){.kind = RECORD_VACANCY};
}

/* Lets the calendar do its changes, a group for each publication. Changes of callers wait until it
 * is through: a few milliseconds for a hundred thousand records, once a day. */
static void turn_day(struct writer *writer)
{
    struct book *book = &writer->book;
    struct error error;
    int32_t today = clock_today(&writer->clock);
    if (today != book->today)
        begin_day(writer, today);
    while (writer->turn.kind != 0) {
        uint64_t before = book->sequence;
        writer_open_group(writer);
        if (book_turn_day(book, &writer->turn, writer->group_limit, &error) && book->ledger.store)
            store_batch_set_day(book->ledger.batch, book->today);
        if (!writer_commit(writer))
            return;
        writer_publish(writer);
        if (error.code != ERROR_OK && error.code != ERROR_RESOURCE_EXHAUSTED) {
            writer_stop_changes(writer, &error); /* a record that is to turn cannot be read */
            return;
        }
        if (book->sequence == before)
            break; /* done, or no memory: the next group tries again */
    }
}

static void refuse(struct change_job *job, const struct error *error)
{
    struct buffer response;
    buffer_init(&response, RESPONSE_LIMIT_BYTES);
    memory_free(job->response);
    if (!wire_write_apply_error(&response, wire_apply_request_id(job->request), error))
        buffer_clear(&response);
    job->response = buffer_detach(&response, &job->response_bytes);
    buffer_release(&response);
}

/* What of it is in the store shows when that is open again. */
static void refuse_group(struct writer *writer, size_t count, const char *what)
{
    struct error reason, error;
    writer_state(writer, &reason);
    error_set(&error, ERROR_UNAVAILABLE, "%s%s", what, reason.text);
    for (size_t i = 0; i < count; i++) {
        refuse(writer->group[i], &error);
        counter_add(&writer->refused, 1);
        writer->group[i]->done(writer->group[i]);
    }
}

/* True when it was applied. */
static bool change(struct writer *writer, struct change_job *job)
{
    struct buffer response;
    buffer_init(&response, RESPONSE_LIMIT_BYTES);
    bool applied = book_apply(&writer->book, job->request, &response);
    job->response = buffer_detach(&response, &job->response_bytes);
    buffer_release(&response);
    return applied;
}

/* How much may wait for tidying now. */
static size_t patience_of(const struct writer *writer)
{
    return queue_count(writer->queue) > 0 ? FRESH_PRESSED : FRESH_BUSY;
}

/* Slices of tidying, each published. True when there may be more to do. */
static bool tidy(struct writer *writer, size_t patience, unsigned slices)
{
    while (slices > 0 && book_tidy(&writer->book, patience)) {
        writer_publish(writer);
        publication_collect(&writer->publication);
        slices--;
    }
    return slices == 0;
}

static void run_group(struct writer *writer, size_t count)
{
    size_t applied = 0;
    if (writer_has_failed(writer)) {
        refuse_group(writer, count, "");
        return;
    }
    writer_open_group(writer);
    for (size_t i = 0; i < count; i++)
        applied += change(writer, writer->group[i]);
    if (!writer_commit(writer)) {
        refuse_group(writer, count, "it is not known whether this change was kept; ");
        return;
    }
    writer_publish(writer);
    counter_add(&writer->applied, applied);
    counter_add(&writer->refused, count - applied);
    for (size_t i = 0; i < count; i++)
        writer->group[i]->done(writer->group[i]);
}

/* Changes until the queue is closed and empty. */
static void serve(struct writer *writer)
{
    bool has_idle_work = false;
    for (;;) {
        size_t count = queue_pop_many(writer->queue, (void **)writer->group, writer->group_limit,
                                      has_idle_work ? 0 : NAP_NS);
        publication_collect(&writer->publication);
        if (writer_has_failed(writer)) {
            refuse_group(writer, count, "");
            count = 0;
            writer_recover(writer);
        }
        if (!writer_has_failed(writer))
            turn_day(writer);
        if (count > 0) {
            run_group(writer, count);
            if (!writer_has_failed(writer))
                tidy(writer, patience_of(writer), TIDY_SLICES);
            has_idle_work = false; /* not before a second without a change */
        } else if (queue_is_closed(writer->queue) && queue_count(writer->queue) == 0) {
            break;
        } else {
            has_idle_work = !writer_has_failed(writer) && tidy(writer, 0, 1);
        }
        writer_trim(writer);
    }
}

/* Until the queue is closed: what came in spite of it is refused. */
static void serve_nothing(struct writer *writer)
{
    while (!queue_is_closed(writer->queue) || queue_count(writer->queue) > 0) {
        size_t count =
            queue_pop_many(writer->queue, (void **)writer->group, writer->group_limit, NAP_NS);
        refuse_group(writer, count, "");
    }
}

static void *run(void *argument)
{
    struct writer *writer = argument;
    struct error error = {0};
    memory_use_huge_pages();
    rcu_thread_enter();
    bool is_durable = atomic_load(&writer->state) == ENGINE_STARTING;
    if (!is_durable || writer_start(writer, &error)) {
        if (is_durable)
            writer_set_state(writer, ENGINE_READY, NULL);
        serve(writer);
    } else {
        writer_set_state(writer, ENGINE_FAILED, &error);
        serve_nothing(writer);
    }
    rcu_drain();
    rcu_thread_leave();
    return NULL;
}

/* --- Life ---------------------------------------------------------------------------------- */

/* Everything but the thread. */
static void release(struct writer *writer)
{
    publication_release(&writer->publication);
    store_close(writer->book.ledger.store);
    book_release(&writer->book);
    memory_free(writer->group);
    queue_free(writer->queue);
    pthread_mutex_destroy(&writer->failure_lock);
    memory_free((void *)writer->options);
    memory_free(writer);
}

static const struct engine_options *copy_options(const struct engine_options *options)
{
    struct engine_options *copy = memory_try(sizeof *copy);
    if (copy)
        *copy = *options;
    return copy;
}

struct writer *writer_new(const struct engine_options *options, struct error *error)
{
    assert(options->group_limit >= 1 && options->change_queue_limit >= 1);
    struct writer *writer = memory_try_zeroed(1, sizeof *writer);
    if (!writer) {
        error_set(error, ERROR_RESOURCE_EXHAUSTED, "no memory for the writer");
        return NULL;
    }
    bool is_durable = options->data_directory && options->data_directory[0] != '\0';
    pthread_mutex_init(&writer->failure_lock, NULL);
    atomic_store(&writer->state, is_durable ? ENGINE_STARTING : ENGINE_READY);
    writer->options = copy_options(options);
    writer->clock = options->clock;
    writer->log = options->log;
    writer->group_limit = options->group_limit;
    writer->queue = queue_new(options->change_queue_limit);
    writer->group = memory_try_zeroed(options->group_limit, sizeof *writer->group);
    int32_t today = clock_today(&options->clock);
    bool ready = publication_init(&writer->publication, today);
    ready = book_init(&writer->book, options->model, &writer->publication,
                      options->request_arena_bytes, today) &&
            ready && writer->queue && writer->group && writer->options;
    if (!ready) {
        error_set(error, ERROR_RESOURCE_EXHAUSTED, "no memory for the writer");
        release(writer);
        return NULL;
    }
    if (!thread_start(&writer->thread, "haihe-writer", run, writer, error)) {
        release(writer);
        return NULL;
    }
    return writer;
}

void writer_free(struct writer *writer)
{
    if (!writer)
        return;
    queue_close(writer->queue);
    pthread_join(writer->thread, NULL);
    release(writer);
}

bool writer_submit(struct writer *writer, struct change_job *job)
{
    return queue_try_push(writer->queue, job);
}

const struct publication *writer_publication(const struct writer *writer)
{
    return &writer->publication;
}

void writer_count(struct writer *writer, struct writer_counts *out)
{
    *out = (struct writer_counts){
        .sequence = counter_read(&writer->sequence),
        .applied = counter_read(&writer->applied),
        .refused = counter_read(&writer->refused),
        .waiting = queue_count(writer->queue),
    };
    for (size_t kind = 0; kind < KIND_COUNT; kind++) {
        out->records[kind] = counter_read(&writer->records[kind]);
        out->standing[kind] = counter_read(&writer->standing[kind]);
    }
}
