/* haihe.v1.AdminService.History on a search worker. */
#include "engine/ledger.h"
#include "server/internal.h"
#include "server/service.h"
#include "wire/history_message.h"

#include "base/banned.h"

enum { PAGE_BYTES = 1 << 20 };

static bool append_change(const struct store_change *change, bool with_record, struct buffer *out,
                          struct error *error)
{
    struct history_change piece = {.change = change, .with_record = with_record};
    if (change->kind != STORE_NOTE && !ledger_read_key(change->key, &piece.record, &piece.key))
        return error_set(error, ERROR_DATA_LOSS, "change %llu: its key is none of a record",
                         (unsigned long long)change->sequence);
    return wire_write_history_change(out, &piece) ||
           error_set(error, ERROR_RESOURCE_EXHAUSTED, "no memory for the answer");
}

/* Where a page begins. */
static uint64_t first_of(struct store *store, const struct history_request *request)
{
    uint64_t newest = store_sequence(store), oldest = store_first_held(store);
    if (request->from > 0)
        return request->from;
    uint64_t first = newest >= request->limit ? newest - request->limit + 1 : 1;
    return first > oldest ? first : oldest;
}

static bool append_page(struct store *store, const struct history_request *request,
                        struct buffer *out, struct error *error)
{
    struct store_change change;
    enum store_found found = STORE_FOUND;
    struct store_walk *walk = store_walk_new(store, first_of(store, request), error);
    if (!walk)
        return false;
    for (uint32_t i = 0; i < request->limit && out->length_bytes < PAGE_BYTES; i++) {
        found = store_walk_next(walk, &change, error);
        if (found != STORE_FOUND)
            break;
        if (!append_change(&change, request->with_records, out, error)) {
            found = STORE_FAILED;
            break;
        }
    }
    store_walk_free(walk);
    return found != STORE_FAILED;
}

bool answer_history(const struct question *question, struct buffer *out, struct error *error)
{
    struct history_request request;
    struct store *store = engine_store(question->server->engine);
    if (!wire_read_history(question->request, question->view->arena, &request, error))
        return false;
    if (!store)
        return error_set(error, ERROR_FAILED_PRECONDITION,
                         "this haihed keeps its records in memory alone (no --data-dir): there is "
                         "no history");
    bool is_begun = append_page(store, &request, out, error);
    if (!is_begun && request.from == 0 && error->code == ERROR_OUT_OF_RANGE)
        is_begun = append_page(store, &request, out, error); /* it was trimmed meanwhile */
    return is_begun &&
           (wire_write_history_bounds(out, store_first_held(store), store_sequence(store)) ||
            error_set(error, ERROR_RESOURCE_EXHAUSTED, "no memory for the answer"));
}
