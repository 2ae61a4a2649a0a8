/* The thread fills one batch at a time and pushes it when it is full, before each read (which may
 * wait), and at the end. The queue has the bound; `posted` keeps the one loop task from being
 * posted twice. A taker that finds nothing is told again by the next task. */
#include "haihectl/load_reader.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/memory.h"
#include "base/queue.h"
#include "wire/json_message.h"

#include "base/banned.h"

enum {
    BATCH_LIMIT_BYTES = 64 * 1024 * 1024, /* of messages; a full one is pushed long before */
    BATCH_FULL_BYTES = 1024 * 1024,
    ARENA_LIMIT_BYTES = 64 * 1024 * 1024,
};

struct load_reader {
    struct load_reader_options options;
    struct queue *queue;
    struct load_batch *batch; /* in the making */
    struct source *source;
    struct arena arena;
    uint64_t row_count;
    uint64_t earlier_bytes; /* of files done */
    int stop_fd;
    bool stopped;
    struct loop_task task;
    _Atomic bool posted;
    bool is_stopping; /* the loop thread's */
    pthread_t thread;
};

void load_batch_free(struct load_batch *batch)
{
    if (!batch)
        return;
    for (size_t i = 0; i < batch->count; i++)
        memory_free(batch->rows[i].error);
    buffer_release(&batch->bytes);
    memory_free(batch);
}

struct str load_batch_text(const struct load_batch *batch, struct load_slice slice)
{
    if (slice.size_bytes == 0)
        return (struct str){NULL, 0};
    return (struct str){batch->bytes.data + slice.start, (uint32_t)slice.size_bytes};
}

static struct load_batch *batch_new(void)
{
    struct load_batch *batch = memory_must_zeroed(1, sizeof(*batch));
    buffer_init(&batch->bytes, BATCH_LIMIT_BYTES);
    return batch;
}

/* On the loop's thread. */
static void run_task(struct loop_task *task)
{
    struct load_reader *reader =
        (struct load_reader *)((char *)task - offsetof(struct load_reader, task));
    atomic_store(&reader->posted, false);
    if (!reader->is_stopping)
        reader->options.on_ready(reader->options.context);
}

static void push_batch(struct load_reader *reader, bool last)
{
    struct load_batch *batch = reader->batch;
    batch->last = last;
    batch->read_bytes =
        reader->earlier_bytes + (reader->source ? source_read_bytes(reader->source) : 0);
    reader->batch = NULL;
    if (!queue_push(reader->queue, batch)) {
        load_batch_free(batch);
        reader->stopped = true;
        return;
    }
    if (!atomic_exchange(&reader->posted, true))
        loop_post(reader->options.loop, &reader->task);
}

static void before_read(void *context)
{
    struct load_reader *reader = context;
    if (reader->batch && reader->batch->count > 0)
        push_batch(reader, false);
}

/* --- Rows ----------------------------------------------------------------------------------- */

static void put_key(struct load_batch *batch, struct load_row *row, const json_t *record)
{
    const json_t *key = json_object_get(record, "key");
    const char *platform = json_string_value(json_object_get(key, "platform"));
    const char *id = json_string_value(json_object_get(key, "id"));
    row->key.start = batch->bytes.length_bytes;
    if (platform || id)
        buffer_printf(&batch->bytes, "%.80s:%.80s", platform ? platform : "", id ? id : "");
    row->key.size_bytes = batch->bytes.length_bytes - row->key.start;
}

static void put_error(struct load_row *row, const struct error *why)
{
    row->error = memory_must_zeroed(1, sizeof(*row->error));
    *row->error = *why;
}

static void put_message(struct load_reader *reader, struct load_row *row, json_t *record)
{
    struct load_batch *batch = reader->batch;
    const char *change =
        reader->options.source.kind == SOURCE_VACANCY ? "upsert_vacancy" : "upsert_applicant";
    struct error why;
    json_t *request = json_object();
    json_object_set_new(request, "request_id", json_integer((json_int_t)reader->row_count));
    json_object_set(request, change, record);
    row->message.start = batch->bytes.length_bytes;
    if (wire_json_encode("haihe.v1.ApplyRequest", request, &reader->arena, &batch->bytes, &why)) {
        row->message.size_bytes = batch->bytes.length_bytes - row->message.start;
    } else {
        batch->bytes.length_bytes = row->message.start;
        batch->bytes.failed = false;
        put_error(row, &why);
    }
    arena_clear(&reader->arena);
    json_decref(request);
}

