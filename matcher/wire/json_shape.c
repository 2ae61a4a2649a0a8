/* See json_shape.h. Thread: any. */
#include "wire/json_shape.h"

#include "base/banned.h"

size_t json_value_bytes(ProtobufCType type)
{
    switch (type) {
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
    case PROTOBUF_C_TYPE_DOUBLE:
        return 8;
    case PROTOBUF_C_TYPE_BOOL:
        return sizeof(protobuf_c_boolean);
    case PROTOBUF_C_TYPE_STRING:
    case PROTOBUF_C_TYPE_MESSAGE:
        return sizeof(void *);
    case PROTOBUF_C_TYPE_BYTES:
        return sizeof(ProtobufCBinaryData);
    default: /* 32 bits and enums */
        return 4;
    }
}

static char capital(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

bool json_is_camel_of(const char *camel, const char *snake)
{
    for (; *snake; snake++, camel++) {
        char expected = *snake;
        if (expected == '_' && snake[1])
            expected = capital(*++snake);
        if (*camel != expected)
            return false;
    }
    return *camel == '\0';
}

/* "MetadataEntry" for "metadata". */
static bool is_entry_name(const char *entry, const char *field)
{
    bool at_word = true;
    for (; *field; field++) {
        if (*field == '_') {
            at_word = true;
            continue;
        }
        if (*entry++ != (at_word ? capital(*field) : *field))
            return false;
        at_word = false;
    }
    return strcmp(entry, "Entry") == 0;
}

bool json_is_map(const ProtobufCMessageDescriptor *message, const ProtobufCFieldDescriptor *field)
{
    if (field->label != PROTOBUF_C_LABEL_REPEATED || field->type != PROTOBUF_C_TYPE_MESSAGE)
        return false;
    const ProtobufCMessageDescriptor *entry = field->descriptor;
    size_t scope = strlen(message->name);
    return entry->n_fields == 2 && strcmp(entry->fields[0].name, "key") == 0 &&
           strcmp(entry->fields[1].name, "value") == 0 &&
           entry->fields[0].type == PROTOBUF_C_TYPE_STRING &&
           strncmp(entry->name, message->name, scope) == 0 && entry->name[scope] == '.' &&
           is_entry_name(entry->name + scope + 1, field->name);
}
