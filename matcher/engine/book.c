/* One change: from bytes to a record with a sequence number.
 *
 *   read -> find -> gate -> if_sequence -> response -> pack -> note -> put
 *
 * The response is made before the book changes, with the number that the change will get: once it
 * has changed nothing can fail any more. Cost: about 2 us for a record of a kilobyte, most of it
 * decoding.
 */
#include "engine/book.h"

#include <assert.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>

#include "base/memory.h"
#include "wire/record_service_message.h"

#include "base/banned.h"

/* Empty ones, in the first root. */
static bool make_indexes(struct book *book)
{
    if (!atomic_load_explicit(&book->publication->current, memory_order_relaxed))
        return false; /* there was no memory for the first root either */
    struct root *root = (struct root *)publication_root(book->publication);
    for (size_t kind = 0; kind < KIND_COUNT; kind++) {
        struct index_garbage *garbage;
        struct index_writer *index =
            index_writer_new((enum ranking)kind, book->model->taxonomy, book->publication->lexicon);
        book->publication->indexes[kind] = index;
        if (!index || !index_publish(index, &root->indexes[kind], &garbage))
            return false;
        index_garbage_free(index, garbage);
    }
    return true;
}

bool book_init(struct book *book, const struct model *model, struct publication *publication,
               size_t arena_bytes, int32_t today)
{
    *book = (struct book){.model = model, .publication = publication, .today = today};
    arena_init(&book->arena, arena_bytes);
    bool initialised = true;
    for (size_t kind = 0; kind < KIND_COUNT; kind++) {
        book->collections[kind] = collection_writer_new(publication->lexicon);
        initialised = initialised && book->collections[kind];
    }
    book->reader = original_reader_new(publication->originals);
    initialised = ledger_init(&book->ledger) && initialised;
    return initialised && book->reader && make_indexes(book);
}

void book_release(struct book *book)
{
    for (size_t kind = 0; kind < KIND_COUNT; kind++) {
        if (!book->collections[kind])
            continue;
        size_t slot_count = collection_slot_count(book->collections[kind]);
        for (size_t slot = 0; slot < slot_count; slot++)
            memory_free((void *)collection_peek(book->collections[kind], slot));
        collection_writer_free(book->collections[kind]);
    }
    retired_free(&book->retired);
    original_reader_free(book->reader);
    ledger_release(&book->ledger);
    arena_release(&book->arena);
}

/* --- Keeping ------------------------------------------------------------------------------- */

static bool is_standing(const struct entry *entry)
{
    return entry_kind(entry) == RECORD_VACANCY ? packed_vacancy_is_open(entry_packed(entry))
                                               : packed_applicant_is_active(entry_packed(entry));
}

/* Room was reserved. */
static void retire(struct book *book, const struct entry *old, bool removed)
{
    book->standing[kind_index(entry_kind(old))] -= is_standing(old);
    retired_add(&book->retired, old, removed);
}

/* A free slot, which its key leads to from now on. False when there is no memory (nothing changed).
 */
static bool take_slot(struct book *book, struct entry *entry)
{
    size_t kind = kind_index(entry_kind(entry));
    struct keymap *keymap = &book->publication->keymaps[kind];
    size_t slot =
        keymap_reserve(keymap) ? collection_insert(book->collections[kind], entry) : SIZE_MAX;
    if (slot == SIZE_MAX)
        return false;
    assert(slot < UINT32_MAX);
    entry->slot = (uint32_t)slot;
    keymap_add(keymap, key_hash(entry_key(entry), 0), slot);
    return true;
}

/* Puts an entry into a slot, SIZE_MAX: a free one. Its sequence is set. False when there is no
 * memory (nothing changed, it is freed). */
