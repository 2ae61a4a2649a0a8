/* Message -> JSON; see json_message.h. Thread: any. Cost: about 0.2 us a field, most of it
 * jansson's. */
#include <math.h>
#include <stdio.h>

#include "base/text.h"
#include "google/protobuf/any.pb-c.h"
#include "wire/base64.h"
#include "wire/check.h"
#include "wire/json_message.h"
#include "wire/json_shape.h"
#include "wire/message_table.h"

#include "base/banned.h"

struct writer {
    struct arena *arena;
    struct error *error;
    bool with_defaults;
    int depth;
};

static json_t *write_object(struct writer *writer, const ProtobufCMessage *message);

/* Whatever jansson could not make, for lack of memory. */
static json_t *made(const struct writer *writer, json_t *json)
{
    if (!json)
        error_set(writer->error, ERROR_RESOURCE_EXHAUSTED, "no memory for json");
    return json;
}

/* --- Scalars -------------------------------------------------------------------------------- */

/* jansson's integers are int64; half of all hashes do not fit, and JavaScript keeps 53 bits only.
 */
static json_t *write_unsigned(const struct writer *writer, uint64_t value, bool as_text)
{
    if (!as_text && value <= INT64_MAX)
        return made(writer, json_integer((json_int_t)value));
    char text[24];
    snprintf(text, sizeof text, "%llu", (unsigned long long)value);
    return made(writer, json_string(text));
}

static json_t *write_real(const struct writer *writer, double value)
{
    if (isnan(value))
        return made(writer, json_string("NaN"));
    if (isinf(value))
        return made(writer, json_string(value < 0 ? "-Infinity" : "Infinity"));
    return made(writer, json_real(value));
}

static json_t *write_enum(const struct writer *writer, const ProtobufCFieldDescriptor *field,
                          int value)
{
    const ProtobufCEnumValue *known =
        protobuf_c_enum_descriptor_get_value(field->descriptor, value);
    return made(writer, known ? json_string(known->name) : json_integer(value));
}

static json_t *write_text(const struct writer *writer, const char *name, struct str text)
{
    if (text_is_valid(text))
        return made(writer, json_stringn_nocheck(text.data ? text.data : "", text.length));
    refuse_text(writer->error, "invalid_utf8", name, text, "must be valid UTF-8 without NUL");
    return NULL;
}

static json_t *write_bytes(const struct writer *writer, const ProtobufCBinaryData *bytes)
{
    struct str text =
        base64_encode(writer->arena, (struct str){(const char *)bytes->data, (uint32_t)bytes->len});
    if (!text.data) {
        message_exhausted(writer->arena, writer->error);
        return NULL;
    }
    return made(writer, json_stringn_nocheck(text.data, text.length));
}

static json_t *write_value(struct writer *writer, const ProtobufCFieldDescriptor *field,
                           const void *at)
{
    switch (field->type) {
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_SFIXED32:
        return made(writer, json_integer(*(const int32_t *)at));
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32:
        return made(writer, json_integer(*(const uint32_t *)at));
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
        return made(writer, json_integer(*(const int64_t *)at));
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
        return write_unsigned(writer, *(const uint64_t *)at,
                              field->type == PROTOBUF_C_TYPE_FIXED64);
    case PROTOBUF_C_TYPE_FLOAT:
        return write_real(writer, (double)*(const float *)at);
    case PROTOBUF_C_TYPE_DOUBLE:
        return write_real(writer, *(const double *)at);
    case PROTOBUF_C_TYPE_BOOL:
        return made(writer, json_boolean(*(const protobuf_c_boolean *)at));
    case PROTOBUF_C_TYPE_ENUM:
        return write_enum(writer, field, *(const int *)at);
    case PROTOBUF_C_TYPE_STRING:
        return write_text(writer, field->name, message_text(*(char *const *)at));
    case PROTOBUF_C_TYPE_BYTES:
        return write_bytes(writer, at);
    case PROTOBUF_C_TYPE_MESSAGE:
        return write_object(writer, *(ProtobufCMessage *const *)at);
    }
    return NULL;
}

/* --- Lists ---------------------------------------------------------------------------------- */

static json_t *write_list(struct writer *writer, const ProtobufCFieldDescriptor *field,
                          const char *items, size_t count)
{
    json_t *list = made(writer, json_array());
    for (size_t i = 0; list && i < count; i++) {
        json_t *item = write_value(writer, field, items + i * json_value_bytes(field->type));
        if (json_array_append_new(list, item) == 0) /* takes the item in any case */
            continue;
        char name[FIELD_NAME_BYTES];
        if (field->type == PROTOBUF_C_TYPE_MESSAGE)
            error_prefix_field(writer->error, field_name(name, field->name, i));
        json_decref(list);
        return NULL;
    }
    return list;
}

