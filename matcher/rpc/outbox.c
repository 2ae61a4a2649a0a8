#include "rpc/outbox.h"

#include <assert.h>

#include "base/memory.h"

#include "base/banned.h"

enum { PREFIX_BYTES = 5 };

static uint32_t capacity_of(const struct rpc_outbox *outbox)
{
    return outbox->more ? outbox->capacity : OUTBOX_INLINE;
}

static struct rpc_outbox_entry *entry_at(struct rpc_outbox *outbox, uint32_t index)
{
    struct rpc_outbox_entry *ring = outbox->more ? outbox->more : outbox->first;
    return &ring[(outbox->head + index) & (capacity_of(outbox) - 1)];
}

static bool grow(struct rpc_outbox *outbox)
{
    uint32_t capacity = capacity_of(outbox) * 2;
    struct rpc_outbox_entry *ring = memory_try(capacity * sizeof *ring);
    if (!ring)
        return false;
    for (uint32_t i = 0; i < outbox->count; i++)
        ring[i] = *entry_at(outbox, i);
    memory_free(outbox->more);
    outbox->more = ring;
    outbox->capacity = capacity;
    outbox->head = 0;
    return true;
}

void rpc_outbox_init(struct rpc_outbox *outbox, size_t *total_bytes)
{
    *outbox = (struct rpc_outbox){.total_bytes = total_bytes};
}

static size_t cost_of(const struct rpc_outbox_entry *entry)
{
    return (size_t)entry->size_bytes + OUTBOX_ENTRY_COST_BYTES;
}

/* Frees an entry that is no longer in the ring. */
static void discard(struct rpc_outbox *outbox, struct rpc_outbox_entry *entry)
{
    outbox->queued_bytes -= cost_of(entry);
    *outbox->total_bytes -= cost_of(entry);
    memory_free(entry->bytes);
}

bool rpc_outbox_push(struct rpc_outbox *outbox, uint8_t *bytes_take, uint32_t size_bytes)
{
    if (outbox->count == capacity_of(outbox) && !grow(outbox))
        return false;
    struct rpc_outbox_entry *entry = entry_at(outbox, outbox->count++);
    *entry = (struct rpc_outbox_entry){bytes_take, size_bytes};
    outbox->queued_bytes += cost_of(entry);
    *outbox->total_bytes += cost_of(entry);
    return true;
}

static void drop_from(struct rpc_outbox *outbox, uint32_t keep)
{
    while (outbox->count > keep)
        discard(outbox, entry_at(outbox, --outbox->count));
}

void rpc_outbox_drop(struct rpc_outbox *outbox)
{
    drop_from(outbox, outbox->sent_bytes > 0 ? 1 : 0);
}

void rpc_outbox_release(struct rpc_outbox *outbox)
{
    drop_from(outbox, 0);
    memory_free(outbox->more);
    rpc_outbox_init(outbox, outbox->total_bytes);
}

static size_t read_head(const struct rpc_outbox_entry *entry, size_t from, uint8_t *out,
                        size_t capacity_bytes)
{
    size_t length = 0;
    const uint32_t size = entry->size_bytes;
    const uint8_t prefix[PREFIX_BYTES] = {0, (uint8_t)(size >> 24), (uint8_t)(size >> 16),
                                          (uint8_t)(size >> 8), (uint8_t)size};
    while (from < PREFIX_BYTES && length < capacity_bytes)
        out[length++] = prefix[from++];
    if (from < PREFIX_BYTES)
        return length;
    size_t left = PREFIX_BYTES + (size_t)size - from;
    size_t take = left < capacity_bytes - length ? left : capacity_bytes - length;
    if (take > 0)
        memcpy(out + length, entry->bytes + (from - PREFIX_BYTES), take);
    return length + take;
}

size_t rpc_outbox_read(struct rpc_outbox *outbox, uint8_t *out, size_t capacity_bytes)
{
    size_t length = 0;
    while (outbox->count > 0 && length < capacity_bytes) {
        struct rpc_outbox_entry *head = entry_at(outbox, 0);
        size_t got = read_head(head, outbox->sent_bytes, out + length, capacity_bytes - length);
        length += got;
        outbox->sent_bytes += got;
        if (outbox->sent_bytes < PREFIX_BYTES + (size_t)head->size_bytes)
            break;
        discard(outbox, head);
        outbox->head = (outbox->head + 1) & (capacity_of(outbox) - 1);
        outbox->count--;
        outbox->sent_bytes = 0;
    }
    return length;
}
