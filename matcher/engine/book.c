/* One change: from bytes to a record with a sequence number.
 *
 *   read -> find -> gate -> if_sequence -> response -> pack -> put
 *
 * The response is made before the book changes, with the number that the change will get: once it
 * has changed nothing can fail any more. Cost: about 2 us for a record of a kilobyte, most of it
 * decoding.
 */
#include "engine/book.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/memory.h"
#include "wire/record_service_message.h"

#include "base/banned.h"

bool book_init(struct book *book, const struct model *model, struct publication *publication,
               size_t arena_bytes, int32_t today)
{
    *book = (struct book){.model = model, .publication = publication, .today = today};
    arena_init(&book->arena, arena_bytes);
    bool initialised = true;
    for (size_t kind = 0; kind < KIND_COUNT; kind++) {
        book->collections[kind] = collection_writer_new();
        initialised = initialised && book->collections[kind];
    }
    return initialised;
}

void book_release(struct book *book)
{
    for (size_t kind = 0; kind < KIND_COUNT; kind++) {
        if (!book->collections[kind])
            continue;
        size_t slot_count = collection_slot_count(book->collections[kind]);
        for (size_t slot = 0; slot < slot_count; slot++)
            stored_free((struct stored *)collection_peek(book->collections[kind], slot));
        collection_writer_free(book->collections[kind]);
    }
    while (book->retired) {
        struct stored *stored = book->retired;
        book->retired = stored->next;
        stored_free(stored);
    }
    arena_release(&book->arena);
}

/* --- Keeping ------------------------------------------------------------------------------- */

static bool is_standing(const struct stored *stored)
{
    return stored->kind == RECORD_VACANCY
               ? ((const struct vacancy *)stored->entry.document)->open
               : ((const struct applicant *)stored->entry.document)->active;
}

static void retire(struct book *book, const struct entry *entry, bool removed)
{
    struct stored *old = (struct stored *)entry;
    book->standing[kind_index(old->kind)] -= is_standing(old);
    old->removed = removed;
    old->next = book->retired;
    book->retired = old;
}

bool book_put(struct book *book, struct stored *stored, size_t slot)
{
    size_t kind = kind_index(stored->kind);
    struct collection_writer *collection = book->collections[kind];
    struct keymap *keymap = &book->publication->keymaps[kind];
    stored->entry.sequence = book->sequence + 1;
    if (slot != SIZE_MAX) {
        const struct entry *old = NULL;
        stored->slot = slot;
        if (!collection_replace(collection, slot, &stored->entry, &old))
            goto failed;
        retire(book, old, false);
    } else {
        if (!keymap_reserve(keymap))
            goto failed;
        stored->slot = collection_insert(collection, &stored->entry);
        if (stored->slot == SIZE_MAX)
            goto failed;
        keymap_add(keymap, stored->key_hash, stored->slot);
    }
    book->standing[kind] += is_standing(stored);
    book->dirty[kind] = true;
    book->sequence++;
    return true;
failed:
    stored_free(stored);
    return false;
}

/* --- One change ---------------------------------------------------------------------------- */

/* A change being made. */
struct change {
    struct book *book;
    struct change_request request;
    struct buffer *response;
    size_t slot;                 /* of the present record, SIZE_MAX when there is none */
    const struct stored *stored; /* NULL when there is none */
};

static bool out_of_memory(struct error *error)
{
    return error_set(error, ERROR_RESOURCE_EXHAUSTED, "no memory for this change");
}

static const char *kind_name(enum record_kind kind)
{
    return kind == RECORD_VACANCY ? "vacancy" : "applicant";
}

static void find(struct change *change)
{
    size_t kind = kind_index(change->request.record);
    struct keymap_probe probe =
        keymap_find(&change->book->publication->keymaps[kind], key_hash(change->request.key, 0));
    change->stored = NULL;
    while ((change->slot = keymap_next(&probe)) != SIZE_MAX) {
        const struct entry *entry = collection_peek(change->book->collections[kind], change->slot);
        if (entry && key_equal(entry_key(entry), change->request.key)) {
            change->stored = (const struct stored *)entry;
            return;
        }
    }
}

