/* Changes encoded before anything is timed: new records of the sample market, and others that
 * replace them.
 *
 *   item -> [ key in the store | ApplyRequest, of which the record's own bytes are a part ]
 *
 * Only what the ingest gate takes is kept. What an item is depends on its number alone, so it is
 * the same whatever the number of threads.
 * Thread: whoever fills it, which starts threads of its own; immutable then.
 */
#ifndef HAIHE_BENCH_STOCK_H
#define HAIHE_BENCH_STOCK_H

#include "city.h"

struct stock_item {
    char *bytes;         /* owned */
    uint32_t key_bytes;  /* at the front: as engine/ledger.h has it */
    uint32_t head_bytes; /* of the request, in front of the record's bytes */
    uint32_t body_bytes; /* the record: the rest */
    uint32_t index;      /* of the record whose key it has */
    enum record_kind kind;
};

struct stock {
    struct stock_item *items; /* owned */
    size_t count, refused;
    uint64_t bytes; /* of all keys and records */
};

struct stock_market {
    struct city *city;
    struct city_size size;
    unsigned threads; /* 1..BLOCK_THREAD_LIMIT */
};

/* Records begin..end-1 of the market: first all vacancies, then all applicants. */
bool stock_fill_new(struct stock *out, const struct stock_market *market, size_t begin, size_t end,
                    struct error *error);
/* So many changes that each replace some record of `base` by another with its key. */
bool stock_fill_updates(struct stock *out, const struct stock_market *market,
                        const struct stock *base, size_t count, struct error *error);
void stock_release(struct stock *stock);

static inline struct str stock_key(const struct stock_item *item)
{
    return (struct str){item->bytes, item->key_bytes};
}

static inline struct str stock_request(const struct stock_item *item)
{
    return (struct str){item->bytes + item->key_bytes, item->head_bytes + item->body_bytes};
}

static inline struct str stock_record(const struct stock_item *item)
{
    return (struct str){item->bytes + item->key_bytes + item->head_bytes, item->body_bytes};
}

#endif
