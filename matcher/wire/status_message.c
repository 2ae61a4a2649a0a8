/* See status_message.h. Writing uses the stack only, so that a failure for lack of memory can still
 * be told. Thread: any. */
#include "wire/status_message.h"

#include <assert.h>
#include <stdio.h>

#include "google/rpc/error_details.pb-c.h"
#include "wire/message.h"
#include "wire/status_parts.h"

#include "base/banned.h"

#define TYPE_URL_PREFIX "type.googleapis.com/"

static const char BAD_REQUEST_URL[] = TYPE_URL_PREFIX "google.rpc.BadRequest";
static const char ERROR_INFO_URL[] = TYPE_URL_PREFIX "google.rpc.ErrorInfo";

/* --- Writing -------------------------------------------------------------------------------- */

static void add_detail(struct status_parts *parts, const char *type_url,
                       const ProtobufCMessage *detail)
{
    size_t index = parts->status.n_details++;
    assert(index < STATUS_DETAIL_LIMIT &&
           protobuf_c_message_get_packed_size(detail) <= STATUS_DETAIL_BYTES);
    Google__Protobuf__Any *any = &parts->details[index];
    google__protobuf__any__init(any);
    any->type_url = (char *)type_url;
    any->value.data = parts->bytes[index];
    any->value.len = protobuf_c_message_pack(detail, parts->bytes[index]);
    parts->detail_list[index] = any;
}

static void add_bad_request(struct status_parts *parts, const struct error *error)
{
    Google__Rpc__BadRequest__FieldViolation violation;
    google__rpc__bad_request__field_violation__init(&violation);
    violation.field = (char *)error->field;
    violation.description = (char *)error->text;
    Google__Rpc__BadRequest__FieldViolation *violations[] = {&violation};
    Google__Rpc__BadRequest detail;
    google__rpc__bad_request__init(&detail);
    detail.n_field_violations = 1;
    detail.field_violations = violations;
    add_detail(parts, BAD_REQUEST_URL, &detail.base);
}

static void add_error_info(struct status_parts *parts, const struct error *error)
{
    char reason[sizeof error->rule];
    for (size_t i = 0; i < sizeof reason; i++) {
        char c = error->rule[i];
        reason[i] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
    }
    Google__Rpc__ErrorInfo__MetadataEntry entry;
    google__rpc__error_info__metadata_entry__init(&entry);
    entry.key = (char *)"value";
    entry.value = (char *)error->value;
    Google__Rpc__ErrorInfo__MetadataEntry *entries[] = {&entry};
    Google__Rpc__ErrorInfo detail;
    google__rpc__error_info__init(&detail);
    detail.reason = reason;
    detail.domain = (char *)"haihe";
    if (error->value[0] != '\0') {
        detail.n_metadata = 1;
        detail.metadata = entries;
    }
    add_detail(parts, ERROR_INFO_URL, &detail.base);
}

void status_compose(struct status_parts *parts, const struct error *error)
{
    google__rpc__status__init(&parts->status);
    parts->status.code = (int32_t)error->code;
    parts->status.message = (char *)error->text;
    parts->status.details = parts->detail_list;
    if (error->field[0] != '\0')
        add_bad_request(parts, error);
    if (error->rule[0] != '\0')
        add_error_info(parts, error);
}

bool wire_write_status(struct buffer *out, const struct error *error)
{
    struct status_parts parts;
    status_compose(&parts, error);
    return message_append(out, &parts.status.base);
}

/* --- Reading -------------------------------------------------------------------------------- */

/* What the details say, as sent. */
struct found {
    struct str field, rule, value;
};

static bool is_type(const Google__Protobuf__Any *any, const char *url)
{
    return str_equal(message_text(any->type_url), str_of(url));
}

static struct str value_of(const Google__Protobuf__Any *any)
{
    return (struct str){(const char *)any->value.data, (uint32_t)any->value.len};
}

static bool read_bad_request(const Google__Protobuf__Any *any, struct arena *arena,
                             struct found *found, struct error *error)
{
    const Google__Rpc__BadRequest *detail =
        message_decode(&google__rpc__bad_request__descriptor, value_of(any), arena, error);
    if (detail && detail->n_field_violations > 0)
        found->field = message_text(detail->field_violations[0]->field);
    return detail != NULL;
}

static bool read_error_info(const Google__Protobuf__Any *any, struct arena *arena,
                            struct found *found, struct error *error)
{
    const Google__Rpc__ErrorInfo *detail =
        message_decode(&google__rpc__error_info__descriptor, value_of(any), arena, error);
    if (!detail)
        return false;
    found->rule = message_text(detail->reason);
    for (size_t i = 0; i < detail->n_metadata; i++)
        if (str_equal(message_text(detail->metadata[i]->key), STR("value")))
            found->value = message_text(detail->metadata[i]->value);
    return true;
}

/* The texts come from somebody else's server: error_field and error_set make them well-formed. */
static void fill(int32_t code, struct str message, const struct found *found, struct error *out)
{
    bool is_known = code >= ERROR_OK && code <= ERROR_UNAUTHENTICATED;
    char field[sizeof out->field], rule[sizeof out->rule], value[sizeof out->value];
    snprintf(field, sizeof field, "%.*s", STR_ARG(found->field));
    snprintf(rule, sizeof rule, "%.*s", STR_ARG(found->rule));
    snprintf(value, sizeof value, "%.*s", STR_ARG(found->value));
    for (char *c = rule; *c; c++)
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c - 'A' + 'a');
    struct error text;
    error_set(&text, ERROR_OK, "%.*s", STR_ARG(message));
    error_field(out, rule, field, value, "%s", "");
    out->code = is_known ? (enum error_code)code : ERROR_UNKNOWN;
    snprintf(out->text, sizeof out->text, "%s", text.text);
}

bool wire_read_status(struct str bytes, struct arena *arena, struct error *error)
{
    const Google__Rpc__Status *status =
        message_decode(&google__rpc__status__descriptor, bytes, arena, error);
    if (!status)
        return false;
    struct found found = {0};
    for (size_t i = 0; i < status->n_details; i++) {
        const Google__Protobuf__Any *any = status->details[i];
        if (is_type(any, BAD_REQUEST_URL) && !read_bad_request(any, arena, &found, error))
            return false;
        if (is_type(any, ERROR_INFO_URL) && !read_error_info(any, arena, &found, error))
            return false;
    }
    fill(status->code, message_text(status->message), &found, error);
    return true;
}
