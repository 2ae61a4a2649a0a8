/* How the store's values are laid out, and read back with distrust.
 *
 *   record   [ xxh3 | sequence u64 | day i32 | format u32 | bytes .. ]
 *   change   [ xxh3 | time i64 | before u64 | day i32 | kind u8 | 0 | key length u16 | key .. |
 *              bytes .. ]
 *   note     [ xxh3 | bytes .. ]
 *   state    a note: [ sequence u64 | first u64 | writes u64 | sum of records u64 | of notes u64 |
 *                      day i32 | 0 or 1: there is a day ]
 *
 * Little-endian. The hash (XXH3, 64 bits) is of the value's key and of everything behind the hash,
 * so that neither a changed byte nor a value under another's key passes. A change's key is its
 * sequence, 8 bytes big-endian, so that they are in order. Thread: any.
 */
#ifndef HAIHE_STORE_VALUE_H
#define HAIHE_STORE_VALUE_H

#include "store/store.h"

enum {
    VALUE_HASH_BYTES = 8,
    VALUE_RECORD_HEAD_BYTES = 24,
    VALUE_CHANGE_HEAD_BYTES = 32,
    VALUE_SEQUENCE_KEY_BYTES = 8,
};

void value_sequence_key(uint64_t sequence, char out[VALUE_SEQUENCE_KEY_BYTES]);
/* False when it has another length. */
bool value_read_sequence_key(struct str key, uint64_t *sequence);

/* The heads; behind them come the bytes, of a change the key first. */
void value_record_head(const struct store_record *record, char out[VALUE_RECORD_HEAD_BYTES]);
void value_change_head(const struct store_change *change, char out[VALUE_CHANGE_HEAD_BYTES]);
void value_note_head(struct str name, struct str bytes, char out[VALUE_HASH_BYTES]);

/* Views into key and value. False when they are not what was written. */
bool value_read_record(struct str key, struct str value, struct store_record *out);
bool value_read_change(struct str key, struct str value, struct store_change *out);
bool value_read_note(struct str name, struct str value, struct str *out);

/* What the store is as a whole, written with every batch.
 *
 * A record counts as the number value_made gives for it, a note as value_noted; the sums (modulo
 * 2^64) are over all that are there. So a table that is lost with all its records is seen, whatever
 * else is sound. */
struct state {
    uint64_t sequence;    /* of the newest change */
    uint64_t first;       /* change that the history holds */
    uint64_t write_count; /* batches, of any kind */
    uint64_t record_sum, note_sum;
    bool has_day;
    int32_t day;
};

enum { VALUE_STATE_BYTES = 48 };

uint64_t value_made(uint64_t sequence, struct str key);
uint64_t value_noted(struct str name, struct str bytes);
void value_state(const struct state *state, char out[VALUE_STATE_BYTES]);
/* False when it is not what was written. */
bool value_read_state(struct str bytes, struct state *out);

#endif