static bool place(struct book *book, struct entry *entry, size_t slot)
{
    size_t kind = kind_index(entry_kind(entry));
    struct collection_writer *collection = book->collections[kind];
    struct index_writer *index = book->publication->indexes[kind];
    if (!index_insert(index, entry))
        goto failed;
    if (slot != SIZE_MAX) {
        const struct entry *old = collection_peek(collection, slot);
        entry->slot = (uint32_t)slot;
        if (!retired_reserve(&book->retired) || !index_prepare_remove(index, old) ||
            !collection_replace(collection, slot, entry, &old))
            goto inserted;
        index_remove(index, old);
        retire(book, old, false);
    } else {
        if (!take_slot(book, entry))
            goto inserted;
    }
    book->standing[kind] += is_standing(entry);
    book->dirty[kind] = true;
    return true;
inserted:
    index_remove(index, entry);
failed:
    memory_free(entry);
    return false;
}

bool book_put(struct book *book, enum store_change_kind kind, struct entry *entry, size_t slot,
              struct str original)
{
    const struct collection_writer *collection = book->collections[kind_index(entry_kind(entry))];
    const struct entry *before = slot == SIZE_MAX ? NULL : collection_peek(collection, slot);
    entry->sequence = book->sequence + 1;
    if (!ledger_add(&book->ledger, kind, entry->sequence, before, entry, original)) {
        memory_free(entry);
        return false;
    }
    if (!place(book, entry, slot)) {
        ledger_drop_last(&book->ledger);
        return false;
    }
    book->sequence++;
    return true;
}

/* Empties the slot of a record. False when there is no memory (nothing changed). */
static bool take_out(struct book *book, const struct entry *entry)
{
    size_t kind = kind_index(entry_kind(entry));
    struct index_writer *index = book->publication->indexes[kind];
    const struct entry *old = NULL;
    if (!retired_reserve(&book->retired) || !index_prepare_remove(index, entry) ||
        !collection_remove(book->collections[kind], entry->slot, &old))
        return false;
    index_remove(index, old);
    retire(book, old, true);
    book->dirty[kind] = true;
    return true;
}

bool book_note(struct book *book, struct str name, struct str bytes)
{
    if (!ledger_add_note(&book->ledger, book->sequence + 1, name, bytes))
        return false;
    book->sequence++;
    return true;
}

bool book_restore(struct book *book, struct entry *entry)
{
    size_t kind = kind_index(entry_kind(entry));
    if (!take_slot(book, entry)) {
        memory_free(entry);
        return false;
    }
    book->standing[kind] += is_standing(entry);
    book->dirty[kind] = true;
    return true;
}

bool book_tidy(struct book *book, size_t patience)
{
    bool is_changed = false;
    for (size_t kind = 0; kind < KIND_COUNT; kind++) {
        if (index_maintain(book->publication->indexes[kind], patience))
            is_changed = book->dirty[kind] = true;
    }
    return is_changed;
}

/* What an entry keeps of its original: nothing when the store has it. False when there is no
 * memory. */
static bool keep_original(struct book *book, enum record_kind kind, struct str original,
                          struct str *kept)
{
    *kept = STR("");
    return book->ledger.store || original_keep(book->publication->originals, kind, original, kept);
}

/* The record that a key has now, NULL when it has none; *slot is SIZE_MAX then. */
static const struct entry *find_entry(const struct book *book, enum record_kind kind,
                                      struct key key, size_t *slot)
{
    size_t index = kind_index(kind);
    struct keymap_probe probe = keymap_find(&book->publication->keymaps[index], key_hash(key, 0));
    while ((*slot = keymap_next(&probe)) != SIZE_MAX) {
        const struct entry *entry = collection_peek(book->collections[index], *slot);
        if (entry && key_equal(entry_key(entry), key))
            return entry;
    }
    return NULL;
}

/* Gives a key the record that it had before a step. False when there is no memory. */
static bool undo(struct book *book, const struct ledger_step *step)
{
    const struct entry *known = step->before ? step->before : step->after;
    size_t slot;
    if (!known) /* a note */
        return true;
    const struct entry *present = find_entry(book, entry_kind(known), entry_key(known), &slot);
    if (!step->before)
        return take_out(book, present);
    struct entry *copy = entry_copy(step->before, 0);
    if (!copy)
        return false;
    copy->sequence = step->before->sequence;
    return place(book, copy, slot);
}

