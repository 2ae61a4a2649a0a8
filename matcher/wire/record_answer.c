/* Writing of RecordService's answers. A stored record goes out as the bytes that were accepted,
 * without decoding it, so these answers are put together field by field (raw.h). Thread: any. */
#include "haihe/v1/record_service.pb-c.h"
#include "wire/message.h"
#include "wire/normalized_message.h"
#include "wire/raw_key.h"
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
    LIST_RECORDS = 1,
    LIST_MORE = 2,
    LISTED_ID = 1,
    LISTED_SEQUENCE = 2,
    LISTED_HASH = 3,
};

/* --- Apply ---------------------------------------------------------------------------------- */

struct applied {
    uint64_t request_id, sequence;
    const struct str_list *unresolved_skills;
};

static void put_applied(struct raw_writer *writer, const void *what)
{
    const struct applied *applied = what;
    raw_put_varint(writer, APPLIED_SEQUENCE, applied->sequence);
    for (uint32_t i = 0; i < applied->unresolved_skills->count; i++)
        raw_put_bytes_always(writer, APPLIED_UNRESOLVED, applied->unresolved_skills->items[i]);
}

static void put_apply_response(struct raw_writer *writer, const void *what)
{
    const struct applied *applied = what;
    raw_put_varint(writer, APPLY_RESPONSE_REQUEST_ID, applied->request_id);
    raw_put_message(writer, APPLY_RESPONSE_APPLIED, put_applied, applied);
}

bool wire_write_applied(struct buffer *out, uint64_t request_id, uint64_t sequence,
                        const struct str_list *unresolved_skills)
{
    const struct applied applied = {request_id, sequence, unresolved_skills};
    return raw_append(out, 0, put_apply_response, &applied);
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
};

static void put_record(struct raw_writer *writer, const void *what)
{
    const struct piece *piece = what;
    const struct stored_record *record = piece->record;
    raw_put_varint(writer, RECORD_SEQUENCE, record->sequence);
    raw_put_fixed64(writer, RECORD_HASH, record->hash);
    raw_put_bytes_always(writer, RECORD_ORIGINAL + record->kind, record->original);
    raw_put_bytes_always(writer, RECORD_NORMALIZED + record->kind, piece->normalized);
}

static bool append_record(struct buffer *out, uint32_t number, const struct model *model,
                          struct arena *arena, const struct stored_record *record)
{
    const struct piece piece = {record, normalized_encode(model, arena, record)};
    return piece.normalized.data && raw_append(out, number, put_record, &piece);
}

bool wire_write_record(struct buffer *out, const struct model *model, struct arena *arena,
                       const struct stored_record *record)
{
    return append_record(out, 0, model, arena, record);
}

/* Field numbers of record.proto's Key. */
enum { KEY_PLATFORM = 1, KEY_ID = 2 };

void raw_put_key(struct raw_writer *writer, const void *what)
{
    const struct key *key = what;
    raw_put_text(writer, KEY_PLATFORM, key->platform);
    raw_put_text(writer, KEY_ID, key->id);
}

bool wire_write_batch_record(struct buffer *out, const struct model *model, struct arena *arena,
                             const struct stored_record *record)
{
    return append_record(out, BATCH_RECORDS, model, arena, record);
}

bool wire_write_batch_missing(struct buffer *out, struct key key)
{
    return raw_append(out, BATCH_MISSING, raw_put_key, &key);
}

/* --- List ----------------------------------------------------------------------------------- */

static void put_listed(struct raw_writer *writer, const void *what)
{
    const struct listed_record *record = what;
    raw_put_text(writer, LISTED_ID, record->id);
    raw_put_varint(writer, LISTED_SEQUENCE, record->sequence);
    raw_put_fixed64(writer, LISTED_HASH, record->hash);
}

static void put_more(struct raw_writer *writer, const void *what)
{
    raw_put_varint(writer, LIST_MORE, *(const bool *)what);
}

/* A failed call leaves the buffer as it was. */
static bool undo(struct buffer *out, size_t length_before)
{
    out->length_bytes = length_before;
    return false;
}

bool wire_write_list(struct buffer *out, struct arena *arena, const struct listed_record *records,
                     size_t count, bool more)
{
    (void)arena;
    size_t length_before = out->length_bytes;
    for (size_t i = 0; i < count; i++)
        if (!raw_append(out, LIST_RECORDS, put_listed, &records[i]))
            return undo(out, length_before);
    return raw_append(out, 0, put_more, &more) || undo(out, length_before);
}
