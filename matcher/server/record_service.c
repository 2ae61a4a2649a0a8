/* haihe.v1.RecordService's questions on a search worker; Apply is in apply_call.c. */
#include "server/service.h"
#include "wire/record_service_message.h"

#include "base/banned.h"

static bool out_of_memory(struct error *error)
{
    return error_set(error, ERROR_RESOURCE_EXHAUSTED, "no memory for the answer");
}

/* A record unpacked for its answer. */
struct unpacked {
    struct stored_record record; /* points into the others */
    struct record_scratch scratch;
    struct vacancy vacancy;
    struct applicant applicant;
};

/* Valid until the next call in this view. */
static bool unpack(const struct engine_view *view, const struct entry *entry, struct unpacked *out,
                   struct error *error)
{
    struct str original;
    if (!engine_original(view, entry, &original, error))
        return false;
    out->record = (struct stored_record){.kind = entry_kind(entry),
                                         .sequence = entry->sequence,
                                         .hash = record_hash(original),
                                         .original = original};
    record_scratch_init(&out->scratch, view->lexicon);
    if (entry_kind(entry) == RECORD_VACANCY) {
        entry_vacancy(entry, &out->scratch, &out->vacancy);
        out->record.vacancy = &out->vacancy;
    } else {
        entry_applicant(entry, &out->scratch, &out->applicant);
        out->record.applicant = &out->applicant;
    }
    return true;
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
    struct unpacked unpacked;
    if (!unpack(view, entry, &unpacked, error))
        return false;
    return wire_write_record(out, view->model, view->arena, &unpacked.record) ||
           out_of_memory(error);
}

bool answer_batch_get(const struct question *question, struct buffer *out, struct error *error)
{
    const struct engine_view *view = question->view;
    struct get_request request;
    struct unpacked unpacked;
    if (!wire_read_batch_get(question->request, view->arena, &request, error))
        return false;
    for (uint32_t i = 0; i < request.key_count; i++) {
        const struct entry *entry = engine_find(view, request.kind, request.keys[i]);
        if (entry && !unpack(view, entry, &unpacked, error))
            return false;
        bool is_written =
            entry ? wire_write_batch_record(out, view->model, view->arena, &unpacked.record)
                  : wire_write_batch_missing(out, request.keys[i]);
        if (!is_written)
            return out_of_memory(error);
    }
    return true;
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
        struct str original;
        if (!engine_original(view, entry, &original, error))
            return false;
        records[i] = (struct listed_record){
            .id = entry_key(entry).id,
            .sequence = entry->sequence,
            .hash = record_hash(original),
        };
    }
    return wire_write_list(out, view->arena, records, page.count, page.more) ||
           out_of_memory(error);
}
