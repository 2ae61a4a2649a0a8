/* Reading of RecordService's requests. Thread: any. Cost of an upsert: a few microseconds, most of
 * them folding and resolving the names of skills. */
#include "wire/record_service_message.h"

#include <assert.h>
#include <stdio.h>

#include "haihe/v1/record_service.pb-c.h"
#include "wire/raw.h"
#include "wire/record_part.h"
#include "wire/record_rules.h"
#include "wire/request_rules.h"

#include "base/banned.h"

static_assert((int)HAIHE__V1__RECORD_KIND__RECORD_KIND_VACANCY == RECORD_VACANCY &&
                  (int)HAIHE__V1__RECORD_KIND__RECORD_KIND_APPLICANT == RECORD_APPLICANT,
              "the model keeps the proto's numbers");

enum { BATCH_LIMIT = 1000, PAGE_LIMIT = 10000, PAGE_DEFAULT = 1000, REQUEST_ID_FIELD = 1 };

/* --- Tables --------------------------------------------------------------------------------- */

static const struct field_rule KIND_AND_KEY_FIELDS[] = {
    {.name = "kind", .stated = true},
    {.name = "key", .message = &KEY_RULES, .required = true},
};
static const struct message_rules DELETE_RULES =
    MESSAGE_RULES(KIND_AND_KEY_FIELDS, haihe__v1__delete_record__descriptor);
const struct message_rules GET_RULES =
    MESSAGE_RULES(KIND_AND_KEY_FIELDS, haihe__v1__get_request__descriptor);

static const struct field_rule SET_STATUS_FIELDS[] = {
    {.name = "key", .message = &KEY_RULES, .required = true},
    {.name = "vacancy_status", .stated = true},
    {.name = "applicant_status", .stated = true},
};
static const struct message_rules SET_STATUS_RULES =
    MESSAGE_RULES(SET_STATUS_FIELDS, haihe__v1__set_status__descriptor);

static const struct field_rule APPLY_FIELDS[] = {
    {.name = "request_id"},
    {.name = "upsert_vacancy", .message = &VACANCY_RULES},
    {.name = "upsert_applicant", .message = &APPLICANT_RULES},
    {.name = "delete", .message = &DELETE_RULES},
    {.name = "set_status", .message = &SET_STATUS_RULES},
    {.name = "if_sequence"},
};
const struct message_rules APPLY_RULES =
    MESSAGE_RULES(APPLY_FIELDS, haihe__v1__apply_request__descriptor);

static const struct field_rule BATCH_GET_FIELDS[] = {
    {.name = "kind", .stated = true},
    {.name = "keys", .message = &KEY_RULES, .list_limit = BATCH_LIMIT, .required = true},
};
const struct message_rules BATCH_GET_RULES =
    MESSAGE_RULES(BATCH_GET_FIELDS, haihe__v1__batch_get_request__descriptor);

static const struct field_rule LIST_FIELDS[] = {
    {.name = "kind", .stated = true},
    {.name = "platform", .low = 1, .high = KEY_PART_LIMIT_BYTES},
    {.name = "after_id", .high = KEY_PART_LIMIT_BYTES},
    {.name = "page_size", .high = PAGE_LIMIT},
};
const struct message_rules LIST_RULES =
    MESSAGE_RULES(LIST_FIELDS, haihe__v1__list_request__descriptor);

/* --- Apply ---------------------------------------------------------------------------------- */

static bool keep_original(const ProtobufCMessage *message, struct arena *arena,
                          struct change_request *out, struct error *error)
{
    out->original = message_encode(message, arena);
    return out->original.data ? true : message_exhausted(arena, error);
}

static bool read_upsert_vacancy(const struct reading *reading, const Haihe__V1__Vacancy *message,
                                struct change_request *out)
{
    out->kind = CHANGE_UPSERT;
    out->record = RECORD_VACANCY;
    if (!read_vacancy(reading, message, &out->vacancy, &out->extras)) {
        error_prefix_field(reading->error, "upsert_vacancy");
        return false;
    }
    out->key = out->vacancy.key;
    return keep_original(&message->base, reading->arena, out, reading->error);
}

static bool read_upsert_applicant(const struct reading *reading,
                                  const Haihe__V1__Applicant *message, struct change_request *out)
{
    out->kind = CHANGE_UPSERT;
    out->record = RECORD_APPLICANT;
    if (!read_applicant(reading, message, &out->applicant, &out->extras)) {
        error_prefix_field(reading->error, "upsert_applicant");
        return false;
    }
    out->key = out->applicant.key;
    return keep_original(&message->base, reading->arena, out, reading->error);
}

static bool read_delete(const Haihe__V1__DeleteRecord *message, struct change_request *out,
                        struct error *error)
{
    out->kind = CHANGE_DELETE;
    out->record = (enum record_kind)message->kind;
    return read_key(message->key, "delete.key", &out->key, error);
}

