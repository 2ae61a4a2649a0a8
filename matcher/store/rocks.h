/* RocksDB as this store uses it: options, opening, its errors in ours.
 *
 * Memory (bounded for a machine of two cores and a few GiB): a table being filled is 32 MiB, of the
 * two that are in use at most 3 each may wait to be written, 160 MiB in all; the cache holds blocks
 * with their indexes and filters. Threads: one writes tables, one compacts; so the searches keep
 * their core. Open files: at most ROCKS_FILE_LIMIT.
 */
#ifndef HAIHE_STORE_ROCKS_H
#define HAIHE_STORE_ROCKS_H

#include <rocksdb/c.h>

#include "base/error.h"
#include "base/log.h"

enum rocks_family { FAMILY_META, FAMILY_RECORDS, FAMILY_HISTORY, FAMILY_COUNT };

enum { ROCKS_FILE_LIMIT = 512 };

/* A database and what goes with it; all NULL when closed. */
struct rocks {
    rocksdb_t *db;
    rocksdb_column_family_handle_t *families[FAMILY_COUNT];
};

/* What is the same for every opening. */
struct rocks_setup {
    rocksdb_options_t *options[FAMILY_COUNT]; /* those of FAMILY_META are the database's too */
    rocksdb_block_based_table_options_t *tables[FAMILY_COUNT];
    rocksdb_cache_t *cache;
    rocksdb_env_t *env;
    rocksdb_logger_t *log;
    rocksdb_writeoptions_t *synced;
    rocksdb_readoptions_t *reading; /* of single values */
};

/* `log` is borrowed, may be NULL. False when there is no memory; release cleans up. */
bool rocks_setup_init(struct rocks_setup *setup, size_t cache_bytes, struct log *log);
/* Tables older than that are compacted, so that what was deleted in them goes. False when there is
 * no memory. */
bool rocks_set_period(struct rocks_setup *setup, uint32_t days);
void rocks_setup_release(struct rocks_setup *setup);

enum rocks_mode {
    ROCKS_CREATE,    /* what is missing is made */
    ROCKS_WRITE,     /* everything must be there */
    ROCKS_READ_ONLY, /* and nothing is changed */
    ROCKS_SALVAGE,   /* likewise; what can be read of the log behind damage is read */
};
/* False and an error: DATA_LOSS, RESOURCE_EXHAUSTED, UNAVAILABLE; then it is closed. */
bool rocks_open(struct rocks *out, const struct rocks_setup *setup, const char *directory,
                enum rocks_mode mode, struct error *error);
/* Also a closed one. */
void rocks_close(struct rocks *rocks);

/* Reports `message`, which it frees: DATA_LOSS for damage, RESOURCE_EXHAUSTED for a full disk,
 * UNAVAILABLE else. Always false. `doing`: "written", "read". */
bool rocks_fail(char *message, const char *doing, struct error *error);

/* Static. */
const char *rocks_family_name(enum rocks_family family);

#endif
