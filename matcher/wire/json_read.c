/* JSON -> message; see json_message.h. A message is built in the arena from the descriptor of its
 * type; texts stay in the JSON, which outlives it. Paths are put together on the way out of a
 * failure, as in check.c. Thread: any. Cost: about 0.1 us a field.
 */
#include "wire/json_read.h"

#include <assert.h>
#include <stdio.h>

#include "google/protobuf/any.pb-c.h"
#include "wire/json_message.h"
#include "wire/json_shape.h"
#include "wire/message_table.h"

#include "base/banned.h"

static bool read_object(struct reader *reader, const json_t *json, ProtobufCMessage *out,
                        const char *skipped_key);

static ProtobufCMessage *new_message(const struct reader *reader,
                                     const ProtobufCMessageDescriptor *descriptor)
{
    ProtobufCMessage *message = arena_alloc(reader->arena, descriptor->sizeof_message);
    if (message)
        protobuf_c_message_init(descriptor, message);
    else
        message_exhausted(reader->arena, reader->error);
    return message;
}

/* --- google.protobuf.Any -------------------------------------------------------------------- */

/* `{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": ..}`: the detail's own fields
 * beside its type. `json` holds the key. */
static bool read_any(struct reader *reader, const json_t *json, Google__Protobuf__Any *out)
{
    const char *url = json_string_value(json_object_get(json, JSON_TYPE_KEY));
    const char *name = url ? strrchr(url, '/') : NULL;
    const ProtobufCMessageDescriptor *descriptor = name ? message_find(str_of(name + 1)) : NULL;
    if (!descriptor)
        return refuse_text(reader->error, "unknown_value", JSON_TYPE_KEY, str_of(url ? url : ""),
                           "is no known message type");
    ProtobufCMessage *detail = new_message(reader, descriptor);
    if (!detail || !read_object(reader, json, detail, JSON_TYPE_KEY))
        return false;
    struct str bytes = message_encode(detail, reader->arena);
    if (!bytes.data)
        return message_exhausted(reader->arena, reader->error);
    out->type_url = (char *)url;
    out->value = (ProtobufCBinaryData){bytes.length, (uint8_t *)bytes.data};
    return true;
}

/* --- Values --------------------------------------------------------------------------------- */

/* Fields of a message that has just been made. */
static bool read_contents(struct reader *reader, const json_t *json, ProtobufCMessage *out)
{
    if (reader->depth >= JSON_DEPTH_LIMIT)
        return error_set(reader->error, ERROR_INVALID_ARGUMENT,
                         "messages are nested deeper than %d", JSON_DEPTH_LIMIT);
    reader->depth++;
    bool is_any = out->descriptor == &google__protobuf__any__descriptor &&
                  json_object_get(json, JSON_TYPE_KEY);
    bool is_read = is_any ? read_any(reader, json, (Google__Protobuf__Any *)out)
                          : read_object(reader, json, out, NULL);
    reader->depth--;
    return is_read;
}

static bool read_value(struct reader *reader, const json_t *json, const struct target *target)
{
    if (target->field->type != PROTOBUF_C_TYPE_MESSAGE)
        return json_read_scalar(reader, json, target);
    if (!json_is_object(json))
        return json_refuse_type(reader, target, json, "an object");
    ProtobufCMessage *message = new_message(reader, target->field->descriptor);
    if (!message)
        return false;
    *(ProtobufCMessage **)target->at = message;
    if (read_contents(reader, json, message))
        return true;
    char name[FIELD_NAME_BYTES];
    error_prefix_field(reader->error, field_name(name, target->field->name, target->index));
    return false;
}

/* Room for `count` values of a repeated field, entered into the message. */
static char *new_list(const struct reader *reader, const ProtobufCFieldDescriptor *field,
                      size_t count, ProtobufCMessage *out)
{
    char *items = arena_alloc_zeroed(reader->arena, count, json_value_bytes(field->type));
    if (!items) {
        message_exhausted(reader->arena, reader->error);
        return NULL;
    }
    *(char **)((char *)out + field->offset) = items;
    *(size_t *)((char *)out + field->quantifier_offset) = count;
    return items;
}

