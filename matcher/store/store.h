/* The durable store: what was acknowledged, on disk, checked by a checksum, in one order.
 *
 *   DIR/MARK   the newest acknowledged sequence (mark.h); locked by the process that has the store
 *   DIR/db     RocksDB, of three column families:
 *       records    key      -> sequence, day, bytes            the state
 *       history    sequence -> time, kind, key, day, bytes     the order; trimmed by age and size
 *       default    name     -> bytes                           what else is to be known: meta
 *
 * Keys and bytes are opaque here. Changes are committed in batches: a batch is whole on disk
 * (fsync) when store_commit says so, or is not there at all. Each value carries an XXH3 of itself
 * and its key, looked at with every read; RocksDB checks its blocks besides.
 *
 * What stops a write (a failed write or fsync, a full disk, damage found) stops all later ones:
 * nothing is tried twice on a file whose state is unknown. store_reopen closes, opens and verifies
 * everything; reads go on meanwhile where they can. A log that ends before MARK has lost what was
 * acknowledged: then the store does not open (DATA_LOSS), and is left as it was found.
 *
 * Threads: one writer commits, reopens and trims; gets, walks and backups are for any thread (a
 * walk holds store_reopen up); a scan has one owner and must end before store_reopen. RocksDB
 * itself ends the process when it finds no memory: what was acknowledged is on disk then.
 */
#ifndef HAIHE_STORE_STORE_H
#define HAIHE_STORE_STORE_H

#include "base/buffer.h"
#include "base/error.h"
#include "base/log.h"

enum { STORE_KEY_LIMIT_BYTES = 1024, STORE_NAME_LIMIT_BYTES = 64 };

struct store;

struct store_options {
    const char *directory; /* made when it is missing; or an empty one, or a store */
    struct log *log;       /* borrowed; NULL = none */
    size_t cache_bytes;    /* of blocks, their indexes and filters among them; 0: 64 MiB */
    bool read_only;        /* must exist; nothing is changed, commits are refused */
    uint32_t erase_days;   /* what was removed leaves the tables within about so long; 0: 30 */
    bool (*is_stopped)(void *context); /* ends store_reopen early; may be NULL */
    void *context;
};

/* NULL and an error otherwise: FAILED_PRECONDITION when the directory is no store, is of a newer
 * format, or is in use by another process; DATA_LOSS when damage was found, with its place;
 * RESOURCE_EXHAUSTED, UNAVAILABLE. */
struct store *store_open(const struct store_options *options, struct error *error);
/* No scan may be left. NULL is allowed. */
void store_close(struct store *store);

/* Of the newest change in the store; 0 = there has been none. */
uint64_t store_sequence(const struct store *store);
/* The day that the last batch with one had; false when none ever had. Writer, or before there is
 * one. */
bool store_day(const struct store *store, int32_t *day);

/* --- Changing --------------------------------------------------------------------------------- */

#define STORE_CHANGES(X)                                                                           \
    X(PUT, 1, "put")       /* a record, by a caller */                                             \
    X(REMOVE, 2, "remove") /* likewise; without bytes */                                           \
    X(TURN, 3, "turn")     /* a record, by the calendar */                                         \
    X(NOTE, 4, "note")     /* of meta: what the daemon was told, by name */
enum store_change_kind {
#define X(name, number, text) STORE_##name = number,
    STORE_CHANGES(X)
#undef X
};
/* "put" and so on; NULL when there is no such kind. */
const char *store_change_kind_name(enum store_change_kind kind);

struct store_change {
    uint64_t sequence;
    int64_t time_ms; /* when it was made, since 1970-01-01T00:00:00Z */
    enum store_change_kind kind;
    int32_t day;      /* by which the record was read, days since 1970-01-01 */
    uint64_t before;  /* the change of the record that it replaces or removes; 0: of none */
    struct str key;   /* of 1 to STORE_KEY_LIMIT_BYTES; of a note: its name */
    struct str bytes; /* of the record, or of the note */
};

/* A batch being put together; the writer's. */
struct store_batch;
/* NULL when there is no memory. */
struct store_batch *store_batch_new(void);
/* NULL is allowed. */
void store_batch_free(struct store_batch *batch);
void store_batch_clear(struct store_batch *batch);
/* Copies. Sequences follow one another; no name is noted twice in a batch. False when there is no
 * memory (nothing changed). */
bool store_batch_add(struct store_batch *batch, const struct store_change *change);
/* Takes the newest change back. */
void store_batch_drop_last(struct store_batch *batch);
/* Becomes the store's day with this batch. */
void store_batch_set_day(struct store_batch *batch, int32_t day);
size_t store_batch_count(const struct store_batch *batch);
/* The bytes of a change, index < count: a view until the batch changes. */
struct str store_batch_bytes(const struct store_batch *batch, size_t index);

/* True: all of it is durable, and the store's sequence is that of its last change. False: whether
 * it is there is not known before store_reopen, and commits fail until then, with the first
 * error again. An empty batch without a day is nothing. */
