/* The writer's own state, shared by its two files: writer.c (groups, publications, the thread) and
 * writer_store.c (starting from the store, committing, what follows a failure). Thread: the
 * writer's, but for what is atomic or has a lock. */
#ifndef HAIHE_ENGINE_WRITER_INTERNAL_H
#define HAIHE_ENGINE_WRITER_INTERNAL_H

#include <pthread.h>

#include "base/queue.h"
#include "engine/book.h"
#include "engine/writer.h"

struct writer {
    struct queue *queue; /* of struct change_job; theirs until done */
    struct clock clock;
    struct log *log;
    uint32_t group_limit;
    struct change_job **group; /* group_limit of them */
    struct book book;
    struct day_turn turn;
    struct publication publication;
    pthread_t thread;
    const struct engine_options *options; /* a copy, owned */

    struct store *_Atomic store; /* owned; NULL: none, or not yet ready */
    _Atomic int state;           /* enum engine_state */
    pthread_mutex_t failure_lock;
    struct error failure; /* under its lock */
    counter records_read; /* while starting */
    int64_t reopen_ns;    /* when the store is to be tried again; INT64_MAX: never */
    int64_t reopen_wait_s;
    int64_t trim_ns;

    /* For writer_count, of the newest root. */
    counter sequence, records[KIND_COUNT], standing[KIND_COUNT];
    counter applied, refused;
};

/* Makes what the book holds visible, if anything changed. */
void writer_publish(struct writer *writer);

/* --- writer_store.c --------------------------------------------------------------------------- */

/* Reads everything from the store and publishes it. False and an error. */
bool writer_start(struct writer *writer, struct error *error);
/* `failure` is what writer_state tells from now on; NULL: as before. */
void writer_set_state(struct writer *writer, enum engine_state state, const struct error *failure);
/* The store has failed and is not yet open again: no changes may be made. */
bool writer_has_failed(const struct writer *writer);
/* The store has failed: no changes until writer_recover has opened it again. */
void writer_stop_changes(struct writer *writer, const struct error *error);
/* Before changes are made. */
void writer_open_group(struct writer *writer);
/* Makes durable what was booked since. False: whether it is, is not known, and the store has
 * failed; the book keeps the changes unpublished until writer_recover knows. */
bool writer_commit(struct writer *writer);
/* Opens a store that failed again when it is time to try. */
void writer_recover(struct writer *writer);
/* Forgets what is too old in the history, once a minute. */
void writer_trim(struct writer *writer);

#endif
