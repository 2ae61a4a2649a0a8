/* The store's own state, shared by the files of this folder. */
#ifndef HAIHE_STORE_STORE_INTERNAL_H
#define HAIHE_STORE_STORE_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>

#include "store/mark.h"
#include "store/rocks.h"
#include "store/store.h"

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
    bool has_day;
    int32_t day;
};

/* Names in meta that are the store's own; notes have names of their own behind a prefix. */
#define META_FORMAT   STR("format")
#define META_SEQUENCE STR("sequence")
#define META_FIRST    STR("first")
#define META_DAY      STR("day")
#define META_NOTE     "note:"

enum { STORE_FORMAT = 1 };

/* For readers, around each use of store->rocks: false and an error when it is closed, then there is
 * nothing to leave. */
bool store_enter(struct store *store, struct error *error);
void store_leave(struct store *store);

/* The value of a name in meta. */
enum store_found store_get_meta(struct store *store, struct str name, struct buffer *buffer,
                                struct str *out, struct error *error);
/* The same of a number; 0 when it is absent. False and an error. */
bool store_get_meta_number(struct store *store, struct str name, uint64_t *out,
                           struct error *error);

#endif