static bool read_list(struct reader *reader, const json_t *json,
                      const ProtobufCFieldDescriptor *field, ProtobufCMessage *out)
{
    struct target target = {field, SIZE_MAX, NULL};
    if (!json_is_array(json))
        return json_refuse_type(reader, &target, json, "a list");
    size_t count = json_array_size(json);
    char *items = count > 0 ? new_list(reader, field, count, out) : NULL;
    if (count > 0 && !items)
        return false;
    for (target.index = 0; target.index < count; target.index++) {
        target.at = items + target.index * json_value_bytes(field->type);
        if (!read_value(reader, json_array_get(json, target.index), &target))
            return false;
    }
    return true;
}

/* An object whose keys are data: a list of entries with the fields `key` and `value`. */
static bool read_map(struct reader *reader, const json_t *json,
                     const ProtobufCFieldDescriptor *field, ProtobufCMessage *out)
{
    const struct target whole = {field, SIZE_MAX, NULL};
    if (!json_is_object(json))
        return json_refuse_type(reader, &whole, json, "an object");
    size_t count = json_object_size(json), index = 0;
    ProtobufCMessage **entries =
        count > 0 ? (ProtobufCMessage **)(void *)new_list(reader, field, count, out) : NULL;
    if (count > 0 && !entries)
        return false;
    const ProtobufCMessageDescriptor *descriptor = field->descriptor;
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)json, key, value)
    {
        ProtobufCMessage *entry = new_message(reader, descriptor);
        if (!entry)
            return false;
        assert(entries); /* the object has members */
        entries[index++] = entry;
        *(const char **)((char *)entry + descriptor->fields[0].offset) = key;
        const struct target target = {&descriptor->fields[1], SIZE_MAX,
                                      (char *)entry + descriptor->fields[1].offset};
        if (!read_value(reader, value, &target)) {
            error_prefix_field(reader->error, field->name);
            return false;
        }
    }
    return true;
}

/* --- Objects -------------------------------------------------------------------------------- */

static const ProtobufCFieldDescriptor *find_field(const ProtobufCMessageDescriptor *descriptor,
                                                  const char *key)
{
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field_by_name(descriptor, key);
    for (unsigned i = 0; !field && i < descriptor->n_fields; i++)
        if (json_is_camel_of(key, descriptor->fields[i].name))
            field = &descriptor->fields[i];
    return field;
}

static bool read_field(struct reader *reader, const json_t *json,
                       const ProtobufCFieldDescriptor *field, ProtobufCMessage *out)
{
    if (field->label == PROTOBUF_C_LABEL_REPEATED)
        return json_is_map(out->descriptor, field) ? read_map(reader, json, field, out)
                                                   : read_list(reader, json, field, out);
    if (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) {
        uint32_t *set_case = (uint32_t *)(void *)((char *)out + field->quantifier_offset);
        if (*set_case != 0 && *set_case != field->id)
            return refuse_text(reader->error, "several_of_oneof", field->name, STR(""),
                               "another field of the same choice is there, too");
        *set_case = field->id;
    }
    const struct target target = {field, SIZE_MAX, (char *)out + field->offset};
    return read_value(reader, json, &target);
}

/* `skipped_key` belongs to somebody else; NULL when there is none. */
static bool read_object(struct reader *reader, const json_t *json, ProtobufCMessage *out,
                        const char *skipped_key)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)json, key, value)
    {
        if (json_is_null(value) || (skipped_key && strcmp(key, skipped_key) == 0))
            continue;
        const ProtobufCFieldDescriptor *field = find_field(out->descriptor, key);
        if (!field) {
            char reason[120];
            snprintf(reason, sizeof reason, "is no field of %s", out->descriptor->name);
            return refuse_text(reader->error, "unknown_field", key, STR(""), reason);
        }
        if (!read_field(reader, value, field, out))
            return false;
    }
    return true;
}

bool wire_json_encode(const char *message, const json_t *json, struct arena *arena,
                      struct buffer *out, struct error *error)
{
    struct reader reader = {.arena = arena, .error = error};
    const ProtobufCMessageDescriptor *descriptor = message_find(str_of(message));
    if (!descriptor)
        return error_set(error, ERROR_INVALID_ARGUMENT, "message '%s' is not known", message);
    if (!json_is_object(json))
        return error_set(error, ERROR_INVALID_ARGUMENT, "%s: must be an object", message);
    ProtobufCMessage *root = new_message(&reader, descriptor);
    if (!root || !read_contents(&reader, json, root))
        return false;
    return message_append(out, root) ||
           error_set(error, ERROR_RESOURCE_EXHAUSTED, "%s: more than %zu bytes encoded", message,
                     out->limit_bytes);
}
