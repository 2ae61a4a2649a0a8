/* MARK: how far the log must reach, and whose the store is.
 *
 *   DIR/MARK  one sector: [ "haihe-store-1\n" .. | sequence | writes | xxh3 | 0 .. ]
 *
 * RocksDB's log ends, after a crash, at the first entry that is not whole: it cannot tell a batch
 * that was never acknowledged from one that was and is damaged. The mark can: it is written behind
 * each commit, without an fsync of its own (it may be behind, never ahead), and a log that ends
 * before it has lost something. A disk writes a sector whole or not at all, so the mark is an older
 * one at the worst.
 * The open file holds a lock (flock) for the life of the process: one store, one process.
 */
#ifndef HAIHE_STORE_MARK_H
#define HAIHE_STORE_MARK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct mark {
    int fd; /* owned; -1: none */
    uint64_t sequence;
    uint64_t write_count; /* of the state then: batches without a change count, too */
};

enum { MARK_BYTES = 512 };

/* Takes the lock and reads. FAILED_PRECONDITION: there is none, or another process has it;
 * DATA_LOSS: it is not as it was written. *out is to be closed only on success. */
bool mark_open(struct mark *out, const char *directory, bool read_only, struct error *error);
/* Makes one with the given sequence, whole and durable when it returns, and opens it; an older one
 * is replaced. */
bool mark_create(struct mark *out, const char *directory, uint64_t sequence, uint64_t write_count,
                 struct error *error);
/* Makes the names in the directory, and its own, outlive a power cut: once, before anything is
 * acknowledged. The parent may be another's (EACCES is no failure). */
bool mark_sync_names(const char *directory, struct error *error);
bool mark_exists(const char *directory);
/* Only when the change is durable; the first time in a store's life the mark is, too. A failure is
 * of no consequence until the next start, which would look for less. */
void mark_advance(struct mark *mark, uint64_t sequence, uint64_t write_count);
/* Makes it durable, as far as that can be had, and gives up the lock. */
void mark_close(struct mark *mark);

#endif