static json_t *write_map(struct writer *writer, const ProtobufCFieldDescriptor *field,
                         ProtobufCMessage *const *entries, size_t count)
{
    const ProtobufCMessageDescriptor *descriptor = field->descriptor;
    json_t *map = made(writer, json_object());
    for (size_t i = 0; map && i < count; i++) {
        const char *entry = (const char *)entries[i];
        struct str key =
            message_text(*(char *const *)(const void *)(entry + descriptor->fields[0].offset));
        json_t *checked = write_text(writer, "key", key);
        json_t *value = checked ? write_value(writer, &descriptor->fields[1],
                                              entry + descriptor->fields[1].offset)
                                : NULL;
        json_decref(checked);
        if (json_object_set_new_nocheck(map, key.data ? key.data : "", value) == 0)
            continue;
        error_prefix_field(writer->error, field->name);
        json_decref(map);
        return NULL;
    }
    return map;
}

/* --- Messages ------------------------------------------------------------------------------- */

static bool is_zero(const ProtobufCFieldDescriptor *field, const void *at)
{
    static const char ZEROS[8] = {0};
    switch (field->type) {
    case PROTOBUF_C_TYPE_STRING:
        return message_text(*(char *const *)at).length == 0;
    case PROTOBUF_C_TYPE_BYTES:
        return ((const ProtobufCBinaryData *)at)->len == 0;
    default:
        return memcmp(at, ZEROS, json_value_bytes(field->type)) == 0;
    }
}

/* Whether a field that is no list is written. */
static bool is_shown(const struct writer *writer, const ProtobufCFieldDescriptor *field,
                     const ProtobufCMessage *message)
{
    const char *base = (const char *)message;
    const void *at = base + field->offset;
    if (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF)
        return *(const uint32_t *)(const void *)(base + field->quantifier_offset) == field->id;
    if (field->type == PROTOBUF_C_TYPE_MESSAGE)
        return *(ProtobufCMessage *const *)at != NULL;
    return !is_zero(field, at) || (writer->with_defaults && field->type != PROTOBUF_C_TYPE_ENUM);
}

/* False when it failed. */
static bool write_field(struct writer *writer, const ProtobufCFieldDescriptor *field,
                        const ProtobufCMessage *message, json_t *out)
{
    const char *base = (const char *)message;
    const void *at = base + field->offset;
    json_t *value;
    if (field->label == PROTOBUF_C_LABEL_REPEATED) {
        size_t count = *(const size_t *)(const void *)(base + field->quantifier_offset);
        if (count == 0 && !writer->with_defaults)
            return true;
        value = json_is_map(message->descriptor, field)
                    ? write_map(writer, field, *(ProtobufCMessage *const *const *)at, count)
                    : write_list(writer, field, *(const char *const *)at, count);
    } else if (is_shown(writer, field, message)) {
        value = write_value(writer, field, at);
        if (!value && field->type == PROTOBUF_C_TYPE_MESSAGE)
            error_prefix_field(writer->error, field->name);
    } else {
        return true;
    }
    return json_object_set_new_nocheck(out, field->name, value) == 0;
}

/* The detail inside an Any, with its type; NULL without an error when it is not one of ours. */
static json_t *write_any(struct writer *writer, const Google__Protobuf__Any *any)
{
    struct str url = message_text(any->type_url);
    const char *slash = url.length > 0 ? strrchr(url.data, '/') : NULL;
    const ProtobufCMessageDescriptor *descriptor = slash ? message_find(str_of(slash + 1)) : NULL;
    if (!descriptor || strlen(url.data) != url.length)
        return NULL;
    struct str bytes = {(const char *)any->value.data, (uint32_t)any->value.len};
    /* Should the detail be malformed, the Any is shown as it came. */
    struct error ignored;
    struct writer inner = *writer;
    inner.error = &ignored;
    const ProtobufCMessage *detail = message_decode(descriptor, bytes, writer->arena, &ignored);
    json_t *object = detail ? write_object(&inner, detail) : NULL;
    if (object && json_object_set_new(object, JSON_TYPE_KEY, json_string(url.data)) != 0) {
        json_decref(object);
        return NULL;
    }
    return object;
}

static json_t *write_object(struct writer *writer, const ProtobufCMessage *message)
{
    if (writer->depth >= JSON_DEPTH_LIMIT) {
        error_set(writer->error, ERROR_INVALID_ARGUMENT, "messages are nested deeper than %d",
                  JSON_DEPTH_LIMIT);
        return NULL;
    }
    writer->depth++;
    json_t *object = NULL;
    if (message->descriptor == &google__protobuf__any__descriptor)
        object = write_any(writer, (const Google__Protobuf__Any *)message);
    if (!object) {
        object = made(writer, json_object());
        for (unsigned i = 0; object && i < message->descriptor->n_fields; i++) {
            if (write_field(writer, &message->descriptor->fields[i], message, object))
                continue;
            json_decref(object);
            object = NULL;
        }
    }
    writer->depth--;
    return object;
}

json_t *wire_json_decode(const char *message, struct str bytes, bool with_defaults,
                         struct arena *arena, struct error *error)
{
    const ProtobufCMessageDescriptor *descriptor = message_find(str_of(message));
    if (!descriptor) {
        error_set(error, ERROR_INVALID_ARGUMENT, "message '%s' is not known", message);
        return NULL;
    }
    const ProtobufCMessage *decoded = message_decode(descriptor, bytes, arena, error);
    struct writer writer = {arena, error, with_defaults, 0};
    return decoded ? write_object(&writer, decoded) : NULL;
}
