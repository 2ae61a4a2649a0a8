/* The store's own state, shared by the files of this folder. */
#ifndef HAIHE_STORE_STORE_INTERNAL_H
#define HAIHE_STORE_STORE_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>

#include "store/mark.h"
#include "store/rocks.h"
#include "store/store.h"
#include "store/value.h"

struct store {
    char *directory, *database; /* owned; "DIR", "DIR/db" */
    struct log *log;
    bool read_only;
    struct mark mark;
    struct rocks_setup setup;
    pthread_rwlock_t lock; /* of rocks: held for reading by any use but the writer's own */
    struct rocks rocks;    /* closed after a reopening that failed */
    bool failed;           /* writes have stopped, because of: */
    struct error failure;
    _Atomic uint64_t sequence; /* of the newest durable change */
    _Atomic uint64_t first_held;
    bool (*is_stopped)(void *context);
    void *context;
    int64_t flushed_ns; /* CLOCK_MONOTONIC */
    struct state state; /* of the newest durable batch; the writer's */
};

/* Names in meta that are the store's own; notes have names of their own behind a prefix. */
#define META_FORMAT STR("format")
#define META_STATE  STR("state")
#define META_NOTE   "note:"

enum { STORE_FORMAT = 1 };

/* For readers, around each use of store->rocks: false and an error when it is closed, then there is
 * nothing to leave. */
bool store_enter(struct store *store, struct error *error);
void store_leave(struct store *store);

/* The value of a name in meta. */
enum store_found store_get_meta(struct store *store, struct str name, struct buffer *buffer,
                                struct str *out, struct error *error);
/* Of a database that nobody changes. False and an error: DATA_LOSS when there is none, or notes are
 * not those that it counts. */
bool store_get_state(struct store *store, struct state *out, struct error *error);

void store_put_meta(const struct store *store, rocksdb_writebatch_t *batch, struct str name,
                    struct str bytes);
/* Writes a batch with the state that it leads to, synced; then that is the store's. False and an
 * error: no more writes. Frees the batch. */
bool store_write(struct store *store, rocksdb_writebatch_t *batch_take, const struct state *state,
                 struct error *error);

#endif
