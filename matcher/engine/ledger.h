/* The ledger: changes of one group on their way to the store, and the way back.
 *
 *   book: each change --ledger_add--> [ batch | steps ] --store_commit--> durable: forget the steps
 *                                                     \-> failed: undo them, newest first
 *
 * Keys of the store are [ kind u8 | length of platform u8 | platform | id ], its bytes are the
 * originals. Without a store (records in memory alone) nothing is noted and every group is durable
 * at once. Thread: the writer.
 */
#ifndef HAIHE_ENGINE_LEDGER_H
#define HAIHE_ENGINE_LEDGER_H

#include "core/entry.h"
#include "model/limits.h"
#include "store/store.h"

/* One change: what the key had before and has now; NULL: no record; both NULL: a note. Both are the
 * book's, which keeps them until the next publication. */
struct ledger_step {
    const struct entry *before, *after;
};

struct ledger {
    struct store *store;       /* borrowed; NULL: none */
    struct store_batch *batch; /* owned */
    struct ledger_step *steps; /* owned; one a change */
    size_t step_count, step_capacity;
    struct buffer bytes; /* read from the store */
    int64_t now_ms;      /* the time that changes get */
    int32_t day;         /* and the day */
};

/* False when there is no memory; release cleans up. */
bool ledger_init(struct ledger *ledger);
void ledger_release(struct ledger *ledger);

enum { LEDGER_KEY_LIMIT_BYTES = 2 + 2 * KEY_PART_LIMIT_BYTES };
static_assert((int)LEDGER_KEY_LIMIT_BYTES <= (int)STORE_KEY_LIMIT_BYTES, "keys fit");

struct str ledger_key(enum record_kind kind, struct key key, char out[LEDGER_KEY_LIMIT_BYTES]);
/* Views into the store's key. False when it is none of ours. */
bool ledger_read_key(struct str bytes, enum record_kind *kind, struct key *key);

/* Notes a change, which is about to get that sequence: of a record, `after` with its original, or
 * `before` when it is removed. False when there is no memory (nothing changed). */
bool ledger_add(struct ledger *ledger, enum store_change_kind kind, uint64_t sequence,
                const struct entry *before, const struct entry *after, struct str original);
/* Notes what the daemon was told under a name, likewise. */
bool ledger_add_note(struct ledger *ledger, uint64_t sequence, struct str name, struct str bytes);
/* The change could not be made after all. */
void ledger_drop_last(struct ledger *ledger);
/* All of the group is settled. */
void ledger_clear(struct ledger *ledger);

/* The original of a record of the book, of this group or the store: a view until the next call.
 * False and an error. */
bool ledger_original(struct ledger *ledger, const struct entry *entry, struct str *original,
                     struct error *error);

/* The original of any record that a reader sees, the newest or one that was replaced. Any thread;
 * in `buffer`. */
bool ledger_find_original(struct store *store, const struct entry *entry, struct buffer *buffer,
                          struct str *original, struct error *error);

#endif