bool store_commit(struct store *store, const struct store_batch *batch, struct error *error);
/* After a failure: closes, opens, and verifies (store_verify). Whether the batch that failed is
 * there, the sequence tells. False: as before. */
bool store_reopen(struct store *store, uint64_t *record_count, struct error *error);

/* --- Reading ---------------------------------------------------------------------------------- */

enum store_found { STORE_FOUND, STORE_ABSENT, STORE_FAILED };

struct store_record {
    uint64_t sequence;
    int32_t day;
    struct str key;
    struct str bytes;
};

/* The record of a key; its bytes are in `buffer` then. STORE_FAILED and an error: DATA_LOSS,
 * RESOURCE_EXHAUSTED, UNAVAILABLE. */
enum store_found store_get(struct store *store, struct str key, struct buffer *buffer,
                           struct store_record *out, struct error *error);
/* A change; STORE_ABSENT when it is not held, any longer or yet. */
enum store_found store_get_change(struct store *store, uint64_t sequence, struct buffer *buffer,
                                  struct store_change *out, struct error *error);
/* The newest note of a name. */
enum store_found store_get_note(struct store *store, struct str name, struct buffer *buffer,
                                struct str *out, struct error *error);
/* The oldest change held; store_sequence + 1 when none is. */
uint64_t store_first_held(const struct store *store);

/* A walk over records in the order of their keys. */
struct store_scan;
/* `count` scans over one state of the store, which together see each record once, in parts of
 * about one size. False and an error, then there are none. */
bool store_scans_new(struct store *store, size_t count, struct store_scan **scans,
                     struct error *error);
/* NULL is allowed. */
void store_scan_free(struct store_scan *scan);
/* The next record, a view until the next call; STORE_ABSENT at the end. STORE_FAILED: what follows
 * cannot be read, the error says where. */
enum store_found store_scan_next(struct store_scan *scan, struct store_record *out,
                                 struct error *error);

/* A walk over changes, oldest first. */
struct store_walk;
/* From that change on, which must be held or be the next one: OUT_OF_RANGE when it is no longer.
 * NULL and an error otherwise. */
struct store_walk *store_walk_new(struct store *store, uint64_t from, struct error *error);
/* NULL is allowed. */
void store_walk_free(struct store_walk *walk);
/* As store_scan_next. Changes that are missing in between are an error too. */
enum store_found store_walk_next(struct store_walk *walk, struct store_change *out,
                                 struct error *error);

/* --- Repair ----------------------------------------------------------------------------------- */

struct store_repair_options {
    const char *from; /* a store, perhaps damaged; it is not changed */
    const char *to;   /* a directory to be made */
    /* Told each thing that could not be kept, as a line of text. */
    void (*on_loss)(void *context, const char *what);
    void *context;
};
struct store_repair_result {
    uint64_t record_count;   /* kept */
    uint64_t restored_count; /* of those, from the history */
    uint64_t change_count;   /* of the history */
    uint64_t loss_count;     /* lines told */
    uint64_t sequence;
};
/* Makes a sound store of what is sound in another one: every record with a right checksum, those
 * that were lost and are in the history still, and of the history the newest part without a gap.
 * True also when something was lost: that is in the result. False and an error when nothing can be
 * read, or the new store not be written. */
bool store_repair(const struct store_repair_options *options, struct store_repair_result *out,
                  struct error *error);

/* What the records of scans that reached their end add up to: the store's own sum, or records were
 * lost or came back. False and an error: DATA_LOSS. Writer, before any change. */
uint64_t store_scan_sum(const struct store_scan *scan);
bool store_check_sum(const struct store *store, uint64_t sum, struct error *error);

/* --- Upkeep ----------------------------------------------------------------------------------- */

/* Forgets changes of the history: all made before `before_ms`, and the oldest while it takes more
 * than limit_bytes; the newest stays. False and an error; then writes have stopped. Writer. Cost:
 * a look at one change in a thousand. */
bool store_trim(struct store *store, int64_t before_ms, uint64_t limit_bytes, struct error *error);

/* A copy of the store in a new directory, by hard links where it can be; it can be opened like any
 * store. *sequence is its newest change. */
bool store_backup(struct store *store, const char *directory, uint64_t *sequence,
                  struct error *error);

struct store_sizes {
    uint64_t records_bytes, history_bytes; /* on disk, the log left out */
    uint64_t memory_bytes;                 /* tables being filled, and the cache */
};
void store_sizes(struct store *store, struct store_sizes *out);

/* Reads all records with their checksums; *count is how many. False: the error names the first
 * damage. */
bool store_verify(struct store *store, uint64_t *count, struct error *error);
/* The same, and all of the history: it has no gaps, and the records are exactly those that its
 * changes left. */
struct store_findings {
    uint64_t record_count, change_count;
};
bool store_check(struct store *store, struct store_findings *out, struct error *error);

#endif
