/* The messages that wait to be sent on one call, and their framing.
 *
 *   entries [ . | a | b | c | . ]    a ring; `a` is partly sent up to sent_bytes (prefix included)
 *                 ^head
 *
 * Who adds bounds it: rpc_outbox_bytes counts an entry's own cost too, so that empty messages are
 * not free. Thread: one owner.
 */
#ifndef HAIHE_RPC_OUTBOX_H
#define HAIHE_RPC_OUTBOX_H

#include "base/str.h"

struct rpc_outbox_entry {
    uint8_t *bytes; /* owned */
    uint32_t size_bytes;
};

enum { OUTBOX_INLINE = 2, OUTBOX_ENTRY_COST_BYTES = 32 };

struct rpc_outbox {
    struct rpc_outbox_entry first[OUTBOX_INLINE]; /* the ring of a unary call */
    struct rpc_outbox_entry *more;                /* the ring once it has outgrown `first`; owned */
    uint32_t capacity;                            /* of `more`, a power of two */
    uint32_t head;
    uint32_t count;
    size_t sent_bytes; /* of the head entry */
    size_t queued_bytes;
    size_t *total_bytes; /* borrowed; queued_bytes of all outboxes of a connection */
};

void rpc_outbox_init(struct rpc_outbox *outbox, size_t *total_bytes);
/* Also drops what is queued; may be initialised anew. */
void rpc_outbox_release(struct rpc_outbox *outbox);
/* Drops what is queued, but for the rest of a message that is partly sent. */
void rpc_outbox_drop(struct rpc_outbox *outbox);
/* False, with the bytes still the caller's, when there is no memory. */
bool rpc_outbox_push(struct rpc_outbox *outbox, uint8_t *bytes_take, uint32_t size_bytes);
/* Writes the next bytes of the framed messages, at most capacity_bytes; returns how many. */
size_t rpc_outbox_read(struct rpc_outbox *outbox, uint8_t *out, size_t capacity_bytes);

static inline bool rpc_outbox_is_empty(const struct rpc_outbox *outbox)
{
    return outbox->count == 0;
}

/* What the queue holds, each message with OUTBOX_ENTRY_COST_BYTES on top. */
static inline size_t rpc_outbox_bytes(const struct rpc_outbox *outbox)
{
    return outbox->queued_bytes;
}

#endif
