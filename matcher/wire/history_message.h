/* haihe.v1.AdminService.History: a page of changes, written as they stand in the store. Thread:
 * any. */
#ifndef HAIHE_WIRE_HISTORY_MESSAGE_H
#define HAIHE_WIRE_HISTORY_MESSAGE_H

#include "base/arena.h"
#include "model/record.h"
#include "store/store.h"

struct history_request {
    uint64_t from;  /* 0: so that the page ends with the newest */
    uint32_t limit; /* 1..1000 */
    bool with_records;
};
bool wire_read_history(struct str bytes, struct arena *arena, struct history_request *out,
                       struct error *error);

/* A change with the record's key; `record` is 0 for a note. */
struct history_change {
    const struct store_change *change;
    enum record_kind record;
    struct key key;
    bool with_record;
};
/* An answer is written piece by piece. False when there is no memory, or room. */
bool wire_write_history_change(struct buffer *out, const struct history_change *change);
bool wire_write_history_bounds(struct buffer *out, uint64_t oldest, uint64_t newest);

#endif