static bool check_sequence(const struct change *change, struct error *error)
{
    const struct change_request *request = &change->request;
    uint64_t present = change->stored ? change->stored->entry.sequence : 0;
    if (!request->has_if_sequence || request->if_sequence == present)
        return true;
    error_set(error, ERROR_ABORTED,
              "%s '%.*s:%.*s': if_sequence is %" PRIu64 ", the record's sequence is %" PRIu64,
              kind_name(request->record), STR_ARG(request->key.platform), STR_ARG(request->key.id),
              request->if_sequence, present);
    snprintf(error->rule, sizeof error->rule, "sequence_mismatch");
    snprintf(error->value, sizeof error->value, "%" PRIu64, request->if_sequence);
    return false;
}

static bool check_present(const struct change *change, struct error *error)
{
    if (change->stored)
        return true;
    return error_set(error, ERROR_NOT_FOUND, "%s '%.*s:%.*s' not found",
                     kind_name(change->request.record), STR_ARG(change->request.key.platform),
                     STR_ARG(change->request.key.id));
}

/* Writes the acknowledgement with the number that the change is about to get. */
static bool acknowledge(struct change *change, struct error *error)
{
    uint64_t sequence = change->book->sequence + 1;
    if (wire_write_applied(change->response, change->request.request_id, sequence,
                           &change->request.extras.unresolved_skills))
        return true;
    buffer_clear(change->response);
    return out_of_memory(error);
}

static bool upsert(struct change *change, struct error *error)
{
    const struct change_request *request = &change->request;
    if (request->record == RECORD_VACANCY &&
        !ingest_check_vacancy(change->book->model, &request->vacancy, request->extras.description,
                              change->book->today, error)) {
        error_prefix_field(error, "upsert_vacancy");
        return false;
    }
    if (!check_sequence(change, error))
        return false;
    if (!acknowledge(change, error))
        return false;
    struct stored *stored = request->record == RECORD_VACANCY
                                ? stored_new_vacancy(&request->vacancy, request->original)
                                : stored_new_applicant(&request->applicant, request->original);
    return (stored && book_put(change->book, stored, change->slot)) || out_of_memory(error);
}

/* The stored record with another status; NULL when there is no memory. */
static struct stored *with_status(const struct change *change, struct str original)
{
    const struct entry *entry = &change->stored->entry;
    uint8_t status = change->request.status;
    if (change->stored->kind == RECORD_VACANCY) {
        struct vacancy vacancy = *(const struct vacancy *)entry->document;
        vacancy.status = status;
        vacancy.open = vacancy_is_open_on(&vacancy, change->book->today);
        return stored_new_vacancy(&vacancy, original);
    }
    struct applicant applicant = *(const struct applicant *)entry->document;
    applicant.status = status;
    applicant.active = status == STATUS_OPEN;
    return stored_new_applicant(&applicant, original);
}

static bool set_status(struct change *change, struct error *error)
{
    if (!check_sequence(change, error) || !check_present(change, error))
        return false;
    assert(change->stored); /* check_present */
    struct str before = {change->stored->original, change->stored->entry.original_bytes};
    struct str original = wire_with_status(change->stored->kind, before, change->request.status,
                                           &change->book->arena);
    if (!original.data)
        return out_of_memory(error);
    if (!acknowledge(change, error))
        return false;
    struct stored *stored = with_status(change, original);
    return (stored && book_put(change->book, stored, change->slot)) || out_of_memory(error);
}

static bool remove_record(struct change *change, struct error *error)
{
    if (!check_sequence(change, error) || !check_present(change, error) ||
        !acknowledge(change, error))
        return false;
    size_t kind = kind_index(change->request.record);
    const struct entry *old = NULL;
    if (!collection_remove(change->book->collections[kind], change->slot, &old))
        return out_of_memory(error);
    retire(change->book, old, true);
    change->book->dirty[kind] = true;
    change->book->sequence++;
    return true;
}

static bool make_change(struct change *change, struct error *error)
{
    find(change);
    switch (change->request.kind) {
    case CHANGE_UPSERT:
        return upsert(change, error);
    case CHANGE_DELETE:
        return remove_record(change, error);
    case CHANGE_SET_STATUS:
        return set_status(change, error);
    }
    return error_set(error, ERROR_INTERNAL, "change of unknown kind");
}

bool book_apply(struct book *book, struct str request, struct buffer *response)
{
    struct error error = {0};
    struct change change = {.book = book, .response = response};
    bool applied =
        wire_read_apply(book->model, request, book->today, &book->arena, &change.request, &error) &&
        make_change(&change, &error);
    if (!applied) {
        buffer_clear(response);
        if (!wire_write_apply_error(response, change.request.request_id, &error))
            buffer_clear(response);
    }
    arena_clear(&book->arena);
    return applied;
}
