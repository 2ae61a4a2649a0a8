#include "rpc/inbox.h"

#include <assert.h>

#include "base/memory.h"

#include "base/banned.h"

void rpc_inbox_init(struct rpc_inbox *inbox, size_t *total_bytes)
{
    *inbox = (struct rpc_inbox){.total_bytes = total_bytes};
}

static void set_capacity(struct rpc_inbox *inbox, size_t capacity_bytes)
{
    *inbox->total_bytes += capacity_bytes - inbox->capacity_bytes;
    inbox->capacity_bytes = capacity_bytes;
}

/* Forgets the message, which has gone its way. */
static void begin_anew(struct rpc_inbox *inbox)
{
    set_capacity(inbox, 0);
    rpc_inbox_init(inbox, inbox->total_bytes);
}

void rpc_inbox_release(struct rpc_inbox *inbox)
{
    memory_free(inbox->message);
    begin_anew(inbox);
}

static void take_prefix(struct rpc_inbox *inbox, const uint8_t **bytes, size_t *size_bytes)
{
    size_t want = sizeof inbox->prefix - inbox->have_prefix_bytes;
    size_t take = want < *size_bytes ? want : *size_bytes;
    memcpy(inbox->prefix + inbox->have_prefix_bytes, *bytes, take);
    inbox->have_prefix_bytes += (uint8_t)take;
    *bytes += take;
    *size_bytes -= take;
}

static enum rpc_inbox_result begin_message(struct rpc_inbox *inbox, uint32_t limit_bytes)
{
    const uint8_t *p = inbox->prefix;
    inbox->size_bytes =
        (uint32_t)p[1] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 8 | (uint32_t)p[4];
    if (p[0] != 0)
        return RPC_INBOX_COMPRESSED;
    if (inbox->size_bytes > limit_bytes)
        return RPC_INBOX_TOO_LARGE;
    size_t capacity = inbox->size_bytes < INBOX_FIRST_BYTES ? inbox->size_bytes : INBOX_FIRST_BYTES;
    inbox->have_bytes = 0;
    inbox->message = memory_try(capacity);
    if (!inbox->message)
        return RPC_INBOX_NO_MEMORY;
    set_capacity(inbox, capacity);
    return RPC_INBOX_MORE;
}

static bool make_room(struct rpc_inbox *inbox, size_t take)
{
    size_t need = inbox->have_bytes + take;
    if (need <= inbox->capacity_bytes)
        return true;
    size_t capacity = inbox->capacity_bytes;
    while (capacity < need)
        capacity *= 2;
    if (capacity > inbox->size_bytes)
        capacity = inbox->size_bytes;
    uint8_t *message = memory_try_resize(inbox->message, capacity);
    if (!message)
        return false;
    inbox->message = message;
    set_capacity(inbox, capacity);
    return true;
}

enum rpc_inbox_result rpc_inbox_feed(struct rpc_inbox *inbox, const uint8_t **bytes,
                                     size_t *size_bytes, uint32_t limit_bytes,
                                     uint8_t **message_take, size_t *message_bytes)
{
    if (!inbox->message) {
        take_prefix(inbox, bytes, size_bytes);
        if (inbox->have_prefix_bytes < sizeof inbox->prefix)
            return RPC_INBOX_MORE;
        enum rpc_inbox_result result = begin_message(inbox, limit_bytes);
        if (result != RPC_INBOX_MORE)
            return result;
    }
    size_t want = inbox->size_bytes - inbox->have_bytes;
    size_t take = want < *size_bytes ? want : *size_bytes;
    if (!make_room(inbox, take))
        return RPC_INBOX_NO_MEMORY;
    if (take > 0)
        memcpy(inbox->message + inbox->have_bytes, *bytes, take);
    inbox->have_bytes += take;
    *bytes += take;
    *size_bytes -= take;
    if (inbox->have_bytes < inbox->size_bytes)
        return RPC_INBOX_MORE;
    *message_take = inbox->message;
    *message_bytes = inbox->size_bytes;
    begin_anew(inbox);
    return RPC_INBOX_MESSAGE;
}

size_t rpc_inbox_pending_bytes(const struct rpc_inbox *inbox)
{
    return inbox->have_prefix_bytes + inbox->have_bytes;
}
