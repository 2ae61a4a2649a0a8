/* The book: the records as the writer sees them, changes not yet published included.
 *
 * Every change goes through here, one by one: read, gate, check, give a sequence number, note in
 * the ledger, keep. A refused change leaves the book as it was, and a group that did not become
 * durable can be undone. What a change replaces is collected as garbage of the next publication.
 * Thread: the writer.
 */
#ifndef HAIHE_ENGINE_BOOK_H
#define HAIHE_ENGINE_BOOK_H

#include "base/buffer.h"
#include "engine/ledger.h"
#include "engine/root.h"

struct book {
    const struct model *model;       /* borrowed */
    struct publication *publication; /* borrowed; for what readers share */
    struct collection_writer *collections[KIND_COUNT];
    struct original_reader *reader;
    struct ledger ledger;          /* of the changes not yet durable */
    struct arena arena;            /* of the change being made */
    struct retired_list retired;   /* replaced and removed since the last publication */
    bool dirty[KIND_COUNT];        /* a collection or an index differs from the published one */
    uint64_t sequence;             /* of the newest change */
    uint64_t standing[KIND_COUNT]; /* vacancies that are open, applicants that are active */
    int32_t today;
};

/* False when there is no memory; release cleans up. */
bool book_init(struct book *book, const struct model *model, struct publication *publication,
               size_t arena_bytes, int32_t today);
/* One slice of tidying the indexes; `patience` as index_maintain has it. True when something has
 * changed that is to be published. */
bool book_tidy(struct book *book, size_t patience);
/* Frees all records too; nobody may see them any more. */
void book_release(struct book *book);

/* Makes one change from an encoded ApplyRequest and appends the encoded ApplyResponse. True when it
 * was applied; false when it was refused, which the response says as well. The response is empty
 * when there was no memory even for that. */
bool book_apply(struct book *book, struct str request, struct buffer *response);

/* Where a day's turn stands. */
struct day_turn {
    enum record_kind kind; /* 0: none is under way */
    size_t slot;
};
/* Goes on with a turn to book->today: records whose day has come change as changes of their own, at
 * most `limit` of them. True when the turn is complete; false when the limit was reached, memory
 * was short, or the store cannot be read: then *error says so (its code is OK otherwise). Call it
 * again.
 */
bool book_turn_day(struct book *book, struct day_turn *turn, uint32_t limit, struct error *error);

/* For both: puts the entry into the slot (SIZE_MAX: a free one) as the next change. Takes it; false
 * when there is no memory (nothing changed, it is freed). */
bool book_put(struct book *book, enum store_change_kind kind, struct entry *entry_take, size_t slot,
              struct str original);

/* Notes a change of what the daemon was told, as the next change. */
bool book_note(struct book *book, struct str name, struct str bytes);

/* Takes the changes of the ledger back: every key has again the record that it had before them, and
 * the sequence is that of then. False when there is no memory: call it again. */
bool book_undo(struct book *book);

/* While the records are read at the start: puts a record that is in the store, with its sequence,
 * and not into the index. Takes it; false when there is no memory (it is freed). */
bool book_restore(struct book *book, struct entry *entry_take);

#endif
