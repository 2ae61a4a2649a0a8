/* See history_message.h. Records go out as the bytes that were accepted (raw.h). */
#include "wire/history_message.h"

#include "haihe/v1/admin_service.pb-c.h"
#include "wire/raw_key.h"
#include "wire/request_rules.h"

#include "base/banned.h"

enum { PAGE_DEFAULT = 100, PAGE_LIMIT = 1000 };

/* Field numbers of admin_service.proto and record.proto; tests decode what is written here. */
enum {
    RESPONSE_CHANGES = 1,
    RESPONSE_OLDEST = 2,
    RESPONSE_NEWEST = 3,
    CHANGE_SEQUENCE = 1,
    CHANGE_TIME_MS = 2,
    CHANGE_KIND = 3,
    CHANGE_RECORD = 4,
    CHANGE_KEY = 5,
    CHANGE_BEFORE = 6,
    CHANGE_CONTENT = 6, /* + enum record_kind: 7 vacancy, 8 applicant */
    CHANGE_NOTE = 9,
    NOTE_NAME = 1,
    NOTE_TEXT = 2,
};
static_assert((int)STORE_PUT == HAIHE__V1__CHANGE_KIND__CHANGE_KIND_PUT &&
                  (int)STORE_REMOVE == HAIHE__V1__CHANGE_KIND__CHANGE_KIND_REMOVE &&
                  (int)STORE_TURN == HAIHE__V1__CHANGE_KIND__CHANGE_KIND_TURN &&
                  (int)STORE_NOTE == HAIHE__V1__CHANGE_KIND__CHANGE_KIND_NOTE,
              "the store's kinds are the proto's");

static const struct field_rule HISTORY_FIELDS[] = {
    {.name = "from"},
    {.name = "limit", .low = 1, .high = PAGE_LIMIT, .or_zero = true},
    {.name = "with_records"},
};
const struct message_rules HISTORY_RULES =
    MESSAGE_RULES(HISTORY_FIELDS, haihe__v1__history_request__descriptor);

bool wire_read_history(struct str bytes, struct arena *arena, struct history_request *out,
                       struct error *error)
{
    const Haihe__V1__HistoryRequest *message = message_read(&HISTORY_RULES, bytes, arena, error);
    if (!message)
        return false;
    *out =
        (struct history_request){.from = message->from,
                                 .limit = message->limit ? (uint32_t)message->limit : PAGE_DEFAULT,
                                 .with_records = message->with_records};
    return true;
}

static void put_note(struct raw_writer *writer, const void *what)
{
    const struct store_change *change = what;
    raw_put_text(writer, NOTE_NAME, change->key);
    raw_put_text(writer, NOTE_TEXT, change->bytes);
}

static void put_change(struct raw_writer *writer, const void *what)
{
    const struct history_change *piece = what;
    const struct store_change *change = piece->change;
    raw_put_varint(writer, CHANGE_SEQUENCE, change->sequence);
    raw_put_varint(writer, CHANGE_TIME_MS, (uint64_t)change->time_ms);
    raw_put_varint(writer, CHANGE_KIND, change->kind);
    if (change->kind == STORE_NOTE) {
        raw_put_message(writer, CHANGE_NOTE, put_note, change);
        return;
    }
    raw_put_varint(writer, CHANGE_RECORD, piece->record);
    raw_put_message(writer, CHANGE_KEY, raw_put_key, &piece->key);
    raw_put_varint(writer, CHANGE_BEFORE, change->before);
    if (piece->with_record && change->kind != STORE_REMOVE)
        raw_put_bytes_always(writer, CHANGE_CONTENT + piece->record, change->bytes);
}

bool wire_write_history_change(struct buffer *out, const struct history_change *change)
{
    return raw_append(out, RESPONSE_CHANGES, put_change, change);
}

struct bounds {
    uint64_t oldest, newest;
};

static void put_bounds(struct raw_writer *writer, const void *what)
{
    const struct bounds *bounds = what;
    raw_put_varint(writer, RESPONSE_OLDEST, bounds->oldest);
    raw_put_varint(writer, RESPONSE_NEWEST, bounds->newest);
}

bool wire_write_history_bounds(struct buffer *out, uint64_t oldest, uint64_t newest)
{
    const struct bounds bounds = {oldest, newest};
    return raw_append(out, 0, put_bounds, &bounds);
}
