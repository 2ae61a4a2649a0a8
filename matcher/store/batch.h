/* What a batch holds until it is committed. */
#ifndef HAIHE_STORE_BATCH_H
#define HAIHE_STORE_BATCH_H

#include "store/store.h"

struct batch_item {
    struct store_change change; /* its texts have no data: they are at: */
    size_t key_offset, bytes_offset;
};

struct store_batch {
    struct batch_item *items; /* owned; `count` of `capacity` */
    size_t count, capacity;
    struct buffer bytes; /* keys and bytes of all */
    bool has_day;
    int32_t day;
};

/* With views into the batch. */
struct store_change batch_change(const struct store_batch *batch, size_t index);

#endif
