/* The reading half of a load, on a thread of its own: files -> rows -> encoded ApplyRequests.
 *
 *   reader thread: source_next -> wire_json_encode -> batch -> queue -> on_ready   (loop's thread)
 *
 * So parsing and sending overlap, a slow pipe does not hold up answers, and rows that are ready go
 * out before the reader waits for more. Bounded: at most LOAD_QUEUE_BATCHES wait.
 * Thread: start, take and stop belong to the loop's thread.
 */
#ifndef HAIHE_HAIHECTL_LOAD_READER_H
#define HAIHE_HAIHECTL_LOAD_READER_H

#include "base/buffer.h"
#include "haihectl/source.h"
#include "net/loop.h"

/* A batch is what 256 KiB of input give, or less; eight of them are a second of sending. */
enum { LOAD_BATCH_ROWS = 256, LOAD_QUEUE_BATCHES = 8 };

/* A slice of a batch's bytes. */
struct load_slice {
    size_t start, size_bytes;
};

struct load_row {
    const char *file; /* as the user named it */
    uint64_t line;
    enum source_format format;
    struct load_slice message; /* the ApplyRequest; empty when the row is refused here */
    struct load_slice key;     /* "platform:id", as far as the row states it */
    struct load_slice note;    /* what was left out */
    struct error *error;       /* owned; NULL unless the row is refused here */
};

struct load_batch {
    struct load_batch *next; /* the taker's */
    struct buffer bytes;
    struct load_row rows[LOAD_BATCH_ROWS];
    size_t count;
    struct load_slice remark; /* how the file that begins in it is read; "" = plainly */
    uint64_t read_bytes;      /* of all files, when the batch was made */
    bool last;
    struct error failure; /* of the last batch: why reading ended early; code OK otherwise */
};

struct load_reader;

struct load_reader_options {
    char *const *files; /* borrowed, as is everything here */
    size_t file_count;
    struct source_options source; /* path, stop_fd and before_read are the reader's */
    struct loop *loop;
    void (*on_ready)(void *context); /* on the loop's thread: load_reader_take has something */
    void *context;
};

/* NULL and an error when there is no thread or memory. Request ids count rows from 1. */
struct load_reader *load_reader_start(const struct load_reader_options *options,
                                      struct error *error);
/* The next batch, the caller's, or NULL when none is ready. Nothing comes behind the last one. */
struct load_batch *load_reader_take(struct load_reader *reader);
/* Ends the thread, also in the middle. NULL is allowed. */
void load_reader_stop(struct load_reader *reader);

void load_batch_free(struct load_batch *batch); /* NULL is allowed */
struct str load_batch_text(const struct load_batch *batch, struct load_slice slice);

#endif
