/* Writing of RecordService's answers. A stored record goes out as the bytes that were accepted,
 * without decoding it, so these answers are put together field by field (raw.h): first the size of
 * everything, then the bytes. Thread: any. */
#include <assert.h>

#include "haihe/v1/record_service.pb-c.h"
#include "wire/message.h"
#include "wire/normalized_message.h"
#include "wire/raw.h"
#include "wire/record_service_message.h"
#include "wire/status_parts.h"

#include "base/banned.h"

/* Field numbers of record_service.proto and record.proto; tests decode what is written here. */
enum {
    APPLY_RESPONSE_REQUEST_ID = 1,
    APPLY_RESPONSE_APPLIED = 2,
    APPLIED_SEQUENCE = 1,
    APPLIED_UNRESOLVED = 2,
    RECORD_SEQUENCE = 1,
    RECORD_HASH = 2,
    RECORD_ORIGINAL = 2,   /* + enum record_kind: 3 vacancy, 4 applicant */
    RECORD_NORMALIZED = 4, /* + enum record_kind: 5 vacancy, 6 applicant */
    BATCH_RECORDS = 1,
    BATCH_MISSING = 2,
    KEY_PLATFORM = 1,
    KEY_ID = 2,
    LIST_RECORDS = 1,
    LIST_MORE = 2,
    LISTED_ID = 1,
    LISTED_SEQUENCE = 2,
    LISTED_HASH = 3,
};

/* --- Apply ---------------------------------------------------------------------------------- */

bool wire_write_applied(struct buffer *out, uint64_t request_id, uint64_t sequence,
                        const struct str_list *unresolved_skills)
{
    size_t inner = raw_varint_field_bytes(APPLIED_SEQUENCE, sequence);
    for (uint32_t i = 0; i < unresolved_skills->count; i++)
        inner += raw_bytes_field_bytes(APPLIED_UNRESOLVED, unresolved_skills->items[i].length);
    size_t size_bytes = raw_varint_field_bytes(APPLY_RESPONSE_REQUEST_ID, request_id) +
                        raw_bytes_field_bytes(APPLY_RESPONSE_APPLIED, inner);
    char *start = buffer_reserve(out, size_bytes);
    if (!start)
        return false;
    char *at = raw_put_varint_field(start, APPLY_RESPONSE_REQUEST_ID, request_id);
    at = raw_put_bytes_header(at, APPLY_RESPONSE_APPLIED, inner);
    at = raw_put_varint_field(at, APPLIED_SEQUENCE, sequence);
    for (uint32_t i = 0; i < unresolved_skills->count; i++)
        at = raw_put_bytes_field(at, APPLIED_UNRESOLVED, unresolved_skills->items[i]);
    assert((size_t)(at - start) == size_bytes);
    buffer_commit(out, size_bytes);
    return true;
}

bool wire_write_apply_error(struct buffer *out, uint64_t request_id, const struct error *error)
{
    struct status_parts parts;
    status_compose(&parts, error);
    Haihe__V1__ApplyResponse response;
    haihe__v1__apply_response__init(&response);
    response.request_id = request_id;
    response.result_case = HAIHE__V1__APPLY_RESPONSE__RESULT_ERROR;
    response.error = &parts.status;
    return message_append(out, &response.base);
}

/* --- Records -------------------------------------------------------------------------------- */

/* One Record about to be written. */
struct piece {
    const struct stored_record *record;
    struct str normalized; /* encoded */
    size_t size_bytes;
};

static bool prepare(const struct model *model, struct arena *arena,
                    const struct stored_record *record, struct piece *out)
{
    *out = (struct piece){.record = record, .normalized = normalized_encode(model, arena, record)};
    if (!out->normalized.data)
        return false;
    out->size_bytes =
        raw_varint_field_bytes(RECORD_SEQUENCE, record->sequence) +
        raw_fixed64_field_bytes(RECORD_HASH) +
        raw_bytes_field_bytes(RECORD_ORIGINAL + record->kind, record->original.length) +
        raw_bytes_field_bytes(RECORD_NORMALIZED + record->kind, out->normalized.length);
    return true;
}