bool book_undo(struct book *book)
{
    struct ledger *ledger = &book->ledger;
    for (; ledger->step_count > 0; ledger->step_count--, book->sequence--)
        if (!undo(book, &ledger->steps[ledger->step_count - 1]))
            return false;
    ledger_clear(ledger);
    return true;
}

/* NULL when there is no memory, as the next. */
static struct entry *keep_vacancy(struct book *book, const struct vacancy *vacancy,
                                  struct str original)
{
    struct str kept;
    if (!keep_original(book, RECORD_VACANCY, original, &kept))
        return NULL;
    return entry_new_vacancy(vacancy, book->publication->lexicon, kept);
}

static struct entry *keep_applicant(struct book *book, const struct applicant *applicant,
                                    struct str original)
{
    struct str kept;
    if (!keep_original(book, RECORD_APPLICANT, original, &kept))
        return NULL;
    return entry_new_applicant(applicant, book->publication->lexicon, kept);
}

/* --- One change ---------------------------------------------------------------------------- */

/* A change being made. */
struct change {
    struct book *book;
    struct change_request request;
    struct buffer *response;
    size_t slot;               /* of the present record, SIZE_MAX when there is none */
    const struct entry *entry; /* NULL when there is none */
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
    change->entry =
        find_entry(change->book, change->request.record, change->request.key, &change->slot);
}

static bool check_sequence(const struct change *change, struct error *error)
{
    const struct change_request *request = &change->request;
    uint64_t present = change->entry ? change->entry->sequence : 0;
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
    if (change->entry)
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
    struct entry *entry =
        request->record == RECORD_VACANCY
            ? keep_vacancy(change->book, &request->vacancy, request->original)
            : keep_applicant(change->book, &request->applicant, request->original);
    return (entry && book_put(change->book, STORE_PUT, entry, change->slot, request->original)) ||
           out_of_memory(error);
}

/* The original of the present record. */
static bool present_original(struct change *change, struct str *original, struct error *error)
{
    struct book *book = change->book;
    if (book->ledger.store)
        return ledger_original(&book->ledger, change->entry, original, error);
    return original_read(book->reader, entry_kept(change->entry), original) || out_of_memory(error);
}

/* The present record with another status; NULL when there is no memory. */
static struct entry *with_status(const struct change *change, struct str original)
{
    struct book *book = change->book;
    struct record_scratch scratch;
    record_scratch_init(&scratch, book->publication->lexicon);
    if (entry_kind(change->entry) == RECORD_VACANCY) {
        struct vacancy vacancy;
        entry_vacancy(change->entry, &scratch, &vacancy);
        vacancy.status = change->request.status;
        vacancy.open = vacancy_is_open_on(&vacancy, book->today);
        return keep_vacancy(book, &vacancy, original);
    }
    struct applicant applicant;
    entry_applicant(change->entry, &scratch, &applicant);
    applicant.status = change->request.status;
    applicant.active = applicant.status == STATUS_OPEN;
    return keep_applicant(book, &applicant, original);
}

static bool set_status(struct change *change, struct error *error)
{
    if (!check_sequence(change, error) || !check_present(change, error))
        return false;
    assert(change->entry); /* check_present */
    struct str before, original;
    if (!present_original(change, &before, error))
        return false;
    original = wire_with_status(entry_kind(change->entry), before, change->request.status,
                                &change->book->arena);
    if (!original.data)
        return out_of_memory(error);
    if (!acknowledge(change, error))
        return false;
    struct entry *entry = with_status(change, original);
    return (entry && book_put(change->book, STORE_PUT, entry, change->slot, original)) ||
           out_of_memory(error);
}

static bool remove_record(struct change *change, struct error *error)
{
    if (!check_sequence(change, error) || !check_present(change, error) ||
        !acknowledge(change, error))
        return false;
    struct book *book = change->book;
    if (!ledger_add(&book->ledger, STORE_REMOVE, book->sequence + 1, change->entry, NULL, STR("")))
        return out_of_memory(error);
    if (!take_out(book, change->entry)) {
        ledger_drop_last(&book->ledger);
        return out_of_memory(error);
    }
    book->sequence++;
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
