/* See batch.h and store.h. */
#include "store/batch.h"

#include <assert.h>

#include "base/memory.h"

#include "base/banned.h"

/* Of one batch: the writer takes 1000 changes, 100,000 at the most; a record has at most 4 MiB by
 * default. What does not fit is refused like any change that finds no memory. */
enum { FIRST_CAPACITY = 64, KEPT_BYTES = 8 << 20 /* between batches; 1000 changes need half */ };
#define BATCH_LIMIT_BYTES (UINT64_C(1) << 30)

struct store_batch *store_batch_new(void)
{
    struct store_batch *batch = memory_try_zeroed(1, sizeof *batch);
    if (batch)
        buffer_init(&batch->bytes, BATCH_LIMIT_BYTES);
    return batch;
}

void store_batch_free(struct store_batch *batch)
{
    if (!batch)
        return;
    buffer_release(&batch->bytes);
    memory_free(batch->items);
    memory_free(batch);
}

void store_batch_clear(struct store_batch *batch)
{
    if (batch->bytes.capacity_bytes > KEPT_BYTES)
        buffer_release(&batch->bytes);
    buffer_clear(&batch->bytes);
    batch->count = 0;
    batch->has_day = false;
}

static bool make_room(struct store_batch *batch)
{
    if (batch->count < batch->capacity)
        return true;
    size_t capacity = batch->capacity ? 2 * batch->capacity : FIRST_CAPACITY;
    struct batch_item *items = memory_try_resize(batch->items, capacity * sizeof *items);
    if (!items)
        return false;
    batch->items = items;
    batch->capacity = capacity;
    return true;
}

bool store_batch_add(struct store_batch *batch, const struct store_change *change)
{
    size_t start = batch->bytes.length_bytes;
    assert(change->key.length > 0 && change->key.length <= STORE_KEY_LIMIT_BYTES);
    assert(batch->count == 0 ||
           batch->items[batch->count - 1].change.sequence + 1 == change->sequence);
    if (!make_room(batch) || !buffer_append_str(&batch->bytes, change->key) ||
        !buffer_append_str(&batch->bytes, change->bytes)) {
        batch->bytes.length_bytes = start;
        batch->bytes.failed = false;
        return false;
    }
    batch->items[batch->count++] = (struct batch_item){
        .change = *change, .key_offset = start, .bytes_offset = start + change->key.length};
    return true;
}

void store_batch_drop_last(struct store_batch *batch)
{
    assert(batch->count > 0);
    batch->bytes.length_bytes = batch->items[--batch->count].key_offset;
}

void store_batch_set_day(struct store_batch *batch, int32_t day)
{
    batch->has_day = true;
    batch->day = day;
}

size_t store_batch_count(const struct store_batch *batch)
{
    return batch->count;
}

struct store_change batch_change(const struct store_batch *batch, size_t index)
{
    assert(index < batch->count);
    const struct batch_item *item = &batch->items[index];
    struct store_change change = item->change;
    change.key.data = batch->bytes.data + item->key_offset;
    change.bytes.data = batch->bytes.data + item->bytes_offset;
    return change;
}

struct str store_batch_bytes(const struct store_batch *batch, size_t index)
{
    return batch_change(batch, index).bytes;
}