static char *put_piece(char *at, const struct piece *piece)
{
    const struct stored_record *record = piece->record;
    char *start = at;
    at = raw_put_varint_field(at, RECORD_SEQUENCE, record->sequence);
    at = raw_put_fixed64_field(at, RECORD_HASH, record->hash);
    at = raw_put_bytes_field(at, RECORD_ORIGINAL + record->kind, record->original);
    at = raw_put_bytes_field(at, RECORD_NORMALIZED + record->kind, piece->normalized);
    assert((size_t)(at - start) == piece->size_bytes);
    return at;
}

bool wire_write_record(struct buffer *out, const struct model *model, struct arena *arena,
                       const struct stored_record *record)
{
    struct piece piece;
    if (!prepare(model, arena, record, &piece))
        return false;
    char *at = buffer_reserve(out, piece.size_bytes);
    if (!at)
        return false;
    put_piece(at, &piece);
    buffer_commit(out, piece.size_bytes);
    return true;
}

static size_t key_bytes(struct key key)
{
    return raw_bytes_field_bytes(KEY_PLATFORM, key.platform.length) +
           raw_bytes_field_bytes(KEY_ID, key.id.length);
}

/* Appends one item of a list: its header; the caller writes size_bytes at the returned place. */
static char *begin_item(struct buffer *out, uint32_t number, size_t size_bytes)
{
    size_t whole = raw_bytes_field_bytes(number, size_bytes);
    char *at = buffer_reserve(out, whole);
    if (!at)
        return NULL;
    buffer_commit(out, whole);
    return raw_put_bytes_header(at, number, size_bytes);
}

/* A failed call leaves the buffer as it was. */
static bool undo(struct buffer *out, size_t length_before)
{
    out->length_bytes = length_before;
    return false;
}

bool wire_write_batch(struct buffer *out, const struct model *model, struct arena *arena,
                      const struct stored_record *records, size_t record_count,
                      const struct key *missing, size_t missing_count)
{
    size_t length_before = out->length_bytes;
    for (size_t i = 0; i < record_count; i++) {
        struct piece piece;
        char *at = NULL;
        if (prepare(model, arena, &records[i], &piece))
            at = begin_item(out, BATCH_RECORDS, piece.size_bytes);
        if (!at)
            return undo(out, length_before);
        put_piece(at, &piece);
    }
    for (size_t i = 0; i < missing_count; i++) {
        char *at = begin_item(out, BATCH_MISSING, key_bytes(missing[i]));
        if (!at)
            return undo(out, length_before);
        at = raw_put_bytes_field(at, KEY_PLATFORM, missing[i].platform);
        raw_put_bytes_field(at, KEY_ID, missing[i].id);
    }
    return true;
}

/* --- List ----------------------------------------------------------------------------------- */

bool wire_write_list(struct buffer *out, struct arena *arena, const struct listed_record *records,
                     size_t count, bool more)
{
    (void)arena;
    size_t length_before = out->length_bytes;
    for (size_t i = 0; i < count; i++) {
        const struct listed_record *record = &records[i];
        char *at = begin_item(out, LIST_RECORDS,
                              raw_bytes_field_bytes(LISTED_ID, record->id.length) +
                                  raw_varint_field_bytes(LISTED_SEQUENCE, record->sequence) +
                                  raw_fixed64_field_bytes(LISTED_HASH));
        if (!at)
            return undo(out, length_before);
        at = raw_put_bytes_field(at, LISTED_ID, record->id);
        at = raw_put_varint_field(at, LISTED_SEQUENCE, record->sequence);
        raw_put_fixed64_field(at, LISTED_HASH, record->hash);
    }
    if (!more)
        return !out->failed;
    char *at = buffer_reserve(out, raw_varint_field_bytes(LIST_MORE, 1));
    if (!at)
        return undo(out, length_before);
    raw_put_varint_field(at, LIST_MORE, 1);
    buffer_commit(out, raw_varint_field_bytes(LIST_MORE, 1));
    return true;
}
