/* haihe.v1.RecordService's questions on a search worker; Apply is in apply_call.c. */
#include "server/service.h"
#include "wire/record_service_message.h"

#include "base/banned.h"

static bool out_of_memory(struct error *error)
{
    return error_set(error, ERROR_RESOURCE_EXHAUSTED, "no memory for the answer");
}

static struct stored_record stored_record_of(enum record_kind kind, const struct entry *entry)
{
    return (struct stored_record){
        .kind = kind,
        .sequence = entry->sequence,
        .hash = entry->hash,
        .original = {entry->original, entry->original_bytes},
        .vacancy = kind == RECORD_VACANCY ? entry->document : NULL,
        .applicant = kind == RECORD_APPLICANT ? entry->document : NULL,
    };
}

bool answer_get(const struct question *question, struct buffer *out, struct error *error)
{
    const struct engine_view *view = question->view;
    struct get_request request;
    if (!wire_read_get(question->request, view->arena, &request, error))
        return false;
    struct key key = request.keys[0];
    const struct entry *entry = engine_find(view, request.kind, key);
    if (!entry)
        return error_set(error, ERROR_NOT_FOUND, "%s '%.*s:%.*s' not found",
                         request.kind == RECORD_VACANCY ? "vacancy" : "applicant",
                         STR_ARG(key.platform), STR_ARG(key.id));
    struct stored_record record = stored_record_of(request.kind, entry);
    return wire_write_record(out, view->model, view->arena, &record) || out_of_memory(error);
}

bool answer_batch_get(const struct question *question, struct buffer *out, struct error *error)
{
    const struct engine_view *view = question->view;
    struct get_request request;
    size_t record_count = 0, missing_count = 0;
    if (!wire_read_batch_get(question->request, view->arena, &request, error))
        return false;
    struct stored_record *records = arena_alloc(view->arena, request.key_count * sizeof *records);
    struct key *missing = arena_alloc(view->arena, request.key_count * sizeof *missing);
    if (!records || !missing)
        return out_of_memory(error);
    for (uint32_t i = 0; i < request.key_count; i++) {
        const struct entry *entry = engine_find(view, request.kind, request.keys[i]);
        if (entry)
            records[record_count++] = stored_record_of(request.kind, entry);
        else
            missing[missing_count++] = request.keys[i];
    }
    return wire_write_batch(out, view->model, view->arena, records, record_count, missing,
                            missing_count) ||
           out_of_memory(error);
}

bool answer_list(const struct question *question, struct buffer *out, struct error *error)
{
    const struct engine_view *view = question->view;
    struct list_request request;
    struct engine_page page;
    if (!wire_read_list(question->request, view->arena, &request, error))
        return false;
    if (!engine_list(view, request.kind, (struct key){request.platform, request.after_id},
                     request.page_size, &page))
        return out_of_memory(error);
    struct listed_record *records = arena_alloc(view->arena, page.count * sizeof *records);
    if (!records)
        return out_of_memory(error);
    for (uint32_t i = 0; i < page.count; i++) {
        const struct entry *entry = page.entries[i];
        records[i] = (struct listed_record){
            .id = ((const struct key *)entry->document)->id, /* both records begin with it */
            .sequence = entry->sequence,
            .hash = entry->hash,
        };
    }
    return wire_write_list(out, view->arena, records, page.count, page.more) ||
           out_of_memory(error);
}
