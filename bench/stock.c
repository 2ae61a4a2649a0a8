/* See stock.h. */
#include "stock.h"

#include "base/memory.h"
#include "blocks.h"
#include "engine/ledger.h"
#include "wire/raw.h"
#include "wire/record_message.h"

#include "base/banned.h"

enum { BLOCK_ITEMS = 1000, STREAM_UPDATE = 103 /* not one of the generator's own */ };

struct filling {
    const struct stock_market *market;
    const struct stock *base; /* NULL: new records */
    struct stock *out;
    size_t begin, count;
    struct city_scratch *scratches; /* owned, one a thread */
};

/* What an item is made from. */
struct pick {
    enum record_kind kind;
    uint64_t key_index, body_index;
};

static struct pick pick_new(const struct city_size *size, size_t number)
{
    if (number < size->vacancies)
        return (struct pick){RECORD_VACANCY, number, number};
    return (struct pick){RECORD_APPLICANT, number - size->vacancies, number - size->vacancies};
}

static struct pick pick_update(const struct filling *filling, size_t number)
{
    struct rng rng;
    const struct city_size *size = &filling->market->size;
    draw_stream(&rng, size->seed, STREAM_UPDATE, number);
    const struct stock_item *item = &filling->base->items[rng_below(&rng, filling->base->count)];
    size_t count = item->kind == RECORD_VACANCY ? size->vacancies : size->applicants;
    return (struct pick){item->kind, item->index, count + number};
}

/* The request is a view in the scratch. */
static bool encode(const struct city *city, const struct pick *pick, struct city_scratch *scratch,
                   char key[LEDGER_KEY_LIMIT_BYTES], struct str *stored_key, struct str *request,
                   struct error *error)
{
    struct sample_key drawn;
    bool encoded;
    arena_clear(&scratch->arena);
    if (pick->kind == RECORD_VACANCY) {
        struct sample_vacancy vacancy, other;
        city_draw_vacancy(city, pick->body_index, &vacancy);
        if (pick->key_index != pick->body_index) {
            city_draw_vacancy(city, pick->key_index, &other);
            vacancy.key = other.key;
        }
        drawn = vacancy.key;
        encoded = city_encode_vacancy(scratch, &vacancy, request, error);
    } else {
        struct sample_applicant applicant, other;
        city_draw_applicant(city, pick->body_index, &applicant);
        if (pick->key_index != pick->body_index) {
            city_draw_applicant(city, pick->key_index, &other);
            applicant.key = other.key;
        }
        drawn = applicant.key;
        encoded = city_encode_applicant(scratch, &applicant, request, error);
    }
    *stored_key =
        ledger_key(pick->kind, (struct key){str_of(drawn.platform), str_of(drawn.id)}, key);
    return encoded;
}

/* True when the daemon would take it. */
static bool passes_gate(const struct city *city, enum record_kind kind, struct str record,
                        struct arena *arena)
{
    struct vacancy vacancy;
    struct record_extras extras;
    struct error why;
    if (kind == RECORD_APPLICANT)
        return true;
    return wire_read_vacancy(&city->data.model, record, RECORD_FOR_STORE, city->today, arena,
                             &vacancy, &extras, &why) &&
           ingest_check_vacancy(&city->data.model, &vacancy, extras.description, city->today, &why);
}

/* An item without bytes when it is refused. */
static bool make(const struct filling *filling, const struct pick *pick,
                 struct city_scratch *scratch, struct stock_item *out, struct error *error)
{
    char room[LEDGER_KEY_LIMIT_BYTES];
    const struct city *city = filling->market->city;
    struct str key, request;
    struct raw_field record;
    if (!encode(city, pick, scratch, room, &key, &request, error))
        return false;
    struct str rest = request;
    if (raw_next(&rest, &record) != RAW_FIELD || record.type != RAW_BYTES || rest.length > 0)
        return error_set(error, ERROR_INTERNAL, "a drawn request is not one record");
    if (!passes_gate(city, pick->kind, record.bytes, &scratch->arena))
        return true;
    *out = (struct stock_item){
        .bytes = memory_try(key.length + request.length),
        .key_bytes = key.length,
        .head_bytes = request.length - record.bytes.length,
        .body_bytes = record.bytes.length,
        .index = (uint32_t)pick->key_index,
        .kind = pick->kind,
    };
    if (!out->bytes)
        return error_set(error, ERROR_RESOURCE_EXHAUSTED, "no memory for a change");
    memcpy(out->bytes, key.data, key.length);
    memcpy(out->bytes + key.length, request.data, request.length);
    return true;
}

static bool fill_block(void *context, unsigned worker, size_t block, struct error *error)
{
    const struct filling *filling = context;
    size_t begin = block * BLOCK_ITEMS;
    for (size_t i = begin; i < begin + BLOCK_ITEMS && i < filling->count; i++) {
        size_t number = filling->begin + i;
        struct pick pick =
            filling->base ? pick_update(filling, number) : pick_new(&filling->market->size, number);
        if (!make(filling, &pick, &filling->scratches[worker], &filling->out->items[i], error))
            return false;
    }
    return true;
}

/* Items that were refused are left out. */
static void close_gaps(struct stock *stock)
{
    size_t kept = 0;
    for (size_t i = 0; i < stock->count; i++) {
        const struct stock_item item = stock->items[i];
        if (!item.bytes)
            continue;
        stock->bytes += item.key_bytes + item.body_bytes;
        stock->items[kept++] = item;
    }
    stock->refused = stock->count - kept;
    stock->count = kept;
}

static bool fill(struct filling *filling, struct error *error)
{
    unsigned threads = filling->market->threads;
    *filling->out = (struct stock){
        .items = memory_must_zeroed(filling->count + 1, sizeof(struct stock_item)),
        .count = filling->count,
    };
    filling->scratches = memory_must_zeroed(threads, sizeof *filling->scratches);
    for (unsigned i = 0; i < threads; i++)
        city_scratch_init(&filling->scratches[i]);
    bool filled = blocks_run((filling->count + BLOCK_ITEMS - 1) / BLOCK_ITEMS, threads, fill_block,
                             filling, error);
    for (unsigned i = 0; i < threads; i++)
        city_scratch_release(&filling->scratches[i]);
    memory_free(filling->scratches);
    close_gaps(filling->out);
    if (!filled)
        stock_release(filling->out);
    return filled;
}

bool stock_fill_new(struct stock *out, const struct stock_market *market, size_t begin, size_t end,
                    struct error *error)
{
    struct filling filling = {.market = market, .out = out, .begin = begin, .count = end - begin};
    return fill(&filling, error);
}

bool stock_fill_updates(struct stock *out, const struct stock_market *market,
                        const struct stock *base, size_t count, struct error *error)
{
    struct filling filling = {.market = market, .base = base, .out = out, .count = count};
    if (base->count == 0)
        return error_set(error, ERROR_INVALID_ARGUMENT, "there is nothing to replace");
    return fill(&filling, error);
}

void stock_release(struct stock *stock)
{
    for (size_t i = 0; i < stock->count; i++)
        memory_free(stock->items[i].bytes);
    memory_free(stock->items);
    *stock = (struct stock){0};
}