static bool read_set_status(const Haihe__V1__SetStatus *message, struct change_request *out,
                            struct error *error)
{
    out->kind = CHANGE_SET_STATUS;
    switch (message->status_case) {
    case HAIHE__V1__SET_STATUS__STATUS_VACANCY_STATUS:
        out->record = RECORD_VACANCY;
        out->status = (uint8_t)message->vacancy_status;
        break;
    case HAIHE__V1__SET_STATUS__STATUS_APPLICANT_STATUS:
        out->record = RECORD_APPLICANT;
        out->status = (uint8_t)message->applicant_status;
        break;
    default:
        return refuse_text(error, "required", "set_status.status", STR(""), "must be stated");
    }
    return read_key(message->key, "set_status.key", &out->key, error);
}

static bool read_change(const struct reading *reading, const Haihe__V1__ApplyRequest *message,
                        struct change_request *out)
{
    switch (message->change_case) {
    case HAIHE__V1__APPLY_REQUEST__CHANGE_UPSERT_VACANCY:
        return read_upsert_vacancy(reading, message->upsert_vacancy, out);
    case HAIHE__V1__APPLY_REQUEST__CHANGE_UPSERT_APPLICANT:
        return read_upsert_applicant(reading, message->upsert_applicant, out);
    case HAIHE__V1__APPLY_REQUEST__CHANGE_DELETE:
        return read_delete(message->delete_, out, reading->error);
    case HAIHE__V1__APPLY_REQUEST__CHANGE_SET_STATUS:
        return read_set_status(message->set_status, out, reading->error);
    default:
        return refuse_text(reading->error, "required", "change", STR(""), "must be stated");
    }
}

/* The last one counts. */
uint64_t wire_apply_request_id(struct str bytes)
{
    uint64_t request_id = 0;
    struct raw_field field;
    while (raw_next(&bytes, &field) == RAW_FIELD)
        if (field.number == REQUEST_ID_FIELD && field.type == RAW_VARINT)
            request_id = field.value;
    return request_id;
}

bool wire_read_apply(const struct model *model, struct str bytes, int32_t today,
                     struct arena *arena, struct change_request *out, struct error *error)
{
    const struct reading reading = {model, arena, error, today, RECORD_FOR_STORE};
    *out = (struct change_request){0};
    Haihe__V1__ApplyRequest *message = message_decode(APPLY_RULES.descriptor, bytes, arena, error);
    if (!message) {
        out->request_id = wire_apply_request_id(bytes);
        return false;
    }
    out->request_id = message->request_id;
    out->has_if_sequence =
        message->_if_sequence_case == HAIHE__V1__APPLY_REQUEST___IF_SEQUENCE_IF_SEQUENCE;
    out->if_sequence = out->has_if_sequence ? message->if_sequence : 0;
    return message_check(&message->base, &APPLY_RULES, error) &&
           read_change(&reading, message, out);
}

struct str wire_with_status(enum record_kind kind, struct str original, uint8_t status,
                            struct arena *arena)
{
    if (kind == RECORD_VACANCY) {
        Haihe__V1__Vacancy *vacancy =
            message_decode(VACANCY_RULES.descriptor, original, arena, NULL);
        if (!vacancy)
            return (struct str){NULL, 0};
        vacancy->status = (Haihe__V1__VacancyStatus)status;
        return message_encode(&vacancy->base, arena);
    }
    Haihe__V1__Applicant *applicant =
        message_decode(APPLICANT_RULES.descriptor, original, arena, NULL);
    if (!applicant)
        return (struct str){NULL, 0};
    applicant->status = (Haihe__V1__ApplicantStatus)status;
    return message_encode(&applicant->base, arena);
}

/* --- Get, BatchGet, List -------------------------------------------------------------------- */

static bool read_keys(Haihe__V1__RecordKind kind, Haihe__V1__Key *const *messages, size_t count,
                      bool is_list, struct arena *arena, struct get_request *out,
                      struct error *error)
{
    struct key *keys = arena_alloc_zeroed(arena, count, sizeof *keys);
    if (!keys)
        return message_exhausted(arena, error);
    for (size_t i = 0; i < count; i++) {
        char name[FIELD_NAME_BYTES];
        field_name(name, is_list ? "keys" : "key", is_list ? i : SIZE_MAX);
        if (!read_key(messages[i], name, &keys[i], error))
            return false;
    }
    *out = (struct get_request){(enum record_kind)kind, keys, (uint32_t)count};
    return true;
}

bool wire_read_get(struct str bytes, struct arena *arena, struct get_request *out,
                   struct error *error)
{
    const Haihe__V1__GetRequest *message = message_read(&GET_RULES, bytes, arena, error);
    return message && read_keys(message->kind, &message->key, 1, false, arena, out, error);
}

bool wire_read_batch_get(struct str bytes, struct arena *arena, struct get_request *out,
                         struct error *error)
{
    const Haihe__V1__BatchGetRequest *message = message_read(&BATCH_GET_RULES, bytes, arena, error);
    return message &&
           read_keys(message->kind, message->keys, message->n_keys, true, arena, out, error);
}

bool wire_read_list(struct str bytes, struct arena *arena, struct list_request *out,
                    struct error *error)
{
    const Haihe__V1__ListRequest *message = message_read(&LIST_RULES, bytes, arena, error);
    if (!message)
        return false;
    *out = (struct list_request){.kind = (enum record_kind)message->kind,
                                 .platform = message_text(message->platform),
                                 .after_id = message_text(message->after_id),
                                 .page_size = message->page_size ? (uint32_t)message->page_size
                                                                 : PAGE_DEFAULT};
    return true;
}