static void put_row(struct load_reader *reader, const struct source_row *source_row)
{
    if (!reader->batch)
        reader->batch = batch_new();
    struct load_batch *batch = reader->batch;
    struct load_row *row = &batch->rows[batch->count++];
    reader->row_count++;
    row->file = reader->options.source.path;
    row->line = source_row->line;
    row->format = source_format(reader->source);
    row->note.start = batch->bytes.length_bytes;
    buffer_append_str(&batch->bytes, source_row->note);
    row->note.size_bytes = batch->bytes.length_bytes - row->note.start;
    if (source_row->record) {
        put_key(batch, row, source_row->record);
        put_message(reader, row, source_row->record);
    } else {
        put_error(row, &source_row->error);
    }
    if (batch->count == LOAD_BATCH_ROWS || batch->bytes.length_bytes > BATCH_FULL_BYTES)
        push_batch(reader, false);
}

/* --- The thread ----------------------------------------------------------------------------- */

/* "file: how it is read" into the batch, which holds one such text: that of its first file. */
static void put_remark(struct load_reader *reader)
{
    if (!reader->batch)
        reader->batch = batch_new();
    struct load_batch *batch = reader->batch;
    struct buffer remark;
    buffer_init(&remark, 1024);
    source_remark(reader->source, &remark);
    if (remark.length_bytes > 0 && batch->remark.size_bytes == 0) {
        batch->remark.start = batch->bytes.length_bytes;
        buffer_printf(&batch->bytes, "file '%.500s': %.*s", reader->options.source.path,
                      (int)remark.length_bytes, remark.data);
        batch->remark.size_bytes = batch->bytes.length_bytes - batch->remark.start;
    }
    buffer_release(&remark);
}

static bool read_file(struct load_reader *reader, const char *path, struct error *error)
{
    reader->options.source.path = path;
    reader->source = source_open(&reader->options.source, error);
    if (!reader->source)
        return false;
    enum source_status status = SOURCE_ROW;
    for (bool first = true; status == SOURCE_ROW && !reader->stopped; first = false) {
        struct source_row row;
        status = source_next(reader->source, &row, error);
        if (first)
            put_remark(reader);
        if (status == SOURCE_ROW)
            put_row(reader, &row);
        if (status == SOURCE_ROW)
            json_decref(row.record);
    }
    reader->stopped |= status == SOURCE_STOPPED;
    reader->earlier_bytes += source_read_bytes(reader->source);
    source_close(reader->source);
    reader->source = NULL;
    return status != SOURCE_FAILED;
}

static void *run(void *argument)
{
    struct load_reader *reader = argument;
    struct error failure = {.code = ERROR_OK};
    for (size_t i = 0; i < reader->options.file_count && !reader->stopped; i++)
        if (!read_file(reader, reader->options.files[i], &failure))
            break;
    if (!reader->batch)
        reader->batch = batch_new();
    reader->batch->failure = failure;
    push_batch(reader, true);
    return NULL;
}

struct load_reader *load_reader_start(const struct load_reader_options *options,
                                      struct error *error)
{
    struct load_reader *reader = memory_must_zeroed(1, sizeof(*reader));
    reader->options = *options;
    reader->stop_fd = eventfd(0, EFD_CLOEXEC);
    reader->options.source.stop_fd = reader->stop_fd;
    reader->options.source.before_read = before_read;
    reader->options.source.context = reader;
    reader->task.run = run_task;
    reader->queue = queue_new(LOAD_QUEUE_BATCHES);
    arena_init(&reader->arena, ARENA_LIMIT_BYTES);
    if (reader->stop_fd >= 0 && reader->queue &&
        pthread_create(&reader->thread, NULL, run, reader) == 0)
        return reader;
    error_set(error, ERROR_RESOURCE_EXHAUSTED, "no thread can be started to read the files");
    if (reader->stop_fd >= 0)
        close(reader->stop_fd);
    queue_free(reader->queue);
    memory_free(reader);
    return NULL;
}

struct load_batch *load_reader_take(struct load_reader *reader)
{
    void *batch = NULL;
    return queue_pop_many(reader->queue, &batch, 1, 0) == 1 ? batch : NULL;
}

void load_reader_stop(struct load_reader *reader)
{
    if (!reader)
        return;
    uint64_t one = 1;
    if (write(reader->stop_fd, &one, sizeof(one)) < 0)
        abort(); /* an eventfd that was never written takes a 1 */
    queue_close(reader->queue);
    pthread_join(reader->thread, NULL);
    reader->is_stopping = true;
    loop_run_posted(reader->options.loop); /* the task is part of the reader */
    struct load_batch *batch;
    while ((batch = load_reader_take(reader)) != NULL)
        load_batch_free(batch);
    load_batch_free(reader->batch);
    queue_free(reader->queue);
    arena_release(&reader->arena);
    close(reader->stop_fd);
    memory_free(reader);
}
